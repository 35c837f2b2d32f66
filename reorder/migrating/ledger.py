"""The ledger: what is known of each repository, in an SQLite file that one migration at a time may write.

Each row is written in a transaction of its own, so that whatever ends the process, the rows written before are whole.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

_SCHEMA = 1
ANOTHER_FOLDER = "take another output folder"
_TABLE = """
    CREATE TABLE IF NOT EXISTS repositories (
        name TEXT PRIMARY KEY, location TEXT NOT NULL, orders TEXT NOT NULL, "commit" TEXT, status TEXT NOT NULL,
        trouble TEXT, record BLOB NOT NULL, landing_orders TEXT, landing TEXT
    ) WITHOUT ROWID
"""
_COLUMNS = 'name, location, orders, "commit", status, trouble, record, landing_orders, landing'


class LedgerError(Exception):
    """The ledger cannot be used; the message says why, and what to do."""


class Row(NamedTuple):
    """What is known of one repository.

    ``orders``: what it was looked at with (a digest: `reorder.migrating.keys`); ``record``: see
    `reorder.migrating.records`. ``landing``: JSON of a `Landing`, made with ``landing_orders``.
    """

    name: str
    location: str
    orders: str
    commit: str | None
    status: str
    trouble: str | None
    record: bytes
    landing_orders: str | None = None
    landing: str | None = None


class Ledger:
    """The open ledger; close it. Raises `LedgerError` if another migration has it, or if it is none."""

    def __init__(self, path: str) -> None:
        self._path = path
        try:
            # the future that a row comes from is waited for in one thread; sqlite3 would refuse any other
            self._database = sqlite3.connect(path, timeout=0, isolation_level=None)
        except sqlite3.Error as error:
            raise LedgerError(f"{path}: cannot be opened: {error}") from None
        try:
            self._open()
        except sqlite3.Error as error:
            self._database.close()
            raise LedgerError(self._explain(error)) from None
        except LedgerError:
            self._database.close()
            raise

    def _open(self) -> None:
        # exclusive: the file stays locked until we end, and the kernel unlocks it however we end
        self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute("BEGIN IMMEDIATE")
        version = self._database.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, _SCHEMA):
            raise LedgerError(f"{self._path}: was written by another version; {ANOTHER_FOLDER}")
        self._database.execute(_TABLE)
        self._database.execute(f"PRAGMA user_version = {_SCHEMA}")
        self._database.execute("COMMIT")

    def _explain(self, error: sqlite3.Error) -> str:
        if "locked" in str(error):
            return f"{self._path}: another migration is at work in {os.path.dirname(self._path) or '.'}"
        return f"{self._path}: cannot be used as a ledger: {error}; {ANOTHER_FOLDER}"

    def close(self) -> None:
        """Let go of it."""
        with suppress(sqlite3.Error):
            self._database.close()

    def get(self, name: str) -> Row | None:
        """The row of a repository. Raises `LedgerError`."""
        try:
            found = self._database.execute(f"SELECT {_COLUMNS} FROM repositories WHERE name = ?", (name,)).fetchone()
        except sqlite3.Error as error:
            raise LedgerError(self._explain(error)) from None
        return Row(*found) if found else None

    def put(self, row: Row) -> None:
        """Write a row; when this returns, no end of the process loses it. Raises `LedgerError`."""
        marks = ", ".join("?" * len(row))
        try:
            self._database.execute(f"INSERT OR REPLACE INTO repositories ({_COLUMNS}) VALUES ({marks})", row)
        except sqlite3.Error as error:
            raise LedgerError(f"{self._path}: cannot be written: {error}") from None

    def names(self) -> Iterator[str]:
        """Of all repositories that it has ever held."""
        yield from (name for (name,) in self._database.execute("SELECT name FROM repositories ORDER BY name"))
