"""A Node project as an install sees it: the root package, workspace members, and directories that ranges link to."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from reorder.context.model import Kind
from reorder.effects import Effects, PathSet, join
from reorder.manifests.files import ManifestError
from reorder.manifests.node_workspaces import find_members
from reorder.manifests.package_json import Package, ProjectFiles, is_from_context, local_path, parents, read_package

_ARCHIVES = (".tgz", ".tar.gz", ".tar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The packages of one install. ``above`` are package.json files of directories above, that tools look for."""

    root: Package
    members: tuple[Package, ...] = ()
    links: tuple[Package, ...] = ()
    archives: tuple[str, ...] = ()
    above: tuple[str, ...] = ()

    @property
    def packages(self) -> tuple[Package, ...]:
        """The root, the members and the linked packages."""
        return (self.root, *self.members, *self.links)

    def relative(self, package: Package) -> str:
        """The package's directory as lock files name it."""
        return posixpath.relpath(package.directory, self.root.directory)

    def reads(self) -> PathSet:
        """All manifests, local archives, and what is looked for above."""
        manifests = (package.path for package in self.packages)
        return PathSet.of(*manifests, *self.archives, *self.above)


def load_project(
    files: ProjectFiles, directory: str, *, tool: str, patterns: Iterable[str] | None = None, extra: Iterable[str] = ()
) -> Project:
    """The project in ``directory``; raises `ManifestError`.

    ``patterns`` name the members, if package.json does not; ``extra`` are further ranges such as those of overrides.
    """
    root = read_package(files, posixpath.join(directory, "package.json"), f"read by {tool}")
    above = tuple(posixpath.join(parent, "package.json") for parent in parents(directory))
    for path in above:
        if is_from_context(files, path):
            _check_outer_workspace(files, read_package(files, path, f"read by {tool}"), directory)
    found = find_members(files, directory, root.workspaces if patterns is None else patterns)
    members = tuple(read_package(files, posixpath.join(d, "package.json"), "a workspace member") for d in found)
    links, archives = _follow_links(files, (root, *members), [local_path(directory, spec) for spec in extra])
    return Project(root=root, members=members, links=links, archives=archives, above=above)


def _check_outer_workspace(files: ProjectFiles, outer: Package, directory: str) -> None:
    if outer.workspaces and directory in find_members(files, outer.directory, outer.workspaces):
        raise ManifestError("inside-a-workspace", f"{directory} is a member of the workspace in {outer.directory}")


def _follow_links(
    files: ProjectFiles, packages: tuple[Package, ...], extra: list[str | None]
) -> tuple[tuple[Package, ...], tuple[str, ...]]:
    known = {package.directory for package in packages}
    links: list[Package] = []
    archives: dict[str, None] = {}
    pending = [path for package in packages for path in _local_ranges(package)] + [path for path in extra if path]
    while pending:
        path = pending.pop(0)
        if path.endswith(_ARCHIVES):
            archives[path] = None
        elif path not in known:
            known.add(path)
            entry = files.find(path)
            if entry is None or entry.kind is not Kind.DIRECTORY:
                raise ManifestError("manifest-not-found", f"{path}, a local dependency, is not copied from the context")
            package = read_package(files, posixpath.join(path, "package.json"), "a local dependency")
            links.append(package)
            pending += _local_ranges(package)
    return tuple(links), tuple(archives)


def _local_ranges(package: Package) -> list[str]:
    specs = package.ranges().values()
    return [path for spec in specs if (path := local_path(package.directory, spec)) is not None]


def bin_effects(project: Project, files: ProjectFiles, *, changes_mode: bool) -> Effects:
    """The programs of members and linked packages, which an install links into node_modules/.bin if they are there.

    ``changes_mode``: the tool makes them executable, which a later copy would undo (RULEBOOK C1, tried with npm 10,
    pnpm 9, yarn 4; yarn 1 leaves the mode alone). Raises `ManifestError` then.
    """
    found: list[str] = []
    for package in (*project.members, *project.links):
        if package.mapping("directories").get("bin"):
            raise ManifestError(
                "workspace-bin-not-copied", f"{package.path} links every file of a directory as a program"
            )
        for target in package.bins.values():
            path = join(package.directory, target)
            if not is_from_context(files, path):
                continue
            if changes_mode and not files.is_executable(path):
                why = f"{package.path}: the install makes {target} executable, and a later copy would undo that"
                raise ManifestError("workspace-bin-not-executable", why)
            found.append(path)
    return Effects(
        reads=PathSet.of(*found), evidence=tuple(f"{path}: a program that the install links" for path in found)
    )


def check_native_build(project: Project, files: ProjectFiles) -> None:
    """Raise `ManifestError` if a package of the project is a native addon: its install compiles the sources."""
    for package in project.packages:
        path = posixpath.join(package.directory, "binding.gyp")
        if is_from_context(files, path) and package.data.get("gypfile") is not False:
            raise ManifestError("implicit-native-build", f"{path} makes the install run node-gyp over the sources")
