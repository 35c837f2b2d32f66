"""The charts of a migration's report: bars beside the numbers that they show, and where the gain is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reorder.output.migration_rows import STATES, TROUBLES, State, Totals
from reorder.output.migration_words import counted, hours, number
from reorder.output.replay_words import escape
from reorder.slugs import REFUSALS

_BAR = 1000
"""The width of a bar in units of its own; the page stretches it."""
_MOST_REASONS = 8
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
    return f'{_stack([(state, counts.get(state, 0)) for state in STATES], total)}\n<ul class="legend">{items}</ul>'


def _stack(parts: Sequence[tuple[State, int]], whole: int) -> str:
    """A bar in parts; ``whole`` is what its full width stands for. The numbers stand beside it as text."""
    x, pieces = 0.0, []
    for state, count in parts:
        width = _BAR * count / whole if whole else 0
        if count:
            pieces.append(f'<rect class="{kind(state)}" x="{x:.1f}" width="{max(width, 1.5):.1f}" height="10"/>')
        x += width
    head = f'<svg class="bar" viewBox="0 0 {_BAR} 10" preserveAspectRatio="none" aria-hidden="true">'
    return f"{head}{''.join(pieces)}</svg>"


def render_ecosystems(totals: Totals, builds: int) -> str:
    """A line for each ecosystem: how its Dockerfiles ended, and what they would save."""
    shown: tuple[State, ...] = ("fixable", "left alone", "nothing to gain")
    found = sorted(totals.ecosystems.items(), key=lambda item: (item[0][:1].islower(), -item[1].total(), item[0]))
    if not found:
        return '<p class="quiet">No package manager was met.</p>'
    widest = max(counts.total() for _, counts in found)
    style = {"nothing to gain": "number mid"}  # a small screen has no room for it
    heads = "".join(
        f'<th scope="col" class="{style.get(head, "number")}">{head}</th>' for head in (*shown, "saved a month")
    )
    lines = "".join(
        f'<tr><th scope="row"><span class="pick" data-filter="ecosystem">{escape(name)}</span></th>'
        f'<td class="chart">{_stack([(state, counts[state]) for state in shown], widest)}</td>'
        + "".join(f'<td class="{style.get(state, "number")}">{number(counts[state])}</td>' for state in shown)
        + f'<td class="number">{month(totals.seconds_by_ecosystem[name], builds)}</td></tr>\n'
        for name, counts in found
    )
    return (
        '<table class="chart"><caption>Dockerfiles; one that uses several counts in each</caption>\n'
        f'<thead><tr><th scope="col">ecosystem</th><td class="chart"></td>{heads}</tr></thead>\n'
        f"<tbody>{lines}</tbody></table>"
    )


def render_reasons(totals: Totals) -> str:
    """Why steps were left alone, the most frequent reasons first, the rest behind a fold."""
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
    caption = "Dockerfiles with the reason; one that was fixed may still have left a step alone"
    first = _table(caption, "Dockerfiles", rows[:_MOST_REASONS])
    more = len(rows) - _MOST_REASONS
    if more <= 0:
        return first
    rest = _table("The other reasons", "Dockerfiles", rows[_MOST_REASONS:])
    return f"{first}\n<details><summary>{counted(more, 'more reason')}</summary>{rest}</details>"


def render_troubles(totals: Totals) -> str:
    """Why repositories failed; empty if none did."""
    if not totals.troubles:
        return ""
    rows = [
        f'<tr><th scope="row">{TROUBLES[name]}</th><td class="number">{number(count)}</td></tr>\n'
        for name, count in sorted(totals.troubles.items(), key=lambda item: (-item[1], item[0]))
    ]
    table = _table("Repositories; one that failed in part counts too", "repositories", rows, bars="")
    return f'<section aria-labelledby="failed-title">\n<h2 id="failed-title">What failed</h2>\n{table}\n</section>'


def _table(caption: str, unit: str, rows: Sequence[str], bars: str = '<td class="chart"></td>') -> str:
    return (
        f'<table class="chart"><caption>{caption}</caption>\n<thead><tr><th scope="col">reason</th>'
        f'{bars}<th scope="col" class="number">{unit}</th></tr></thead>\n'
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
