"""Clones of repositories on servers, with as little in them as the analysis of one commit needs.

Of files only those are fetched that are read (where the server allows it), of the history only the last commits. There
is no work tree. A clone appears under its name when it is complete; the next run brings it up to date.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress

from reorder.world.git import GitError, git_environment
from reorder.world.git_run import ask_git, run_bounded
from reorder.world.remotes import Remote, find_remote_head, talk
from reorder.world.repositories import Head

DEPTH = 201
"""Commits, on each way back: one more than a plan is weighed with, since the first one's parent is needed. Of these,
fewer changed a build context that is but a folder of the repository; a checkout with its whole history tells more.
"""
_MOST_PACKS = 50
"""Each run may add two; then the clone is made anew, rather than packed again."""
_PARTIAL = "blob:none"


def fetch_repository(remote: Remote, folder: str, branch: str | None = None) -> Head:
    """Make the folder ``folder`` a bare clone of the tip of ``branch`` (None: the server's default branch).

    A clone that an earlier run left there is brought up to date, or made anew if it is broken; ``folder`` belongs to
    this function, and nothing outside of it is written but its twin ``folder.new``. Raises `GitError` and OSError.
    """
    head = find_remote_head(remote, branch)
    if os.path.isdir(folder) and not _is_worn(folder):
        with suppress(GitError):
            _clear_leftovers(folder)
            return _fetch(remote, folder, head)
    new = folder + ".new"
    _remove(new)
    _make(new, len(head.commit))
    found = _fetch(remote, new, head)
    _remove(folder)
    os.rename(new, folder)
    return found


def fetch_blobs(remote: Remote, folder: str, blobs: Iterable[str]) -> None:
    """Bring contents of files into the clone ``folder``, all at once. Raises `GitError`."""
    wanted = "".join(f"{blob}\n" for blob in sorted(blobs)).encode("ascii")
    if wanted:
        # what git itself does when an object is missing, but for one after the other
        talk(
            remote, folder, "-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--no-tags",
            "--no-write-fetch-head", f"--filter={_PARTIAL}", "--stdin", "origin", stdin=wanted,
        )  # fmt: skip


def _make(folder: str, length: int) -> None:
    kind = "sha256" if length == 64 else "sha1"
    os.makedirs(os.path.dirname(os.path.abspath(folder)), exist_ok=True)
    command = ("git", "init", "--quiet", "--bare", "--template=", f"--object-format={kind}", folder)
    run_bounded(command, git_environment(folder), stdin=b"", most=1 << 16, seconds=60.0)


def _fetch(remote: Remote, folder: str, head: Head) -> Head:
    """The branch and its history, without files; it may have moved on since the server was asked for it."""
    for key, value in (
        ("extensions.partialClone", "origin"), ("remote.origin.url", remote.shown), ("remote.origin.promisor", "true"),
        ("remote.origin.partialCloneFilter", _PARTIAL), ("core.repositoryFormatVersion", "1"),
    ):  # fmt: skip
        ask_git(folder, "config", "--local", key, value)
    reference = f"refs/heads/{head.branch}" if head.branch is not None else head.commit
    talk(
        remote, folder, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", f"--filter={_PARTIAL}",
        f"--depth={DEPTH}", "--update-shallow", "--force", "--end-of-options", "origin",
        f"{reference}:refs/fetched/head",
    )  # fmt: skip
    tip = ask_git(folder, "rev-parse", "--verify", "--quiet", "refs/fetched/head^{commit}").decode("ascii").strip()
    return Head(tip, head.branch)


def _is_worn(folder: str) -> bool:
    try:
        packs = [name for name in os.listdir(os.path.join(folder, "objects", "pack")) if name.endswith(".pack")]
    except OSError:
        return True
    return len(packs) > _MOST_PACKS


def _clear_leftovers(folder: str) -> None:
    """Locks and unfinished packs of a run that was killed; no other git works in here."""
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".lock") or name.startswith(("tmp_pack_", "tmp_idx_", "tmp_obj_", "tmp_rev_")):
                with suppress(OSError):
                    os.unlink(os.path.join(place, name))


def _remove(folder: str) -> None:
    if os.path.islink(folder) or os.path.isfile(folder):
        os.unlink(folder)
    elif os.path.isdir(folder):
        shutil.rmtree(folder)
