"""What the report of a migration shows of a repository when it is opened, packed so that a page holds thousands."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from reorder.outcome import Change, Changed, Failed, Outcome, Refusal
from reorder.output.migration_rows import TROUBLES, State, state_of
from reorder.output.side_by_side import Hunk, Row, Side, lay_out
from reorder.output.text import printable, tell_gain
from reorder.repository_outcome import RepositoryOutcome

BLOCK = 1 << 17
"""Characters of JSON that are compressed together: enough for one repository to profit from the others, and few enough
to be unpacked while a key is still down."""
_LONGEST_CODE = 300
"""Characters of an instruction that is quoted beside the reason why it stays."""
_MOST_EVIDENCE = 20
_ORDER: tuple[State, ...] = ("fixable", "failed", "left alone", "nothing to gain")
"""Of Dockerfiles: first what a reader has to look at."""

Json = dict[str, Any]


class Packer:
    """Packs one record after the other; whole blocks are taken out as soon as they are full."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._size = 0
        self._number = 0

    def add(self, record: Json) -> tuple[int, int]:
        """The place of the record: its block, and its index in there."""
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)
        self._texts.append(text)
        self._size += len(text)
        return self._number, len(self._texts) - 1

    def take(self, *, is_last: bool = False) -> Iterator[str]:
        """The block that is full, if one is, or the ``is_last`` one: zlib in base64, which can stand in any page."""
        if self._size < BLOCK and not (is_last and self._texts):
            return
        data = zlib.compress(f"[{','.join(self._texts)}]".encode(), 9)
        self._texts, self._size, self._number = [], 0, self._number + 1
        yield base64.b64encode(data).decode()


def record_of(outcome: RepositoryOutcome, patch: str | None) -> Json:
    """All of one repository, in printable texts; ``patch``: its patch file, relative to the page."""
    record: Json = {"name": printable(outcome.name), "source": printable(outcome.source)}
    told = {"commit": outcome.commit, "owner": outcome.owner, "branch": outcome.default_branch}
    record |= {name: printable(value) for name, value in told.items() if value}
    if outcome.trouble:
        record["trouble"] = TROUBLES[outcome.trouble]
    if outcome.error:
        record["error"] = printable(outcome.error)
    if outcome.patch and patch:
        record["patch"] = {"name": printable(patch), "address": "./" + quote(patch, errors="surrogateescape")}
    ordered = sorted(outcome.outcomes, key=lambda each: _ORDER.index(state_of(each)))
    return record | {"files": list(map(_file, ordered))}


def _file(outcome: Outcome) -> Json:
    record: Json = {"path": printable(outcome.path), "state": state_of(outcome)}
    if isinstance(outcome, Failed):
        return record | {"error": printable(outcome.error), "line": outcome.line}
    record |= {"context": printable(outcome.context) or ".", "toldBy": list(map(printable, outcome.context_from[:3]))}
    if isinstance(outcome, Changed):
        old = outcome.files[0].old or ""
        record["changes"] = [_item(change, old) for change in outcome.changes]
        if outcome.gain.runs_before:
            record["gain"] = tell_gain(outcome.gain).replace("->", "→")
        record["diffs"] = [
            {"path": printable(file.path), "isNew": file.old is None, "hunks": _hunks(lay_out(file.old, file.new))}
            for file in outcome.files
        ]
    else:
        old = outcome.text
    return record | {"refusals": [_item(refusal, old) for refusal in outcome.refusals]}


def _item(item: Change | Refusal, text: str) -> Json:
    """A change or a refusal; a refusal quotes the line that stays, since there is no diff that would show it."""
    record: Json = {"slug": printable(item.slug), "line": item.line, "reason": printable(item.reason)}
    if item.safety and item.safety.value == "unsafe":
        record["isUnsafe"] = True
    if item.evidence:
        record["evidence"] = list(map(printable, item.evidence[:_MOST_EVIDENCE]))
    if isinstance(item, Refusal) and (code := _quote(text, item.line)):
        record["code"] = code
    return record


def _quote(text: str, number: int) -> str:
    lines = text.split("\n", number)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    return printable(line[:_LONGEST_CODE]) + ("…" if len(line) > _LONGEST_CODE else "")


def _hunks(hunks: Iterable[Hunk]) -> list[Json]:
    return [{"rows": list(map(_row, hunk.rows))} | ({"isCut": True} if hunk.is_cut else {}) for hunk in hunks]


def _row(row: Row) -> list[Any]:
    """A line that is the same on both sides, once, with its two numbers; else both sides."""
    if row.is_same and row.old and row.new:
        return [row.old.number, row.new.number, row.new.parts[0]]
    return [_side(row.old), _side(row.new)]


def _side(side: Side | None) -> list[Any] | None:
    if side is None:
        return None
    return [side.number, list(side.parts), side.moved or 0]
