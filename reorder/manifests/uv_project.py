"""A uv project: where it and its workspace lie, what ``uv.lock`` installs from the project's own folders.

https://docs.astral.sh/uv/concepts/projects/workspaces/ and .../layout/. Tried with uv 0.9.9: ``--frozen`` builds no
metadata; neither does ``--locked`` for a version that the backend computes.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from reorder.effects import PathSet, ancestors, join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.pyproject import parse_pyproject

_MANIFEST = "pyproject.toml"


class LocalPackage(NamedTuple):
    """A package that the lock takes from a folder (``kind`` as in the lock: editable, directory, virtual)."""

    name: str
    kind: str
    directory: str
    tables: Mapping[str, Any]

    @property
    def is_built(self) -> bool:
        """Whether installing it builds it; a virtual one only brings its dependencies."""
        return self.kind != "virtual"


class Lock(NamedTuple):
    """What of a uv.lock concerns local files: packages, archives, and folders that serve as an index."""

    path: str
    tables: Mapping[str, Any]
    locals: tuple[LocalPackage, ...]
    archives: tuple[str, ...]
    indexes: tuple[str, ...]

    @property
    def members(self) -> frozenset[str]:
        """The names of the workspace's members, if it has more than the root."""
        found = dig(self.tables, "manifest").get("members", [])
        return frozenset(found) if isinstance(found, list) else frozenset()


class Project(NamedTuple):
    """The project that uv works on, and the root of its workspace (often the same); absolute container paths."""

    directory: str
    tables: Mapping[str, Any]
    root: str
    root_tables: Mapping[str, Any]
    member_manifests: tuple[str, ...]

    @property
    def lock_path(self) -> str:
        """Where its uv.lock is, or will be."""
        return join(self.root, "uv.lock")

    @property
    def is_package(self) -> bool:
        """Whether uv builds and installs the project itself."""
        chosen = dig(self.tables, "tool", "uv").get("package")
        return chosen if isinstance(chosen, bool) else "build-system" in self.tables

    def manifests(self, lock: Lock | None) -> PathSet:
        """All that uv reads of the workspace before it installs."""
        members = (join(each.directory, _MANIFEST) for each in (lock.locals if lock else ()))
        own = (join(self.root, _MANIFEST), self.lock_path, join(self.directory, _MANIFEST))
        trees = lock.indexes if lock else ()
        return PathSet.of(*own, *members, *self.member_manifests, *(lock.archives if lock else ()), trees=trees)


def dig(tables: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table under these keys; empty if there is none."""
    found: object = tables
    for key in keys:
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def find_project(files: Files, start: str) -> Project:
    """The project that uv finds from the directory ``start`` on upwards. Raises `ManifestError`."""
    directory = next((d for d in (start, *ancestors(start)) if files.find(join(d, _MANIFEST))), None)
    if directory is None:
        raise ManifestError("manifest-not-found", f"{join(start, _MANIFEST)} is not copied from the build context")
    tables = _read_tables(files, directory)
    root, root_tables = _find_root(files, directory, tables)
    workspace = dig(root_tables, "tool", "uv", "workspace")
    patterns = workspace.get("members", [])
    members = [d for p in patterns if isinstance(p, str) for d in _expand(files, root, p)]
    manifests = (path for d in members if files.find(path := join(d, _MANIFEST)))
    return Project(directory, tables, root, root_tables, tuple(dict.fromkeys(manifests)))


def _read_tables(files: Files, directory: str) -> dict[str, Any]:
    path = join(directory, _MANIFEST)
    return parse_pyproject(read_manifest(files, path, "read by uv"), path)


def _find_root(files: Files, directory: str, tables: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if dig(tables, "tool", "uv").get("workspace") is not None:
        return directory, tables
    above = next((d for d in ancestors(directory) if files.find(join(d, _MANIFEST))), None)
    if above is None:
        return directory, tables
    root_tables = _read_tables(files, above)
    workspace = dig(root_tables, "tool", "uv", "workspace")
    if not workspace:
        return directory, tables
    if any(directory in _expand(files, above, p) for p in workspace.get("exclude", []) if isinstance(p, str)):
        return directory, tables
    if not any(directory in _expand(files, above, p) for p in workspace.get("members", []) if isinstance(p, str)):
        raise ManifestError("inside-a-workspace", f"{directory} lies in the workspace of {above} and is no member")
    return above, root_tables


def _expand(files: Files, root: str, pattern: str) -> Iterable[str]:
    """The directories that a workspace pattern names."""
    places = [root]
    for part in posixpath.normpath(pattern).split("/"):
        if "**" in part:
            raise ManifestError("workspaces-not-understood", f"the workspace pattern {pattern} is not followed")
        if any(mark in part for mark in "*?["):
            places = [join(p, name) for p in places for name in files.names(p) if fnmatchcase(name, part)]
        else:
            places = [join(p, part) for p in places]
    return places


def read_lock(files: Files, project: Project) -> Lock | None:
    """The workspace's uv.lock; None if there is none. Raises `ManifestError`."""
    path = project.lock_path
    if files.find(path) is None:
        return None
    tables = parse_pyproject(_cut(read_manifest(files, path, "uv's lock file")), path)
    packages = [each for each in tables.get("package", []) if isinstance(each, dict)]
    locals_: list[LocalPackage] = []
    archives: list[str] = []
    indexes: list[str] = []
    for package in packages:
        kind, value = next(iter(dig(package, "source").items()), ("", ""))
        place = join(project.root, str(value))
        if kind in ("editable", "directory", "virtual"):
            locals_.append(LocalPackage(str(package.get("name")), kind, place, package))
        elif kind == "path":
            archives.append(place)
        elif kind == "registry" and "://" not in str(value):
            indexes.append(place)
        elif not str(value).startswith(("http://", "https://", "ssh://")):
            raise ManifestError("manifest-not-understood", f"{path}: {package.get('name')} comes from {kind} {value}")
    return Lock(path, tables, tuple(locals_), tuple(archives), tuple(dict.fromkeys(indexes)))


def _cut(raw: bytes) -> bytes:
    """Only the packages that do not come from a web server: lock files are long, and parsing is slow."""
    head, *packages = raw.replace(b"\r\n", b"\n").split(b"\n[[package]]\n")
    remote = (b'\nsource = { registry = "http', b'\nsource = { git = "http', b'\nsource = { url = "http')
    kept = [each for each in packages if not any(mark in each for mark in remote)]
    return b"\n[[package]]\n".join((head, *kept)) + b"\n"
