"""What the repository on disk around a Dockerfile says about its builds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reorder.context.model import UnreadableError
from reorder.definitions.find import find_definitions
from reorder.definitions.model import Definition, Definitions
from reorder.world.disk import DiskTree
from reorder.world.files import SKIPPED_FOLDERS
from reorder.world.git import git_command, git_environment, repository_root

_BESIDE = (
    ".azure-pipelines", ".circleci", ".devcontainer", ".github/workflows", ".gitlab", ".pipelines", "build", "ci",
    "compose", "deploy", "docker", "hack", "scripts",
)  # fmt: skip
"""Folders in which projects keep their builds: looked into for a single Dockerfile, where no search is wanted."""
_MOST_NAMES = 2000
"""Entries of one folder; those of a folder with more tell of data, not of builds."""
_MOST_FILES = 200_000
_SECONDS = 20.0


class ProjectBuilds(NamedTuple):
    """The build definitions of the repository (or, outside of any, of the folder) at the absolute path ``root``."""

    root: str
    definitions: Definitions

    def of(self, path: str) -> tuple[Definition, ...]:
        """The definitions of the Dockerfile at ``path``; none for one that lies elsewhere."""
        return self.definitions.of(self.inside(path))

    def inside(self, path: str) -> str:
        """``path`` as definitions have it: without links, seen from the root."""
        return os.path.relpath(os.path.realpath(path), self.root).replace(os.sep, "/")


def read_builds_around(*dockerfiles: str) -> ProjectBuilds:
    """From the files that git tracks, and those in the folders of the Dockerfiles, in those above them up to the root,
    and in a few folders beside these: a search of the disk is not wanted for Dockerfiles that are named.

    All lie in the same `project_root`.
    """
    root = project_root(dockerfiles[0])
    tree = DiskTree(root)
    listed = _listed_by_git(root, "--cached") if repository_root(root) is not None else None
    names = set(listed or ())
    for folder in {os.path.dirname(os.path.realpath(dockerfile)) for dockerfile in dockerfiles}:
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        names.update(_names_around(tree, "" if inside == "." else inside))
    return ProjectBuilds(root, find_definitions(tree, names))


def project_root(dockerfile: str) -> str:
    """The root of the repository that a Dockerfile is in; outside of any, its folder."""
    folder = os.path.dirname(os.path.realpath(dockerfile))
    return repository_root(folder) or folder


def read_builds_below(folder: str) -> ProjectBuilds:
    """From all files of the repository that holds ``folder``; from those below it if it is in none."""
    folder = os.path.realpath(folder)
    root = repository_root(folder)
    if root is None:
        return ProjectBuilds(folder, find_definitions(DiskTree(folder), _walk(folder)))
    return ProjectBuilds(root, find_definitions(DiskTree(root), list_files(root)))


def list_files(root: str) -> Iterable[str]:
    """The files of the repository at ``root`` but for what git ignores."""
    files = _listed_by_git(root, "--cached", "--others", "--exclude-standard")
    return _walk(root) if files is None else files


def _names_around(tree: DiskTree, folder: str) -> Iterator[str]:
    parts = folder.split("/") if folder else []
    for depth in range(len(parts), -1, -1):
        above = "/".join(parts[:depth])
        for beside in ("", *_BESIDE):
            place = "/".join(filter(None, (above, beside)))
            try:
                names = () if tree.holds_more(place, _MOST_NAMES) else tree.names(place)
            except UnreadableError:
                continue
            yield from (f"{place}/{name}" if place else name for name in names)


def _listed_by_git(root: str, *which: str) -> list[str] | None:
    """The files that git tracks, or would track, as ``which`` of its options say; None if it cannot tell."""
    import subprocess

    command = git_command(root, "ls-files", "-z", *which)
    try:
        done = subprocess.run(
            command, env=git_environment(root), timeout=_SECONDS, check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    names = done.stdout.split(b"\0", _MOST_FILES)[:_MOST_FILES]
    return [os.fsdecode(name) for name in names if name]


def _walk(root: str) -> Iterator[str]:
    count = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in names:
            count += 1
            if count > _MOST_FILES:
                return
            yield name if inside == "." else f"{inside}/{name}"
