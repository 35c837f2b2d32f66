"""The build contexts on disk in which a Dockerfile may be meant to be built."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from reorder.analysis.build_arguments import Given, given_values
from reorder.context.context import IGNORE_NAME, BuildContext, IgnoreFile, Sibling, open_context
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
    definitions that name the context (``compose.yaml:5``); none: it was searched for, or the user named it. ``given``:
    the build arguments of these, see `reorder.analysis.build_arguments`. ``load_history``: the last commits, so many,
    that changed the context; None: it has no history.
    """

    context: BuildContext
    folder: str
    name: str | None
    told_by: tuple[str, ...] = ()
    given: Given = ()
    load_history: LoadHistory | None = None

    def read_history(self, commits: int) -> History:
        """The last commits that changed the context."""
        return History() if self.load_history is None else self.load_history(commits)


def open_place(
    tree: Tree, name: str | None, folder: str, outside: IgnoreFile | None = None,
    load_history: LoadHistory | None = None,
) -> Place | IgnoreError:  # fmt: skip
    """The context ``tree`` with the Dockerfile at ``name`` in it (see `open_context`), or what is wrong with it."""
    if isinstance(tree, DiskTree):
        load_history = partial(_history_on_disk, tree.root, name or "")
    try:
        return Place(open_context(tree, name, outside), folder, name, load_history=load_history)
    except IgnoreError as error:
        return error


def _history_on_disk(folder: str, watched: str, commits: int) -> History:
    from reorder.world.git_log import read_history

    return read_history(folder, limit=commits, watched=watched)


def open_on_disk(folder: str, path: str) -> Place | IgnoreError:
    """The folder as the context of the Dockerfile at ``path``, wherever that lies."""
    relative = os.path.relpath(os.path.abspath(path), os.path.abspath(folder)).replace(os.sep, "/")
    shown = os.path.relpath(folder) if os.path.isabs(folder) and not os.path.isabs(path) else folder
    if not relative.startswith("../"):
        return open_place(DiskTree(folder), relative, shown)
    try:
        text = Source.decode(path, read_bytes(path + IGNORE_NAME)).text
    except OSError:
        return open_place(DiskTree(folder), None, shown)
    return open_place(DiskTree(folder), None, shown, IgnoreFile(relative + IGNORE_NAME, text))


def with_siblings(
    place: Place | IgnoreError, folder: str, others: Iterable[str], read: Callable[[str], bytes | None]
) -> Place | IgnoreError:  # fmt: skip
    """The place with the other Dockerfiles that are built in there; they and ``folder`` are seen from the root.

    ``read`` gives what lies there, outside of the context; None for an ignore file that is not there.
    """
    if isinstance(place, IgnoreError):
        return place
    siblings = []
    for other in sorted(others):
        inside = f"{folder}/" if folder else ""
        path, text = other.removeprefix(inside), None
        if not other.startswith(inside):
            path = posixpath.relpath("/" + other, "/" + folder)
        if path.startswith("../"):
            data = read(other)
            if data is None or read(other + IGNORE_NAME) is not None:
                continue
            text = Source.decode(path, data).text
        siblings.append(Sibling(path, text))
    return place._replace(context=replace(place.context, siblings=tuple(siblings)))


def _open_among(folder: str, path: str, builds: ProjectBuilds) -> Place | IgnoreError:
    inside = builds.inside(folder)
    inside = "" if inside == "." else inside
    others = builds.definitions.built_in(inside) - {builds.inside(path)}
    return with_siblings(open_on_disk(folder, path), inside, others, partial(_content, builds.root))


def _content(root: str, path: str) -> bytes | None:
    try:
        return read_bytes(os.path.join(root, path))
    except OSError:
        return None


def places_by_search(path: str, builds: ProjectBuilds) -> Iterator[Place | IgnoreError]:
    """The Dockerfile's folder, and those above it up to the repository's root."""
    own = os.path.dirname(os.path.abspath(path))
    root = repository_root(own)
    yield _open_among(own, path, builds)
    while root is not None and own != root:
        own = os.path.dirname(own)
        yield _open_among(own, path, builds)


def places_by_definition(path: str, builds: ProjectBuilds, names: frozenset[str]) -> list[Place | IgnoreError]:
    """`places_told` for a Dockerfile on disk."""
    root = as_given(builds.root, path)
    return places_told(
        builds.of(path), names, lambda context: _open_among(os.path.normpath(os.path.join(root, context)), path, builds)
    )


def places_by_wish(context: str, path: str, builds: ProjectBuilds, names: frozenset[str]) -> list[Place | IgnoreError]:
    """`places_wished` for a Dockerfile on disk."""
    folder = os.path.relpath(os.path.realpath(context), builds.root).replace(os.sep, "/")
    return places_wished(_open_among(context, path, builds), "" if folder == "." else folder, builds.of(path), names)


def places_told(
    definitions: Sequence[Definition], names: frozenset[str], open_: Callable[[str], Place | IgnoreError]
) -> list[Place | IgnoreError]:  # fmt: skip
    """Each context that build definitions give to a Dockerfile, in their order; ``open_`` takes one of their contexts.

    One with several sets of values of the build arguments ``names`` comes once for each.
    """
    told: dict[tuple[str, Given], list[str]] = {}
    for definition, given in zip(definitions, _given(definitions, names), strict=True):
        told.setdefault((definition.context, given), []).append(f"{definition.source}:{definition.line}")
    opened = {context: open_(context) for context in dict.fromkeys(context for context, _ in told)}
    return [
        place._replace(told_by=tuple(by), given=given) if isinstance(place := opened[context], Place) else place
        for (context, given), by in told.items()
    ]


def places_wished(
    place: Place | IgnoreError, folder: str, definitions: Sequence[Definition], names: frozenset[str]
) -> list[Place | IgnoreError]:  # fmt: skip
    """The context that the user names, once for each set of values that the project gives to the build arguments
    ``names``; with the defaults, too, unless the project builds in there. ``folder``: it, seen from the root.
    """
    if isinstance(place, IgnoreError):
        return [place]
    is_named = any(definition.context == folder for definition in definitions)
    ways = dict.fromkeys((*([] if is_named else [()]), *_given(definitions, names)))
    return [place._replace(given=given) for given in ways]


def _given(definitions: Sequence[Definition], names: frozenset[str]) -> list[Given]:
    return given_values(names, [dict(definition.args) for definition in definitions])


def as_given(root: str, path: str) -> str:
    """The repository's root by the way that ``path`` was reached: through links, if it was."""
    own = repository_root(os.path.dirname(os.path.abspath(path)))
    return own if own is not None and os.path.realpath(own) == root else root
