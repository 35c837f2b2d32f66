"""One repository's commit: found, brought here if it is on a server, looked at, and its patch made a commit again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from reorder.migrating.messages import fill_message
from reorder.migrating.model import Landing, Orders, Repository
from reorder.migrating.names import file_name_of
from reorder.outcome import Changed, FileChange, Outcome
from reorder.repository import RepositoryFix, fix_commit
from reorder.repository_outcome import RepositoryOutcome, Trouble
from reorder.world.commits import commit_patch, find_author
from reorder.world.fetching import fetch_blobs, fetch_repository
from reorder.world.git import GitError
from reorder.world.pushing import find_push_url, push_branch
from reorder.world.remotes import Remote, find_remote_head
from reorder.world.repositories import Head, find_default_branch, find_git_dir, find_head


class ReadingError(Exception):
    """A repository that cannot be read, and in which of the ways."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(trouble, reason)
        self.trouble, self.reason = trouble, reason


class Place(NamedTuple):
    """Where the repository is; ``git_dir`` of one on a server is our clone, which need not be there yet."""

    git_dir: str
    head: Head
    remote: Remote | None


@contextmanager
def find_place(repository: Repository, orders: Orders) -> Iterator[Place]:
    """The repository with its commit; a clone belongs to one process as long as this lasts. Raises `ReadingError`."""
    branch = repository.default_branch
    if repository.kind == "path":
        if not os.path.isdir(repository.location):
            raise ReadingError("source", "there is no such folder")
        with _trouble("repository"):
            git_dir = find_git_dir(repository.location)
            head = find_head(git_dir, branch)
        yield Place(git_dir, head, None)
        return
    is_file = repository.location.lower().startswith("file:")
    remote = Remote(repository.location, allows_files=is_file, seconds=orders.limits.seconds)
    folder = os.path.join(orders.clones, file_name_of(repository.name) + ".git")
    with _trouble("clone"):
        head = find_remote_head(remote, branch)
    os.makedirs(orders.clones, exist_ok=True)
    with _alone(folder + ".lock"):
        yield Place(folder, head, remote)


def bring(place: Place, repository: Repository) -> Place:
    """Fetch it, if it is on a server: the place with the commit that is here then. Raises `ReadingError`."""
    if place.remote is None:
        return place
    with _trouble("clone"):
        return place._replace(head=fetch_repository(place.remote, place.git_dir, repository.default_branch))


def find_base(place: Place) -> str | None:
    """The default branch: as the server says, or as far as the repository knows."""
    return place.head.branch if place.remote is not None else find_default_branch(place.git_dir)


def look_at(place: Place, orders: Orders) -> RepositoryFix:
    """What becomes of all Dockerfiles of the commit. Raises `ReadingError`."""
    fetch: Callable[[frozenset[str]], None] | None = None
    if place.remote is not None:
        fetch = partial(fetch_blobs, place.remote, place.git_dir)
    with _trouble("repository"):
        return fix_commit(place.git_dir, place.head.commit, orders.given, fetch)


def land(place: Place, repository: Repository, outcome: RepositoryOutcome, orders: Orders) -> Landing | None:
    """Commit the patch, and push it, as the orders say; None: there is no patch, or nobody wants that."""
    wishes = orders.commit
    if wishes is None or not outcome.patch:
        return None
    wishes = wishes._replace(message=fill_message(wishes.message, outcome))
    try:
        if wishes.branch in (repository.default_branch, find_base(place)):
            raise GitError(f"{wishes.branch} is the default branch, which nothing is committed to")
        made = commit_patch(place.git_dir, place.head.commit, files_of(outcome.outcomes), wishes)
        if not orders.pushes:
            return Landing("committed", made.branch, made.commit)
        remote = place.remote or Remote(find_push_url(place.git_dir, orders.remote), seconds=orders.limits.seconds)
        author = wishes.author or find_author(place.git_dir)
        push_branch(place.git_dir, remote, made.branch, made.commit, author, repository.default_branch)
        return Landing("pushed", made.branch, made.commit)
    except GitError as error:
        return Landing("failed", wishes.branch, None, str(error))


def files_of(outcomes: tuple[Outcome, ...]) -> list[FileChange]:
    """What all patches together make of each file, sorted by path; a later one goes on from what an earlier one did."""
    files: dict[str, FileChange] = {}
    for outcome in outcomes:
        for file in outcome.files if isinstance(outcome, Changed) else ():
            before = files.get(file.path)
            files[file.path] = file if before is None else file._replace(old=before.old)
    return [files[path] for path in sorted(files)]


@contextmanager
def _trouble(kind: Trouble) -> Iterator[None]:
    try:
        yield
    except GitError as error:
        raise ReadingError(kind, str(error)) from None


@contextmanager
def _alone(path: str) -> Iterator[None]:
    """Wait until no other process has the file locked; the kernel unlocks it however we end."""
    import fcntl

    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
