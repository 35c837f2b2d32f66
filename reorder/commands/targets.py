"""What a command line means by its PATHs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reorder.configuration.model import ConfigError, Given, Resolved
from reorder.outcome import Failed
from reorder.output.text import place, printable
from reorder.settings import Settings, settings_of
from reorder.suggestions import did_you_mean
from reorder.world.builds import ProjectBuilds, project_root, read_builds_around, read_builds_below
from reorder.world.configs import DiskConfigurations
from reorder.world.files import find_dockerfiles, is_in_skipped_folder
from reorder.world.git import repository_root

if TYPE_CHECKING:
    from reorder.world.baseline import Baseline

STDIN = "-"


class UsageError(Exception):
    """The command line asks for something that cannot be."""


class Target(NamedTuple):
    """A Dockerfile to work on, and what the project around it says about its builds (None: there is no project).

    ``top``: the folder in whose search it was found; None: it was named. ``settings``: those that hold for it.
    ``base``: it counts only if its build files are not as they were then. ``is_buffer``: its content is standard input.
    """

    path: str
    builds: ProjectBuilds | None = None
    top: str | None = None
    settings: Settings = Settings()
    base: Baseline | None = None
    is_buffer: bool = False


def find_targets(paths: tuple[str, ...], stdin_filename: str | None = None) -> Iterator[Target | Failed]:
    """Each Dockerfile once, in the order given; folders are searched, no PATH at all means the current folder.

    In a folder, the files that the project builds count as well, whatever their names are. With ``stdin_filename``
    there is that one Dockerfile only, and the PATHs may say no more than that. Raises `UsageError`.
    """
    if stdin_filename is not None:
        if paths not in ((), (STDIN,)):
            raise UsageError("--stdin-filename names standard input, so that there can be no other PATH than -")
        if os.path.isdir(stdin_filename):
            raise UsageError(f"--stdin-filename: {stdin_filename} is a folder")
        if not os.path.isdir(folder := os.path.dirname(stdin_filename) or "."):
            raise UsageError(f"--stdin-filename: there is no folder {folder}")
        yield Target(stdin_filename, read_builds_around(stdin_filename), is_buffer=True)
        return
    seen: set[str] = set()
    around: dict[str, ProjectBuilds] = {}
    named: dict[str, list[str]] = {}  # hooks name many files of one project
    for path in paths:
        if path != STDIN and not os.path.isdir(path):
            named.setdefault(project_root(path), []).append(path)
    inner: dict[str, ProjectBuilds] = {}
    for path in paths or (".",):
        if path == STDIN:
            found = [Target(path)]
        elif not os.path.lexists(path):
            found = []
            yield Failed(path=path, context="", error=f"cannot be read: No such file or directory{_similar(path)}")
        elif not os.path.isdir(path):
            root = project_root(path)
            if root not in around:
                around[root] = read_builds_around(*named[root])
            found = [Target(path, around[root])]
        else:
            builds = read_builds_below(path)
            found = [Target(name, _project_of(name, builds, inner), path) for name in _names_in(path, builds)]
            if not found:
                yield Failed(path=path, context="", error="no Dockerfile in this folder")
        for target in found:
            if target.path not in seen:
                seen.add(target.path)
                yield target


def _project_of(name: str, builds: ProjectBuilds, inner: dict[str, ProjectBuilds]) -> ProjectBuilds:
    """The builds of the repository that a Dockerfile is in: a submodule's are its own. ``inner`` keeps them."""
    root = repository_root(os.path.dirname(os.path.realpath(name)))
    if root is None or root == builds.root:
        return builds
    if root not in inner:
        inner[root] = read_builds_below(root)
    return inner[root]


def _similar(path: str) -> str:
    """What somebody may have meant by a path that does not exist."""
    folder, name = os.path.split(path)
    try:
        return did_you_mean(name, os.listdir(folder or "."), most=1)
    except OSError:
        return ""


def configured_targets(
    paths: tuple[str, ...], given: Given, stdin_filename: str | None = None
) -> Iterator[Target | Failed]:  # fmt: skip
    """As `find_targets`, each with the settings that hold for it, and without those that the configuration leaves out.

    To leave out one that was named is worth a word: hooks name files, and so do people. A configuration file that is
    wrong fails the Dockerfiles that it holds for, and no others.
    """
    configurations = DiskConfigurations()
    for target in find_targets(paths, stdin_filename):
        resolved = target if isinstance(target, Failed) else resolve_target(target, given, configurations)
        if isinstance(target, Failed) or isinstance(resolved, Failed):
            yield resolved if isinstance(resolved, Failed) else target
        elif resolved.excluded is None:
            yield target._replace(settings=replace(settings_of(resolved), builds=target.builds))
        elif target.top is None:
            pattern, (_, where) = resolved.excluded
            sys.stderr.write(f"{printable(target.path)}: left out: {printable(f'{where} excludes {pattern}')}\n")


def resolve_target(target: Target, given: Given, configurations: DiskConfigurations) -> Resolved | Failed:
    """What holds for a Dockerfile; for standard input what would hold for a Dockerfile in the current folder."""
    path = "Dockerfile" if target.path == STDIN else target.path
    try:
        return configurations.resolve(path, given, top=target.top)
    except ConfigError as error:
        return Failed(path=target.path, context="", error=f"its configuration: {error}")


def _names_in(folder: str, builds: ProjectBuilds) -> Iterator[str]:
    yield from find_dockerfiles(folder)
    prefix = "" if os.path.normpath(folder) == "." else folder
    own = os.path.relpath(os.path.realpath(folder), builds.root).replace(os.sep, "/")
    start = "" if own == "." else own + "/"
    for name in sorted({definition.dockerfile for definition in builds.definitions.found}):
        if name.startswith(start) and not is_in_skipped_folder(name[len(start) :]):
            yield os.path.join(prefix, name[len(start) :])


def find_warnings(target: Target, *, all_skipped: bool) -> Iterator[str]:
    """A line for each build definition that is left out because something is wrong with it, or for each at all; and for
    each Dockerfile inside a definition.
    """
    if target.builds is None:
        return
    for skipped in target.builds.definitions.skipped:
        if skipped.is_note:
            path = os.path.relpath(os.path.join(os.path.realpath(target.builds.root), skipped.source))
            yield f"{place(path, skipped.line)}: note: {printable(skipped.why)}"
        elif all_skipped or skipped.is_warning:
            path = os.path.relpath(os.path.join(os.path.realpath(target.builds.root), skipped.source))
            yield f"{place(path, skipped.line)}: warning: this build is left out: {printable(skipped.why)}"


def check_folder(context: str | None) -> None:
    """Raise `UsageError` unless ``--context`` names a folder."""
    if context is not None and not os.path.isdir(context):
        raise UsageError(f"--context: there is no folder {context}")
