"""The table of repositories: its first lines as HTML, which need no script, and all of them as data for the script."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from reorder.output.migration_charts import kind, month
from reorder.output.migration_rows import STATES, Line
from reorder.output.migration_words import number
from reorder.output.page import script_json
from reorder.output.replay_words import escape
from reorder.output.text import printable

PAGE = 50
"""Lines that stand in the page at a time; the script takes the number from the data."""
DOUBT = "unsafe"
"""What a line is marked with if a change in it is plausible, not proven: the word of ``--unsafe-fixes``."""


def render_rows(lines: Sequence[Line], builds: int) -> str:
    """The first `PAGE` lines."""
    return "".join(_row(line, builds) for line in lines[:PAGE])


def _row(line: Line, builds: int) -> str:
    owner = f'<span class="owner"><bdi>{escape(line.owner)}</bdi></span>' if line.owner else ""
    is_partly_failed = line.has_failed and line.state != "failed"
    chips = [_chip(line.state, line.state)]
    chips += [_chip("failed", "failed in part")] if is_partly_failed else []
    chips += [_chip(DOUBT, DOUBT)] if line.has_doubt else []
    of_all = f"{number(line.fixable)} of {number(line.dockerfiles)}" if line.dockerfiles else ""
    address = f"#repo={quote(printable(line.name), safe='')}"
    runs = (number(line.runs_before), number(line.runs_after)) if line.runs_before else ("", "")
    return (
        f'<tr><th scope="row"><a href="{escape(address)}"><bdi>{escape(line.name)}</bdi></a>{owner}</th>'
        f"<td>{' '.join(chips)}</td>"
        f'<td class="number mid">{of_all}</td>'
        f'<td class="wide">{escape(", ".join(line.ecosystems))}</td>'
        f'<td class="number wide">{runs[0]}</td><td class="number wide">{runs[1]}</td>'
        f'<td class="number">{month(line.seconds, builds) if line.seconds > 0 else ""}</td></tr>\n'
    )


def _chip(state: str, text: str) -> str:
    return f'<span class="chip {kind(state)}">{text}</span>'


def encode_index(lines: Sequence[tuple[Line, tuple[int, int]]], builds: int) -> str:
    """Each line, with the place of its details, as JSON; what repeats is given by its index in a list."""
    ecosystems = _numbered({name for line, _ in lines for name in line.ecosystems})
    managers = _numbered({name for line, _ in lines for name in line.managers})
    slugs = _numbered({slug for line, _ in lines for slug in line.slugs})
    rows = [
        [
            printable(line.name), printable(line.owner), STATES.index(line.state), int(line.has_failed),
            int(line.has_doubt), line.dockerfiles, line.fixable, [ecosystems[name] for name in line.ecosystems],
            [managers[name] for name in line.managers], [slugs[slug] for slug in line.slugs],
            line.runs_before, line.runs_after, round(line.seconds, 3), *place,
        ]
        for line, place in lines
    ]  # fmt: skip
    lists = {"ecosystems": ecosystems, "managers": managers, "slugs": slugs}
    return script_json(
        {name: list(map(printable, names)) for name, names in lists.items()}
        | {"states": STATES, "doubt": DOUBT, "builds": builds, "page": PAGE, "rows": rows}
    )


def _numbered(names: set[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(sorted(names, key=lambda name: (name.lower(), name)))}
