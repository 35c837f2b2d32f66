"""What a replay comes to: each step before and after, seconds a build, and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reorder.replay.model import Replay, Row
from reorder.weighing.costs import KINDS

_NOUNS = {
    "install": "the install", "system-packages": "the installation of system packages", "build": "the build step",
    "download": "the download", "local": "the step", "copy": "the copy", "folder": "the step", "metadata": "the step",
}  # fmt: skip
_WORTH_TELLING = 1.0
"""Seconds: a step below that makes no headline."""


class Pair(NamedTuple):
    """A step before (None: it is new) and what it is after: one step, or the parts of a RUN that was divided."""

    before: Row | None
    after: tuple[Row, ...]

    @property
    def saved(self) -> float:
        """Seconds in all commits together; below 0 where it costs more."""
        return (self.before.total if self.before else 0.0) - sum(row.total for row in self.after)

    @property
    def main_after(self) -> Row | None:
        """Of several parts the one that does the costly work."""
        kind = self.before.kind if self.before else None
        return next((row for row in self.after if row.kind == kind), next(iter(self.after), None))


def pairs(replay: Replay) -> tuple[Pair, ...]:
    """In the order of the file as it is, then what is new."""
    known = tuple(
        Pair(row, tuple(part for part in replay.after if part.partner == index))
        for index, row in enumerate(replay.before)
    )
    return (*known, *(Pair(None, (row,)) for row in replay.after if row.partner is None))


def seconds_a_build(rows: Sequence[Row], commits: int) -> float:
    """On average."""
    return sum(row.total for row in rows) / commits if commits else 0.0


def count_runs(rows: Sequence[Row], kind: str) -> int:
    """How often steps of that kind ran, all together."""
    return sum(row.runs for row in rows if row.kind == kind)


def headline(replay: Replay) -> str:
    """One sentence without the file's name."""
    commits = f"in {_count(len(replay.commits), 'typical commit' if replay.is_prior else 'commit', replay)}"
    found = [pair for pair in pairs(replay) if pair.before and pair.before.seconds >= _WORTH_TELLING]
    if not found:
        return f"{commits} no step ran again that takes long"
    pair = max(found, key=lambda pair: (pair.saved, pair.before.total if pair.before else 0.0))
    row, after = pair.before, pair.main_after
    assert row is not None
    did = f"{commits} {_NOUNS.get(row.kind, 'the step')} in line {row.line} ran {_times(row.runs)}"
    if not replay.is_changed:
        return f"{did}; there is nothing to fix"
    return f"{did}; it would have run {_times(after.runs if after else 0)}"


def _count(commits: int, noun: str, replay: Replay) -> str:
    if replay.is_prior:
        return f"{commits} {noun}s"
    return f"the last {commits} {noun}s" if commits != 1 else f"the last {noun}"


def _times(count: int) -> str:
    return {0: "not once", 1: "once", 2: "twice"}.get(count, f"{count} times")


assert _NOUNS.keys() == KINDS.keys()
