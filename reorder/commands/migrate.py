"""``dockerfile-fix migrate``: look at many repositories, and prepare reviewed changes."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, closing, contextmanager
from typing import NamedTuple

from reorder.commands.targets import UsageError
from reorder.configuration.model import Given
from reorder.manager import all_managers
from reorder.migrating.campaign import Campaign, Plan, Work
from reorder.migrating.cluster import ClusterError, connect
from reorder.migrating.isolation import MODULES, answer_in_isolation
from reorder.migrating.ledger import ANOTHER_FOLDER, Ledger, LedgerError
from reorder.migrating.lists import SourceError
from reorder.migrating.messages import MESSAGE, PLACEHOLDERS, fill_message
from reorder.migrating.model import Limits, Orders, picklable
from reorder.migrating.outputs import REPORT, OutputError, OutputFolder
from reorder.migrating.records import RecordError
from reorder.migrating.sources import find_repositories
from reorder.migrating.watching import make_watcher
from reorder.migrating.work import answer_for
from reorder.migrating.workers import IsolatedExecutor
from reorder.output.text import printable
from reorder.repository_outcome import RepositoryOutcome
from reorder.world.commits import CommitWishes, Person, check_branch_name
from reorder.world.files import read_bytes
from reorder.world.git import GitError
from reorder.world.processes import count_cores
from reorder.world.scratch import Terminated, interrupted_at_pauses, orderly_end, uninterrupted

_INTERRUPTED = 130


class MigrateOptions(NamedTuple):
    """The command line of ``migrate``; ``clones``: None: in the output folder.

    ``scheduler``: the address of a Dask cluster's that does the work; None: this machine does.
    """

    sources: tuple[str, ...]
    output: str
    given: Given = Given()
    jobs: int | None = None
    limits: Limits = Limits()
    clones: str | None = None
    scheduler: str | None = None
    retries_failed: bool = False
    commit: CommitWishes | None = None
    pushes: bool = False
    remote: str = "origin"
    builds_a_month: int = 100
    is_quiet: bool = False


def run_migrate(options: MigrateOptions) -> int:
    """Do it; the exit code (0 all repositories were looked at, 2 one failed, or all did, 128+n a signal)."""
    if not hasattr(os, "fork"):
        raise UsageError("migrate needs a system whose processes can fork: Linux, macOS, or Linux within Windows")
    gc.set_threshold(100_000, 30, 30)  # as `fix` does
    try:
        with orderly_end():
            return _run(options)
    except (SourceError, OutputError, ClusterError, GitError) as error:
        raise UsageError(str(error)) from None
    except KeyboardInterrupt:
        return _stopped(_INTERRUPTED)
    except Terminated as signal:
        return _stopped(signal.code)
    except RecordError as error:
        sys.stderr.write(f"error: the ledger in {printable(options.output)} is damaged: {error}; {ANOTHER_FOLDER}\n")
        return 2
    except (LedgerError, OSError) as error:
        sys.stderr.write(f"error: {printable(str(error))}\n")
        return 2


def _run(options: MigrateOptions) -> int:
    if options.commit is not None:
        check_branch_name(options.commit.branch)
    clones = os.path.abspath(options.clones or os.path.join(options.output, "clones"))
    orders = Orders(
        clones=clones, given=picklable(options.given), limits=options.limits, commit=options.commit,
        pushes=options.pushes, remote=options.remote,
    )  # fmt: skip
    with ExitStack() as stack:
        with _hands(options) as hands:  # first: a process that imports much is on its way while we read the sources
            repositories = find_repositories(options.sources, (options.output, clones))
            folder = OutputFolder(options.output)
            ledger = stack.enter_context(closing(Ledger(folder.ledger)))
            folder.clear_unfinished()
            if any(repository.kind == "url" for repository in repositories):
                _make_clones(clones)
            all_managers()  # for the report
            plan = Plan(orders, hands.work, hands.at_once, options.retries_failed)
            campaign = Campaign(repositories, plan, ledger, folder)
            watching = make_watcher(len(repositories), is_quiet=options.is_quiet)
            with watching as watcher, interrupted_at_pauses() as pause:
                campaign.run(hands.executor, watcher, pause)
        return _finish(campaign, folder, options.builds_a_month)


def _make_clones(folder: str) -> None:
    """Now, lest each repository fail of it."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: no clone can be made there: {error.strerror or error}") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: no clone can be made there: it cannot be written to")


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
            if not cluster.has_workers:  # one that grows with its work gets them later
                sys.stderr.write("the cluster has no worker yet; nothing happens before one comes\n")
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


def _finish(campaign: Campaign, folder: OutputFolder, builds_a_month: int) -> int:
    folder.put_all(campaign.told(), builds_a_month)
    totals = campaign.totals()
    sys.stderr.write(f"{_summary(totals)}; see {printable(os.path.join(folder.path, REPORT))}\n")
    if not totals["failed"] and not totals["not landed"]:
        return 0
    sys.stderr.write("what failed is tried again with --retry-failed, or when its commit or the options change\n")
    return 2


def _summary(totals: Counter[str]) -> str:
    count = sum(totals[status] for status in ("changed", "unchanged", "no-dockerfile", "failed"))
    told = [
        f"{totals['changed']} to change", f"{totals['unchanged']} unchanged",
        f"{totals['no-dockerfile']} without a Dockerfile", f"{totals['failed']} failed",
    ]  # fmt: skip
    if totals["landed"] or totals["not landed"]:
        told.append(f"{totals['landed']} with a branch, {totals['not landed']} refused one")
    return f"{count} {'repository' if count == 1 else 'repositories'}: {', '.join(told)}"


def read_wishes(
    branch: str, author: str | None, message: str | None, message_file: str | None, *, sign_off: bool
) -> CommitWishes:
    """What the options of a commit say; raises `UsageError`."""
    if message is not None and message_file is not None:
        raise UsageError("--message and --message-file cannot be given together")
    if message_file is not None:
        try:
            message = read_bytes(message_file).decode("utf-8")
        except OSError as error:
            raise UsageError(f"--message-file: {message_file} cannot be read: {error.strerror or error}") from None
        except UnicodeDecodeError:
            raise UsageError(f"--message-file: {message_file} is not UTF-8") from None
    message = MESSAGE if message is None else message
    try:
        filled = fill_message(message, RepositoryOutcome("a", "a", "changed"))
    except (KeyError, ValueError) as error:
        raise UsageError(f"--message: no such placeholder: {error} (there are {', '.join(PLACEHOLDERS)})") from None
    if not filled.strip():
        raise UsageError("--message: a commit needs one")
    return CommitWishes(branch, message, None if author is None else parse_author(author), sign_off)


def parse_author(text: str) -> Person:
    """``NAME <ADDRESS>`` as a person; raises `UsageError`."""
    match = re.fullmatch(r"\s*([^<>\n]*[^<>\s])\s*<([^<>\s]+)>\s*", text)
    if match is None:
        raise UsageError(f"--author: {text} is not of the form NAME <ADDRESS>")
    return Person(match[1], match[2])
