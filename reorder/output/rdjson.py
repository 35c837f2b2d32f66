"""Outcomes in the Reviewdog Diagnostic Format, whose suggestions a reviewer accepts with a click.

Format: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from reorder.outcome import Changed, FileChange, Outcome
from reorder.output.findings import Finding, as_unicode, find_alerts
from reorder.output.replacements import find_one_replacement, is_text, position_of
from reorder.output.report import ReportOptions
from reorder.source import Edit, Span

_SEVERITIES = {"change": "WARNING", "refusal": "INFO", "failure": "ERROR"}


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """One object with all diagnostics; what is written already is none.

    The patch of a file is one suggestion, at its first diagnostic: accepted in parts, it could break the build.
    """
    record = {"source": {"name": "dockerfile-fix"}, "diagnostics": list(_diagnostics(outcomes, options))}
    yield json.dumps(record, indent=2) + "\n"


def _diagnostics(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[dict[str, Any]]:
    suggested: Outcome | None = None
    companions: set[FileChange] = set()
    for finding in find_alerts(outcomes, options):
        diagnostic = _diagnostic(finding)
        outcome = finding.outcome
        if finding.kind != "change" or not isinstance(outcome, Changed) or outcome is suggested:
            yield diagnostic
            continue
        suggested = outcome
        yield diagnostic | _suggestion(outcome.files[0])
        for file in outcome.files[1:]:
            if file not in companions:  # taken twice, the same lines would stand there twice
                yield _companion(finding, file, options)
            companions.add(file)


def _diagnostic(finding: Finding) -> dict[str, Any]:
    location: dict[str, Any] = {"path": as_unicode(finding.path)}
    if finding.line:
        location["range"] = {"start": {"line": finding.line}, "end": {"line": finding.line}}
    return {
        "message": finding.message,
        "location": location,
        "severity": _SEVERITIES[finding.kind],
        "code": {"value": finding.slug},
    }


def _companion(finding: Finding, file: FileChange, options: ReportOptions) -> dict[str, Any]:
    """A file that the patch of a Dockerfile changes as well."""
    path = as_unicode(options.folders.from_root(file.path))
    suggestion = _suggestion(file)
    place = suggestion["suggestions"][0]["range"] if suggestion else {"start": {"line": 1}, "end": {"line": 1}}
    diagnostic: dict[str, Any] = {
        "message": f"the change of {as_unicode(finding.path)} needs this one, too",
        "location": {"path": path, "range": place},
        "severity": _SEVERITIES[finding.kind],
        "code": {"value": finding.slug},
    }
    return diagnostic | suggestion


def _suggestion(file: FileChange) -> dict[str, Any]:
    """None for what is not UTF-8."""
    if not is_text(file):
        return {}
    old = file.old or ""
    edit = find_one_replacement(file)
    whole = _whole_lines(old, edit)
    return {"suggestions": [_of_lines(old, whole) if whole is not None else _of_columns(old, edit)]}


def _whole_lines(old: str, edit: Edit) -> Edit | None:
    """The edit widened to at least one whole line, without the newline of the last one; None: there is none.

    Hosts offer lines only, and reviewdog passes on a text without its last newline.
    """
    (start, end), text = edit
    first = old.rfind("\n", 0, start) + 1
    if end > first and old[end - 1] == "\n" and text.endswith("\n"):
        last, text = end - 1, text[:-1]
    else:
        last = old.find("\n", end) if "\n" in old[end:] else len(old)
        text += old[end:last]
    text = old[first:start] + text
    if first == last and not old[first:]:
        return None
    if last > first and old[last - 1] == "\r" and text.endswith("\r") and old[last : last + 1] == "\n":
        last, text = last - 1, text[:-1]
    elif "\r" in (old[max(last - 1, first) : last], text[-1:]):
        return None
    return Edit(Span(first, last), text)


def _of_lines(old: str, edit: Edit) -> dict[str, Any]:
    start, end = (position_of(old, offset) for offset in edit.span)
    return {"range": {"start": {"line": start.line}, "end": {"line": end.line}}, "text": edit.text}


def _of_columns(old: str, edit: Edit) -> dict[str, Any]:
    """Columns are bytes of UTF-8."""
    start, end = (
        {"line": place.line, "column": len(place.before.encode()) + 1}
        for place in (position_of(old, offset) for offset in edit.span)
    )
    return {"range": {"start": start, "end": end}, "text": edit.text}
