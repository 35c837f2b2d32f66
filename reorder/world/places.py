"""The build contexts on disk in which a Dockerfile may be meant to be built."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from reorder.context.context import IGNORE_NAME, BuildContext, IgnoreFile, open_context
from reorder.context.ignore import IgnoreError
from reorder.context.model import Tree
from reorder.definitions.model import Definition
from reorder.source import Source
from reorder.weighing.history import History
from reorder.world.builds import ProjectBuilds
from reorder.world.disk import DiskTree
from reorder.world.files import read_bytes
from reorder.world.git import repository_root

LoadHistory = Callable[[int], History]


class Place(NamedTuple):
    """One way to read a Dockerfile: in which context, how paths are shown, and where the context's history is.

    ``name`` is the Dockerfile's path in the context; None if it lies elsewhere. ``told_by``: the lines of build
    definitions that name the context (``compose.yaml:5``); none: it was searched for, or the user named it.
    ``load_history``: the last commits, so many, that changed the context; None: it has no history.
    """

    context: BuildContext
    folder: str
    name: str | None
    told_by: tuple[str, ...] = ()
    load_history: LoadHistory | None = None

    def read_history(self, commits: int) -> History:
        """The last commits that changed the context."""
        return History() if self.load_history is None else self.load_history(commits)


def open_place(
    tree: Tree, name: str | None, folder: str, outside: IgnoreFile | None = None, told_by: tuple[str, ...] = (),
    load_history: LoadHistory | None = None,
) -> Place | IgnoreError:  # fmt: skip
    """The context ``tree`` with the Dockerfile at ``name`` in it (see `open_context`), or what is wrong with it."""
    if isinstance(tree, DiskTree):
        load_history = partial(_history_on_disk, tree.root, name or "")
    try:
        return Place(open_context(tree, name, outside), folder, name, told_by, load_history)
    except IgnoreError as error:
        return error


def _history_on_disk(folder: str, watched: str, commits: int) -> History:
    from reorder.world.git_log import read_history

    return read_history(folder, limit=commits, watched=watched)


def open_on_disk(folder: str, path: str, told_by: tuple[str, ...] = ()) -> Place | IgnoreError:
    """The folder as the context of the Dockerfile at ``path``, wherever that lies."""
    relative = os.path.relpath(os.path.abspath(path), os.path.abspath(folder)).replace(os.sep, "/")
    shown = os.path.relpath(folder) if os.path.isabs(folder) and not os.path.isabs(path) else folder
    if not relative.startswith("../"):
        return open_place(DiskTree(folder), relative, shown, None, told_by)
    try:
        text = Source.decode(path, read_bytes(path + IGNORE_NAME)).text
    except OSError:
        return open_place(DiskTree(folder), None, shown, None, told_by)
    return open_place(DiskTree(folder), None, shown, IgnoreFile(relative + IGNORE_NAME, text), told_by)


def places_by_search(path: str) -> Iterator[Place | IgnoreError]:
    """The Dockerfile's folder, and those above it up to the repository's root."""
    own = os.path.dirname(os.path.abspath(path))
    root = repository_root(own)
    yield open_on_disk(own, path)
    while root is not None and own != root:
        own = os.path.dirname(own)
        yield open_on_disk(own, path)


def places_by_definition(path: str, builds: ProjectBuilds) -> list[Place | IgnoreError]:
    """Each context that the project's build definitions give to the Dockerfile, in their order."""
    return [
        open_on_disk(os.path.normpath(os.path.join(_as_given(builds.root, path), context)), path, told_by)
        for context, told_by in contexts_told(builds.of(path)).items()
    ]


def contexts_told(definitions: Iterable[Definition]) -> dict[str, tuple[str, ...]]:
    """The contexts of the definitions, in their order, each with the lines that name it."""
    told: dict[str, tuple[str, ...]] = {}
    for definition in definitions:
        told[definition.context] = (*told.get(definition.context, ()), f"{definition.source}:{definition.line}")
    return told


def _as_given(root: str, path: str) -> str:
    """The repository's root by the way that ``path`` was reached: through links, if it was."""
    own = repository_root(os.path.dirname(os.path.abspath(path)))
    return own if own is not None and os.path.realpath(own) == root else root
