"""What a fix is worth, in four numbers made from a replay."""

from __future__ import annotations

from collections.abc import Sequence

from reorder.outcome import Gain
from reorder.replay.model import Replay, Row

_INSTALLS = frozenset(("install", "system-packages", "download"))
"""Kinds of steps (`reorder.weighing.costs.KINDS`) that are worth caching."""


def measure_gain(replay: Replay) -> Gain:
    """Runs and seconds of both versions; commits that are made up say so in ``source``."""
    commits = len(replay.commits)
    return Gain(
        source="priors" if replay.is_prior else "history", commits=commits,
        installs=sum(map(_is_install, replay.before)),
        runs_before=_count_runs(replay.before), runs_after=_count_runs(replay.after),
        seconds_before=_average(replay.before, commits), seconds_after=_average(replay.after, commits),
    )  # fmt: skip


def _is_install(row: Row) -> bool:
    return row.kind in _INSTALLS


def _count_runs(rows: Sequence[Row]) -> int:
    return sum(row.runs for row in rows if _is_install(row))


def _average(rows: Sequence[Row], commits: int) -> float:
    return sum(row.total for row in rows) / commits if commits else 0.0
