"""What a migration decided about one repository: the value that its ledger keeps and that every output is made from."""

from __future__ import annotations

from typing import Literal, NamedTuple

from reorder.outcome import Outcome

Trouble = Literal["source", "clone", "repository", "timeout", "memory", "crash"]
"""Why a repository failed as a whole: its line in a list of sources; the network or the server; what git finds in it;
the time limit; the memory limit; the end of the process that worked on it."""


class RepositoryOutcome(NamedTuple):
    """One repository, whole.

    ``name`` is unique in a migration and safe as a file name once its slashes are replaced; ``source`` is the path or
    the URL as it was given, without a password. ``commit``: the one that was read, 40 or 64 hex digits; None: it was
    not reached. ``outcomes``: one a Dockerfile, sorted by path; paths are relative to the repository's root. ``patch``:
    the unified diff of all of them, which `git apply` takes at the root; empty: nothing changes. A repository has
    "failed" if ``trouble`` says so, or if one of its Dockerfiles failed; the others count even so. There is no clock in
    here: the same commit gives the same value.
    """

    name: str
    source: str
    status: Literal["changed", "unchanged", "no-dockerfile", "failed"]
    commit: str | None = None
    owner: str | None = None
    default_branch: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    patch: str = ""
    trouble: Trouble | None = None
    error: str | None = None
