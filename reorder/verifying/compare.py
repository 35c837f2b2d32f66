"""Compares the file systems of two images path by path, leaves out what is excused, and groups the rest.

Works on the database of `store`, row by row: whatever differs, and however much, little of it is in memory.
"""

from __future__ import annotations

import posixpath
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.verifying.model import ASPECTS, KINDS, Difference, Group, Side
from reorder.verifying.noise import is_listed, source_of
from reorder.verifying.store import Store, to_bytes

_SHOWN = 5
_GROUPS = 500
_UNREPEATED = 20
_DIGITS = 12
_COLUMNS = "kind", "mode", "uid", "gid", "content", "attributes"
_ONE_SIDED = 3
"""The bits of "only before" and "only after"."""
_ANOTHER_TYPE = 4
_CONTENT = 32

_COMPARE = f"""
DROP TABLE IF EXISTS difference;
CREATE TABLE difference (
  path BLOB PRIMARY KEY, {", ".join("a_" + c for c in _COLUMNS)}, {", ".join("b_" + c for c in _COLUMNS)},
  aspects INTEGER
) WITHOUT ROWID;
INSERT INTO difference SELECT a.path, {", ".join("a." + c for c in _COLUMNS)}, {", ".join("b." + c for c in _COLUMNS)},
  CASE WHEN b.path IS NULL THEN 1 WHEN a.kind <> b.kind THEN 4
    ELSE (a.mode <> b.mode) * 8 + (a.uid <> b.uid OR a.gid <> b.gid) * 16 + (a.content <> b.content) * 32
      + (a.attributes <> b.attributes) * 64 END AS aspects
FROM file a LEFT JOIN file b ON b.image = {{after}} AND b.path = a.path
WHERE a.image = {{before}} AND a.path <> x'' AND aspects;
INSERT INTO difference SELECT b.path, {", ".join("NULL" for _ in _COLUMNS)}, {", ".join("b." + c for c in _COLUMNS)}, 2
FROM file b LEFT JOIN file a ON a.image = {{before}} AND a.path = b.path
WHERE b.image = {{after}} AND b.path <> x'' AND a.path IS NULL;
"""
"""Fills the table ``difference``; the root itself is left out: its owner and mode are the builder's business."""

_NOISE_SCHEMA = """
CREATE TABLE IF NOT EXISTS noise (path BLOB PRIMARY KEY, aspects INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fresh (folder BLOB, kind TEXT, amount INTEGER);
"""


class Findings(NamedTuple):
    """Paths that differ, grouped, and how many were excused by the list and by measurement, with the first of these."""

    listed: int
    measured: int
    groups: tuple[Group, ...]
    unrepeated: tuple[str, ...]


def compare_files(store: Store, before: int, after: int) -> Findings:
    """Hold image ``after`` against image ``before``; excused is what is listed, and what `measure_noise` found."""
    store.database.executescript(_COMPARE.format(before=before, after=after))
    measured, listed = Counter[bool](), Counter[bool]()
    unrepeated: list[str] = []
    noise = _Noise(store.database)

    def rest() -> Iterator[_Row]:
        for known in (listed, measured, unrepeated):
            known.clear()
        noise.restart()
        for row in _rows(store.database):
            if is_listed(row.path) or _is_compiled_alike(store.database, before, after, row):
                listed[True] += 1
            elif noise.excuses(row):
                measured[True] += 1
                if len(unrepeated) < _UNREPEATED:
                    unrepeated.append(row.path)
            else:
                yield row

    common = _common_folder(rest())
    groups = _group(rest(), common) if common is not None else ()
    return Findings(listed[True], measured[True], groups, tuple(unrepeated))


def measure_noise(store: Store, one: int, other: int) -> None:
    """Remember in what two builds of the original, images ``one`` and ``other``, differ, path by path.

    Where each of the two has names in a folder that the other lacks, as many and of the same type, that folder holds
    names made at random; a third build may have as many others there.
    """
    store.database.executescript(_COMPARE.format(before=one, after=other))
    store.database.executescript(_NOISE_SCHEMA)
    store.database.execute("INSERT OR REPLACE INTO noise SELECT path, aspects FROM difference")
    fresh = _unpaired(store.database)
    store.database.executemany("INSERT INTO fresh VALUES (?, ?, ?)", ((*key, n) for key, n in fresh.items()))


class _Row(NamedTuple):
    raw: bytes
    before: tuple[str, int, int, int, bytes, bytes] | None
    after: tuple[str, int, int, int, bytes, bytes] | None
    aspects: int

    @property
    def path(self) -> str:
        return self.raw.decode("utf-8", "surrogateescape")

    @property
    def kind(self) -> str:
        side = self.before or self.after
        assert side is not None
        return side[0]


def _rows(database: sqlite3.Connection) -> Iterator[_Row]:
    """The differing paths in the order of their bytes."""
    for row in database.execute("SELECT * FROM difference ORDER BY path"):
        yield _Row(row[0], row[1:7] if row[1] else None, row[7:13] if row[7] else None, row[13])


def _is_compiled_alike(database: sqlite3.Connection, before: int, after: int, row: _Row) -> bool:
    """Whether it is Python's byte code of a source that is the same in both images."""
    source = source_of(row.path) if row.aspects == _CONTENT else None
    if source is None:
        return False
    found = database.execute(
        "SELECT count(*), count(DISTINCT content) FROM file WHERE image IN (?, ?) AND path = ? AND kind = 'f'",
        (before, after, to_bytes(source)),
    ).fetchone()
    return bool(found == (2, 1))


def _unpaired(database: sqlite3.Connection) -> dict[tuple[bytes, str], int]:
    """Folders in which each side has names of a type that the other lacks, and how many if they are as many."""
    counts: dict[tuple[bytes, str], list[int]] = {}
    below: bytes | None = None
    for row in _rows(database):
        if row.aspects not in (1, 2) or is_listed(row.path):
            continue
        if below is not None and row.raw.startswith(below):
            continue
        below = row.raw + b"/" if row.kind == "d" else None
        counts.setdefault((posixpath.dirname(row.raw), row.kind), [0, 0])[row.aspects - 1] += 1
    return {key: ones for key, (ones, others) in counts.items() if ones == others}


class _Noise:
    """What was measured, asked path by path in order."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.executescript(_NOISE_SCHEMA)
        unpaired = _unpaired(database)
        known = database.execute("SELECT folder, kind, amount FROM fresh").fetchall()
        self._fresh = {(folder, kind) for folder, kind, amount in known if unpaired.get((folder, kind)) == amount}
        self._is_silent = database.execute("SELECT 1 FROM noise LIMIT 1").fetchone() is None
        self._below: bytes | None = None

    def restart(self) -> None:
        """Begin with the first path again."""
        self._below = None

    def excuses(self, row: _Row) -> bool:
        """Whether the original does not repeat, either, what differs here."""
        if self._is_silent:
            return False
        if self._below is not None and row.raw.startswith(self._below):
            return True
        found = self._database.execute("SELECT aspects FROM noise WHERE path = ?", (row.raw,)).fetchone()
        if found is not None and row.aspects & ~_allowed(found[0]) == 0:
            return True
        is_fresh = bool(row.aspects & _ONE_SIDED) and (posixpath.dirname(row.raw), row.kind) in self._fresh
        if is_fresh and row.kind == "d":
            self._below = row.raw + b"/"
        return is_fresh


def _allowed(measured: int) -> int:
    """A path that comes and goes may be missing on either side, one of no fixed type be any; else only the same
    aspects may differ.
    """
    if measured & _ANOTHER_TYPE:
        return ~0
    return measured | _ONE_SIDED if measured & _ONE_SIDED else measured


@dataclass(slots=True)
class _Tally:
    """A group while it is counted."""

    common: str | None = None
    count: int = 0
    tally: Counter[str] = field(default_factory=Counter)
    examples: list[Difference] = field(default_factory=list)

    def add(self, row: _Row) -> None:
        aspects = _names(row.aspects)
        self.count += 1
        self.tally.update(aspects)
        folder = posixpath.dirname(row.path)
        self.common = folder if self.common is None else _join(self.common, folder)
        if len(self.examples) < _SHOWN:
            self.examples.append(Difference(row.path, aspects, _side(row.before), _side(row.after)))

    def finish(self) -> Group:
        return Group("/" + (self.common or ""), self.count, dict(self.tally), tuple(self.examples))


def _group(rows: Iterator[_Row], common: str) -> tuple[Group, ...]:
    """By the folders right below ``common``; more than `_GROUPS` of them share the last group."""
    tallies: dict[str, _Tally] = {}
    start = len(common) + 1 if common else 0
    for row in rows:
        name, slash, _ = row.path[start:].partition("/")
        key = name if slash else ""
        if key not in tallies and len(tallies) >= _GROUPS:
            key = "/"
        tallies.setdefault(key, _Tally()).add(row)
    groups = [tally.finish() for tally in tallies.values()]
    return tuple(sorted(groups, key=lambda group: (-group.number, group.folder)))


def _common_folder(rows: Iterator[_Row]) -> str | None:
    """The deepest folder that holds all; None if there is no row. All rows are passed over."""
    common: str | None = None
    for row in rows:
        folder = posixpath.dirname(row.path)
        common = folder if common is None else _join(common, folder)
    return common


def _join(one: str, other: str) -> str:
    if one == other:
        return one
    return posixpath.commonpath(("/" + one, "/" + other)).lstrip("/")


def _names(aspects: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(ASPECTS) if aspects >> bit & 1)


def _side(row: tuple[str, int, int, int, bytes, bytes] | None) -> Side | None:
    if row is None:
        return None
    kind, mode, uid, gid, content, attributes = row
    shown = content.hex()[:_DIGITS] if kind == "f" else content.decode("utf-8", "surrogateescape")
    return Side(KINDS[kind], mode, uid, gid, shown, attributes.decode("utf-8", "surrogateescape"))
