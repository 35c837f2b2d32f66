"""The build contexts in a commit in which a Dockerfile may be meant to be built."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from reorder.context.context import IGNORE_NAME, IgnoreFile
from reorder.context.ignore import IgnoreError
from reorder.context.model import Kind, Tree, UnreadableError
from reorder.context.subtree import SubTree
from reorder.definitions.model import Definition
from reorder.definitions.repository import DefinitionError, Repository
from reorder.source import Source
from reorder.weighing.history import History
from reorder.world.files import is_dockerfile_name, is_in_skipped_folder
from reorder.world.git_log import read_history_of_commit
from reorder.world.places import LoadHistory, Place, contexts_told, open_place


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


def open_in(
    tree: Tree, folder: str, path: str, history: CommitHistory, told_by: tuple[str, ...] = ()
) -> Place | IgnoreError:  # fmt: skip
    """A folder of the tree as the context of the Dockerfile at ``path``, wherever in the tree that lies."""
    context = SubTree(tree, folder)
    relative = posixpath.relpath("/" + path, "/" + folder)
    load = history.of(folder)
    if not relative.startswith("../"):
        return open_place(context, relative, folder or ".", None, told_by, load)
    ignore = find_file(tree, path + IGNORE_NAME)
    if ignore is None:
        return open_place(context, None, folder or ".", None, told_by, load)
    try:
        text = Source.decode(ignore, tree.read(ignore)).text
    except UnreadableError as error:
        return IgnoreError(str(error), 0)
    return open_place(context, None, folder or ".", IgnoreFile(relative + IGNORE_NAME, text), told_by, load)


def places_in(
    tree: Tree, path: str, definitions: tuple[Definition, ...], history: CommitHistory
) -> Iterator[Place | IgnoreError]:  # fmt: skip
    """Each context that the definitions give to a Dockerfile; without any, its folder and those above it."""
    for folder, told_by in contexts_told(definitions).items():
        yield open_in(tree, folder, path, history, told_by)
    own = path
    while own and not definitions:
        own = posixpath.dirname(own)
        yield open_in(tree, own, path, history)
