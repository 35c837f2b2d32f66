"""The same isolation for a process that is not ours, such as a worker of a cluster, whose threads call us."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import Any

from reorder.migrating.model import Limits, Orders, Repository
from reorder.migrating.work import Answer, Known, answer_for
from reorder.migrating.workers import ForkServer

MODULES = ("reorder.migrating.preloading",)
"""What the fork server imports, so that no worker need do it."""

_LOCK = Lock()


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


def _server() -> ForkServer:
    """One for all threads of this process; it ends with it."""
    with _LOCK:  # `cache` alone would let several threads make one each
        return _make_server()


@cache
def _make_server() -> ForkServer:
    server = ForkServer(MODULES)
    atexit.register(server.close)
    return server
