"""Work on many files spread over the processor's cores, in processes forked from this one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

WORTH_FORKING = 16
"""Items. For fewer, processes cost more than the cores save."""

_CHUNK = 4
"""Items that a process takes at once: fewer cost more messages, more leave a core idle at the end."""


def spread(work: Callable[[Item], Result], items: Sequence[Item], cores: int) -> Iterator[Result]:
    """``work`` of each item, in order; results must be picklable, and ``work`` must change nothing.

    Where processes cannot be had, or one of them dies, the rest is done in this one. What ``work`` raises is raised
    where its result is waited for.
    """
    done = 0
    if cores > 1 and len(items) >= WORTH_FORKING:
        for result in _from_processes(work, items, cores):
            yield result
            done += 1
    yield from map(work, items[done:])


def count_cores() -> int:
    """Cores that this process may use; 1 where processes cannot be forked."""
    if not hasattr(os, "fork"):
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _from_processes(work: Callable[[Item], Result], items: Sequence[Item], cores: int) -> Iterator[Result]:
    """Results until the last, or until a process is gone."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    try:
        # forked, a process need not import and compile again what this one has; an interrupt ends it without a word
        # and what it inherits is not sent: items may share much of what they hold
        pool = ProcessPoolExecutor(cores, get_context("fork"), initializer=_begin, initargs=(work, items))
        results = pool.map(_do, range(len(items)), chunksize=_CHUNK)
    except OSError:
        return
    try:
        yield from results
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(cancel_futures=True)


_job: list[Callable[[int], Any]] = []
"""In a forked process: the work of an item, by its number."""


def _begin(work: Callable[[Any], Any], items: Sequence[Any]) -> None:
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _job.append(lambda number: work(items[number]))


def _do(number: int) -> Any:
    return _job[0](number)
