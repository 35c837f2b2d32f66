"""The verdict on a patch as JSON, one line each (schema 1)."""

from __future__ import annotations

import json
from typing import Any

from reorder.verifying.model import Comparison, Side
from reorder.verifying.verdict import Played, Rebuild, Verdict

SCHEMA = 1


def render_verdict_json(verdict: Verdict) -> str:
    """One line, keys in a fixed order."""
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "path": verdict.path,
        "context": verdict.context,
        "status": verdict.status,
        "builder": verdict.builder,
        "reason": verdict.reason,
        "notes": list(verdict.notes),
        "log": list(verdict.log),
        "comparison": None if verdict.comparison is None else _comparison(verdict.comparison),
        "builds": [timing._asdict() for timing in verdict.timings],
        "smoke": [smoke._asdict() for smoke in verdict.smokes],
        "gain": _gain(verdict),
        "commits": [
            {
                "commit": item.commit, "subject": item.subject, "paths": item.paths,
                "before": _played(item.before), "after": _played(item.after),
            }
            for item in verdict.commits
        ],
    }  # fmt: skip
    return json.dumps(record)


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "paths": comparison.paths,
        "differing": comparison.differing,
        "listed": comparison.listed,
        "measured": comparison.measured,
        "unrepeated": list(comparison.unrepeated),
        "groups": [
            {
                "folder": group.folder, "paths": group.number, "aspects": dict(group.tally),
                "examples": [
                    {"path": item.path, "aspects": list(item.aspects), "before": _side(item.before),
                     "after": _side(item.after)}
                    for item in group.examples
                ],
            }
            for group in comparison.groups
        ],
        "configuration": [
            {"field": field.name, "before": json.loads(field.before), "after": json.loads(field.after)}
            for field in comparison.fields
        ],
    }  # fmt: skip


def _side(side: Side | None) -> dict[str, Any] | None:
    return None if side is None else side._asdict()


def _gain(verdict: Verdict) -> dict[str, Any] | None:
    gain = verdict.gain
    if gain is None:
        return None
    sides = {"before": _rebuild(gain.before), "after": _rebuild(gain.after)}
    return {"touched": gain.touched, "chosen": gain.chosen, **sides}


def _played(played: Played) -> dict[str, Any]:
    return {
        **_rebuild(played.rebuild), "expected": played.expected, "wrong": list(played.wrong), "error": played.error,
    }  # fmt: skip


def _rebuild(rebuild: Rebuild) -> dict[str, Any]:
    return {"seconds": round(rebuild.seconds, 1), "steps": [step._asdict() for step in rebuild.steps]}
