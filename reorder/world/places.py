"""The build contexts on disk in which a Dockerfile may be meant to be built."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reorder.analysis.build_arguments import Given, given_values
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


class Place(NamedTuple):
    """One way to read a Dockerfile: in which context, where that lies on disk, if it does, and how paths are shown.

    ``name`` is the Dockerfile's path in the context; None if it lies elsewhere. ``told_by``: the lines of build
    definitions that name the context (``compose.yaml:5``); none: it was searched for, or the user named it. ``given``:
    the build arguments of these, see `reorder.analysis.build_arguments`.
    """

    context: BuildContext
    folder: str
    name: str | None
    root: str | None
    told_by: tuple[str, ...] = ()
    given: Given = ()

    def read_history(self, commits: int) -> History:
        """The last commits that changed the context."""
        if self.root is None:
            return History()
        from reorder.world.git_log import read_history

        return read_history(self.root, limit=commits, watched=self.name or "")


def open_place(
    tree: Tree, name: str | None, folder: str, outside: IgnoreFile | None = None, told_by: tuple[str, ...] = ()
) -> Place | IgnoreError:  # fmt: skip
    """The context ``tree`` with the Dockerfile at ``name`` in it (see `open_context`), or what is wrong with it."""
    root = tree.root if isinstance(tree, DiskTree) else None
    try:
        return Place(open_context(tree, name, outside), folder, name, root, told_by)
    except IgnoreError as error:
        return error


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


def places_by_definition(path: str, builds: ProjectBuilds, names: frozenset[str]) -> list[Place | IgnoreError]:
    """Each context that the project's build definitions give to the Dockerfile, in their order.

    One with several sets of values of the build arguments ``names`` comes once for each.
    """
    definitions = builds.of(path)
    told: dict[tuple[str, Given], list[str]] = {}
    for definition, given in zip(definitions, _given(definitions, names), strict=True):
        told.setdefault((definition.context, given), []).append(f"{definition.source}:{definition.line}")
    root = as_given(builds.root, path)
    opened = {
        context: open_on_disk(os.path.normpath(os.path.join(root, context)), path)
        for context in dict.fromkeys(context for context, _ in told)
    }
    return [
        place._replace(told_by=tuple(by), given=given) if isinstance(place := opened[context], Place) else place
        for (context, given), by in told.items()
    ]


def places_by_wish(context: str, path: str, builds: ProjectBuilds, names: frozenset[str]) -> list[Place | IgnoreError]:
    """The context that the user names, once for each set of values that the project gives to the build arguments
    ``names``; with the defaults, too, unless the project builds in there.
    """
    place, definitions = open_on_disk(context, path), builds.of(path)
    if isinstance(place, IgnoreError):
        return [place]
    folder = os.path.relpath(os.path.realpath(context), builds.root).replace(os.sep, "/")
    is_named = any(definition.context == ("" if folder == "." else folder) for definition in definitions)
    ways = dict.fromkeys((*([] if is_named else [()]), *_given(definitions, names)))
    return [place._replace(given=given) for given in ways]


def _given(definitions: Sequence[Definition], names: frozenset[str]) -> list[Given]:
    return given_values(names, [dict(definition.args) for definition in definitions])


def as_given(root: str, path: str) -> str:
    """The repository's root by the way that ``path`` was reached: through links, if it was."""
    own = repository_root(os.path.dirname(os.path.abspath(path)))
    return own if own is not None and os.path.realpath(own) == root else root
