"""Outcomes as JSON, one line each (schema 1)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from reorder.outcome import Change, Changed, Failed, Outcome, Refusal
from reorder.output.report import ReportOptions

SCHEMA = 1


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """One line an outcome, as they come."""
    for outcome in outcomes:
        yield render_json(outcome) + "\n"


def render_json(outcome: Outcome) -> str:
    """One line, keys in a fixed order; bytes that are not UTF-8 are shown escaped.

    ``context_from`` are the lines of build definitions that name the context; empty: none does. ``other_contexts`` are
    further folders in which the project builds the file, as such lines say. ``managers`` are the package managers that
    the Dockerfile calls.

    ``gain`` has the fields of `reorder.outcome.Gain`; null where nothing changes.
    """
    failed = isinstance(outcome, Failed)
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "path": outcome.path,
        "context": outcome.context,
        "other_contexts": [] if isinstance(outcome, Failed) else list(outcome.other_contexts),
        "context_from": [] if isinstance(outcome, Failed) else list(outcome.context_from),
        "managers": [] if isinstance(outcome, Failed) else list(outcome.managers),
        "status": outcome.status,
        "changes": [_entry(change) for change in outcome.changes] if isinstance(outcome, Changed) else [],
        "gain": outcome.gain._asdict() if isinstance(outcome, Changed) else None,
        "refusals": [] if isinstance(outcome, Failed) else [_entry(refusal) for refusal in outcome.refusals],
        "files": [{"path": f.path, "text": f.new} for f in outcome.files] if isinstance(outcome, Changed) else [],
        "diff": outcome.diff if isinstance(outcome, Changed) else "",
        "error": _error(outcome) if failed else None,
    }
    return json.dumps(record)


def _entry(item: Change | Refusal) -> dict[str, Any]:
    return {
        "slug": item.slug,
        "line": item.line,
        "safety": item.safety.value if item.safety else None,
        "reason": item.reason,
        "evidence": list(item.evidence),
    }


def _error(outcome: Outcome) -> str | None:
    if not isinstance(outcome, Failed):
        return None
    return f"line {outcome.line}: {outcome.error}" if outcome.line else outcome.error
