"""Work on many files spread over the processor's cores, in processes forked from this one."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, NamedTuple, NoReturn, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_FORKING = 16
"""Items. For fewer, processes cost more than the cores save."""


class _Worker(NamedTuple):
    process: int
    results: IO[bytes]


def spread(work: Callable[[Item], Result], items: Sequence[Item], cores: int) -> Iterator[Result]:
    """``work`` of each item, in order; the results must be picklable, and ``work`` must change nothing.

    What a process does not deliver, be it that it could not start or that the work raised, is done in this one.
    """
    workers = _start(work, items, cores) if cores > 1 and len(items) >= WORTH_FORKING else [None]
    try:
        for number, item in enumerate(items):
            delivered = _receive(workers[number % len(workers)])
            yield delivered[0] if delivered else work(item)
    finally:
        _end([worker for worker in workers if worker is not None])


def count_cores() -> int:
    """Cores that this process may use; 1 where processes cannot be forked."""
    if not hasattr(os, "fork"):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _start(work: Callable[[Item], Result], items: Sequence[Item], count: int) -> list[_Worker | None]:
    """A process for each ``count``-th item; None where the system gives no more of them."""
    workers: list[_Worker | None] = []
    for number in range(count):
        try:
            ours, theirs = os.pipe()
        except OSError:
            workers.append(None)
            continue
        try:
            process = os.fork()
        except OSError:
            os.close(ours)
            workers.append(None)
        else:
            if process == 0:
                # a writer learns that nobody reads any more only if nobody else could
                for descriptor in (ours, *(worker.results.fileno() for worker in workers if worker is not None)):
                    os.close(descriptor)
                _serve(work, items[number::count], theirs)
            workers.append(_Worker(process, os.fdopen(ours, "rb")))
        os.close(theirs)
    return workers


def _serve(work: Callable[[Item], Result], items: Sequence[Item], pipe: int) -> NoReturn:
    """A process's whole life. It complains of nothing: what is missing is done, and raised, where it is waited for."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        with os.fdopen(pipe, "wb") as results:
            for item in items:
                pickle.dump(work(item), results)
                results.flush()
    finally:
        os._exit(0)  # and not what the other process has planned for its own end


def _receive(worker: _Worker | None) -> tuple[Any, ...]:
    """The next result; nothing if the process has ended, or never was."""
    if worker is None:
        return ()
    try:
        return (pickle.load(worker.results),)
    except (EOFError, pickle.UnpicklingError, OSError):
        return ()


def _end(workers: Sequence[_Worker]) -> None:
    """One that is still at work ends when it finds that nobody reads its next result."""
    for worker in workers:
        worker.results.close()
    for worker in workers:
        with suppress(OSError):
            os.waitpid(worker.process, 0)
