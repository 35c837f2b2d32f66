"""Branches sent to a server, never over somebody else's work.

Git runs in a new, empty repository that borrows the objects of the one with the commit: so nothing that the latter's
configuration says (addresses, helpers, hooks, ssh commands) has any effect.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from reorder.world.commits import Person, is_own_commit
from reorder.world.git import GitError, git_environment
from reorder.world.git_run import ask_git, run_bounded
from reorder.world.remotes import Remote, list_remote, talk
from reorder.world.scratch import temporary_folder


class Pushed(NamedTuple):
    """What the server has at the branch now. "present": it had it already. ``replaced``: an older commit of ours."""

    status: Literal["pushed", "present"]
    branch: str
    commit: str
    replaced: str | None = None


def push_branch(
    git_dir: str, remote: Remote, branch: str, commit: str, author: Person, default_branch: str | None = None
) -> Pushed:  # fmt: skip
    """Make ``branch`` on the server the commit, which one of ``author`` made by `commit_patch`.

    Raises `GitError`, and leaves the server as it is, if the branch is the default one (``default_branch``, or what the
    server says), if it holds anything but an older commit of ours, or if it would publish more than our commit.
    """
    reference = f"refs/heads/{branch}"
    there = list_remote(remote, "HEAD", "refs/heads/*")
    if branch in (default_branch, there.default_branch):
        raise GitError(f"{branch} is the default branch, which is never pushed to")
    tip = there.commits.get(reference)
    if tip == commit:
        return Pushed("present", branch, commit)
    _check_published(git_dir, commit, set(there.commits.values()))
    with _borrower(git_dir) as folder:
        if tip is not None and not _is_own(folder, remote, tip, author):
            raise GitError(f"the branch {branch} on the server holds commits that are not ours: {tip[:12]}")
        talk(
            remote, folder, "push", "--quiet", "--no-verify", "--no-signed", "--recurse-submodules=no", "--no-thin",
            f"--force-with-lease={reference}:{tip or ''}", "--end-of-options", remote.shown, f"{commit}:{reference}",
        )  # fmt: skip
    return Pushed("pushed", branch, commit, tip)


def find_push_url(git_dir: str, name: str = "origin") -> str:
    """The address to which the repository pushes, as its own configuration has it: to be checked before it is used.

    Raises `GitError`.
    """
    for key in ("pushurl", "url"):
        words = ("config", "--local", "--no-includes", "--default", "", "--get", f"remote.{name}.{key}")
        if url := ask_git(git_dir, *words).decode("utf-8", "surrogateescape").removesuffix("\n"):
            return url
    raise GitError(f"it has no remote {name}")


def _check_published(git_dir: str, commit: str, tips: set[str]) -> None:
    """That the commit below ours is on the server, or was when somebody fetched: people have commits of their own."""
    parent = ask_git(git_dir, "rev-parse", "--verify", "--end-of-options", f"{commit}^").decode("ascii").strip()
    if parent in tips:
        return
    if ask_git(git_dir, "for-each-ref", "--count=1", f"--contains={parent}", "refs/remotes", "refs/fetched"):
        return
    given = "".join(f"{line}\n" for line in (parent, *(f"^{tip}" for tip in sorted(tips)))).encode("ascii")
    if ask_git(git_dir, "rev-list", "--max-count=1", "--ignore-missing", "--stdin", stdin=given):
        raise GitError(f"the commit below ours is not on the server, and not ours to publish: {parent[:12]}")


def _is_own(folder: str, remote: Remote, tip: str, author: Person) -> bool:
    """The commit and its parent are fetched, without files, to be looked at."""
    talk(
        remote, folder, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=tree:0", "--depth=2",
        "--end-of-options", remote.shown, tip,
    )  # fmt: skip
    return is_own_commit(folder, tip, author)


@contextmanager
def _borrower(git_dir: str) -> Iterator[str]:
    """A repository of ours with the objects of ``git_dir``, gone at the end."""
    words = ("rev-parse", "--path-format=absolute", "--show-object-format", "--git-common-dir")
    kind, _, common = ask_git(git_dir, *words).decode("utf-8", "surrogateescape").removesuffix("\n").partition("\n")
    if "\n" in common:
        raise GitError("git cannot borrow from a folder with a line break in its name")
    with temporary_folder() as top:
        folder = os.path.join(top, "repository")
        command = ("git", "init", "--quiet", "--bare", "--template=", f"--object-format={kind}", folder)
        run_bounded(command, git_environment(folder), stdin=b"", most=1 << 16, seconds=60.0)
        alternates = os.path.join(folder, "objects", "info", "alternates")
        os.makedirs(os.path.dirname(alternates), exist_ok=True)
        with open(alternates, "wb") as file:
            file.write(os.fsencode(os.path.join(common, "objects")) + b"\n")
        if os.path.isfile(shallow := os.path.join(common, "shallow")) and not os.path.islink(shallow):
            shutil.copyfile(shallow, os.path.join(folder, "shallow"))
        for key, value in (
            ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "none"),
            ("remote.none.promisor", "true"),
        ):  # fmt: skip
            ask_git(folder, "config", "--local", key, value)
        yield folder
