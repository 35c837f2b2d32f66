"""What git tells of a repository and its commits when it is asked with the checkout at hand."""

from __future__ import annotations

import posixpath
from functools import cache

from reorder.world.commit_tree import CommitTree, open_commit
from reorder.world.git import git_command, git_environment
from reorder.world.git_run import run_bounded
from reorder.world.repositories import find_git_dir

MODULE = "160000"
"""Git's mode of a submodule."""
_MOST = 1 << 24
_SECONDS = 60.0


@cache
def read_past(root: str, commit: str) -> CommitTree:
    """The files of a commit of the repository at ``root``, which never change; raises `GitError`.

    Whoever reads contents closes the tree, which may be asked again.
    """
    with open_commit(find_git_dir(root), commit) as tree:
        return tree


def module_above(past: CommitTree, path: str) -> str | None:
    """The submodule that ``path`` was, or lay in."""
    while path:
        if (mode := past.mode(path)) is not None:
            return path if mode == MODULE else None
        path = posixpath.dirname(path)
    return None


def ask_checkout(root: str, *command: str, stdin: bytes = b"") -> bytes:
    """The answer of a git command in the repository at ``root``; raises `GitError`."""
    return run_bounded(git_command(root, *command), git_environment(root), stdin=stdin, most=_MOST, seconds=_SECONDS)


def find_commit(root: str, revision: str) -> str | None:
    """The full name of a commit; None: there is none. Raises `GitError`: git does not trust the folder, say."""
    if "\n" in revision:
        return None
    asked = f"{revision}^{{commit}}\n".encode("utf-8", "surrogateescape")
    name, *more = ask_checkout(root, "cat-file", "--batch-check=%(objectname)", stdin=asked).split() or [b""]
    return None if more or not name.isalnum() else name.decode("ascii")
