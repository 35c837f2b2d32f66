"""A replay as one SVG picture: commits along x, steps along y, the file as it is above the file as it would be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import groupby

from reorder.output.replay_pairs import find_best
from reorder.output.replay_strips import draw_cells, number
from reorder.output.replay_words import (
    CHEAP,
    LONGEST,
    cost_of,
    date_of,
    duration,
    escape,
    headline,
    history_of,
    label_of,
    shorten,
    total,
    versions_of,
)
from reorder.replay.model import Replay, Row

WIDTH = 960
_LEFT, _GUTTER, _LABEL, _PLOT = 24, 46, 62, 340
_PLOT_WIDTH, _RUNS, _TIME = 430, 836, 936
_LABEL_COLUMNS = 37
"""Of a fixed-pitch font of 12 px, whose characters are 0.6 em wide."""
_WIDEST_CELL = 28.0
_LINE, _HEAD = 20, 118
_TICKS = 4


def render_svg(replay: Replay) -> str:
    """The picture as a document of its own, which needs no script and no network.

    It follows the reader's colour scheme. A step that ran again is a bar, one that was reused a thin line, so that no
    colour has to be told from another; a step below `CHEAP` seconds has a flat bar.
    """
    body, height = _panels(replay)
    title = escape(headline(replay))
    about = escape(" \N{MIDDLE DOT} ".join(filter(None, (history_of(replay), cost_of(replay)))))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{title}</title>',
            f'<desc id="desc">{about}. {escape(_described(replay))}</desc>',
            f"<style>\n{_style()}</style>",
            f'<clipPath id="labels"><path d="M{_LABEL} 0H{_PLOT - 10}V{height}H{_LABEL}z"/></clipPath>',
            f'<rect class="paper" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
            _text(_LEFT, 42, title, "headline"),
            _text(_LEFT, 66, about, "quiet"),
            *_legend(),
            *body,
            "</svg>\n",
        ]
    )


@cache
def _style() -> str:
    return files("reorder.output").joinpath("assets", "replay_svg.css").read_text("utf-8")


def _described(replay: Replay) -> str:
    """The totals in words, for those who do not see the picture."""
    return " ".join(
        f"{name}: " + "; ".join(f"line {row.line}, {shorten(row.text, 80)}, {row.runs} times" for row in rows) + "."
        for name, rows in versions_of(replay)
    )


def _legend() -> Iterator[str]:
    y, names = 92, ("ran again", "ran again, in less than a second", "reused from the cache")
    for x, kind, name in zip((_LEFT, _LEFT + 116, _LEFT + 366), ("dear", "cheap", "none"), names, strict=True):
        yield f'<g transform="translate({x} {y - 10})">{_bar((kind != "none",) * 3, 8, is_cheap=kind == "cheap")}</g>'
        yield _text(x + 32, y, name, "quiet")
    yield _text(_TIME, y, "each column is a commit, newest on the right", "quiet right")


def _panels(replay: Replay) -> tuple[list[str], int]:
    """The elements below the legend, and the height of the whole picture."""
    best = find_best(replay) or (None, None)
    lines: list[str] = []
    y = _HEAD
    for (name, rows), row in zip(versions_of(replay), best, strict=False):
        panel, end = _panel(rows, y + 8, row, is_compared=replay.is_changed)
        grid = "".join(f"M{number(_PLOT + x)} {y + 18}V{end - 26}" for x, _ in _ticks(replay))
        lines += [f'<path class="grid" d="{grid}"/>'] if grid else []
        lines += [_text(_LEFT, y + 8, name, "title"), *panel]
        y = end + 14
    lines += [_text(_PLOT + x, y - 10, label, "quiet") for x, label in _ticks(replay)]
    return lines, y + 10


def _panel(rows: tuple[Row, ...], y: int, best: Row | None, *, is_compared: bool) -> tuple[list[str], int]:
    """The rows of one version below the baseline ``y``, and where the panel ends."""
    lines = [_text(_RUNS, y, "ran", "quiet right"), _text(_TIME, y, "time", "quiet right")]
    is_staged = len({row.stage for row in rows}) > 1
    for stage, group in groupby(rows, key=lambda row: row.stage):
        if is_staged:
            y += _LINE
            lines.append(_text(_LABEL, y, escape(shorten(f"stage {stage}", _LABEL_COLUMNS)), "stage"))
        for row in group:
            y += _LINE
            lines.append(_row(row, y, is_best=row is best, is_new=is_compared and row.partner is None))
    lines += [
        f'<path class="rule" d="M{_PLOT + _PLOT_WIDTH + 14} {y + 8}H{_TIME}"/>',
        _text(_RUNS, y + 24, "in all", "quiet right"),
        _text(_TIME, y + 24, duration(total(rows)), "right best"),
    ]
    return lines, y + 34


def _row(row: Row, y: int, *, is_best: bool, is_new: bool) -> str:
    """One step: line number, text, cells, totals; the full text is shown when the pointer rests on it."""
    style, is_cheap = " best" if is_best else "", row.seconds < CHEAP
    count = f"{row.runs} of {len(row.ran)} builds, {duration(row.seconds)} each"
    label = escape(label_of(row, _LABEL_COLUMNS))
    mark = '<tspan class="mark">+</tspan>' if is_new else ""
    band = f'<rect class="band" x="{_LEFT - 8}" y="{y - 15}" width="{WIDTH - 2 * _LEFT + 16}" height="{_LINE}" rx="3"/>'
    return "".join(
        [
            f"<g><title>{escape(row.text[:LONGEST])}\n{count}</title>",
            band if is_best else "",
            _text(_GUTTER + 8, y, f"{row.line}{mark}", "step quiet right"),
            f'<g clip-path="url(#labels)">{_text(_LABEL, y, label, "step" + style)}</g>',
            f'<g transform="translate({_PLOT} {y - 11})">{_bar(row.ran, _cell(len(row.ran)), is_cheap=is_cheap)}</g>',
            _text(_RUNS, y, str(row.runs), "right" + style),
            _text(_TIME, y, duration(row.total), "right" + style),
            "</g>",
        ]
    )


def _bar(ran: tuple[bool, ...], cell: float, *, is_cheap: bool) -> str:
    """A line over all commits, and bars where the step ran."""
    top, height = (5.0, 5.0) if is_cheap else (0.0, 14.0)
    cells = draw_cells(ran, cell, top, height, least=1.0)
    track = f'<path class="track" d="M0 7.5H{number(cell * len(ran))}"/>' if ran else ""
    return track + (f'<path class="ran" d="{cells}"/>' if cells else "")


def _cell(count: int) -> float:
    """The width of a commit."""
    return min(_WIDEST_CELL, _PLOT_WIDTH / max(count, 1))


def _ticks(replay: Replay) -> list[tuple[float, str]]:
    """Where a commit is named below the chart, by its day: place and label."""
    count = len(replay.commits)
    if not count or replay.is_prior:
        return []
    cell = _cell(count)
    wanted = max(1, min(_TICKS, int(count * cell // 100)))
    places = [count * index // wanted for index in range(wanted)]
    return [(place * cell, day) for place in places if (day := date_of(replay.commits[place].when))]


def _text(x: float, y: float, text: str, style: str) -> str:
    """A text element; ``text`` is escaped already."""
    return f'<text x="{number(x)}" y="{number(y)}" class="{style}">{text}</text>'
