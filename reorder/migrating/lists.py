"""Lists of repositories in files: one path or URL a line, or JSON lines with what is known of each repository."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from reorder.migrating.model import Kind
from reorder.migrating.names import is_url
from reorder.output.text import place, printable

_KEYS = ("url", "path", "name", "owner", "default_branch")
_MOST_TOLD = 10


class SourceError(Exception):
    """A source that cannot be understood; the message names file and line."""


class Entry(NamedTuple):
    """A repository as a source names it; ``location`` is an absolute path or a URL."""

    source: str
    location: str
    kind: Kind
    name: str | None = None
    owner: str | None = None
    default_branch: str | None = None


def read_list(data: bytes, shown: str, folder: str) -> Iterator[Entry]:
    """The entries of a list; relative paths start at ``folder``.

    Blank lines and lines that begin with ``#`` count for nothing. If the first line that counts begins with ``{``,
    all lines are JSON objects with ``url`` or ``path``, and perhaps ``name``, ``owner`` and ``default_branch``; other
    keys are left to whoever wrote them. Raises `SourceError` with every line that is wrong.
    """
    numbered = list(_lines(data))
    if not numbered:
        raise SourceError(f"{printable(shown)}: no repository in this list")
    first = numbered[0][1]
    if first == "[" or first.startswith("[{"):  # what `gh repo list --json url` says
        raise SourceError(f"{place(shown, numbered[0][0])}: a JSON array; it must be one object a line (jq -c '.[]')")
    is_json = first.startswith("{")
    found, wrong = [], []
    for number, line in numbered:
        try:
            found.append(_from_json(line, folder) if is_json else _from_line(line, folder))
        except ValueError as error:
            wrong.append(f"{place(shown, number)}: {printable(str(error))}")
    if wrong:
        more = [f"and {len(wrong) - _MOST_TOLD} more lines"] if len(wrong) > _MOST_TOLD else []
        raise SourceError("\n".join(wrong[:_MOST_TOLD] + more))
    yield from found


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            yield number, line


def _from_line(line: str, folder: str) -> Entry:
    if line.startswith("{"):
        raise ValueError("a line of JSON in a list of paths and URLs; the first line tells which of both it is")
    return _entry(line, folder)


def _entry(text: str, folder: str) -> Entry:
    if "\0" in text:
        raise ValueError("no path or URL holds a NUL")
    return Entry(text, text, "url") if is_url(text) else _path(text, folder)


def _path(text: str, folder: str) -> Entry:
    return Entry(text, os.path.normpath(os.path.join(folder, os.path.expanduser(text))), "path")


def _from_json(line: str, folder: str) -> Entry:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"no JSON: {error}") from None
    if not isinstance(record, dict):
        raise ValueError("no JSON object")
    for key in record.keys() - set(_KEYS):
        if close := get_close_matches(key.lower().replace("-", "_"), _KEYS, n=1, cutoff=0.85):
            raise ValueError(f"there is no key {key} (perhaps {close[0]}?)")
    url, path = _text(record, "url"), _text(record, "path")
    if (url is None) == (path is None):
        raise ValueError("needs either url or path")
    if url is not None and not is_url(url):
        raise ValueError(f"{url} is no URL")
    entry = Entry(url, url, "url") if url is not None else _path(path or "", folder)
    return entry._replace(
        name=_text(record, "name"), owner=_text(record, "owner"), default_branch=_text(record, "default_branch")
    )


def _text(record: dict[str, Any], key: str) -> str | None:
    """An empty one says nothing: so `gh repo list` tells the default branch of a repository without a commit."""
    value = record.get(key) or None
    if value is not None and (not isinstance(value, str) or "\0" in value):
        raise ValueError(f"{key} must be a text")
    return value
