"""The steps of a replay as an HTML table, the one that saves most first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reorder.output.replay_pairs import Pair, find_pairs
from reorder.output.replay_words import LONGEST, duration, escape, total
from reorder.replay.model import Replay, Row

_HEADS = ("one run", "ran before", "ran after", "time before", "time after", "saved")
_SMALL = {"ran before", "ran after", "saved", "ran", "time"}
"""The columns that a small screen has room for; the chart has the rest."""


def render_table(replay: Replay) -> str:
    """The table with its caption, head and totals, in a box that scrolls where it does not fit."""
    pairs = find_pairs(replay._replace(after=replay.after if replay.is_changed else ()))
    caption = f"Every step in all {len(replay.commits)} builds" + ", sorted by what it saves" * replay.is_changed
    heads = _cells(replay, "th", _heads(replay))
    sums = ("", "", *(("",) if replay.is_changed else ()), *_times(replay, replay.before, replay.after))
    return (
        '<div class="scroll" role="region" aria-labelledby="steps-title" tabindex="0">\n'
        f'<table>\n<caption>{caption}</caption>\n<thead><tr><th scope="col">step</th>{heads}</tr></thead>\n'
        f"<tbody>\n{''.join(_line(replay, pair) for pair in pairs)}</tbody>\n"
        f'<tfoot><tr><th scope="row">in all</th>{_cells(replay, "td", sums)}</tr></tfoot>\n</table>\n</div>'
    )


def _heads(replay: Replay) -> tuple[str, ...]:
    return _HEADS if replay.is_changed else ("one run", "ran", "time")


def _cells(replay: Replay, tag: str, texts: Sequence[str]) -> str:
    """A cell for each column of numbers."""
    scope = ' scope="col"' if tag == "th" else ""
    return "".join(
        f'<{tag}{scope} class="number{"" if head in _SMALL else " wide"}">{text}</{tag}>'
        for head, text in zip(_heads(replay), texts, strict=True)
    )


def _line(replay: Replay, pair: Pair) -> str:
    was = (pair.before,) if pair.before else ()
    once = sum(row.seconds for row in pair.after or was)
    runs = (_runs(was), _runs(pair.after)) if replay.is_changed else (_runs(was),)
    numbers = _cells(replay, "td", (duration(once), *runs, *_times(replay, was, pair.after)))
    text = escape(pair.text[:LONGEST])
    return f'<tr><th scope="row"><code><bdi>{text}</bdi></code>{_place(replay, pair)}</th>{numbers}</tr>\n'


def _times(replay: Replay, before: tuple[Row, ...], after: tuple[Row, ...]) -> Iterator[str]:
    yield duration(total(before)) if before else ""
    if replay.is_changed:
        yield duration(total(after)) if after else ""
        yield duration(total(before) - total(after))


def _runs(rows: tuple[Row, ...]) -> str:
    """How often; of the halves of a divided RUN each for itself."""
    return " + ".join(str(row.runs) for row in rows)


def _place(replay: Replay, pair: Pair) -> str:
    """Stage and lines, as a line below the instruction."""
    lines = " and ".join(str(row.line) for row in pair.after)
    if pair.before is None:
        place = f"new in line {lines}"
    elif not replay.is_changed or lines == str(pair.before.line):
        place = f"line {pair.before.line}"
    else:
        place = f"line {pair.before.line}, then " + (lines or "gone")
    return f"<span>stage <bdi>{escape(pair.stage[:LONGEST])}</bdi>, {place}</span>"
