"""A repository's outcome as JSON, whole, and back: what the ledger keeps, and what travels between processes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from reorder.effects import Safety
from reorder.outcome import Change, Changed, Failed, FileChange, Gain, Outcome, Refusal, Unchanged
from reorder.repository_outcome import RepositoryOutcome

_FAST = 1
"""Of zlib's levels; the others save little and cost much."""

TEXT_LIMIT = 256 * 1024 * 1024
"""Bytes of a record's JSON: far above what a worker may return, and a bound on what a damaged one may fill."""


class RecordError(ValueError):
    """What should be a record is none; the message says why."""


def pack(outcome: RepositoryOutcome) -> bytes:
    """The record, compressed; bytes in it that are not UTF-8 are kept."""
    return zlib.compress(json.dumps(_plain(outcome)).encode("ascii"), _FAST)


def unpack(data: bytes) -> RepositoryOutcome:
    """What `pack` was given. Raises `RecordError` for anything else."""
    try:
        unzip = zlib.decompressobj()
        text = unzip.decompress(data, TEXT_LIMIT)
        if not unzip.eof:
            raise RecordError("no record of an outcome: it is cut short")
        record = json.loads(text)
        return RepositoryOutcome(**(record | {"outcomes": tuple(map(_outcome, record["outcomes"]))}))
    except (zlib.error, TypeError, KeyError, AttributeError, ValueError) as error:
        raise error if isinstance(error, RecordError) else RecordError(f"no record of an outcome: {error}") from None


def read_landing(text: str) -> dict[str, Any]:
    """The fields of a `Landing` in the JSON of a ledger's row. Raises `RecordError`."""
    try:
        return dict(json.loads(text))
    except (TypeError, ValueError) as error:
        raise RecordError(f"no record of a branch: {error}") from None


def _plain(value: Any) -> Any:
    """Named tuples as dicts, the other ones as lists."""
    if isinstance(value, Safety):
        return value.value
    if isinstance(value, tuple):
        named = getattr(value, "_asdict", None)
        return {key: _plain(each) for key, each in named().items()} if named else [_plain(each) for each in value]
    return value


def _outcome(record: Mapping[str, Any]) -> Outcome:
    fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in record.items()}
    if "refusals" in fields:
        fields["refusals"] = tuple(Refusal(**_told(refusal)) for refusal in fields["refusals"])
    if record["status"] == "changed":
        fields["files"] = tuple(FileChange(**file) for file in fields["files"])
        fields["changes"] = tuple(Change(**_told(change)) for change in fields["changes"])
        fields["gain"] = Gain(**fields["gain"])
        return Changed(**fields)
    return Unchanged(**fields) if record["status"] == "unchanged" else Failed(**fields)


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    safety = record["safety"]
    return dict(record) | {
        "evidence": tuple(record["evidence"]),
        "safety": None if safety is None else Safety(safety),
    }
