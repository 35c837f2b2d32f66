"""A replay as a sentence and a table for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reorder.output.replay_pairs import Pair, find_best, find_pairs
from reorder.output.replay_words import duration, shorten, total
from reorder.output.text import printable
from reorder.replay.model import Replay, Row

_WIDTH = 100
_TEXT_WIDTH = 50
_NOUNS = {
    "install": "the install", "system-packages": "the installation of system packages", "build": "the build step",
    "download": "the download",
}  # fmt: skip
_LONG = 1.0
"""Seconds; a step that takes less makes no sentence."""


class _Cells(NamedTuple):
    """A line of the table."""

    line: str
    step: str
    seconds: str
    before: str
    after: str = ""
    saved: str = ""


def render_replay_text(replay: Replay) -> Iterator[str]:
    """Lines without their ends: a sentence, a table of the steps with how often each ran again, totals, notes."""
    yield f"{printable(replay.path)}: {sentence(replay)}"
    yield ""
    yield from _table(replay)
    yield ""
    yield _average(replay)
    for note in replay.notes:
        yield from textwrap.wrap(printable(note), _WIDTH, initial_indent="- ", subsequent_indent="  ")


def sentence(replay: Replay) -> str:
    """What the step that gains most, else the one that costs most, did in these commits; without the file's name."""
    best = find_best(replay)
    if best is not None and best[0].seconds >= _LONG:
        before, after = best
        would = f"it would have run {_times(after.runs)}" if after.runs else "it would not have run at all"
        return f"{_ran(replay, before)}; {would}"
    dearest = max(replay.before, key=lambda row: row.total, default=None)
    if dearest is None or dearest.total < _LONG:
        return f"{_commits(replay)} nothing ran again that takes long"
    remark = "what would change saves nothing of that" if replay.is_changed else "nothing is to be changed"
    return f"{_ran(replay, dearest)}; {remark}"


def seconds_a_build(rows: Sequence[Row], replay: Replay) -> float:
    """On average; 0 without commits."""
    return total(tuple(rows)) / max(1, len(replay.commits))


def _ran(replay: Replay, row: Row) -> str:
    return f"{_commits(replay)} {_NOUNS.get(row.kind, 'the step')} in line {row.line} ran {_times(row.runs)}"


def _commits(replay: Replay) -> str:
    count = len(replay.commits)
    if replay.is_prior:
        return f"in {count} typical commits"
    return f"in the last {count} commits" if count != 1 else "in the last commit"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _table(replay: Replay) -> Iterator[str]:
    has_stages = len({row.stage for row in (*replay.before, *replay.after)}) > 1
    rows = [_Cells("line", "step", "seconds", "before" if replay.is_changed else "ran")]
    if replay.is_changed:
        rows[0] = rows[0]._replace(after="after", saved="saved")
    for pair in sorted(find_pairs(replay), key=_order):
        rows += _cells(pair, is_changed=replay.is_changed, has_stages=has_stages)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [row.line.rjust(widths[0]), row.step.ljust(widths[1])]
        cells += (text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True))
        yield ("  " + "  ".join(cells)).rstrip()


def _order(pair: Pair) -> tuple[bool, int]:
    """As in the file as it is, and then what is new as in the fixed one."""
    return (pair.before is None, (pair.before or pair.after[0]).line)


def _cells(pair: Pair, *, is_changed: bool, has_stages: bool) -> Iterator[_Cells]:
    """One line; for a RUN that was divided, or that gives way to other steps, one more for each part."""
    before = pair.before
    if before is None:
        (row,) = pair.after
        yield _Cells("new", _text(row, has_stages), _seconds(row), "", str(row.runs), duration(pair.saved))
        return
    line, text, seconds = str(before.line), _text(before, has_stages), _seconds(before)
    if not is_changed:
        yield _Cells(line, text, seconds, str(before.runs))
        return
    is_whole = len(pair.after) == 1 and pair.after[0].text == before.text
    after = str(pair.after[0].runs) if is_whole else ""
    yield _Cells(line, text, seconds, str(before.runs), after, duration(pair.saved))
    for part in () if is_whole else pair.after:
        yield _Cells("", "> " + _text(part, has_stages), _seconds(part), "", str(part.runs))


def _text(row: Row, has_stages: bool) -> str:
    return shorten(f"[{row.stage}] {row.text}" if has_stages else row.text, _TEXT_WIDTH)


def _seconds(row: Row) -> str:
    return f"{row.seconds:.1f}"


def _average(replay: Replay) -> str:
    before, after = (duration(seconds_a_build(rows, replay)) for rows in (replay.before, replay.after))
    if not replay.is_changed:
        return f"An average build: {before}."
    saved = duration(total(replay.before) - total(replay.after))
    return f"An average build: {before} before, {after} after. Saved in all: {saved}."
