"""bun.lock: which packages it names, and whether ``bun install`` would rewrite it.

https://bun.com/docs/install/lockfile (tried with bun 1.1.45, 1.2.0, 1.2.23, 1.3.0 to 1.3.6, 1.4.5)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.node_project import Project
from reorder.manifests.package_json import Package

Version = tuple[int, int, int]

NEWEST: Version = (9999, 0, 0)
"""The version of an image whose tag follows the newest release."""

_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[}\]])')
_SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_CONFIG_VERSION_SINCE: Version = (1, 3, 2)
_FORMAT_2_SINCE: Version = (1, 4, 0)
_MODE_0777_UNTIL: Version = (1, 4, 0)


@dataclass(frozen=True, slots=True)
class BunLock:
    """The text form of bun's lock file (bun 1.2 and later)."""

    path: str
    data: Mapping[str, Any]

    @property
    def format(self) -> int:
        """The ``lockfileVersion``: 1 (bun 1.2, 1.3), 2 (1.4)."""
        found = self.data.get("lockfileVersion")
        return found if isinstance(found, int) else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the packages in it."""
        packages = self.data.get("packages")
        entries = packages.values() if isinstance(packages, dict) else ()
        firsts = (entry[0] for entry in entries if isinstance(entry, list) and entry and isinstance(entry[0], str))
        return tuple(dict.fromkeys(first[: first.index("@", 1)] for first in firsts if "@" in first[1:]))

    def workspace(self, relative: str) -> Mapping[str, Any] | None:
        """The entry of the root (an empty path) or of a member."""
        found = self.data.get("workspaces")
        entry = found.get(relative) if isinstance(found, dict) else None
        return entry if isinstance(entry, dict) else None


def read_bun_lock(files: Files, path: str) -> BunLock:
    """The lock file at ``path``, which is JSON with commas before closing brackets; raises `ManifestError`."""
    text = read_manifest(files, path, "bun's lock file").decode("utf-8-sig", "replace")
    try:
        data = json.loads(_TRAILING_COMMA.sub(lambda match: match[1] or "", text))
    except (json.JSONDecodeError, RecursionError) as error:
        raise ManifestError("manifest-not-understood", f"{path}: {error}") from None
    if not isinstance(data, dict):
        raise ManifestError("manifest-not-understood", f"{path}: it is not an object")
    return BunLock(path, data)


def bun_version(base: str) -> Version | None:
    """The bun of an official image (``oven/bun:1.2.23-slim``); None if another image is the base.

    A tag that names no patch release follows the newest of its line.
    """
    match = re.fullmatch(r"(?:docker\.io/)?oven/bun(?::(?:(\d+)(?:\.(\d+)(?:\.(\d+))?)?)?[\w.-]*)?(?:@.*)?", base)
    if match is None:
        return None
    if match[2] is None:
        return NEWEST if match[1] in (None, "1") else (int(match[1]), 0, 0)
    return int(match[1]), int(match[2]), int(match[3]) if match[3] else NEWEST[0]


def opens_programs(version: Version | None) -> bool:
    """Whether bun may set a member's program to mode 0777 rather than 0755 (tried: 1.1.45 to 1.3.6; not 1.4.5)."""
    return version is None or version < _MODE_0777_UNTIL


def find_bun_drift(lock: BunLock, project: Project, version: Version | None) -> str | None:
    """What makes ``bun install`` rewrite the lock file for sure; None if nothing is known to.

    A member's version and programs count from bun 1.4 on; the name of the root, blanks and line endings never do.
    """
    if version is not None and lock.format > (2 if version >= _FORMAT_2_SINCE else 1):
        return f"its lockfileVersion {lock.format} is newer than the image's bun"
    if lock.format < 1:
        return "its lockfileVersion is one of a preview"
    if version is not None and version >= _CONFIG_VERSION_SINCE and "configVersion" not in lock.data:
        return "bun 1.3.2 and later add a configVersion to it"
    expected = {"" if package is project.root else project.relative(package): package for package in _locked(project)}
    for relative, package in expected.items():
        entry = lock.workspace(relative)
        if entry is None:
            return f"it has no entry for {package.path}"
        if (field := _differing_field(entry, package, is_root=not relative)) is not None:
            return f"{field} in {package.path} differs from it"
    workspaces = lock.data.get("workspaces")
    stale = sorted(set(workspaces) - set(expected)) if isinstance(workspaces, dict) else []
    return f"it has an entry for {stale[0]}, which is no member" if stale else _root_drift(lock, project.root)


def bun_doubts(lock: BunLock, project: Project, version: Version | None) -> tuple[str, ...]:
    """Why it is not certain that ``bun install`` leaves a lock file alone that is in sync."""
    doubts = []
    if version is None and lock.format > 1:
        doubts.append(f"a bun before 1.4 would rewrite {lock.path}")
    if version is None and "configVersion" not in lock.data:
        doubts.append(f"bun 1.3.2 and later would rewrite {lock.path}")
    if project.links:
        doubts.append(f"bun may write the programs of {project.links[0].path} into {lock.path} anew")
    return tuple(doubts)


def _locked(project: Project) -> tuple[Package, ...]:
    return (project.root, *project.members)


def _differing_field(entry: Mapping[str, Any], package: Package, *, is_root: bool) -> str | None:
    expected: dict[str, object] = {name: package.section(name) for name in _SECTIONS}
    optional = [
        name
        for name, meta in package.mapping("peerDependenciesMeta").items()
        if isinstance(meta, dict) and meta.get("optional") is True
    ]
    expected["optionalPeers"] = sorted(optional)
    if not is_root:
        expected |= {name: package.data.get(name) for name in ("name", "version", "bin")}
    for field, value in expected.items():
        actual = entry.get(field)
        actual = sorted(map(str, actual)) if field == "optionalPeers" and isinstance(actual, list) else actual
        if (actual or None) != (value or None):
            return field
    return None


def _root_drift(lock: BunLock, root: Package) -> str | None:
    workspaces = root.mapping("workspaces")
    expected: dict[str, object] = {
        "overrides": {**root.section("resolutions"), **root.section("overrides")},
        "patchedDependencies": root.section("patchedDependencies"),
        "catalog": workspaces.get("catalog") or root.data.get("catalog"),
        "catalogs": workspaces.get("catalogs") or root.data.get("catalogs"),
    }
    for field, value in expected.items():
        if (lock.data.get(field) or None) != (value or None):
            return f"{field} of {root.path} differs from it"
    trusted = lock.data.get("trustedDependencies")
    wanted = set(trusted_names(root)) & set(lock.names)
    if (set(map(str, trusted)) if isinstance(trusted, list) else set()) != wanted:
        return f"trustedDependencies of {root.path} differs from it"
    return None


def trusted_names(root: Package) -> tuple[str, ...]:
    """The dependencies whose install scripts package.json allows (https://bun.com/docs/install/lifecycle)."""
    found = root.data.get("trustedDependencies")
    return tuple(name for name in found if isinstance(name, str)) if isinstance(found, list) else ()
