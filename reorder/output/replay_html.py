"""A replay as one HTML page that needs nothing else: a chart for pointer and keyboard, and a table of steps."""

from __future__ import annotations

from string import Template

from reorder.output.page import content_policy, read_asset
from reorder.output.replay_data import encode_data
from reorder.output.replay_panels import render_legend, render_panels
from reorder.output.replay_table import render_table
from reorder.output.replay_words import duration, escape, headline, history_of, percent, total
from reorder.replay.model import Replay


def render_html(replay: Replay) -> str:
    """The page; it makes no request, by a policy that the browser enforces, and can be read without scripts."""
    style, script = read_asset("replay.css"), read_asset("replay.js")
    return Template(read_asset("replay.html")).substitute(
        policy=content_policy(style, [script]),
        style=style,
        script=script,
        headline=escape(headline(replay)),
        history=escape(history_of(replay)),
        path=escape(replay.path),
        context=escape(replay.context or "."),
        totals=_totals(replay),
        legend="\n".join(render_legend()),
        panels="\n".join(render_panels(replay)),
        table=render_table(replay),
        notes=_notes(replay),
        data=encode_data(replay),
    )


def _totals(replay: Replay) -> str:
    """The few numbers that a reader takes away."""
    count, before, after = len(replay.commits), total(replay.before), total(replay.after)
    if not count:
        return ""
    entries = [("an average build", _change(replay, before / count, after / count)),
               (f"all {count} builds", _change(replay, before, after))]  # fmt: skip
    if replay.is_changed:
        entries.append(("saved", f"{duration(before - after)}{percent(before, after)}"))
    return '<dl class="totals">' + "".join(f"<div><dt>{a}</dt><dd>{b}</dd></div>" for a, b in entries) + "</dl>"


def _change(replay: Replay, before: float, after: float) -> str:
    return f"{duration(before)} &rarr; {duration(after)}" if replay.is_changed else duration(before)


def _notes(replay: Replay) -> str:
    if not replay.notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in replay.notes)
    return f'<section aria-labelledby="notes-title">\n<h2 id="notes-title">Notes</h2>\n<ul>{items}</ul>\n</section>'
