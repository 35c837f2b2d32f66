"""The charts of a migration's report: bars beside the numbers that they show, and where the gain is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reorder.output.migration_rows import STATES, TROUBLES, State, Totals
from reorder.output.migration_words import counted, hours, number
from reorder.output.replay_words import escape
from reorder.slugs import REFUSALS

_BAR = 1000
"""The width of a bar in units of its own; the page stretches it."""
_LEAST = 6.0
_MOST_ROWS = 10
_FEWEST_REPOSITORIES = 5
_POINTS = 160
_SHARE = 0.8


def kind(state: str) -> str:
    """The state as a name for style sheets."""
    return state.lower().replace(" ", "-")


def month(seconds: float, builds: int) -> str:
    """What so many builds a month would save, each ``seconds``; the page works it out again for another rate."""
    return f'<data class="month" value="{seconds:.3f}">{hours(seconds * builds)}</data>'


def render_states(counts: Mapping[State, int]) -> str:
    """All repositories as one bar, and its legend with the numbers."""
    total = sum(counts.values())
    items = "".join(
        f'<li><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="{kind(state)}" width="10" '
        f'height="10" rx="2"/></svg><span>{state}</span> <strong>{number(counts.get(state, 0))}</strong></li>'
        for state in STATES
    )
    bar = _stack([(state, counts.get(state, 0)) for state in STATES], total, gap=2)
    return f'{bar}\n<ul class="legend">{items}</ul>'


def _stack(parts: Sequence[tuple[State, int]], whole: int, gap: float = 6.0) -> str:
    """A bar in parts; ``whole`` is what its full width stands for. The numbers stand beside it as text.

    What is there can be seen, however little it is; if all would then be too wide, all is drawn a little smaller.
    """
    widths = [(state, max(_BAR * count / whole, _LEAST + gap)) for state, count in parts if count]
    scale = min(1.0, _BAR / sum(width for _, width in widths)) if widths else 1.0
    x, pieces = 0.0, []
    for state, width in widths:
        drawn = width * scale - gap
        pieces.append(f'<rect class="{kind(state)}" x="{x:.1f}" width="{drawn:.1f}" height="10"/>')
        x += width * scale
    head = f'<svg class="bar" viewBox="0 0 {_BAR} 10" preserveAspectRatio="none" aria-hidden="true">'
    return f"{head}{''.join(pieces)}</svg>"


def render_ecosystems(totals: Totals, builds: int) -> str:
    """A line for each ecosystem: how its Dockerfiles ended, and what they would save."""
    shown: tuple[State, ...] = ("fixable", "left alone", "nothing to gain")
    found = sorted(totals.ecosystems.items(), key=lambda item: (-item[1].total(), item[0]))
    if not found:
        return '<p class="quiet">No package manager was met.</p>'
    widest = found[0][1].total()
    style = {"nothing to gain": "number mid"}  # a small screen has no room for it
    rows = [
        f'<tr><th scope="row"><span class="pick" data-filter="ecosystem">{escape(name)}</span></th>'
        f'<td class="chart">{_stack([(state, counts[state]) for state in shown], widest)}</td>'
        + "".join(f'<td class="{style.get(state, "number")}">{number(counts[state])}</td>' for state in shown)
        + f'<td class="number">{month(totals.seconds_by_ecosystem[name], builds)}</td></tr>\n'
        for name, counts in found
    ]
    heads = '<th scope="col">ecosystem</th><td class="chart"></td>' + "".join(
        f'<th scope="col" class="{style.get(head, "number")}">{head}</th>' for head in (*shown, "saved a month")
    )
    return _folded("Dockerfiles; one that uses several counts in each", heads, rows, "more ecosystem")


def render_reasons(totals: Totals) -> str:
    """Why steps were left alone, the most frequent reasons first."""
    found = sorted(totals.reasons.items(), key=lambda item: (-item[1], item[0]))
    if not found:
        return '<p class="quiet">Nothing was left alone.</p>'
    most = found[0][1]
    rows = [
        f'<tr><th scope="row">{escape(REFUSALS.get(slug, slug))} <span class="pick slug" data-filter="slug">'
        f'{escape(slug)}</span></th><td class="chart">{_stack([("left alone", count)], most)}</td>'
        f'<td class="number">{number(count)}</td></tr>\n'
        for slug, count in found
    ]
    heads = '<th scope="col">reason</th><td class="chart"></td><th scope="col" class="number">Dockerfiles</th>'
    caption = "Dockerfiles with the reason; one that was fixed may still have left a step alone"
    return _folded(caption, heads, rows, "more reason")


def render_troubles(totals: Totals) -> str:
    """Why repositories failed; empty if none did."""
    if not totals.troubles:
        return ""
    rows = [
        f'<tr><th scope="row">{TROUBLES[name]}</th><td class="number">{number(count)}</td></tr>\n'
        for name, count in sorted(totals.troubles.items(), key=lambda item: (-item[1], item[0]))
    ]
    heads = '<th scope="col">reason</th><th scope="col" class="number">repositories</th>'
    table = _table("Repositories; one that failed in part counts too", heads, rows)
    return f'<section aria-labelledby="failed-title">\n<h2 id="failed-title">What failed</h2>\n{table}\n</section>'


def _folded(caption: str, heads: str, rows: Sequence[str], more: str) -> str:
    """A table whose first rows can be seen, and the others behind a fold."""
    first, rest = rows[:_MOST_ROWS], rows[_MOST_ROWS:]
    table = _table(caption, heads, first)
    if not rest:
        return table
    return f"{table}\n<details><summary>{counted(len(rest), more)}</summary>{_table(caption, heads, rest)}</details>"


def _table(caption: str, heads: str, rows: Sequence[str]) -> str:
    return (
        f'<table class="chart"><caption>{caption}</caption>\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def render_concentration(seconds: Sequence[float]) -> str:
    """How much of the gain the first repositories hold, of those that have any, largest first; empty for a few."""
    whole = sum(seconds)
    if len(seconds) < _FEWEST_REPOSITORIES or whole <= 0:
        return ""
    reached, sums = 0.0, [0.0]
    for each in seconds:
        reached += each
        sums.append(reached / whole)
    first = next(index for index, share in enumerate(sums) if share >= _SHARE)
    told = f"The first {counted(first, 'repository', 'repositories')} of {number(len(seconds))} hold 80% of the gain."
    return "\n".join(
        [
            '<section aria-labelledby="where-title">\n<h2 id="where-title">Where the gain is</h2>',
            f"<p>{told}</p>",
            f'<svg class="curve" viewBox="0 0 440 216" role="img" aria-label="{told}">',
            *_curve(sums, first),
            "</svg>\n</section>",
        ]
    )


def _curve(sums: Sequence[float], first: int) -> Iterator[str]:
    """Repositories along x, their share of the gain along y."""
    last = len(sums) - 1

    def place(index: int) -> str:
        return f"{48 + 380 * index / last:.1f} {180 - 168 * sums[index]:.1f}"

    indices = sorted({round(step * last / _POINTS) for step in range(_POINTS + 1)} | {first})
    line = "L".join(map(place, indices))
    yield '<path class="grid" d="M48 12H428M48 96H428M48 180H428"/>'
    yield f'<path class="area" d="M48 180L{line}L428 180Z"/><path class="line" d="M{line}"/>'
    x, y = place(first).split()
    yield f'<path class="mark" d="M{x} 180V{y}"/><circle class="dot" cx="{x}" cy="{y}" r="4"/>'
    for y_text, label in ((16, "100%"), (100, "50%"), (184, "0")):
        yield f'<text x="42" y="{y_text}" class="end">{label}</text>'
    yield '<text x="48" y="204">repositories, largest gain first</text>'
    yield f'<text x="428" y="204" class="end">{number(last)}</text>'
