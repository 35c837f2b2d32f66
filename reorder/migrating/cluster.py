"""A Dask cluster that does the work: its client is an executor like the one of this machine.

Tasks go again to another worker if theirs dies (the scheduler does that); one that a worker died of more often than the
scheduler allows (``distributed.scheduler.allowed-failures``) is given up.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import partial
from threading import Thread
from typing import Any, NamedTuple

from reorder.migrating.keys import version

_ADDRESS = re.compile(r"(?:(?:tcp|tls|ucx|wss?)://)?[^/\s]+:\d+/?")
_SECONDS = 10.0
_LEAST = 64


class ClusterError(Exception):
    """No cluster to work with; the message says why."""


class Cluster(NamedTuple):
    """Its executor, how many tasks keep its workers busy, and whether there is any worker now."""

    executor: Executor
    at_once: int
    has_workers: bool


@contextmanager
def connect(address: str) -> Iterator[Cluster]:
    """The cluster whose scheduler is at ``address`` (``tcp://host:8786``). Raises `ClusterError`."""
    if not _ADDRESS.fullmatch(address):  # distributed takes a minute to say so
        raise ClusterError(f"--dask: {address} is no address of a scheduler, as tcp://host:8786 is")
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError("--dask needs the package distributed: pip install 'dockerfile-fix[dask]'") from None
    logging.disable(logging.CRITICAL)  # distributed logs tracebacks; what goes wrong, we say
    try:
        client = _in_time(partial(Client, address, timeout=_SECONDS, set_as_default=False))
    except TimeoutError:
        raise ClusterError(f"--dask: what answers at {address} is no scheduler, or too busy") from None
    except (OSError, ValueError) as error:
        raise ClusterError(f"--dask: no scheduler answers at {address}: {error}") from None
    try:
        _check_versions(client)
        threads = sum(client.nthreads().values())
        # pure: it would take the same repository's answer of an earlier run
        executor = client.get_executor(pure=False)
        try:
            yield Cluster(executor, max(4 * threads, _LEAST), threads > 0)
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()


def _in_time(start: Callable[[], Any]) -> Any:
    """What it returns; raises TimeoutError. Its own limit does not hold where something else answers."""
    found: Future[Any] = Future()

    def run() -> None:
        try:
            found.set_result(start())
        except BaseException as error:
            found.set_exception(error)

    Thread(target=run, daemon=True).start()
    return found.result(2 * _SECONDS)


def _check_versions(client: Any) -> None:
    """Each worker must decide as we do, or the ledger would mix two versions' outcomes."""
    try:
        found = client.run(version)
    except ModuleNotFoundError:
        raise ClusterError("--dask: the workers have no dockerfile-fix; install the same version there") from None
    for address, theirs in sorted(found.items()):
        if theirs != version():
            raise ClusterError(f"--dask: the worker at {address} has version {theirs}, and this is {version()}")
