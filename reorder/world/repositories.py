"""Repositories on disk: where git keeps their objects and references, and which commit counts.

They may be hostile. A ``.git`` that leads out of its folder would have us read, and write, another repository.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from reorder.world.files import read_regular
from reorder.world.git import GitError
from reorder.world.git_run import ask_git

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_HEAD_PREFIX = "refs/heads/"
_REMOTE_HEAD = "refs/remotes/origin/HEAD"


class Head(NamedTuple):
    """A commit by its full name, and the branch that it is the tip of (None: it was checked out by itself)."""

    commit: str
    branch: str | None


def find_git_dir(path: str) -> str:
    """The folder with objects and references of the checkout or bare repository in the folder ``path``.

    A ``.git`` file counts where git made it: for a linked work tree or a submodule, whose repository knows of it.
    Raises `GitError`.
    """
    entry = os.path.join(path, ".git")
    if os.path.islink(entry):
        raise GitError("its .git is a symbolic link, which may lead to another repository")
    if os.path.lexists(entry) and not os.path.isdir(entry):
        git_dir = _follow(entry)
    elif os.path.isdir(path):
        git_dir = _checked(entry if os.path.isdir(entry) else path)
    else:
        raise GitError("there is no such folder")
    _check_common(git_dir)
    return git_dir


def is_repository(path: str) -> bool:
    """Whether the folder is a checkout or a bare repository, sound or not."""
    return os.path.lexists(os.path.join(path, ".git")) or _looks_bare(path)


def _looks_bare(path: str) -> bool:
    """As git tells a bare repository (gitrepository-layout(5))."""
    parts = (os.path.join(path, name) for name in ("objects", "refs"))
    return os.path.lexists(os.path.join(path, "HEAD")) and all(map(os.path.isdir, parts))


def _checked(git_dir: str) -> str:
    if not _looks_bare(git_dir):
        raise GitError("it is no git repository")
    for name in ("objects", "refs", "HEAD"):
        if os.path.islink(os.path.join(git_dir, name)) and name != "HEAD":
            raise GitError(f"its {name} is a symbolic link, which may lead to another repository")
    return os.path.abspath(git_dir)


def _check_common(git_dir: str) -> None:
    """Another folder may hold objects and references, for linked work trees; then it holds the work tree's, too."""
    common, own = os.path.realpath(find_common_dir(git_dir)), os.path.realpath(git_dir)
    if common != own and os.path.dirname(own) != os.path.join(common, "worktrees"):
        raise GitError("its commondir leads to a repository which does not know of it")


def _follow(entry: str) -> str:
    target = _read_line(entry).removeprefix("gitdir: ")
    git_dir = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(entry)), target))
    back = os.path.join(git_dir, "gitdir")
    if os.path.isfile(back):
        named = os.path.normpath(os.path.join(git_dir, _read_line(back)))
        if os.path.realpath(named) == os.path.realpath(entry):
            return git_dir
    elif os.path.isdir(git_dir):
        work_tree = ask_git(git_dir, "config", "--local", "--no-includes", "--default", "", "core.worktree").decode()
        named = os.path.join(git_dir, work_tree.strip("\n"), ".git")
        if work_tree.strip() and os.path.realpath(named) == os.path.realpath(entry):
            return git_dir
    raise GitError("its .git is a file that points to a repository which does not know of it")


def _read_line(path: str) -> str:
    try:
        return read_regular(path, flags=_NO_FOLLOW)[:4096].decode("utf-8", "surrogateescape").rstrip("\n")
    except OSError as error:
        raise GitError(f"its .git cannot be read: {error.strerror or error}") from None


def find_common_dir(git_dir: str) -> str:
    """The folder with the objects: another one for a linked work tree (gitrepository-layout(5), commondir)."""
    path = os.path.join(git_dir, "commondir")
    return os.path.normpath(os.path.join(git_dir, _read_line(path))) if os.path.lexists(path) else git_dir


def find_shared_dir(path: str) -> str | None:
    """Where the linked work tree in the folder ``path`` shares its objects; None: it is none, or unsound."""
    entry = os.path.join(path, ".git")
    try:
        if not os.path.isfile(entry):
            return None
        git_dir = os.path.normpath(os.path.join(path, _read_line(entry).removeprefix("gitdir: ")))
        is_linked = os.path.lexists(os.path.join(git_dir, "commondir"))
        return os.path.realpath(find_common_dir(find_git_dir(path))) if is_linked else None
    except GitError:
        return None


def find_head(git_dir: str, branch: str | None = None) -> Head:
    """The tip of ``branch``; without one, what is checked out.

    What was last fetched of the branch from origin counts if it holds all that is here. Raises `GitError`.
    """
    if branch is None:
        return Head(_find_checked_out(git_dir), find_head_branch(git_dir))
    own = find_reference(git_dir, _HEAD_PREFIX + branch)
    fetched = find_reference(git_dir, f"refs/remotes/origin/{branch}")
    if own is None or fetched is None:
        if (commit := own or fetched) is None:
            raise GitError(f"it has no branch {branch}")
        return Head(commit, branch)
    return Head(fetched if own == fetched or is_ancestor(git_dir, own, fetched) else own, branch)


def is_ancestor(git_dir: str, older: str, commit: str) -> bool:
    """Whether ``older`` is part of the history of ``commit``, as far as the repository has that."""
    try:
        ask_git(git_dir, "merge-base", "--is-ancestor", older, commit)
    except GitError:
        return False
    return True


def find_reference(git_dir: str, reference: str) -> str | None:
    """What the reference of that whole name points to; None if there is none. Raises `GitError`."""
    answer = ask_git(git_dir, "for-each-ref", "--format=%(objectname) %(refname)", "--end-of-options", reference)
    lines = answer.decode("utf-8", "surrogateescape").splitlines()
    return next((tip for tip, _, name in (line.partition(" ") for line in lines) if name == reference), None)


def find_default_branch(git_dir: str) -> str | None:
    """The default branch as far as the repository knows: that of origin, else what is checked out."""
    return _branch_of(git_dir, _REMOTE_HEAD, "refs/remotes/origin/") or find_head_branch(git_dir)


def find_head_branch(git_dir: str) -> str | None:
    """The branch that is checked out, or would be."""
    return _branch_of(git_dir, "HEAD")


def _find_checked_out(git_dir: str) -> str:
    try:
        answer = ask_git(git_dir, "rev-parse", "--verify", "--quiet", "--end-of-options", "HEAD^{commit}")
    except GitError as error:
        why = "it has no commit yet" if str(error).startswith("git ended with code 1") else str(error)
        raise GitError(why) from None
    name = answer.decode("ascii", "replace").strip()
    if not re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", name):
        raise GitError("git does not know what is checked out")
    return name


def _branch_of(git_dir: str, reference: str, prefix: str = _HEAD_PREFIX) -> str | None:
    try:
        answer = ask_git(git_dir, "symbolic-ref", "--quiet", reference).decode("utf-8", "surrogateescape")
    except GitError:
        return None
    name = answer.removesuffix("\n")
    return name.removeprefix(prefix) if name.startswith(prefix) else None
