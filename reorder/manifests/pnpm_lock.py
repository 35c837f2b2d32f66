"""pnpm-lock.yaml and pnpm-workspace.yaml: what they name, and whether an install would rewrite the lock file.

https://pnpm.io/pnpm-workspace_yaml and https://pnpm.io/cli/install (tried with pnpm 9 and 10)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reorder.manifests.files import Files, read_manifest
from reorder.manifests.node_project import Project
from reorder.manifests.package_json import Package
from reorder.manifests.yaml_text import cut_sections, load_yaml

_SECTIONS = ("lockfileVersion", "settings", "importers", "overrides", "specifiers", "dependencies", "devDependencies",
             "optionalDependencies")  # fmt: skip
_PACKAGE_KEY = re.compile(rb"^  '?/?((?:@[^/@\s]+/)?[^/@\s'(]+)[@/]", re.MULTILINE)
_BUILT = re.compile(
    rb"^  '?/?((?:@[^/@\s]+/)?[^/@\s'(]+)[@/][^\n]*:\n((?:    [^\n]*\n)*?    requiresBuild: true\n(?:    [^\n]*\n)*)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class PnpmLock:
    """A pnpm-lock.yaml. ``version`` is its major format: 5 (pnpm 3 to 7), 6 (8) or 9 (9 and later)."""

    data: Mapping[str, Any]
    raw: bytes

    @property
    def version(self) -> int:
        """The major number of ``lockfileVersion``."""
        match = re.match(r"\d+", str(self.data.get("lockfileVersion", "")))
        return int(match[0]) if match else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the packages in it (and a few more)."""
        return tuple(dict.fromkeys(name.decode("utf-8", "replace") for name in _PACKAGE_KEY.findall(self.raw)))

    @property
    def built_names(self) -> tuple[str, ...]:
        """The packages that it marks as having install scripts (before format 9).

        Optional ones are left out: pnpm marks those without having looked (``errno``, ``needle`` and the like).
        """
        found = [name for name, body in _BUILT.findall(self.raw) if b"    optional: true\n" not in body]
        return tuple(dict.fromkeys(name.decode("utf-8", "replace") for name in found))


def read_pnpm_lock(files: Files, path: str) -> PnpmLock:
    """The lock file at ``path``; raises `ManifestError`."""
    raw = read_manifest(files, path, "pnpm's lock file").replace(b"\r\n", b"\n")
    data = load_yaml(cut_sections(raw, _SECTIONS), path)
    return PnpmLock(data if isinstance(data, dict) else {}, raw)


def read_workspace(files: Files, path: str) -> Mapping[str, Any]:
    """The content of a pnpm-workspace.yaml; raises `ManifestError`."""
    data = load_yaml(read_manifest(files, path, "pnpm's workspace"), path)
    return data if isinstance(data, dict) else {}


def patched_files(root: Package, workspace: Mapping[str, Any]) -> tuple[str, ...]:
    """The patch files that package.json or pnpm-workspace.yaml name, relative to the project."""
    patched = dict(root.mapping("pnpm", "patchedDependencies"))
    own = workspace.get("patchedDependencies")
    patched |= own if isinstance(own, dict) else {}
    return tuple(path for path in patched.values() if isinstance(path, str))


def overrides(root: Package, workspace: Mapping[str, Any]) -> dict[str, str]:
    """The overrides of ranges."""
    own = workspace.get("overrides")
    merged = {
        **root.section("resolutions"),
        **root.mapping("pnpm", "overrides"),
        **(own if isinstance(own, dict) else {}),
    }
    direct = root.ranges()
    return {
        name: direct.get(range_[1:], range_) if range_.startswith("$") else range_
        for name, range_ in merged.items()
        if isinstance(range_, str)
    }


def find_pnpm_drift(lock: PnpmLock, project: Project, *, major: int | None, workspace: Mapping[str, Any]) -> str | None:
    """What makes pnpm rewrite the lock file: other ranges than it was made for, or another format.

    With its default ``prefer-frozen-lockfile`` pnpm leaves a lock file alone that satisfies all manifests.
    """
    if major is not None and lock.version != _format_of(major):
        return f"pnpm {major} writes another format than {lock.data.get('lockfileVersion')}"
    importers = lock.data.get("importers")
    importers = importers if isinstance(importers, dict) else {".": lock.data}
    settings = lock.data.get("settings")
    replaced = overrides(project.root, workspace)
    has_peers = isinstance(settings, dict) and settings.get("autoInstallPeers") is True
    for package in (project.root, *project.members):
        importer = importers.get(project.relative(package))
        if not isinstance(importer, dict):
            if package.ranges() or package is project.root:
                return f"it has no entry for {package.path}"
            continue
        if (why := _importer_drift(importer, _Expected(package, replaced, has_peers))) is not None:
            return why
    stale = set(importers) - {project.relative(package) for package in (project.root, *project.members)}
    if stale and project.members:
        return f"it has an entry for {sorted(map(str, stale))[0]}, which is no member"
    if _texts(lock.data.get("overrides")) != replaced:
        return f"the overrides of {project.root.path} differ from it"
    return None


def _format_of(major: int) -> int:
    return 9 if major >= 9 else 6 if major == 8 else 5


@dataclass(frozen=True, slots=True)
class _Expected:
    """The ranges that an importer of the lock must have for ``package``.

    An override of a direct dependency takes the place of its range; with ``autoInstallPeers`` peer dependencies
    count as dependencies, unless the package has them otherwise.
    """

    package: Package
    overrides: Mapping[str, str]
    has_peers: bool

    def sections(self) -> dict[str, dict[str, str]]:
        package = self.package
        optional = package.section("optionalDependencies")
        runtime = {n: r for n, r in package.section("dependencies").items() if n not in optional}
        development = {n: r for n, r in package.section("devDependencies").items() if n not in runtime | optional}
        if self.has_peers:
            taken = runtime | development | optional
            runtime |= {n: r for n, r in package.section("peerDependencies").items() if n not in taken}
        return {"dependencies": runtime, "devDependencies": development, "optionalDependencies": optional}

    def agrees(self, found: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
        names = {name for name in wanted if self.overrides.get(name) != "-"}
        return set(found) == names and all(found[name] in self._allowed(name, wanted[name]) for name in names)

    def _allowed(self, name: str, range_: str) -> set[str]:
        if name in self.overrides:
            return {self.overrides[name]}
        selected = {value for key, value in self.overrides.items() if key.startswith(f"{name}@")}
        return {range_, *selected}


def _importer_drift(importer: Mapping[str, Any], expected: _Expected) -> str | None:
    sections = expected.sections()
    flat = importer.get("specifiers")
    if isinstance(flat, dict):
        merged = {name: range_ for section in sections.values() for name, range_ in section.items()}
        is_equal = expected.agrees(_texts(flat), merged)
        return None if is_equal else f"the ranges in {expected.package.path} differ from it"
    for section, wanted in sections.items():
        locked = importer.get(section)
        entries = locked if isinstance(locked, dict) else {}
        found = {str(n): str(entry.get("specifier")) for n, entry in entries.items() if isinstance(entry, dict)}
        if not expected.agrees(found, wanted):
            return f"{section} in {expected.package.path} differ from it"
    return None


def _texts(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}
