"""The build contexts in a commit in which a Dockerfile may be meant to be built."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.context.context import IGNORE_NAME, IgnoreFile
from reorder.context.ignore import IgnoreError
from reorder.context.model import Kind, Tree, UnreadableError
from reorder.context.subtree import SubTree
from reorder.definitions.error import DefinitionError
from reorder.definitions.model import Definition, Definitions
from reorder.definitions.repository import Repository
from reorder.source import Source
from reorder.weighing.history import History
from reorder.world.files import is_dockerfile_name, is_in_skipped_folder
from reorder.world.git_log import read_history_of_commit
from reorder.world.places import LoadHistory, Place, open_place, places_told, places_wished, with_siblings


@dataclass(frozen=True, slots=True)
class CommitHistory:
    """The histories of the folders of one commit; each is asked for once, whatever Dockerfiles are built in it."""

    git_dir: str
    commit: str
    _known: dict[tuple[str, int], History] = field(default_factory=dict, compare=False, repr=False)

    def of(self, folder: str) -> LoadHistory:
        """The history of a folder, by the number of commits."""

        def load(commits: int) -> History:
            if (folder, commits) not in self._known:
                self._known[folder, commits] = read_history_of_commit(self.git_dir, self.commit, folder, commits)
            return self._known[folder, commits]

        return load


def find_file(tree: Tree, path: str) -> str | None:
    """The file of the tree that ``path`` means, its symbolic links followed; None if it means none."""
    repository = Repository(tree)
    try:
        place = repository.inside(path)
        return place if repository.kind(place) is Kind.FILE else None
    except DefinitionError:
        return None


def find_dockerfiles_in(tree: Tree, paths: tuple[str, ...], definitions: tuple[Definition, ...]) -> list[str]:
    """The Dockerfiles among ``paths``, sorted: by their names, and what the project builds whatever its name is.

    A link counts if its file would not be found otherwise; the first one, if there are several.
    """
    found = {definition.dockerfile for definition in definitions}
    links = []
    for path in paths:
        if is_dockerfile_name(posixpath.basename(path)):
            if tree.kind(path) is Kind.FILE:
                found.add(path)
            elif tree.kind(path) is Kind.SYMLINK:
                links.append(path)
    found = {path for path in found if not is_in_skipped_folder(path)}
    targets = set(found)
    for link in links:
        target = None if is_in_skipped_folder(link) else find_file(tree, link)
        if target is not None and target not in targets and not is_dockerfile_name(posixpath.basename(target)):
            found.add(link)
            targets.add(target)
    return sorted(found)


def open_in(tree: Tree, folder: str, path: str, history: CommitHistory) -> Place | IgnoreError:
    """A folder of the tree as the context of the Dockerfile at ``path``, wherever in the tree that lies."""
    context, load = SubTree(tree, folder), history.of(folder)
    relative = posixpath.relpath("/" + path, "/" + folder)
    if not relative.startswith("../"):
        return open_place(context, relative, folder or ".", None, load)
    ignore = find_file(tree, path + IGNORE_NAME)
    if ignore is None:
        return open_place(context, None, folder or ".", None, load)
    try:
        text = Source.decode(ignore, tree.read(ignore)).text
    except UnreadableError as error:
        return IgnoreError(str(error), 0)
    return open_place(context, None, folder or ".", IgnoreFile(relative + IGNORE_NAME, text), load)


class Ground(NamedTuple):
    """A Dockerfile in a tree, and what the project says of its builds: finds the contexts that it may have.

    ``definitions`` are its own, ``project`` all that there are.
    """

    tree: Tree
    path: str
    definitions: tuple[Definition, ...]
    history: CommitHistory
    wish: str | None = None
    project: Definitions = Definitions()

    def places(self, names: frozenset[str]) -> Iterable[Place | IgnoreError]:
        """What the user wishes (``wish``, a folder), else what the project says, else its folder and those above it.

        ``names``: see `reorder.world.places.places_told`.
        """
        if self.wish is not None:
            return places_wished(self._open(self.wish), self.wish, self.definitions, names)
        return places_told(self.definitions, names, self._open) if self.definitions else self._search()

    def _search(self) -> Iterator[Place | IgnoreError]:
        own = self.path
        while own:
            own = posixpath.dirname(own)
            yield self._open(own)

    def _open(self, folder: str) -> Place | IgnoreError:
        place = open_in(self.tree, folder, self.path, self.history)
        return with_siblings(place, folder, self.project.built_in(folder) - {self.path}, self._content)

    def _content(self, path: str) -> bytes | None:
        try:
            return self.tree.read(path)
        except UnreadableError:
            return None
