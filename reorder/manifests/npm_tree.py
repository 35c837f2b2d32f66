"""The packages of npm's lock file as a graph: what each entry needs, and which flags npm would write for it anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Entries = Mapping[str, Mapping[str, Any]]
"""Entries by path relative to the project (``packages`` of a lock file of version 2 and later)."""

_MODULES = "node_modules/"


def _find(entries: Entries, path: str, name: str) -> str | None:
    """Where ``require(name)`` in ``path`` ends up: the path of its entry, behind a link if there is one."""
    while True:
        found = f"{path}/{_MODULES}{name}" if path else _MODULES + name
        if (entry := entries.get(found)) is not None:
            target = entry.get("resolved")
            return target if entry.get("link") and isinstance(target, str) else found
        if not path:
            return None
        path = path.rpartition("/" + _MODULES)[0]


def _names(entry: Mapping[str, Any], *sections: str) -> Iterator[str]:
    for section in sections:
        found = entry.get(section)
        yield from found if isinstance(found, dict) else ()


def _needed(entries: Entries) -> set[str]:
    """What the project and its members need by ways that lead over no peer dependency."""
    pending = [path for path in entries if _MODULES not in path]
    seen = set(pending)
    while pending:
        path = pending.pop()
        own = ("devDependencies",) if _MODULES not in path else ()
        for name in _names(entries[path], "dependencies", "optionalDependencies", *own):
            found = _find(entries, path, name)
            if found is not None and found in entries and found not in seen:
                seen.add(found)
                pending.append(found)
    return seen


def find_wrong_peer(entries: Entries) -> str | None:
    """An entry marked as peer though it is needed without one: npm 10.9 and 11.19 take the mark away."""
    return next((path for path in sorted(_needed(entries)) if entries[path].get("peer") is True), None)


def find_unmarked_peer(entries: Entries) -> str | None:
    """A peer that is needed otherwise as well, and so bears no mark; see `marks_needed_peers`."""
    for path, entry in entries.items():
        for name in _names(entry, "peerDependencies"):
            found = _find(entries, path, name)
            if found is not None and found in entries and not entries[found].get("peer"):
                return found
    return None


def find_missing_optional(entries: Entries) -> str | None:
    """An optional dependency without an entry, which npm 11 adds and npm 10 does not (11.19, 10.9)."""
    for path, entry in entries.items():
        for name in _names(entry, "optionalDependencies"):
            if _find(entries, path, name) is None:
                return f"{name} of {path}"
    return None


def marks_needed_peers(base: str) -> bool:
    """Whether the official node image ``base`` holds npm 11.6.1 or 11.6.2.

    They mark peers that are needed otherwise as well; 11.3, 11.6.0, 11.6.3 and later do not (all of them tried).
    """
    return re.search(r"(?:^|/)node:(?:24\.1[0-3]|25\.[0-2])(?:[.-]|$)", base) is not None
