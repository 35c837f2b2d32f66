"""A row of the chart as few shapes: commits side by side with the same state are one rectangle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_APART = 90
"""Up to so many commits each has a cell of its own with a gap beside it; of more, a person sees only the density."""
_GAP = 0.14
"""Of a cell's width."""


def find_spans(ran: Sequence[bool]) -> Iterator[tuple[int, int, bool]]:
    """Runs of the same state: start, stop (half open), and whether the step ran again there."""
    start = 0
    for state, group in groupby(ran):
        stop = start + sum(1 for _ in group)
        yield start, stop, state
        start = stop


def draw_cells(ran: Sequence[bool], cell: float, top: float, height: float, *, least: float = 0.0) -> str:
    """The data of one SVG path that fills the commits in which the step ran.

    ``cell`` is the width of a commit; no rectangle gets narrower than ``least``. Coordinates start at 0.
    """
    cells = _merged(ran) if len(ran) > _APART else _apart(ran)
    shapes = []
    end = -1.0
    for start, stop in cells:
        left, right = max(start * cell, end), max(stop * cell, start * cell + least)
        if right > left:
            shapes.append(f"M{number(left)} {number(top)}h{number(right - left)}v{number(height)}H{number(left)}z")
            end = right
    return "".join(shapes)


def _merged(ran: Sequence[bool]) -> Iterable[tuple[float, float]]:
    return ((start, stop) for start, stop, state in find_spans(ran) if state)


def _apart(ran: Sequence[bool]) -> Iterable[tuple[float, float]]:
    return ((index + _GAP / 2, index + 1 - _GAP / 2) for index, state in enumerate(ran) if state)


def number(value: float) -> str:
    """At most two decimals, and none that say nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
