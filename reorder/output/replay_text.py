"""A replay as a table for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from reorder.output.text import printable
from reorder.replay.model import Replay, Row
from reorder.replay.summary import Pair, headline, pairs, seconds_a_build

_WIDTH = 100
_TEXT_WIDTH = 50


class _Cells(NamedTuple):
    """A line of the table."""

    line: str
    step: str
    seconds: str
    before: str
    after: str
    saved: str


_HEAD = _Cells("line", "step", "seconds", "before", "after", "saved")
_PLAIN_HEAD = _Cells("line", "step", "seconds", "ran", "", "")


def render_replay_text(replay: Replay) -> Iterator[str]:
    """Lines without their ends: a sentence, a table of the steps with how often each ran again, totals, notes."""
    yield f"{printable(replay.path)}: {headline(replay)}"
    yield ""
    yield from _table(replay)
    yield ""
    yield from _totals(replay)
    for note in replay.notes:
        yield from textwrap.wrap(printable(note), _WIDTH - 2, initial_indent="- ", subsequent_indent="  ")


def _table(replay: Replay) -> Iterator[str]:
    has_stages = len({row.stage for row in (*replay.before, *replay.after)}) > 1
    rows = [_HEAD if replay.is_changed else _PLAIN_HEAD]
    for pair in pairs(replay):
        rows += _cells(pair, is_changed=replay.is_changed, has_stages=has_stages)
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for row in rows:
        cells = [row.line.rjust(widths[0]), row.step.ljust(widths[1])]
        cells += (text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True))
        yield ("  " + "  ".join(cells)).rstrip()


def _cells(pair: Pair, *, is_changed: bool, has_stages: bool) -> Iterator[_Cells]:
    before = pair.before
    if before is None:
        (row,) = pair.after
        yield _Cells("new", _text(row, has_stages), _seconds(row), "", str(row.runs), _saved(pair.saved))
        return
    line = str(before.line)
    if not is_changed:
        yield _Cells(line, _text(before, has_stages), _seconds(before), str(before.runs), "", "")
        return
    is_whole = len(pair.after) == 1 and pair.after[0].text == before.text
    after = str(pair.after[0].runs) if is_whole else ""
    saved = _saved(pair.saved)
    yield _Cells(line, _text(before, has_stages), _seconds(before), str(before.runs), after, saved)
    for part in () if is_whole else pair.after:
        yield _Cells("", "> " + _text(part, has_stages), _seconds(part), "", str(part.runs), "")


def _text(row: Row, has_stages: bool) -> str:
    text = printable(f"[{row.stage}] {row.text}" if has_stages else row.text)
    return text if len(text) <= _TEXT_WIDTH else text[: _TEXT_WIDTH - 3] + "..."


def _seconds(row: Row) -> str:
    return f"{row.seconds:.1f}"


def _saved(seconds: float) -> str:
    rounded = f"{seconds:.0f}"
    return f"{'0' if rounded == '-0' else rounded} s"


def _totals(replay: Replay) -> Iterator[str]:
    commits = len(replay.commits)
    before, after = (seconds_a_build(rows, commits) for rows in (replay.before, replay.after))
    if replay.is_changed:
        yield f"An average build: {before:.1f} s before, {after:.1f} s after; {_long((before - after) * commits)} in all."
    else:
        yield f"An average build: {before:.1f} s; {_long(before * commits)} in all."


def _long(seconds: float) -> str:
    minutes = round(abs(seconds) / 60)
    sign = "-" if seconds < -30 else ""
    if minutes == 0:
        return "less than a minute"
    return f"{sign}{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{sign}{minutes} min"


