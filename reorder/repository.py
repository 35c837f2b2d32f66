"""All Dockerfiles of one repository at one commit, and the patch that repairs them together; nothing is written.

What `reorder.api.fix_file` says of a fresh checkout's Dockerfiles is what `fix_repository` says, without a checkout.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from reorder.api import fix_in_places
from reorder.configuration.model import ConfigError, Given
from reorder.configuration.nearest import Configurations
from reorder.configuration.resolve import resolve
from reorder.context.context import IGNORE_NAME
from reorder.context.model import Kind, Tree, UnreadableError
from reorder.context.overlay import Overlay
from reorder.definitions.find import find_definitions
from reorder.definitions.kind import all_kinds
from reorder.definitions.model import Definitions, Skipped
from reorder.outcome import Changed, Failed, FileChange, Outcome
from reorder.output.diff import unified_diff
from reorder.settings import Settings, settings_of
from reorder.source import Source, encode
from reorder.weighing.kinds import PathKind, kind_of_file
from reorder.world.commit_places import CommitHistory, Ground, find_dockerfiles_in, find_file
from reorder.world.commit_tree import CommitTree, open_commit
from reorder.world.files import is_dockerfile_name, is_in_skipped_folder

_MOST_ROUNDS = 8
_MOST_LIKELY = 3000
_DEEPEST = 100
"""Folders around a Dockerfile; a path that people can check out and use has far fewer."""
_SETTINGS = frozenset((".npmrc", ".yarnrc", ".yarnrc.yml", ".dockerfile-fix.toml", "bunfig.toml", "nuget.config"))


class RepositoryFix(NamedTuple):
    """What became of each Dockerfile, sorted by path, and the files of all patches together, sorted by path.

    Two Dockerfiles of one build context may both need a line in its ignore file: each finds what the one before left.
    ``skipped``: the build definitions that were left out.
    """

    outcomes: tuple[Outcome, ...]
    files: tuple[FileChange, ...]
    skipped: tuple[Skipped, ...] = ()

    @property
    def patch(self) -> str:
        """The diff of all files, to be applied at the repository's root."""
        return "".join(unified_diff(file.old, file.new, file.path) for file in self.files)


Fetch = Callable[[frozenset[str]], None]
"""Brings contents that a partial clone lacks; raises `GitError`."""


def fix_commit(
    git_dir: str, commit: str, given: Given | None = None, fetch: Fetch | None = None
) -> RepositoryFix:  # fmt: skip
    """`fix_repository` for a commit of the repository in ``git_dir``; what is absent is fetched, most of it at once.

    What is read depends on what was read before (a manifest names another one), so that it may take some rounds; after
    `_MOST_ROUNDS` all that the commit holds is fetched. Raises `GitError`.
    """
    history = CommitHistory(git_dir, commit)
    for number in range(_MOST_ROUNDS + 1):
        with open_commit(git_dir, commit) as tree:
            wanted = find_likely(tree) if number == 0 else tree.absent if number == _MOST_ROUNDS else frozenset()
            if fetch is not None and (wanted := wanted & tree.absent):
                fetch(wanted)
                tree.absent -= wanted
            fix = fix_repository(tree, given, history)
            missing = frozenset(tree.missing)
        if fetch is None or not missing:
            break
        fetch(missing)
    return fix


def find_likely(tree: CommitTree) -> frozenset[str]:
    """The names of contents that the analysis will probably ask for, as far as names of files tell."""
    likely = (path for path in tree.paths if not is_in_skipped_folder(path) and _is_likely(path))
    blobs = (tree.blob(path) for path in islice(likely, _MOST_LIKELY) if tree.kind(path) is not Kind.DIRECTORY)
    return frozenset(filter(None, blobs))


def _is_likely(path: str) -> bool:
    name = posixpath.basename(path)
    is_named = is_dockerfile_name(name) or name.endswith((IGNORE_NAME, ".gitignore")) or name in _SETTINGS
    if is_named or kind_of_file(name) in (PathKind.LOCK, PathKind.MANIFEST):
        return True
    return any(kind.covers(path) for kind in all_kinds())


def fix_repository(
    tree: CommitTree, given: Given | None = None, history: CommitHistory | None = None
) -> RepositoryFix:  # fmt: skip
    """Plan the repair of every Dockerfile of a commit: those with such names, and those that the project builds.

    ``given``: the command line, before which the repository's own configuration files count for less; a ``context`` in
    it is a folder seen from the root. So are all paths; ``.`` is the root as a build context. Never raises for bad
    input: a configuration file that is wrong fails the Dockerfiles that it holds for.
    """
    definitions = find_definitions(tree, tree.paths)
    work = _Work(
        tree, definitions, history or CommitHistory(tree.git_dir, tree.commit), Configurations(tree), given or Given()
    )
    outcomes: list[Outcome] = []
    files: dict[str, FileChange] = {}
    for path in find_dockerfiles_in(tree, tree.paths, definitions.found):
        outcome = work.fix(path, files)
        if outcome is not None:
            outcomes.append(outcome)
        if isinstance(outcome, Changed):
            _add(files, outcome.files)
    return RepositoryFix(tuple(outcomes), tuple(files[path] for path in sorted(files)), definitions.skipped)


def _add(files: dict[str, FileChange], more: Iterable[FileChange]) -> None:
    for file in more:
        before = files.get(file.path)
        files[file.path] = file if before is None else file._replace(old=before.old)


class _Work(NamedTuple):
    """The repository, and what it says of its builds."""

    tree: CommitTree
    definitions: Definitions
    history: CommitHistory
    configurations: Configurations
    given: Given

    def fix(self, path: str, changed: Mapping[str, FileChange]) -> Outcome | None:
        """None: the configuration leaves the Dockerfile out."""
        if path.count("/") > _DEEPEST:
            return Failed(path=path, context="", error=f"it lies in more than {_DEEPEST} folders")
        try:
            resolved = resolve(self.configurations.nearest(posixpath.dirname(path)), path, self.given)
        except ConfigError as error:
            return Failed(path=path, context="", error=f"its configuration: {error}")
        return None if resolved.excluded is not None else self._fix(path, settings_of(resolved), changed)

    def _fix(self, path: str, settings: Settings, changed: Mapping[str, FileChange]) -> Outcome:
        target = find_file(self.tree, path)
        if target is None:
            return Failed(path=path, context="", error="cannot be read: No such file or directory")
        files = {file.path: encode(file.new) for file in changed.values()}
        tree: Tree = Overlay(self.tree, files) if files else self.tree
        try:
            source = Source.decode(path, self.tree.read(target))
        except UnreadableError as error:
            return Failed(path=path, context="", error=f"cannot be read: {str(error).removeprefix(target + ': ')}")
        ground = Ground(tree, path, self.definitions.of(target), self.history, settings.context, self.definitions)
        outcome = fix_in_places(source, ground.places, ground.definitions, settings)
        return _at(outcome, target) if isinstance(outcome, Changed) and target != path else outcome


def _at(outcome: Changed, target: str) -> Changed:
    """The change of a Dockerfile that is a link, made to the file behind it: git would write over the link."""
    first, *more = outcome.files
    files = (first._replace(path=target), *more)
    diff = "".join(unified_diff(file.old, file.new, file.path) for file in files)
    return outcome._replace(files=files, diff=diff)
