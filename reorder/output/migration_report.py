"""The report of a migration as one HTML page that needs nothing else: totals, charts, and a table that opens diffs.

The table's sorting, filters, facets and pages are those of table-core (see ``assets/table-core``). Charts are drawn
here, since they must be there on paper, for screen readers and without scripts; so are the diffs, since no library
tells a line that moved from one that is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from string import Template
from typing import NamedTuple

from reorder.output.migration_charts import (
    month,
    render_concentration,
    render_ecosystems,
    render_reasons,
    render_states,
    render_troubles,
)
from reorder.output.migration_details import Packer, record_of
from reorder.output.migration_rows import Line, Totals, line_of
from reorder.output.migration_table import encode_index, render_rows
from reorder.output.migration_words import counted, number, percent_less
from reorder.output.page import content_policy, read_asset
from reorder.repository_outcome import RepositoryOutcome

_LIBRARY = "table-core/index.production.js"
_SCRIPTS = ("migration_words.js", "migration_table.js", "migration_detail.js")


class ReportOptions(NamedTuple):
    """``builds_a_month``: how often each repository is built, from 1 on; the reader may put in another number.

    ``patch_of``: the patch file of a repository, relative to the report; None: there are no such files.
    """

    builds_a_month: int = 100
    patch_of: Callable[[RepositoryOutcome], str] | None = None


def render_report(outcomes: Iterable[RepositoryOutcome], options: ReportOptions | None = None) -> Iterator[str]:
    """The page in pieces, in order.

    ``outcomes`` are read once, and what was read is let go: only a line of numbers a repository stays, and the totals.
    Diffs leave at once, compressed, in front of the page's body. It makes no request, by a policy that the browser
    enforces; totals, charts and the first lines of the table can be read without scripts.
    """
    options = options or ReportOptions()
    style, scripts = read_asset("migration.css"), [_library(), *map(read_asset, _SCRIPTS)]
    head, body = read_asset("migration.html").split("<!-- diffs -->\n")
    yield Template(head).substitute(policy=content_policy(style, scripts), style=style)
    totals, packer = Totals(), Packer()
    lines: list[tuple[Line, tuple[int, int]]] = []
    for outcome in outcomes:
        line = line_of(outcome)
        totals.add(outcome, line)
        lines.append((line, packer.add(record_of(outcome, options.patch_of and options.patch_of(outcome)))))
        yield from map(_block, packer.take())
    yield from map(_block, packer.take(is_last=True))
    lines.sort(key=lambda item: -item[0].seconds)
    yield Template(body).substitute(
        _summary(totals, options),
        builds=number(options.builds_a_month),
        states=render_states(totals.repositories),
        ecosystems=render_ecosystems(totals, options.builds_a_month),
        where=render_concentration([line.seconds for line, _ in lines if line.seconds > 0]),
        reasons=render_reasons(totals),
        troubles=render_troubles(totals),
        rows=render_rows([line for line, _ in lines], options.builds_a_month),
        notes=_notes(totals),
        index=encode_index(lines, options.builds_a_month),
        license=read_asset("table-core/LICENSE"),
    )
    yield from (f"<script>{script}</script>\n" for script in scripts)
    yield "</body>\n</html>\n"


@cache
def _library() -> str:
    """Without its last line, which would have the browser's tools look for a source map."""
    return read_asset(_LIBRARY).partition("\n//# sourceMappingURL=")[0]


def _block(data: str) -> str:
    return f'<script type="application/octet-stream" class="block">{data}</script>\n'


def _summary(totals: Totals, options: ReportOptions) -> dict[str, str]:
    """The headline, and the numbers that a reader takes away."""
    repositories, dockerfiles = totals.repositories.total(), totals.dockerfiles.total()
    fixable = totals.repositories["fixable"]
    saved = month(totals.seconds, options.builds_a_month)
    of_all = f"{number(fixable)} of {counted(repositories, 'repository', 'repositories')}"
    less = percent_less(totals.runs_before, totals.runs_after)
    failed = sum(totals.troubles.values())
    in_part = failed - totals.repositories["failed"]
    return {
        "headline": f"Builds could take {saved} less a month" if totals.seconds > 0 else f"{of_all} can be fixed",
        "lead": f"{of_all} can be fixed: {number(totals.dockerfiles['fixable'])} of "
        f"{counted(dockerfiles, 'Dockerfile')} would keep their installs cached.",
        "saved": saved,
        "fixable": number(fixable),
        "repositories": f"of {counted(repositories, 'repository', 'repositories')}",
        "dockerfiles": f"{number(totals.dockerfiles['fixable'])} of {counted(dockerfiles, 'Dockerfile')}",
        "before": number(totals.runs_before),
        "after": number(totals.runs_after),
        "less": f", {less}" if less else "",
        "failed": number(failed),
        "in_part": f"{number(in_part)} of them can be fixed in other Dockerfiles" if in_part else "see below for why"
        if failed else "every repository was read",
    }  # fmt: skip


def _notes(totals: Totals) -> str:
    notes = [
        "A month's gain is what an average build would save, of all Dockerfiles of a repository together, times the "
        "builds a month.",
        "How often installs ran was worked out from the last commits of each repository, each taken for one build; "
        "no image was built. Seconds are usual ones for each kind of step.",
    ]
    if totals.without_history:
        notes.append(
            f"{counted(totals.without_history, 'fixable Dockerfile')} had no history that could be used; typical "
            "commits stand in for it."
        )
    return "".join(f"<li>{note}</li>" for note in notes)
