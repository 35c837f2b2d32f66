"""The folder that a migration writes: a patch and a body a repository, all outcomes as JSON lines, and the report.

Each file is replaced whole or not at all. Patches and bodies come as the repositories do; at the end everything is made
once more from the ledger, so that the files are the same however often the migration was interrupted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, NamedTuple

from reorder.migrating.bodies import render_body
from reorder.migrating.names import file_name_of
from reorder.migrating.records import read_landing
from reorder.output.json_lines import render_json
from reorder.output.migration_report import ReportOptions, render_report
from reorder.repository_outcome import RepositoryOutcome
from reorder.source import encode

SCHEMA = 1
LEDGER = "ledger.sqlite3"
OUTCOMES = "outcomes.jsonl"
REPORT = "report.html"
_UNFINISHED = ".writing-"
_PATCHES, _BODIES = "patches", "bodies"


class OutputError(Exception):
    """The folder cannot be written to, or holds something else."""


class Told(NamedTuple):
    """An outcome and the JSON of its landing, as the ledger has them.

    ``is_fresh``: its patch and its body were written just now.
    """

    outcome: RepositoryOutcome
    landing: str | None
    is_fresh: bool


class OutputFolder:
    """The folder at ``path``, made if need be; raises `OutputError` if it holds something else than a migration."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            os.makedirs(path, exist_ok=True)
            if not os.path.exists(self.ledger) and self._holds_anything():
                raise OutputError(f"{path}: is not empty and not the output of a migration; take another folder")
            for name in (_PATCHES, _BODIES):
                os.makedirs(os.path.join(path, name), exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path}: cannot be written to: {error.strerror or error}") from None

    def _holds_anything(self) -> bool:
        """But for what a migration leaves that was killed before it had a ledger."""
        names = set(os.listdir(self.path))
        return not names <= {_PATCHES, _BODIES} or any(os.listdir(os.path.join(self.path, name)) for name in names)

    def clear_unfinished(self) -> None:
        """Take away what a migration that was killed left; only for who has the ledger. Raises OSError."""
        for name in os.listdir(self.path):
            if name.startswith(_UNFINISHED):
                os.unlink(os.path.join(self.path, name))

    @property
    def ledger(self) -> str:
        """The path of the ledger."""
        return os.path.join(self.path, LEDGER)

    def put_patch(self, name: str, patch: bytes, body: bytes) -> None:
        """Write a repository's patch and body, or take them away if they are empty; raises OSError."""
        for place, data in ((_patch_of(name), patch), (_body_of(name), body)):
            self._put(place, data)

    def _put(self, place: str, data: bytes) -> None:
        path = os.path.join(self.path, place)
        if not data:
            with suppress(FileNotFoundError):
                os.unlink(path)
        elif not _holds(path, data):
            with self._replacing(place) as file:
                file.write(data)

    def put_all(self, told: Iterable[Told], builds_a_month: int) -> None:
        """Everything; patches and bodies of other repositories are taken away. Reads ``told`` once. Raises OSError."""
        kept: set[str] = set()
        options = ReportOptions(builds_a_month, lambda outcome: _patch_of(outcome.name))
        with self._replacing(OUTCOMES) as lines, self._replacing(REPORT) as page:
            for piece in render_report(self._put_each(told, lines, kept), options):
                page.write(encode(piece))
        for folder in (_PATCHES, _BODIES):
            for name in os.listdir(os.path.join(self.path, folder)):
                if f"{folder}/{name}" not in kept:
                    self._put(f"{folder}/{name}", b"")

    def _put_each(self, told: Iterable[Told], lines: BinaryIO, kept: set[str]) -> Iterator[RepositoryOutcome]:
        """Write what belongs to each outcome, and hand it on."""
        for outcome, landing, is_fresh in told:
            if outcome.patch:
                kept |= {_patch_of(outcome.name), _body_of(outcome.name)}
                if not is_fresh:
                    self.put_patch(outcome.name, encode(outcome.patch), encode(render_body(outcome)))
            lines.write(render_line(outcome, landing).encode("ascii"))
            yield outcome

    @contextmanager
    def _replacing(self, place: str) -> Iterator[BinaryIO]:
        """A file that takes its place when it is whole."""
        path = os.path.join(self.path, place)
        temporary = os.path.join(self.path, _UNFINISHED + os.path.basename(place))
        with open(temporary, "wb") as file:
            yield file
        os.replace(temporary, path)


def render_line(outcome: RepositoryOutcome, landing: str | None) -> str:
    """One repository as a line of JSON (schema 1), keys in a fixed order; ``dockerfiles``: see `render_json`."""
    patch, body = (_patch_of(outcome.name), _body_of(outcome.name)) if outcome.patch else (None, None)
    head = {
        "schema": SCHEMA, "name": outcome.name, "source": outcome.source, "owner": outcome.owner,
        "default_branch": outcome.default_branch, "status": outcome.status, "commit": outcome.commit,
        "trouble": outcome.trouble, "error": outcome.error, "patch": patch, "body": body,
        "landing": read_landing(landing) if landing else None,
    }  # fmt: skip
    dockerfiles = ", ".join(map(render_json, outcome.outcomes))
    return f'{json.dumps(head)[:-1]}, "dockerfiles": [{dockerfiles}]}}\n'


def _patch_of(name: str) -> str:
    return f"{_PATCHES}/{file_name_of(name)}.patch"


def _body_of(name: str) -> str:
    return f"{_BODIES}/{file_name_of(name)}.md"


def _holds(path: str, data: bytes) -> bool:
    try:
        if os.path.getsize(path) != len(data):
            return False
        with open(path, "rb") as file:
            return file.read() == data
    except OSError:
        return False
