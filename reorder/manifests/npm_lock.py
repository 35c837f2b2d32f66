"""package-lock.json and npm-shrinkwrap.json: who has install scripts, and whether npm install would rewrite the file.

https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.node_project import Project
from reorder.manifests.npm_tree import find_missing_optional, find_wrong_peer
from reorder.manifests.package_json import Package, is_from_context, read_json

LOCKS = ("npm-shrinkwrap.json", "package-lock.json")
"""The names of npm's lock files; the first that is there wins."""


@dataclass(frozen=True, slots=True)
class NpmLock:
    """A lock file at the container ``path``."""

    path: str
    data: Mapping[str, Any]
    raw: bytes = b""

    @property
    def version(self) -> int:
        """The ``lockfileVersion``: 1 (npm 5, 6), 2 (7, 8) or 3 (9 and later)."""
        found = self.data.get("lockfileVersion", 1)
        return found if isinstance(found, int) else 0

    @property
    def packages(self) -> Mapping[str, Mapping[str, Any]]:
        """The entries by path relative to the project (version 2 and later)."""
        found = self.data.get("packages")
        return {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}

    def with_scripts(self, *, omits_dev: bool) -> tuple[str, ...]:
        """The names of the dependencies that have install scripts; of a version 1 lock, of all dependencies."""
        if self.version < 2:
            return tuple(_names_v1(self.data))
        found = []
        for key, entry in self.packages.items():
            is_omitted = omits_dev and (entry.get("dev") is True or entry.get("devOptional") is True)
            if "node_modules/" in key and entry.get("hasInstallScript") is True and not is_omitted:
                name = entry.get("name")
                found.append(name if isinstance(name, str) else key.rpartition("node_modules/")[2])
        return tuple(found)

    def local_ranges(self) -> tuple[str, ...]:
        """The ``file:`` ranges and links of the entries, relative to the project."""
        found = []
        for key, entry in self.packages.items():
            resolved = entry.get("resolved")
            if not isinstance(resolved, str) or "node_modules/" not in key:
                continue
            if entry.get("link") is True:
                found.append("file:" + resolved.removeprefix("file:"))
            elif resolved.startswith("file:"):
                found.append(resolved)
        return tuple(found)

    def nested_modules(self) -> frozenset[str]:
        """The directories other than the root in which npm makes a node_modules, relative to the project."""
        heads = (key.partition("/node_modules/") for key in self.packages if not key.startswith("node_modules/"))
        return frozenset(head for head, slash, _ in heads if slash)


def read_lock(files: Files, directory: str) -> NpmLock | None:
    """The lock file of the project in ``directory``, if there is one; raises `ManifestError`."""
    for name in LOCKS:
        path = posixpath.join(directory, name)
        if is_from_context(files, path):
            data = read_json(files, path, "npm's lock file")
            if not isinstance(data, dict):
                raise ManifestError("manifest-not-understood", f"{path}: it is not a JSON object")
            return NpmLock(path, data, read_manifest(files, path, "npm's lock file"))
    return None


def _names_v1(data: Mapping[str, Any]) -> Iterator[str]:
    dependencies = data.get("dependencies")
    if isinstance(dependencies, dict):
        for name, entry in dependencies.items():
            yield name
            if isinstance(entry, dict):
                yield from _names_v1(entry)


def npm_major(base: str) -> int | None:
    """The major version of npm in an official node image (``node:20-slim`` -> 10); None if that is unknown."""
    match = re.fullmatch(
        r"(?:[\w.:-]+/)*node:(?:(\d+)(?:\.[\d.]+)?|[a-z]+)?(?:-?[\w.-]+)?(?:@.*)?|(?:[\w./]+/)?node", base
    )
    if match is None:
        return None
    node = int(match[1]) if match[1] else 24
    table = ((24, 11), (20, 10), (18, 9), (16, 8), (15, 7))
    return next((npm for lowest, npm in table if node >= lowest), 6)


def find_drift(lock: NpmLock, project: Project, *, npm: int | None) -> str | None:
    """What makes ``npm install`` rewrite the lock file; None if it leaves every byte.

    Tried with npm 10 over locks that npm 7, 8, 10 and 11 wrote, and with npm 6 over its own.
    The indentation is kept, but not Windows line endings, nor a missing final newline.
    """
    if (b"\r" in lock.raw and npm != 6) or not lock.raw.endswith((b"}\n", b"}\r\n")):
        return "its line endings are not those that npm writes"
    if npm is not None and npm < 11 and b'"libc": [' in lock.raw:
        return f"npm {npm} removes the libc fields that npm 11 wrote"
    if lock.version < 2:
        if npm is None or npm >= 7:
            return f"npm rewrites a lock file of version {lock.version}"
        return _drift_v1(lock, project)
    if npm == 6:
        return f"npm 6 rewrites a lock file of version {lock.version}"
    for package in (project.root, *project.members, *project.links):
        relative = project.relative(package)
        entry = lock.packages.get("" if relative == "." else relative)
        if entry is None:
            return f"it has no entry for {package.path}"
        if (field := _differing_field(entry, package, is_root=relative == ".")) is not None:
            return f"{field} in {package.path} differs from it"
    return _missing_dependency(lock, project) or _header_drift(lock, project.root) or _litter(lock, npm)


def _litter(lock: NpmLock, npm: int | None) -> str | None:
    """An entry that npm cleans up: listed twice, needed by nothing, or by peers at most (npm 10.8, 11.19)."""
    for path, entry in lock.packages.items():
        if (npm is None or npm >= 11) and entry.get("peer") and entry.get("optional"):
            return f"npm 11 may drop its entry {path}, which peers need at most"
        if entry.get("extraneous"):
            return f"nothing needs its entry {path}"
        required, optional = entry.get("dependencies"), entry.get("optionalDependencies")
        if not isinstance(required, dict) or not isinstance(optional, dict):
            continue
        if doubled := sorted(required.keys() & optional.keys()):
            return f"its entry {path} lists {doubled[0]} twice, as a dependency and as an optional one"
    if (found := find_wrong_peer(lock.packages)) is not None:
        return f"its entry {found} is marked as a peer, but is needed otherwise as well"
    if (npm is None or npm >= 11) and (missing := find_missing_optional(lock.packages)) is not None:
        return f"npm 11 adds the entry of an optional dependency: {missing}"
    return None


def _header_drift(lock: NpmLock, root: Package) -> str | None:
    """A difference in the head of the file: npm names the lock after its directory where package.json has no name."""
    expected = {
        "name": root.data.get("name") or posixpath.basename(root.directory),
        "version": root.data.get("version"),
    }
    for field, value in expected.items():
        if lock.data.get(field) != value:
            return f"{field} of {root.path} ({value}) differs from it"
    return None


_PLAIN = ("version", "engines", "os", "cpu", "peerDependencies", "peerDependenciesMeta", "workspaces")


def _differing_field(entry: Mapping[str, Any], package: Package, *, is_root: bool) -> str | None:
    optional = package.section("optionalDependencies")
    scripts = package.scripts
    expected: dict[str, object] = {
        "dependencies": {n: r for n, r in package.section("dependencies").items() if n not in optional},
        "devDependencies": package.section("devDependencies"),
        "optionalDependencies": optional,
        "bin": {name: posixpath.normpath(path) for name, path in package.bins.items()},
        "hasInstallScript": any(event in scripts for event in ("preinstall", "install", "postinstall")),
        "bundleDependencies": package.data.get("bundleDependencies") or package.data.get("bundledDependencies"),
        **{field: package.data.get(field) for field in _PLAIN},
    }
    if isinstance(license_ := package.data.get("license"), str):
        expected["license"] = license_
    if is_root and "name" in package.data:
        expected["name"] = package.data["name"]
    for field, value in expected.items():
        actual = entry.get(field)
        if field == "bin" and isinstance(actual, dict):
            actual = {name: posixpath.normpath(str(path)) for name, path in actual.items()}
        if (actual or None) != (value or None):
            return field
    return None


def _missing_dependency(lock: NpmLock, project: Project) -> str | None:
    packages = lock.packages
    for package in (project.root, *project.members):
        relative = project.relative(package)
        optional = package.section("optionalDependencies")
        for name in package.ranges():
            own = f"{relative}/node_modules/{name}"
            if name not in optional and f"node_modules/{name}" not in packages and own not in packages:
                return f"{name} of {package.path} is missing in it"
    return None


def _drift_v1(lock: NpmLock, project: Project) -> str | None:
    if (header := _header_drift(lock, project.root)) is not None:
        return header
    dependencies = lock.data.get("dependencies")
    known = dependencies if isinstance(dependencies, dict) else {}
    wanted = project.root.ranges()
    for name, range_ in wanted.items():
        entry = known.get(name)
        if not isinstance(entry, dict):
            return f"{name} of {project.root.path} is missing in it"
        version = entry.get("version")
        if not isinstance(version, str) or not (satisfies(version, range_) or _is_from(entry, name, range_)):
            return f"{name}@{range_} of {project.root.path} differs from it"
    return None


def _is_from(entry: Mapping[str, Any], name: str, range_: str) -> bool:
    """Whether a dependency that comes from git or a file was locked for the very range."""
    return entry.get("from") in (range_, f"{name}@{range_}") or entry.get("version") == range_


_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(-[\w.-]+)?(?:\+\S+)?")


def satisfies(version: str, range_: str) -> bool:
    """Whether a version satisfies a simple range (exact, ``^``, ``~``, ``*``); False for what is not understood."""
    range_ = range_.strip()
    found = _VERSION.fullmatch(version)
    operator = range_[:1] if range_[:1] in ("^", "~") else ""
    wanted = _VERSION.fullmatch(range_[len(operator) :])
    if not found or not wanted:
        return found is not None and not found[4] and range_ in ("*", "latest", "", "x")
    if found.groups() == wanted.groups():
        return True
    if not operator or found[4]:
        return False
    low, high = [int(part) for part in wanted.groups()[:3]], [int(part) for part in found.groups()[:3]]
    fixed = 2 if operator == "~" else next((i + 1 for i, part in enumerate(low) if part), 3)
    return high >= low and high[:fixed] == low[:fixed]
