"""The files of images in a database on disk, so that a comparison of millions of paths needs little memory.

The connection is the caller's: ``sqlite3.connect("")`` is a database in a temporary file that SQLite itself takes away
when it is closed, however the program ends. It takes about 250 bytes for each path of each image.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -24000;
PRAGMA temp_store = FILE;
CREATE TABLE layer (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE entry (
  layer INTEGER, path BLOB, kind TEXT, mode INTEGER, uid INTEGER, gid INTEGER, content BLOB, attributes BLOB,
  PRIMARY KEY (layer, path)
) WITHOUT ROWID;
CREATE TABLE gone (layer INTEGER, path BLOB, itself INTEGER);
CREATE TABLE file (
  image INTEGER, path BLOB, kind TEXT, mode INTEGER, uid INTEGER, gid INTEGER, content BLOB, attributes BLOB,
  PRIMARY KEY (image, path)
) WITHOUT ROWID;
"""
_BATCH = 500
_HARD_LINK = "h"


class ArchiveError(Exception):
    """The stream is no saved image, breaks off, or is packed in a way that cannot be read."""


class Entry(NamedTuple):
    """A path in a layer; ``kind`` as in `model.KINDS`, ``content`` a SHA-256, a link's target or device numbers."""

    path: str
    kind: str
    mode: int
    uid: int
    gid: int
    content: bytes
    attributes: str


def to_bytes(path: str) -> bytes:
    """A path as it is kept: any bytes, ordered as bytes are."""
    return path.encode("utf-8", "surrogateescape")


class Store:
    """Layers, and the merged file systems of images."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.database = database
        database.executescript(_SCHEMA)

    def new_layer(self, name: str) -> int | None:
        """A number for the layer of that name in its archive; None if it was read before."""
        if self.find_layer(name) is not None:
            return None
        return self.database.execute("INSERT INTO layer (name) VALUES (?)", (name,)).lastrowid

    def find_layer(self, name: str) -> int | None:
        """The number of the layer, if it was read."""
        row = self.database.execute("SELECT id FROM layer WHERE name = ?", (name,)).fetchone()
        return None if row is None else int(row[0])

    @contextmanager
    def writing(self, layer: int) -> Iterator[Writer]:
        """Takes the entries of a layer in the order of its archive."""
        writer = Writer(self.database, layer)
        yield writer
        writer.flush()

    def merge(self, image: int, layers: tuple[int, ...]) -> None:
        """Lay the layers one over the other, as image ``image``.

        Whiteouts act on lower layers only; a directory over a directory keeps the children; anything else replaces what
        was there (image specification, "Image Layer Filesystem Changeset"). Raises `ArchiveError`.
        """
        for layer in layers:
            self._remove_gone(image, layer)
            replaced = self.database.execute(
                "SELECT f.path FROM file f JOIN entry e ON e.layer = ? AND e.path = f.path"
                " WHERE f.image = ? AND f.kind = 'd' AND e.kind <> 'd'", (layer, image),
            ).fetchall()  # fmt: skip
            for (path,) in replaced:
                self._remove_below(image, path)
            columns = "kind, mode, uid, gid, content, attributes"
            self.database.execute(
                f"INSERT OR REPLACE INTO file SELECT ?, path, {columns} FROM entry WHERE layer = ? AND kind <> ?",
                (image, layer, _HARD_LINK),
            )
            # a hard link counts by content, since builders join and part them at will
            linked = ", ".join(f"t.{column}" for column in columns.split(", "))
            self.database.execute(
                f"INSERT OR REPLACE INTO file SELECT ?, e.path, {linked} FROM entry e JOIN file t"
                " ON t.image = ? AND t.path = e.content WHERE e.layer = ? AND e.kind = ?",
                (image, image, layer, _HARD_LINK),
            )
            lost = self.database.execute(
                "SELECT e.path FROM entry e LEFT JOIN file t ON t.image = ? AND t.path = e.content"
                " WHERE e.layer = ? AND e.kind = ? AND t.path IS NULL", (image, layer, _HARD_LINK),
            ).fetchone()  # fmt: skip
            if lost is not None:
                name = lost[0].decode("utf-8", "replace")
                raise ArchiveError(f"the saved image has a hard link to what it lacks: {name}")

    def _remove_gone(self, image: int, layer: int) -> None:
        gone = self.database.execute("SELECT path, itself FROM gone WHERE layer = ?", (layer,)).fetchall()
        for path, itself in gone:
            self._remove_below(image, path)
            if itself:
                self.database.execute("DELETE FROM file WHERE image = ? AND path = ?", (image, path))

    def _remove_below(self, image: int, folder: bytes) -> None:
        if not folder:
            self.database.execute("DELETE FROM file WHERE image = ?", (image,))
            return
        # "0" follows "/" in the order of bytes
        self.database.execute(
            "DELETE FROM file WHERE image = ? AND path > ? AND path < ?", (image, folder + b"/", folder + b"0")
        )

    def count(self, image: int) -> int:
        """How many paths the image has."""
        return int(self.database.execute("SELECT count(*) FROM file WHERE image = ?", (image,)).fetchone()[0])


class Writer:
    """Writes one layer in batches."""

    def __init__(self, database: sqlite3.Connection, layer: int) -> None:
        self._database = database
        self._layer = layer
        self._rows: list[tuple[object, ...]] = []

    def add(self, entry: Entry) -> None:
        """A path of the layer; a later one of the same name replaces it."""
        path, attributes = to_bytes(entry.path), to_bytes(entry.attributes)
        self._append((self._layer, path, *entry[1:6], attributes))

    def link(self, path: str, target: str) -> None:
        """A hard link to another path of the image."""
        self._append((self._layer, to_bytes(path), _HARD_LINK, 0, 0, 0, to_bytes(target), b""))

    def delete(self, path: str) -> None:
        """The lower layers' ``path``, with all below it, is no more."""
        self._database.execute("INSERT INTO gone VALUES (?, ?, 1)", (self._layer, to_bytes(path)))

    def empty(self, folder: str) -> None:
        """What the lower layers have in ``folder`` is no more."""
        self._database.execute("INSERT INTO gone VALUES (?, ?, 0)", (self._layer, to_bytes(folder)))

    def _append(self, row: tuple[object, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is pending."""
        self._database.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._rows)
        self._rows.clear()
