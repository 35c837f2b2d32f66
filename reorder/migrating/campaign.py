"""All repositories of a migration: what is to be done is handed out, what comes back is written down."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from typing import NamedTuple, Protocol

from reorder.migrating.fork_server import ResultTooLargeError
from reorder.migrating.keys import landing_key, work_key
from reorder.migrating.ledger import Ledger, Row
from reorder.migrating.model import Done, Orders, Repository
from reorder.migrating.outputs import OutputFolder, Told
from reorder.migrating.records import read_landing, unpack
from reorder.migrating.work import Answer, Known, answer_of, failure
from reorder.migrating.workers import WorkerEnded
from reorder.output.text import printable


class Progress(Protocol):
    """Who watches: each repository once, when it is done, or found to be done already."""

    def tell(self, repository: Repository, row: Row, *, is_new: bool) -> None:
        """A repository is done; ``row`` is what the ledger has of it now."""


_SECONDS_A_PAUSE = 0.1

Work = Callable[[Repository, Orders, "Known | None"], "Answer | None"]


class Plan(NamedTuple):
    """How it is done: ``work`` is `answer_for` or does the same; ``at_once``: repositories handed out, not yet back."""

    orders: Orders
    work: Work
    at_once: int
    retries_failed: bool = False


class Campaign:
    """A migration over ``repositories``, with its ledger and its output folder open."""

    def __init__(self, repositories: list[Repository], plan: Plan, ledger: Ledger, folder: OutputFolder) -> None:
        self._repositories, self._plan, self._ledger, self._folder = repositories, plan, ledger, folder
        self._landing = landing_key(plan.orders)
        self._written: set[str] = set()

    def run(self, executor: Executor, progress: Progress, pause: Callable[[], None] = lambda: None) -> None:
        """Do what is to be done. Raises `LedgerError` and OSError if nothing can be written, or no work be done.

        ``pause`` is called several times a second, and may raise.
        """
        waiting: dict[Future[Answer | None], Repository] = {}
        for repository in self._repositories:
            row = self._row(repository)
            if row is not None and row.status == "failed" and row.commit is None and not self._plan.retries_failed:
                progress.tell(repository, row, is_new=False)
                continue
            pause()
            if len(waiting) >= self._plan.at_once:
                self._take(waiting, progress, pause)
            future = executor.submit(self._plan.work, repository, self._plan.orders, self._known(row))
            waiting[future] = repository
        while waiting:
            self._take(waiting, progress, pause)

    def _row(self, repository: Repository) -> Row | None:
        """What is known of the repository, if it was looked at as it would be now."""
        row = self._ledger.get(repository.name)
        if row is None or row.location != _stored(repository) or row.orders != work_key(repository, self._plan.orders):
            return None
        return row

    def _known(self, row: Row | None) -> Known | None:
        if row is None or row.commit is None:
            return None
        has_failed = row.status == "failed" or (row.landing is not None and read_landing(row.landing)["error"])
        if has_failed and self._plan.retries_failed:
            return None
        if self._landing is None or row.landing_orders == self._landing:
            return Known(row.commit)
        return Known(row.commit, row.record)

    def _take(
        self, waiting: dict[Future[Answer | None], Repository], progress: Progress, pause: Callable[[], None]
    ) -> None:
        """Wait for at least one of them, and write down what came."""
        while not (done := wait(waiting, _SECONDS_A_PAUSE, FIRST_COMPLETED).done):
            pause()
        for future in done:
            pause()
            repository = waiting.pop(future)
            answer = _result(future, repository)
            row = self._ledger.get(repository.name) if answer is None else self._write(repository, answer)
            assert row is not None
            progress.tell(repository, row, is_new=answer is not None)

    def _write(self, repository: Repository, answer: Answer) -> Row:
        """The files first: what the ledger says is done is done."""
        landing = json.dumps(answer.landing._asdict()) if answer.landing else None
        row = Row(
            repository.name, _stored(repository), work_key(repository, self._plan.orders), answer.commit, answer.status,
            answer.trouble, answer.record, self._landing, landing,
        )  # fmt: skip
        self._folder.put_patch(repository.name, answer.patch, answer.body)
        self._ledger.put(row)
        self._written.add(row.name)
        return row

    def told(self) -> Iterator[Told]:
        """All outcomes, in the order of the sources, one at a time."""
        for row in self._rows():
            landing = row.landing if row.landing_orders == self._landing else None
            yield Told(unpack(row.record), landing, row.name in self._written)

    def totals(self) -> Counter[str]:
        """How many repositories there are of each status, and "landed" and "not landed"."""
        count: Counter[str] = Counter()
        for row in self._rows():
            count[row.status] += 1
            if row.landing is not None and row.landing_orders == self._landing:
                count["not landed" if read_landing(row.landing)["error"] else "landed"] += 1
        return count

    def _rows(self) -> Iterable[Row]:
        return filter(None, (self._ledger.get(repository.name) for repository in self._repositories))


def _stored(repository: Repository) -> str:
    """Of a URL what may be shown: no password is written down."""
    return printable(repository.source if repository.kind == "url" else repository.location)


def _result(future: Future[Answer | None], repository: Repository) -> Answer | None:
    try:
        return future.result()
    except WorkerEnded as error:
        outcome = failure(repository, error.trouble, error.reason)
    except ResultTooLargeError as error:
        outcome = failure(repository, "repository", str(error))
    except (CancelledError, OSError) as error:  # of who should do the work: the repository has no part in it
        raise OSError(f"no more work can be done: {str(error) or 'the connection was lost'}") from None
    except Exception as error:
        outcome = failure(repository, "crash", f"{type(error).__name__}: {error}"[:500])
    return answer_of(Done(outcome))
