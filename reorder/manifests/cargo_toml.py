"""Cargo.toml: the packages of a workspace, and the source files without which cargo does not take a manifest.

https://doc.rust-lang.org/cargo/reference/manifest.html, .../workspaces.html, .../cargo-targets.html. What follows from
absent files is by experiment with cargo 1.65 and 1.95.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from reorder.context.model import Kind
from reorder.effects import PathSet, ancestors, is_within, join
from reorder.manifests.files import Files, ManifestError, read_toml

_SECTIONS = ("dependencies", "build-dependencies", "build_dependencies", "dev-dependencies", "dev_dependencies")
_EXTRAS = (("test", "tests"), ("bench", "benches"), ("example", "examples"))


class Dependency(NamedTuple):
    """One requirement: the package's name in the registry, and the table that says where it comes from.

    ``directory``: a ``path`` is relative to it.
    """

    name: str
    table: Mapping[str, Any]
    directory: str
    is_dev: bool = False

    @property
    def path(self) -> str | None:
        """The container path of a local package's folder; None for others."""
        path = self.table.get("path")
        return join(self.directory, path) if isinstance(path, str) else None

    @property
    def is_optional(self) -> bool:
        """Whether a feature must ask for it."""
        return self.table.get("optional") is True


class Crate(NamedTuple):
    """One Cargo.toml: its container ``path`` and its tables. ``is_member``: it belongs to the workspace."""

    path: str
    data: Mapping[str, Any]
    is_member: bool = True

    @property
    def directory(self) -> str:
        """The package's own folder."""
        return posixpath.dirname(self.path)

    @property
    def package(self) -> Mapping[str, Any]:
        """The table ``[package]``; empty for a manifest that is only a workspace's."""
        return table_of(self.data, "package") or table_of(self.data, "project")

    @property
    def name(self) -> str:
        """The package's name."""
        return str(self.package.get("name", ""))

    @property
    def workspace(self) -> Mapping[str, Any] | None:
        """The table ``[workspace]``, if this is a workspace's root."""
        found = self.data.get("workspace")
        return found if isinstance(found, Mapping) else None


class Workspace(NamedTuple):
    """The root manifest, all local packages it brings (members and path dependencies), and manifests probed for."""

    root: Crate
    crates: tuple[Crate, ...]
    probes: tuple[str, ...]

    @property
    def lock_path(self) -> str:
        """Where Cargo.lock lies."""
        return posixpath.join(self.root.directory, "Cargo.lock")

    def reads(self, files: Files) -> PathSet:
        """All manifests, the lock file, and one source file for each target that cargo looks for."""
        manifests = (crate.path for crate in self.crates)
        roots = (path for crate in self.crates for path in target_roots(crate, files))
        return PathSet.of(self.root.path, self.lock_path, *manifests, *self.probes, *roots)

    def dependencies(self, crate: Crate) -> tuple[Dependency, ...]:
        """What a package requires; development dependencies count for members only."""
        found = _dependencies(crate, table_of(self.root.data, "workspace", "dependencies"), self.root.directory)
        return tuple(dependency for dependency in found if crate.is_member or not dependency.is_dev)

    @property
    def patches(self) -> tuple[Dependency, ...]:
        """``[patch]`` and ``[replace]`` of the root."""
        tables = [*table_of(self.root.data, "patch").values(), self.root.data.get("replace", {})]
        pairs = [pair for table in tables if isinstance(table, Mapping) for pair in table.items()]
        return tuple(_dependency(name, value, self.root.directory) for name, value in pairs)

    def version(self, crate: Crate) -> str:
        """A package's version, its own or the workspace's."""
        version = crate.package.get("version", "0.0.0")
        if isinstance(version, Mapping):
            version = table_of(self.root.data, "workspace", "package").get("version", "0.0.0")
        return str(version)


def table_of(data: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The table under ``keys``; empty if there is none."""
    found: Any = data
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def load_workspace(files: Files, directory: str, manifest: str | None) -> Workspace:
    """The workspace of the nearest Cargo.toml, or of the one that is named; raises `ManifestError`."""
    start, probes = (manifest, ()) if manifest else _nearest(files, directory)
    first = Crate(start, read_toml(files, start, "read by cargo"))
    root, more = _find_root(files, first)
    crates = {root.path: root} if root.package else {}
    waiting = [first, *(_load(files, path) for path in _members(files, root))]
    while waiting:
        crate = waiting.pop(0)
        crates.setdefault(crate.path, crate)
        seen = {each.path for each in waiting} | crates.keys()
        waiting += (c for c in _local(files, Workspace(root, (), ()), crates[crate.path]) if c.path not in seen)
    workspace = Workspace(root, tuple(crates.values()), (*probes, *more))
    seen = set(crates)
    for patch in workspace.patches:
        if patch.path and (path := posixpath.join(patch.path, "Cargo.toml")) not in seen:
            crates[path] = Crate(path, read_toml(files, path, "patched by cargo"), is_member=False)
    return workspace._replace(crates=tuple(crates.values()))


def _load(files: Files, path: str) -> Crate:
    return Crate(path, read_toml(files, path, "a member of the workspace"))


def _nearest(files: Files, directory: str) -> tuple[str, tuple[str, ...]]:
    probes: list[str] = []
    for place in (directory, *ancestors(directory)):
        path = join(place, "Cargo.toml")
        if files.find(path) is not None:
            return path, tuple(probes)
        probes.append(path)
    raise ManifestError("manifest-not-found", f"there is no Cargo.toml in {directory} or above")


def _find_root(files: Files, first: Crate) -> tuple[Crate, tuple[str, ...]]:
    """The root of the workspace, and where else it was looked for: ``package.workspace``, or the folders above."""
    if first.workspace is not None:
        return first, ()
    named = first.package.get("workspace")
    if isinstance(named, str):
        path = posixpath.join(join(first.directory, named), "Cargo.toml")
        return Crate(path, read_toml(files, path, f"the workspace of {first.path}")), ()
    probes: list[str] = []
    for place in ancestors(first.directory):
        path = join(place, "Cargo.toml")
        probes.append(path)
        if files.find(path) is None:
            continue
        above = Crate(path, read_toml(files, path, "may be a workspace"))
        if above.workspace is not None and not _is_excluded(above, first.directory):
            return above, tuple(probes)
    return first, tuple(probes)


def _is_excluded(root: Crate, directory: str) -> bool:
    return any(is_within(directory, join(root.directory, name)) for name in _texts(root.workspace, "exclude"))


def _members(files: Files, root: Crate) -> Iterator[str]:
    """The manifests of the members. A pattern matches folders, hidden ones too; those without a Cargo.toml cannot be
    meant (cargo 1.95 stops there).
    """
    for pattern in _texts(root.workspace, "members"):
        if "**" in pattern:
            raise ManifestError("workspaces-not-understood", f"{root.path}: the pattern {pattern} is not understood")
        if not any(character in pattern for character in "*?["):
            yield posixpath.join(join(root.directory, pattern), "Cargo.toml")
            continue
        for directory in _matching(files, root.directory, pattern.strip("/").split("/")):
            path = posixpath.join(directory, "Cargo.toml")
            if not _is_excluded(root, directory) and files.find(path) is not None:
                yield path


def _matching(files: Files, directory: str, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield directory
        return
    first, *rest = parts
    if not any(character in first for character in "*?["):
        yield from _matching(files, join(directory, first), rest)
        return
    for name in files.names(directory):
        entry = files.find(join(directory, name))
        if fnmatchcase(name, first) and entry is not None and entry.kind in (Kind.DIRECTORY, Kind.SYMLINK):
            yield from _matching(files, join(directory, name), rest)


def _local(files: Files, workspace: Workspace, crate: Crate) -> Iterator[Crate]:
    """The packages that are required by path. Those under the root of a workspace become its members."""
    root = workspace.root
    for dependency in workspace.dependencies(crate):
        if dependency.path is not None:
            path = posixpath.join(dependency.path, "Cargo.toml")
            is_inside = root.workspace is not None and is_within(path, root.directory)
            is_member = is_inside and not _is_excluded(root, dependency.path)
            found = Crate(path, read_toml(files, path, f"required by {crate.path}"), is_member)
            if not is_member and _inherits(found.data):
                raise ManifestError("workspaces-not-understood", f"{path} takes settings of another workspace")
            yield found


def _inherits(data: Mapping[str, Any]) -> bool:
    return any(
        (key == "workspace" and value is True) or (isinstance(value, Mapping) and _inherits(value))
        for key, value in data.items()
    )


def _dependencies(crate: Crate, inherited: Mapping[str, Any], root: str) -> Iterator[Dependency]:
    for holder in (crate.data, *(t for t in table_of(crate.data, "target").values() if isinstance(t, Mapping))):
        for section in _SECTIONS:
            for key, value in table_of(holder, section).items():
                directory = crate.directory
                if isinstance(value, Mapping) and value.get("workspace") is True:
                    shared = inherited.get(key)
                    shared = shared if isinstance(shared, Mapping) else {"version": shared}
                    value = {**shared, "optional": value.get("optional", False)}
                    directory = root
                yield _dependency(key, value, directory, is_dev=section.startswith("dev"))


def _dependency(key: str, value: object, directory: str, *, is_dev: bool = False) -> Dependency:
    table = value if isinstance(value, Mapping) else {"version": value}
    return Dependency(str(table.get("package", key)), table, directory, is_dev)


def _texts(table: Mapping[str, Any] | None, key: str) -> tuple[str, ...]:
    found = (table or {}).get(key)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def target_roots(crate: Crate, files: Files) -> tuple[str, ...]:
    """The files that cargo looks for when it reads the manifest; their content does not matter to it.

    A target with a ``path`` is taken on trust; one with a name alone must exist; without ``[lib]`` and ``[[bin]]`` some
    ``src/lib.rs``, ``src/main.rs`` or ``src/bin/*`` must.
    """
    if not crate.package:
        return ()
    found = [path for path in _declared(crate) if path]
    if crate.package.get("links"):
        found.append(str(crate.package.get("build", "build.rs")))
    default = crate.package.get("default-run")
    if isinstance(default, str):
        found += _program(crate, default)
    paths = [join(crate.directory, path) for path in found]
    return tuple(paths) if "lib" in crate.data or "bin" in crate.data else (*paths, *_some_target(crate, files))


def _declared(crate: Crate) -> Iterator[str]:
    library = crate.data.get("lib")
    if isinstance(library, Mapping) and "path" not in library:
        yield from ("src/lib.rs", f"src/{library.get('name', crate.name.replace('-', '_'))}.rs")
    for program in _tables(crate, "bin"):
        if "path" not in program:
            yield from _program(crate, str(program.get("name", "")))
    for kind, folder in _EXTRAS:
        for target in _tables(crate, kind):
            if "path" not in target:
                name = str(target.get("name", ""))
                yield from (f"{folder}/{name}.rs", f"{folder}/{name}/main.rs")


def _tables(crate: Crate, key: str) -> list[Mapping[str, Any]]:
    found = crate.data.get(key)
    return [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []


def _program(crate: Crate, name: str) -> tuple[str, ...]:
    own = ("src/main.rs",) if name == crate.name else ()
    return (*own, f"src/bin/{name}.rs", f"src/bin/{name}/main.rs")


def _some_target(crate: Crate, files: Files) -> tuple[str, ...]:
    candidates = ["src/lib.rs", "src/main.rs"]
    candidates += (f"src/bin/{name}" for name in files.names(join(crate.directory, "src/bin")))
    paths = [join(crate.directory, name) for name in candidates]
    for path in paths:
        entry = files.find(path)
        if entry is not None and entry.kind is Kind.FILE and path.endswith(".rs"):
            return (path,)
        if entry is not None and entry.kind is Kind.DIRECTORY and files.find(join(path, "main.rs")) is not None:
            return (join(path, "main.rs"),)
    raise ManifestError("manifest-not-found", f"{crate.path}: cargo finds no src/lib.rs, src/main.rs or src/bin")
