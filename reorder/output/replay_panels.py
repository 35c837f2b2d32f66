"""The chart of the HTML page: each step a row of text, a strip of commits that grows with the window, and totals."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from reorder.output.replay_pairs import find_best
from reorder.output.replay_strips import draw_cells
from reorder.output.replay_words import (
    CHEAP,
    LONGEST,
    date_of,
    duration,
    escape,
    label_of,
    total,
    versions_of,
)
from reorder.replay.model import Replay, Row

_LABEL_COLUMNS = 160
"""More than the widest label holds; the style sheet cuts it to the width there is."""
_WIDEST_CELL = 24
_FULL = 40
"""From so many commits on a strip takes all the width there is."""
_DENSE = 200
"""From so many commits on a cell may be thinner than a pixel, so bars get an edge that is not."""


def render_legend() -> Iterator[str]:
    """The items of a list that says what the shapes mean."""
    names = ("ran again", f"ran again, in less than {duration(CHEAP)}", "reused from the cache")
    for kind, name in zip(("dear", "cheap", "none"), names, strict=True):
        bar = _bar((kind != "none",) * 3, is_cheap=kind == "cheap")
        yield f'<li><svg viewBox="0 0 3 15" preserveAspectRatio="none" aria-hidden="true">{bar}</svg>{name}</li>'


def render_panels(replay: Replay) -> Iterator[str]:
    """The versions of the file, one below the other; one element a line."""
    best = find_best(replay) or (None, None)
    for (name, rows), row in zip(versions_of(replay), best, strict=False):
        yield f'<section class="panel" aria-label="{name}">'
        yield (
            f'<div class="row head"><h3>{name}</h3><span class="number quiet">ran</span>'
            '<span class="number quiet">time</span></div>'
        )
        yield from _rows(rows, row, is_compared=replay.is_changed)
        yield (
            f'<div class="row sum">{_axis(replay)}<span class="label">in all</span>'
            f'<span class="number">{duration(total(rows))}</span></div>'
        )
        yield "</section>"


def _rows(rows: tuple[Row, ...], best: Row | None, *, is_compared: bool) -> Iterator[str]:
    is_staged = len({row.stage for row in rows}) > 1
    for stage, group in groupby(rows, key=lambda row: row.stage):
        if is_staged:
            yield f'<div class="row"><span class="stage">stage <bdi>{escape(stage[:LONGEST])}</bdi></span></div>'
        for row in group:
            yield _row(row, is_best=row is best, is_new=is_compared and row.partner is None)


def _row(row: Row, *, is_best: bool, is_new: bool) -> str:
    style = "row" + " best" * is_best + " new" * is_new
    count = len(row.ran)
    return (
        f'<div class="{style}"><span class="line">{row.line}</span>'
        f'<code title="{escape(row.text[:LONGEST])}"><bdi>{escape(label_of(row, _LABEL_COLUMNS))}</bdi></code>'
        f'<svg class="strip cells{" dense" * (count >= _DENSE)}" viewBox="0 0 {max(count, 1)} 15" '
        f'width="{_width(count)}" preserveAspectRatio="none" role="img" '
        f'aria-label="ran again in {row.runs} of {count} builds">{_bar(row.ran, is_cheap=row.seconds < CHEAP)}</svg>'
        f'<span class="number">{row.runs}</span><span class="number">{duration(row.total)}</span></div>'
    )


def _width(count: int) -> str:
    """Of a strip, as an attribute."""
    return "100%" if count >= _FULL else str(_WIDEST_CELL * max(count, 1))


def _bar(ran: tuple[bool, ...], *, is_cheap: bool) -> str:
    """A line over all commits, and bars where the step ran; a commit is one unit wide."""
    top, height = (5.0, 5.0) if is_cheap else (0.0, 15.0)
    cells = draw_cells(ran, 1.0, top, height)
    track = f'<rect class="track" y="7" width="{len(ran)}" height="1"/>'
    return track + (f'<path class="ran" d="{cells}"/>' if cells else "")


def _axis(replay: Replay) -> str:
    """The first, the middle and the last day below the strips."""
    commits = replay.commits
    if replay.is_prior or len(commits) < _FULL:
        return '<div class="cells axis"></div>'
    days = (date_of(commits[place].when) for place in (0, len(commits) // 2, -1))
    return f'<div class="cells axis">{"".join(f"<span>{day}</span>" for day in days)}</div>'
