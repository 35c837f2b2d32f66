"""The work on one repository: a plain function, which any process on any machine can do."""

from __future__ import annotations

import os
import traceback
from typing import Literal, NamedTuple

from reorder.migrating.model import Done, Landing, Orders, Repository
from reorder.migrating.reading import Place, ReadingError, bring, find_base, find_place, land, look_at
from reorder.migrating.records import pack, unpack
from reorder.outcome import Changed, Failed, Outcome
from reorder.output.text import printable
from reorder.repository import RepositoryFix
from reorder.repository_outcome import RepositoryOutcome, Trouble
from reorder.source import encode


class Known(NamedTuple):
    """What the ledger knows: the commit that was looked at last, and, if its patch is to land yet, the outcome."""

    commit: str
    record: bytes | None = None


class Answer(NamedTuple):
    """What is done, small and ready to be written: see `reorder.migrating.records` for ``record``."""

    status: str
    trouble: Trouble | None
    commit: str | None
    record: bytes
    patch: bytes
    body: bytes
    landing: Landing | None


def answer_for(repository: Repository, orders: Orders, known: Known | None) -> Answer | None:
    """`migrate_repository`, as one process tells it to another."""
    done = migrate_repository(repository, orders, known)
    return None if done is None else answer_of(done)


def answer_of(done: Done) -> Answer:
    """What is to be written down of it."""
    from reorder.migrating.bodies import render_body

    outcome = done.outcome
    body = encode(render_body(outcome)) if outcome.patch else b""
    return Answer(
        outcome.status, outcome.trouble, outcome.commit, pack(outcome), encode(outcome.patch), body, done.landing
    )  # fmt: skip


def migrate_repository(repository: Repository, orders: Orders, known: Known | None = None) -> Done | None:
    """What the tool decides about one repository, and what becomes of the patch; None: ``known`` says it all.

    Never raises for what is wrong with the repository: that is an outcome. It may take all the time and memory that
    there is; to limit that is the caller's part.
    """
    try:
        with find_place(repository, orders) as place:
            is_same = known is not None and known.commit == place.head.commit
            if known is not None and is_same and known.record is None:
                return None
            place = bring(place, repository)
            if known is not None and known.record is not None and known.commit == place.head.commit:
                outcome = unpack(known.record)
            else:
                outcome = _outcome(repository, place, look_at(place, orders))
            return Done(outcome, land(place, repository, outcome, orders))
    except ReadingError as error:
        return Done(failure(repository, error.trouble, error.reason))
    except (RecursionError, ArithmeticError, LookupError, AttributeError, ValueError, TypeError, OSError) as error:
        return Done(failure(repository, "crash", _explain(error)))


def _outcome(repository: Repository, place: Place, fix: RepositoryFix) -> RepositoryOutcome:
    return RepositoryOutcome(
        repository.name, repository.source, _status(fix.outcomes), place.head.commit, repository.owner,
        repository.default_branch or find_base(place), fix.outcomes, fix.patch,
    )  # fmt: skip


def _status(outcomes: tuple[Outcome, ...]) -> Literal["changed", "unchanged", "no-dockerfile", "failed"]:
    if any(isinstance(outcome, Failed) for outcome in outcomes):
        return "failed"
    if any(isinstance(outcome, Changed) for outcome in outcomes):
        return "changed"
    return "unchanged" if outcomes else "no-dockerfile"


def failure(repository: Repository, trouble: Trouble, error: str) -> RepositoryOutcome:
    """The outcome of a repository that failed as a whole."""
    return RepositoryOutcome(
        repository.name, repository.source, "failed", None, repository.owner, repository.default_branch,
        trouble=trouble, error=printable(error),
    )  # fmt: skip


def _explain(error: Exception) -> str:
    """For a bug of ours: where it is; a disk that is full is none."""
    if isinstance(error, OSError) and error.strerror:
        return ": ".join(map(str, filter(None, (error.strerror, error.filename))))[:500]
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"internal error: {type(error).__name__}: {error} ({os.path.basename(last.filename)}:{last.lineno})"[:500]
