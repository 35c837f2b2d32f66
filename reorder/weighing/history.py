"""The commits of a repository as changes of one build context."""

from __future__ import annotations

from typing import NamedTuple


class Commit(NamedTuple):
    """One commit against its first parent.

    ``when`` is the committer's time in seconds since the epoch. ``paths`` are the context paths (as in
    `reorder.context.model.Tree`) that were added, edited, deleted or renamed from or to; ``modes`` those of which only
    the permission bits changed. ``is_cut``: it changed more paths than are kept, so that it counts as a change of all.
    """

    id: str
    when: int
    subject: str
    paths: frozenset[str]
    modes: frozenset[str] = frozenset()
    is_cut: bool = False


class History(NamedTuple):
    """Commits, oldest first. ``notes`` say in plain words what limits it (a shallow clone, no git, ...)."""

    commits: tuple[Commit, ...] = ()
    notes: tuple[str, ...] = ()
