"""``dockerfile-fix migrate``: look at many repositories, and prepare reviewed changes."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from typing import NamedTuple

from reorder.commands.targets import UsageError
from reorder.migrating.campaign import Campaign, Plan, Work
from reorder.migrating.cluster import ClusterError, connect
from reorder.migrating.isolation import MODULES, answer_in_isolation
from reorder.migrating.ledger import Ledger, LedgerError
from reorder.migrating.lists import SourceError
from reorder.migrating.model import Limits, Orders, Signature
from reorder.migrating.outputs import OUTCOMES, OutputError, OutputFolder
from reorder.migrating.sources import find_repositories
from reorder.migrating.watching import make_watcher
from reorder.migrating.work import answer_for
from reorder.migrating.workers import IsolatedExecutor
from reorder.output.text import printable
from reorder.world.processes import count_cores
from reorder.world.scratch import Terminated, orderly_end, uninterrupted

_INTERRUPTED = 130


class MigrateOptions(NamedTuple):
    """The command line of ``migrate``; ``author``: ``NAME <ADDRESS>``; ``clones``: None: in the output folder.

    ``scheduler``: the address of a Dask cluster's that does the work; None: this machine does.
    """

    sources: tuple[str, ...]
    output: str
    unsafe_fixes: bool = False
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    jobs: int | None = None
    limits: Limits = Limits()
    clones: str | None = None
    scheduler: str | None = None
    retries_failed: bool = False
    signature: Signature | None = None
    pushes: bool = False
    is_quiet: bool = False


def run_migrate(options: MigrateOptions) -> int:
    """Do it; the exit code (0 all repositories were looked at, 2 one failed, or all did, 128+n a signal)."""
    try:
        with orderly_end():
            return _run(options)
    except (SourceError, OutputError, LedgerError, ClusterError) as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        return _stopped(_INTERRUPTED)
    except Terminated as signal:
        return _stopped(signal.code)
    except OSError as error:
        sys.stderr.write(f"error: {printable(str(error))}\n")
        return 2


def _run(options: MigrateOptions) -> int:
    repositories = find_repositories(options.sources)
    folder = OutputFolder(options.output)
    orders = Orders(
        clones=os.path.abspath(options.clones or os.path.join(options.output, "clones")),
        unsafe_fixes=options.unsafe_fixes, select=options.select, ignore=options.ignore, limits=options.limits,
        commit=options.signature, pushes=options.pushes,
    )  # fmt: skip
    with closing(Ledger(folder.ledger)) as ledger:
        with _hands(options) as hands:
            plan = Plan(orders, hands.work, hands.at_once, options.retries_failed)
            campaign = Campaign(repositories, plan, ledger, folder)
            with make_watcher(len(repositories), is_quiet=options.is_quiet) as watcher:
                campaign.run(hands.executor, watcher)
        return _finish(campaign, folder)


class _Hands(NamedTuple):
    """Who does the work."""

    executor: Executor
    work: Work
    at_once: int


@contextmanager
def _hands(options: MigrateOptions) -> Iterator[_Hands]:
    """A cluster, or processes here; these, and what they started, are ended whatever ends us."""
    if options.scheduler is not None:
        with connect(options.scheduler) as cluster:
            yield _Hands(cluster.executor, answer_in_isolation, cluster.at_once)
        return
    jobs = options.jobs or count_cores()
    executor = IsolatedExecutor(jobs, options.limits, MODULES)
    try:
        yield _Hands(executor, answer_for, 4 * jobs)
    finally:
        with uninterrupted():
            executor.shutdown(cancel_futures=True)


def _stopped(code: int) -> int:
    sys.stderr.write("\nstopped; the same command goes on where this one ended\n")
    return code


def _finish(campaign: Campaign, folder: OutputFolder) -> int:
    folder.put_all(campaign.told())
    totals = campaign.totals()
    sys.stderr.write(f"{_summary(totals)}; see {printable(os.path.join(folder.path, OUTCOMES))}\n")
    return 2 if totals["failed"] or totals["not landed"] else 0


def _summary(totals: Counter[str]) -> str:
    count = sum(totals[status] for status in ("changed", "unchanged", "no-dockerfile", "failed"))
    told = [
        f"{totals['changed']} to change", f"{totals['unchanged']} unchanged",
        f"{totals['no-dockerfile']} without a Dockerfile", f"{totals['failed']} failed",
    ]  # fmt: skip
    return f"{count} {'repository' if count == 1 else 'repositories'}: {', '.join(told)}"


def parse_author(text: str) -> tuple[str, str]:
    """``NAME <ADDRESS>`` as name and address; raises `UsageError`."""
    match = re.fullmatch(r"\s*([^<>\n]*[^<>\s])\s*<([^<>\s]+)>\s*", text)
    if match is None:
        raise UsageError(f"--author: {text} is not of the form NAME <ADDRESS>")
    return match[1], match[2]
