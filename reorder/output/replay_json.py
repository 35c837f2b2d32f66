"""A replay as one line of JSON (schema 1)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from reorder.outcome import Failed
from reorder.output.replay_text import seconds_a_build, sentence
from reorder.replay.model import Replay, Row
from reorder.weighing.history import Commit

SCHEMA = 1


def render_replay_json(replay: Replay | Failed) -> str:
    """One line, keys in a fixed order; bytes that are not UTF-8 are shown escaped.

    ``before`` and ``after`` hold the steps: ``ran`` and ``reasons`` have one entry for each of ``commits``, oldest
    first; ``partner`` is the index of the same step in the other list. ``status`` is ``replayed`` or ``failed``: then
    there is nothing but ``error``.
    """
    record: dict[str, Any] = {"schema": SCHEMA, "path": replay.path, "context": replay.context}
    if isinstance(replay, Failed):
        error = f"line {replay.line}: {replay.error}" if replay.line else replay.error
        return json.dumps(record | {"status": replay.status, "error": error})
    return json.dumps(record | {
        "status": "replayed",
        "headline": sentence(replay),
        "is_changed": replay.is_changed,
        "is_prior": replay.is_prior,
        "notes": replay.notes,
        "totals": {
            "commits": len(replay.commits),
            "before": _totals(replay.before, replay),
            "after": _totals(replay.after, replay),
        },
        "commits": [_commit(commit) for commit in replay.commits],
        "before": [_row(row) for row in replay.before],
        "after": [_row(row) for row in replay.after],
    })  # fmt: skip


def _totals(rows: Sequence[Row], replay: Replay) -> dict[str, Any]:
    installs = sum(row.runs for row in rows if row.kind == "install")
    return {"installs": installs, "seconds_a_build": round(seconds_a_build(rows, replay), 3)}


def _commit(commit: Commit) -> dict[str, Any]:
    return {
        "id": commit.id, "when": commit.when, "subject": commit.subject, "paths": sorted(commit.paths),
        "modes": sorted(commit.modes), "is_cut": commit.is_cut,
    }  # fmt: skip


def _row(row: Row) -> dict[str, Any]:
    return {
        "stage": row.stage, "line": row.line, "text": row.text, "kind": row.kind, "seconds": round(row.seconds, 3),
        "runs": row.runs, "ran": row.ran, "reasons": row.reasons, "partner": row.partner,
    }  # fmt: skip
