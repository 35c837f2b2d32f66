"""Words and numbers that the pictures of a replay share: durations, dates, the short form of an instruction."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import UTC, datetime

from reorder.output.replay_pairs import find_best
from reorder.output.text import printable
from reorder.replay.model import Replay, Row

CHEAP = 1.0
"""Seconds; a step that takes less is drawn small, since nobody waits for it."""
LONGEST = 2_000
"""Characters of one instruction or subject that a picture holds at most; a heredoc may have many more."""
_HEADLINE = 68
"""Characters of a headline: what a picture of 960 pixels has room for in bold type of 20."""
_RUN_HEAD = re.compile(r"RUN\s+(?:--[a-z-]+(?:=\S*)?\s+)*(?:\w+=[^\s\"'`]*\s+(?=[^\s&|;]))*", re.IGNORECASE)


def escape(text: str) -> str:
    """``text`` for an element or a quoted attribute, in HTML and in XML.

    What is not printable (control and bidi characters, bytes that are not UTF-8) is shown as an escape sequence: XML
    has no way to hold most of it, and it could make a line read as another one.
    """
    return html.escape(printable(text))


def shorten(text: str, width: int) -> str:
    """``text`` on one line in at most ``width`` columns of a fixed-pitch font, with an ellipsis where it was cut."""
    line = printable(" ".join(text.split()))
    used = 0
    for index, char in enumerate(line):
        used += _columns(char)
        if used > width:
            return _cut(line[:index], width) + "…"
    return line


def _cut(line: str, width: int) -> str:
    """The beginning of ``line`` that leaves one column of ``width`` free."""
    while line and sum(map(_columns, line)) >= width:
        line = line[:-1]
    return line.rstrip()


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def command_of(row: Row) -> str:
    """What a person calls the step: a RUN without its keyword, flags and leading assignments, else all of it."""
    return _RUN_HEAD.sub("", row.text, count=1) or row.text


def label_of(row: Row, width: int) -> str:
    """The instruction in at most ``width`` columns, a RUN without its flags; plain text, not yet escaped."""
    return shorten(_RUN_HEAD.sub("RUN ", row.text, count=1), width)


def duration(seconds: float) -> str:
    """``0.4 s``, ``38 s``, ``4 min 32 s``, ``50 min``, ``3 h 12 min``, ``130 h``; a negative one with a minus sign."""
    if seconds < 0:
        return "\N{MINUS SIGN}" + duration(-seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s".replace(".0 ", " ")
    whole, minutes = round(seconds), round(seconds / 60)
    if whole < 100:
        return f"{whole} s"
    if whole < 600:
        return f"{whole // 60} min {whole % 60} s"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 6000 else f"{round(minutes / 60)} h"


def date_of(when: int) -> str:
    """The day in UTC; empty for the times outside the calendar that a repository may hold."""
    try:
        return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d")
    except (OverflowError, OSError, ValueError):
        return ""


def period(replay: Replay) -> str:
    """The first and the last day of the commits, or an empty text where they have none."""
    days = sorted(filter(None, (date_of(commit.when) for commit in replay.commits)))
    if replay.is_prior or not days:
        return ""
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def versions_of(replay: Replay) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """The versions that are worth showing, with their names."""
    if replay.is_changed:
        return ("Before", replay.before), ("After", replay.after)
    return (("As it is", replay.before),)


def total(rows: tuple[Row, ...]) -> float:
    """Seconds of all rows in all commits together."""
    return sum(row.total for row in rows)


def headline(replay: Replay) -> str:
    """The sentence above the picture, about the step that gains most; plain text, not yet escaped."""
    count, name = len(replay.commits), shorten(replay.path, 60)
    if not count or not replay.before:
        return f"{name}: nothing to replay"
    best = find_best(replay)
    if best is not None:
        return _named(best[1], f": {best[0].runs} of {count} builds before, {best[1].runs} after")
    dearest = max(replay.before, key=lambda row: row.total)
    remark = "none saved" if replay.is_changed else "left as it is"
    return _named(dearest, f": {dearest.runs} of {count} builds, {remark}")


def history_of(replay: Replay) -> str:
    """Which commits were played; plain text."""
    count = len(replay.commits)
    if not count:
        return "no commits to replay"
    if replay.is_prior:
        return "no usable history: typical edits instead"
    return ", ".join(filter(None, (f"{count} commit" + "s" * (count > 1), period(replay))))


def cost_of(replay: Replay) -> str:
    """What an average build costs; empty where there is none."""
    count, before, after = len(replay.commits), total(replay.before), total(replay.after)
    if not count:
        return ""
    cost = f"{duration(before / count)} for an average build"
    if replay.is_changed:
        cost += f" before, {duration(after / count)} after{percent(before, after)}"
    return cost


def percent(before: float, after: float) -> str:
    """How much less or more ``after`` is; empty below half a percent."""
    change = round(100 * (before - after) / before) if before else 0
    return f" ({abs(change)}% {'less' if change > 0 else 'more'})" if change else ""


def _named(row: Row, said: str) -> str:
    """What is said of a step, with its command in the room that is left."""
    return shorten(command_of(row), _HEADLINE - len(said)) + said
