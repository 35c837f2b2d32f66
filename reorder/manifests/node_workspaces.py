"""The members of a workspace: the directories that patterns such as ``packages/*`` or ``!packages/old`` name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from reorder.context.model import Kind
from reorder.effects import join
from reorder.lazy_patterns import lazy_pattern
from reorder.manifests.files import Files, ManifestError

_BRACES = lazy_pattern(r"\{([^{}]*)\}")
_NEVER_ENTERED = frozenset(("node_modules", "bower_components"))


def find_members(files: Files, root: str, patterns: Iterable[str]) -> tuple[str, ...]:
    """The directories under ``root`` that the patterns name and that hold a package.json, sorted.

    The last pattern that matches a directory decides; ``root`` itself is never among them. Raises `ManifestError` for
    a pattern that is not understood.
    """
    found: dict[str, bool] = {}
    for pattern in patterns:
        is_wanted = not pattern.startswith("!")
        for plain in _expand_braces(pattern.removeprefix("!")):
            if any(mark in plain for mark in ("(", "{", "\\")) or plain.startswith("/"):
                raise ManifestError("workspaces-not-understood", f"the workspace pattern {pattern!r} is not understood")
            parts = [part for part in plain.split("/") if part not in ("", ".")]
            for directory in _match(files, root, parts):
                found[directory] = is_wanted
    members = (d for d, is_wanted in found.items() if is_wanted and d != root)
    return tuple(sorted(d for d in members if files.find(posixpath.join(d, "package.json")) is not None))


def _expand_braces(pattern: str) -> Iterator[str]:
    match = _BRACES.search(pattern)
    if match is None:
        yield pattern
        return
    for choice in match[1].split(","):
        yield from _expand_braces(pattern[: match.start()] + choice + pattern[match.end() :])


def _match(files: Files, directory: str, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield directory
        return
    head, rest = parts[0], parts[1:]
    if head == "**":
        yield from _match(files, directory, rest)
        for child in _directories(files, directory):
            yield from _match(files, child, parts)
    elif any(mark in head for mark in "*?["):
        wanted = _segment(head)
        for child in _directories(files, directory):
            if wanted.fullmatch(posixpath.basename(child)):
                yield from _match(files, child, rest)
    else:
        yield from _match(files, join(directory, head), rest)


def _directories(files: Files, directory: str) -> Iterator[str]:
    for name in files.names(directory):
        if name.startswith(".") or name in _NEVER_ENTERED:
            continue
        path = posixpath.join(directory, name)
        entry = files.find(path)
        if entry is None:
            continue
        if entry.kind is Kind.SYMLINK:
            raise ManifestError("manifest-is-a-symlink", f"{path}, a possible workspace member, is a symbolic link")
        if entry.kind is Kind.DIRECTORY:
            yield path


def _segment(pattern: str) -> re.Pattern[str]:
    """One path segment with ``*``, ``?`` and ``[...]`` as a regular expression."""
    import fnmatch

    return re.compile(fnmatch.translate(pattern.replace("[^", "[!")))
