"""How a migration shows where it is: a bar on a terminal, a line a repository elsewhere."""

from __future__ import annotations

import sys
from collections import Counter
from types import TracebackType
from typing import TextIO

from tqdm import tqdm

from reorder.migrating.ledger import Row
from reorder.migrating.model import Repository
from reorder.migrating.records import read_landing, unpack
from reorder.outcome import Failed
from reorder.output.text import place, printable

_MOST = 200
"""Characters of an error."""
_COUNTED = ("changed", "unchanged", "no-dockerfile", "failed")


class Watcher:
    """Says nothing; a context manager, as the others are."""

    def tell(self, repository: Repository, row: Row, *, is_new: bool) -> None:
        """See `reorder.migrating.campaign.Progress`."""

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing more comes."""


class LineWatcher(Watcher):
    """A line for each repository that was looked at, for logs of CI."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._total, self._done, self._stream = total, 0, stream or sys.stderr

    def tell(self, repository: Repository, row: Row, *, is_new: bool) -> None:
        """Those done in an earlier run are counted only."""
        self._done += 1
        if is_new:
            self._stream.write(f"[{self._done}/{self._total}] {describe(row)}\n")
            self._stream.flush()


class BarWatcher(Watcher):
    """A bar with rate, time left and counts; failures are told above it."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._counts: Counter[str] = Counter()
        self._bar = tqdm(total=total, unit="repo", file=self._stream, dynamic_ncols=True, smoothing=0.1)

    def tell(self, repository: Repository, row: Row, *, is_new: bool) -> None:
        """Move on by one."""
        self._counts[row.status] += 1
        if is_new and row.status == "failed":
            self._bar.write(describe(row), file=self._stream)
        counts = ", ".join(f"{self._counts[status]} {status}" for status in _COUNTED if self._counts[status])
        self._bar.set_postfix_str(counts, refresh=False)
        self._bar.update()

    def close(self) -> None:
        """The bar stays, as it was last."""
        self._bar.close()


def make_watcher(total: int, *, is_quiet: bool) -> Watcher:
    """A bar if standard error is a terminal, lines if it is none."""
    if is_quiet:
        return Watcher()
    return BarWatcher(total) if sys.stderr.isatty() else LineWatcher(total)


def describe(row: Row) -> str:
    """A repository's outcome in one line; of several failures the first one."""
    outcome = unpack(row.record)
    name = printable(outcome.name)
    if outcome.trouble is not None:
        return f"{name}: failed: {printable(outcome.error or outcome.trouble)}"
    count = Counter(each.status for each in outcome.outcomes)
    if not count:
        return f"{name}: no Dockerfile"
    told = ", ".join(f"{count[status]} {status}" for status in ("changed", "unchanged", "failed") if count[status])
    parts = [f"{name}: {count.total()} {'Dockerfile' if count.total() == 1 else 'Dockerfiles'}: {told}"]
    failed = next((each for each in outcome.outcomes if isinstance(each, Failed)), None)
    if failed is not None:
        parts.append(f"{place(failed.path, failed.line)}: {printable(failed.error)[:_MOST]}")
    if row.landing is not None:
        landing = read_landing(row.landing)
        parts.append(f"{landing['status']}: {printable(landing['error'] or landing['branch'])}")
    return "; ".join(parts)
