"""What the script of the HTML page says about each cell, as JSON that can stand inside a page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from reorder.output.page import script_json
from reorder.output.replay_pairs import find_best
from reorder.output.replay_words import LONGEST, date_of, shorten, versions_of
from reorder.replay.model import Replay, Row


def encode_data(replay: Replay) -> str:
    """Commits, reasons and rows (both versions in the order of the page); nothing in it can end a script element.

    ``cells`` of a row are lengths and states in turn: 0 for reused, n for "ran again, for the reason n - 1".
    ``start`` is the row on which the cursor begins, ``partner`` the row of the same step in the other version.
    """
    reasons: dict[str, int] = {}
    rows = [row for _, version in versions_of(replay) for row in version]
    best = find_best(replay)
    record = {
        "commits": [
            [shorten(commit.id[:10], 80), "" if replay.is_prior else date_of(commit.when), shorten(commit.subject, 200)]
            for commit in replay.commits
        ],
        "rows": list(_records(replay, reasons)),
        "reasons": [shorten(reason, LONGEST) for reason in reasons],
        "start": next((index for index, row in enumerate(rows) if best and row is best[0]), 0),
    }
    return script_json(record)


def _records(replay: Replay, reasons: dict[str, int]) -> Iterator[dict[str, Any]]:
    partners = list(_partners(replay))
    for name, rows in versions_of(replay):
        for row in rows:
            yield {
                "where": f"{name}, stage {shorten(row.stage, 80)}, line {row.line}",
                "text": shorten(row.text, LONGEST),
                "cells": list(_cells(row, reasons)),
                "partner": partners.pop(0),
            }


def _cells(row: Row, reasons: dict[str, int]) -> Iterator[int]:
    states = [
        1 + reasons.setdefault(why, len(reasons)) if ran else 0 for ran, why in zip(row.ran, row.reasons, strict=True)
    ]
    for state, group in groupby(states):
        yield sum(1 for _ in group)
        yield state


def _partners(replay: Replay) -> Iterator[int | None]:
    """For each row of the page the index of its partner on the page."""
    if not replay.is_changed:
        yield from (None for _ in replay.before)
        return
    count = len(replay.before)
    for row in replay.before:
        yield count + row.partner if row.partner is not None and 0 <= row.partner < len(replay.after) else None
    for row in replay.after:
        yield row.partner if row.partner is not None and 0 <= row.partner < count else None
