"""The same isolation for a process that is not ours, such as a worker of a cluster, whose threads call us."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from reorder.migrating.model import Limits, Orders, Repository
from reorder.migrating.work import Answer, Known, answer_for
from reorder.migrating.workers import ForkServer

MODULES = ("reorder.migrating.preloading",)
"""What the fork server imports, so that no worker need do it."""


def answer_in_isolation(repository: Repository, orders: Orders, known: Known | None) -> Answer | None:
    """As `answer_for`, in a process of its own; raises `WorkerEnded` as `IsolatedExecutor` does."""
    answer: Answer | None = call_in_isolation(answer_for, (repository, orders, known), orders.limits)
    return answer


def call_in_isolation(function: Callable[..., Any], arguments: tuple[Any, ...], limits: Limits) -> Any:
    """What the function returns or raises; raises `WorkerEnded` if it takes more than its limits, or dies."""
    worker = _server().fork()
    try:
        return worker.call(function, arguments, limits)
    finally:
        worker.end()


@cache
def _server() -> ForkServer:
    """One for all threads of this process; it ends with it."""
    return ForkServer(MODULES)
