"""Whether anything that a Dockerfile's repair depends on differs from a commit.

`DiskTree` notes what the analysis asked it. These questions are put to the commit as well, and where the answers
differ, a build file changed: a manifest, a script, an ignore file, a file that appeared where a wildcard looks.

``git diff`` is not asked: to compare files on disk it runs the filter programs that the repository's configuration
names. What is read here are objects, the index and names; content on disk is hashed as git would store it without
filters, so that a file behind one (git-lfs) counts as changed.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from reorder.context.model import Kind, UnreadableError
from reorder.definitions.find import find_definitions
from reorder.definitions.kind import all_kinds
from reorder.definitions.model import Definition
from reorder.world.builds import list_files
from reorder.world.commit_tree import CommitTree
from reorder.world.disk import DiskTree, Question
from reorder.world.git import GitError, repository_root
from reorder.world.past import ask_checkout, find_commit, module_above, read_past

_GIT_FOLDER = ".git"
_MOST_WORDS = 500
"""Paths in one git command: far below any limit of a command line."""


class Baseline(NamedTuple):
    """A commit of the repository whose root has the absolute path ``root``.

    ``redefined``: the Dockerfiles, seen from the root, that the project does not build as it did in that commit.
    """

    root: str
    commit: str
    redefined: frozenset[str] = frozenset()


def find_baseline(root: str, revision: str) -> Baseline:
    """Where the current branch left ``revision``; raises `GitError`, whose message is for the user.

    That is what ``git diff REV...`` compares with, so that what others committed to the main branch does not count.
    """
    hint = ": the clone is shallow, so fetch more of the history" if _is_shallow(root) else ""
    commit = find_commit(root, revision)
    if commit is None:
        raise GitError(f"there is no commit {revision} in {root}{hint}")
    if find_commit(root, "HEAD") is None:
        raise GitError(f"nothing is committed in {root} yet")
    try:
        base = ask_checkout(root, "merge-base", commit, "HEAD").decode("ascii").strip()
    except GitError:
        raise GitError(f"{revision} and the current commit have no common history in {root}{hint}") from None
    return with_definitions(Baseline(root, base))


def find_module_baseline(outer: Baseline, root: str) -> Baseline | None:
    """The commit of the submodule at ``root`` that its superproject had; None: it had none. Raises `GitError`."""
    path = os.path.relpath(root, outer.root).replace(os.sep, "/")
    past = read_past(outer.root, outer.commit)
    commit = past.blob(path)
    if commit is None or module_above(past, path) != path:
        return None
    if find_commit(root, commit) is None:
        raise GitError(f"the submodule {root} lacks commit {commit[:12]}: fetch more of its history")
    return with_definitions(Baseline(root, commit))


def with_definitions(base: Baseline) -> Baseline:
    """The baseline with its ``redefined``: a file that defines a build changed, or what it amounts to."""
    past, tree = read_past(base.root, base.commit), DiskTree(base.root)
    now = find_definitions(tree, list_files(base.root))
    gone = any(_is_definition(path) and tree.kind(path) is None for path in past.paths)
    if not gone and not has_changed(base, tree):
        return base
    before = find_definitions(past, past.paths)
    past.close()
    names = {definition.dockerfile for definition in (*now.found, *before.found)}
    sources = _Pair(base.root, tree, "", past)
    changed = {source for source in {d.source for d in now.found} if sources.differs("content", source)}
    redefined = {name for name in names if _meaning(now.of(name)) != _meaning(before.of(name))}
    redefined |= {definition.dockerfile for definition in now.found if definition.source in changed}
    return base._replace(redefined=frozenset(redefined))


def _is_definition(path: str) -> bool:
    return any(kind.covers(path) for kind in all_kinds())


def _meaning(definitions: Iterable[Definition]) -> set[Definition]:
    """The definitions wherever they stand."""
    return {definition._replace(source="", line=0) for definition in definitions}


def is_concerned(base: Baseline, dockerfile: str, contexts: Iterable[DiskTree]) -> bool:
    """Whether the Dockerfile, its definitions or what its analysis looked at in ``contexts`` is not as it was."""
    whole = os.path.abspath(dockerfile)
    place = os.path.join(os.path.realpath(os.path.dirname(whole)), os.path.basename(whole))
    inside = os.path.relpath(place, base.root).replace(os.sep, "/")
    target = os.path.relpath(os.path.realpath(place), base.root).replace(os.sep, "/")
    if {inside, target} & base.redefined:
        return True
    own: list[tuple[Question, str]] = [("link", inside), ("content", target), ("content", f"{inside}.dockerignore")]
    tree = DiskTree(base.root)
    tree.asked.update(own)
    return has_changed(base, tree) or any(has_changed(base, context) for context in contexts)


def has_changed(base: Baseline, tree: DiskTree) -> bool:
    """Whether what was asked of ``tree`` would have been answered otherwise at the commit; raises `GitError`.

    What git ignores, and the commit does not hold, is taken to have been there. Of what lies outside of the repository
    nothing can be known, so that it counts as changed.
    """
    inside = os.path.relpath(os.path.realpath(tree.root), base.root).replace(os.sep, "/")
    if inside == ".." or inside.startswith("../"):
        return True
    pair = _Pair(base.root, tree, "" if inside == "." else inside + "/", read_past(base.root, base.commit))
    return any(pair.differs(question, path) for question, path in sorted(tree.asked)) or pair.has_more()


class _Pair:
    """A folder now, and then; ``prefix`` is the folder in the commit. Paths that are there only now are gathered."""

    def __init__(self, root: str, tree: DiskTree, prefix: str, past: CommitTree) -> None:
        self._root, self._tree, self._prefix, self._past = root, tree, prefix, past
        self._appeared: set[str] = set()

    def has_more(self) -> bool:
        """Whether git tracks any of what appeared, or would."""
        return _git_knows(self._root, sorted(self._appeared))

    def differs(self, question: Question, path: str) -> bool:
        """Whether the answer is another one, but for what appeared."""
        whole = (self._prefix + path).rstrip("/")
        if whole == _GIT_FOLDER or whole.startswith(_GIT_FOLDER + "/"):
            return False
        if (module := module_above(self._past, whole)) is not None:
            return self._is_moved(module)
        try:
            return self._is_other(question, path, whole)
        except UnreadableError:
            return True

    def _is_other(self, question: Question, path: str, whole: str) -> bool:
        tree, past = self._tree, self._past
        now, then = tree.kind(path), past.kind(whole)
        if question == "names":
            names, before = (set(each) - {_GIT_FOLDER} for each in (tree.names(path), past.names(whole)))
            self._appeared |= {posixpath.join(whole, name) for name in names - before}
            return not before <= names
        if question == "tracked":
            return tree.is_tracked(path) is not None and tree.is_tracked(path) != bool(past.is_tracked(whole))
        if question == "ignored":
            return self._has_other_ignore_files(whole)
        if question == "mode":
            return now is then is Kind.FILE and tree.is_executable(path) != past.is_executable(whole)
        if question == "content" or (question == "link" and Kind.SYMLINK in (now, then)):
            return self._has_other_content(tree, path, whole)
        if then is None and now is not None:
            self._appeared.add(whole)
            return False
        return now is not then

    def _has_other_content(self, tree: DiskTree, path: str, whole: str) -> bool:
        """Of a file or a link."""
        now, then, name = tree.kind(path), self._past.kind(whole), self._past.blob(whole)
        if now not in (Kind.FILE, Kind.SYMLINK):
            return name is not None
        if name is None:
            self._appeared.add(whole)
            return False
        data = os.fsencode(tree.link(path) or "") if now is Kind.SYMLINK else tree.read(path)
        # with core.autocrlf, lines that end in CRLF on disk end in LF in the object
        return now is not then or name not in (_object_id(data, name), _object_id(data.replace(b"\r\n", b"\n"), name))

    def _has_other_ignore_files(self, whole: str) -> bool:
        """Whether the answer to what git ignores may be another one."""
        tree, parts = DiskTree(self._root), whole.split("/")
        names = ("/".join([*parts[:depth], ".gitignore"]) for depth in range(len(parts)))
        return any(self._has_other_content(tree, name, name) for name in names)

    def _is_moved(self, module: str) -> bool:
        """Whether a submodule stands at another commit than it did; what is not committed in it is its own affair."""
        folder = os.path.join(self._root, module)
        if repository_root(folder) != folder:
            return False  # not checked out
        return find_commit(folder, "HEAD") != self._past.blob(module)


def _object_id(data: bytes, like: str) -> str:
    """As git names the content (gitformat-objects), in a repository that has the name ``like``."""
    digest = hashlib.sha1(usedforsecurity=False) if len(like) == 40 else hashlib.sha256()
    digest.update(b"blob %d\0" % len(data) + data)
    return digest.hexdigest()


def _git_knows(root: str, paths: list[str]) -> bool:
    """Whether git tracks anything at or under one of the paths, or would if asked to add all."""
    for start in range(0, len(paths), _MOST_WORDS):
        some = paths[start : start + _MOST_WORDS]
        words = ("--literal-pathspecs", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *some)
        if ask_checkout(root, *words):
            return True
    return False


def _is_shallow(root: str) -> bool:
    try:
        return ask_checkout(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except GitError:
        return False
