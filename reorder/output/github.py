"""Outcomes as annotations of a GitHub workflow: commands on standard output that show up beside the lines of a change.

Format: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from reorder.outcome import Outcome
from reorder.output.findings import Finding, find_in
from reorder.output.report import ReportOptions
from reorder.output.text import place, printable

_MOST = 10
"""Annotations of a level that GitHub shows for one step."""
_LEVELS = {"failure": "error", "change": "warning", "refusal": "notice", "done": "notice"}


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """Annotations; of those that GitHub would drop, the number is told and each is a plain line of the log.

    Refusals are left to the step summary unless ``options.verbose``.
    """
    everything = (finding for outcome in outcomes for finding in find_in(outcome, options))
    findings = [finding for finding in everything if options.verbose or finding.kind != "refusal"]
    totals = Counter(_LEVELS[finding.kind] for finding in findings)
    told: Counter[str] = Counter()
    rest: list[Finding] = []
    for finding in findings:
        level = _LEVELS[finding.kind]
        told[level] += 1
        if totals[level] <= _MOST or told[level] < _MOST:
            yield _annotation(level, finding)
        else:
            rest.append(finding)
    for level, total in totals.items():
        if total > _MOST:
            more = f"and {total - _MOST + 1} more, in the log of this step and in its summary"
            yield f"::{level} title=dockerfile-fix::{_data(more)}\n"
    yield from map(_plain, rest)


def _annotation(level: str, finding: Finding) -> str:
    line = f",line={finding.line}" if finding.line else ""
    path = _property(printable(finding.path))
    title = _property(f"dockerfile-fix: {finding.slug}")
    return f"::{level} file={path}{line},title={title}::{_data(_words(finding))}\n"


def _words(finding: Finding) -> str:
    prefix = {"done": "repaired: ", "refusal": "left alone: "}.get(finding.kind, "")
    doubt = " (unsafe: plausible, but not proven)" if finding.safety == "unsafe" else ""
    return f"{prefix}{finding.message}{doubt}"


def _plain(finding: Finding) -> str:
    """A line that the runner takes for no command: neither at its start nor, in the older form, inside."""
    words = f"{place(finding.path, finding.line)}: {finding.slug}: {_words(finding)}"
    return f"{_LEVELS[finding.kind]}: {words.replace('##[', '#[')}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
