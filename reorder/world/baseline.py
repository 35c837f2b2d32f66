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
from reorder.world.disk import DiskTree, Question
from reorder.world.git import GitError, repository_root
from reorder.world.git_tree import Blob
from reorder.world.past import GitFailure, PastTree, ask_git, read_past

_MOST_WORDS = 500
"""Paths in one git command: far below any limit of a command line."""
_FILES = ("100644", "100755", "100664")


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
    commit = _commit(root, revision)
    if commit is None:
        raise GitError(f"there is no commit {revision} in {root}{hint}")
    if _commit(root, "HEAD") is None:
        raise GitError(f"nothing is committed in {root} yet")
    try:
        base = ask_git(root, "merge-base", commit, "HEAD").decode("ascii").strip()
    except GitError:
        raise GitError(f"{revision} and the current commit have no common history in {root}{hint}") from None
    return with_definitions(Baseline(root, base))


def find_module_baseline(outer: Baseline, root: str) -> Baseline | None:
    """The commit of the submodule at ``root`` that its superproject had; None: it had none. Raises `GitError`."""
    path = os.path.relpath(root, outer.root).replace(os.sep, "/")
    blob = read_past(outer.root, outer.commit).entry(path)
    if blob is None or read_past(outer.root, outer.commit).module_above(path) != path:
        return None
    if _commit(root, blob.id) is None:
        raise GitError(f"the submodule {root} lacks commit {blob.id[:12]}: fetch more of its history")
    return with_definitions(Baseline(root, blob.id))


def with_definitions(base: Baseline) -> Baseline:
    """The baseline with its ``redefined``: a file that defines a build changed, or what it amounts to."""
    past, tree = read_past(base.root, base.commit), DiskTree(base.root)
    now = find_definitions(tree, list_files(base.root))
    gone = any(_is_definition(path) and tree.kind(path) is None for path in past.paths)
    if not gone and not has_changed(base, tree):
        return base
    before = find_definitions(past, past.paths)
    names = {definition.dockerfile for definition in (*now.found, *before.found)}
    changed = {source for source in {d.source for d in now.found} if _differs(tree, "content", source, past, "", [])}
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
    past, prefix = read_past(base.root, base.commit), "" if inside == "." else inside + "/"
    appeared: list[str] = []
    if any(_differs(tree, question, path, past, prefix, appeared) for question, path in sorted(tree.asked)):
        return True
    return _git_knows(base.root, sorted(set(appeared)))


def _differs(
    tree: DiskTree, question: Question, path: str, past: PastTree, prefix: str, appeared: list[str]
) -> bool:  # fmt: skip
    """Whether the answer is another one; paths that are there only now are added to ``appeared`` instead."""
    whole = (prefix + path).rstrip("/")
    if (module := past.module_above(whole)) is not None:
        return _is_moved(tree, module, past, prefix)
    try:
        if question == "names":
            now, then = set(tree.names(path)) - {".git"}, set(past.names(whole))
            appeared += [posixpath.join(whole, name) for name in now - then]
            return not then <= now
        if question == "kind":
            return _is_other(tree.kind(path), past.kind(whole), whole, appeared)
        if question == "tracked":
            return tree.is_tracked(path) is not None and tree.is_tracked(path) != past.is_tracked(whole)
        if question == "ignored":
            return _has_other_ignore_files(whole, past, appeared)
        if question == "mode":
            is_file = tree.kind(path) is past.kind(whole) is Kind.FILE
            return is_file and tree.is_executable(path) != past.is_executable(whole)
        if question == "link" and Kind.SYMLINK not in (tree.kind(path), past.kind(whole)):
            return _is_other(tree.kind(path), past.kind(whole), whole, appeared)
        return _has_other_content(tree, path, past.entry(whole), whole, appeared)
    except UnreadableError:
        return True


def _is_other(now: Kind | None, then: Kind | None, path: str, appeared: list[str]) -> bool:
    if now is then:
        return False
    if then is None:
        appeared.append(path)
    return then is not None


def _has_other_content(tree: DiskTree, path: str, blob: Blob | None, whole: str, appeared: list[str]) -> bool:
    """Of a file or a link."""
    kind = tree.kind(path)
    if kind is Kind.SYMLINK:
        data, is_same_kind = os.fsencode(tree.link(path) or ""), blob is not None and blob.mode == "120000"
    elif kind is Kind.FILE:
        data, is_same_kind = tree.read(path), blob is not None and blob.mode in _FILES
    else:
        return blob is not None and blob.mode in (*_FILES, "120000")
    if blob is None:
        appeared.append(whole)
        return False
    # with core.autocrlf, lines that end in CRLF on disk end in LF in the object
    return not is_same_kind or blob.id not in (_object_id(data, blob), _object_id(data.replace(b"\r\n", b"\n"), blob))


def _object_id(data: bytes, like: Blob) -> str:
    """As git names the content (gitformat-objects)."""
    digest = hashlib.sha1(usedforsecurity=False) if len(like.id) == 40 else hashlib.sha256()
    digest.update(b"blob %d\0" % len(data) + data)
    return digest.hexdigest()


def _has_other_ignore_files(path: str, past: PastTree, appeared: list[str]) -> bool:
    """Whether the answer to what git ignores may be another one; ``path`` is seen from the repository's root."""
    tree, parts = DiskTree(past.root), path.split("/")
    names = ("/".join([*parts[:depth], ".gitignore"]) for depth in range(len(parts)))
    return any(_has_other_content(tree, name, past.entry(name), name, appeared) for name in names)


def _is_moved(tree: DiskTree, module: str, past: PastTree, prefix: str) -> bool:
    """Whether a submodule stands at another commit than it did; what is not committed in it is its own affair."""
    folder = os.path.normpath(os.path.join(os.path.realpath(tree.root), os.path.relpath(module, prefix or ".")))
    blob = past.entry(module)
    if repository_root(folder) != folder:
        return False  # not checked out
    return blob is None or _commit(folder, "HEAD") != blob.id


def _git_knows(root: str, paths: list[str]) -> bool:
    """Whether git tracks anything at or under one of the paths, or would if asked to add all."""
    for start in range(0, len(paths), _MOST_WORDS):
        some = paths[start : start + _MOST_WORDS]
        words = ("--literal-pathspecs", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *some)
        if ask_git(root, *words):
            return True
    return False


def _commit(root: str, revision: str) -> str | None:
    """The full name of a commit; None: there is none."""
    try:
        found = ask_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    except GitFailure as error:
        if error.words:  # it has no words for a commit that is not there, but for a folder that it does not trust
            raise
        return None
    return found.decode("ascii").strip()


def _is_shallow(root: str) -> bool:
    try:
        return ask_git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"
    except GitError:
        return False
