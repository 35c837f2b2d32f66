"""What version control is told to ignore, by the ``.gitignore`` files of a tree and by git's rules.

A folder that is ignored hides all below it. Otherwise the nearest ``.gitignore`` that has a say about a path decides,
in it the last line that fits. https://git-scm.com/docs/gitignore
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from reorder.context.model import Kind, Tree, UnreadableError

_NAME = ".gitignore"
_SIZE_LIMIT = 1024 * 1024
"""Bytes; of longer files it is not known what they mean, since each line becomes a regular expression."""


_UNSURE = re.compile(r"\s$|\[[^]]*(?:\[|$)|\\$|[^/!]\*\*|\*\*[^/]|\*\*/$|(?:\*[^/]+){4}")
"""Lines that the library does not read as git does: white space other than blanks at the end, a class of characters by
name (``[[:alpha:]]``) or without an end, two asterisks beside something other than a slash, or before the last one
(``a/**/``: the folders in ``a``, and not ``a``); and those with so many asterisks that an expression would take ages.
"""


class _Line(NamedTuple):
    """``expression``: None if it is not known what the line means."""

    expression: re.Pattern[str] | None
    is_ignored: bool
    is_for_folders: bool


_UNKNOWN = _Line(None, is_ignored=True, is_for_folders=False)


@dataclass(frozen=True, slots=True)
class VcsIgnore:
    """The rules of one tree; its ``.gitignore`` files are read when they are needed, links among them never."""

    tree: Tree
    _read: dict[str, tuple[_Line, ...]] = field(default_factory=dict, compare=False, repr=False)

    def ignores(self, path: str) -> bool | None:
        """Whether ``path`` would be ignored if it were new; a line for folders only needs one there. None: unknown."""
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            is_folder = depth < len(parts) or self._is_folder(path)
            if (ignored := self._decide("/".join(parts[:depth]), is_folder=is_folder)) is not False:
                return ignored
        return False

    def _is_folder(self, path: str) -> bool:
        return self.tree.kind(path) is Kind.DIRECTORY

    def _decide(self, path: str, *, is_folder: bool) -> bool | None:
        folder = path
        while folder:
            folder = posixpath.dirname(folder)
            inside = path[len(folder) + 1 :] if folder else path
            for line in self._lines(folder):
                if line.expression is None:
                    return None
                if _is_match(line, inside, is_folder=is_folder):
                    return line.is_ignored
        return False

    def _lines(self, folder: str) -> tuple[_Line, ...]:
        """The last one first."""
        if folder not in self._read:
            path = posixpath.join(folder, _NAME)
            try:
                data = self.tree.read(path) if self.tree.kind(path) is Kind.FILE else b""
                is_known = len(data) <= _SIZE_LIMIT
            except UnreadableError:
                is_known = False
            text = data.decode("utf-8", "surrogateescape") if is_known else ""
            self._read[folder] = tuple(_parse(text))[::-1] if is_known else (_UNKNOWN,)
        return self._read[folder]


def _parse(text: str) -> Iterator[_Line]:
    for raw in text.removeprefix("\ufeff").split("\n"):
        line = _without_blanks(raw.removesuffix("\r"))
        if _UNSURE.search(line.removesuffix("\\ ")) and not line.startswith("#"):
            yield _UNKNOWN
            continue
        try:
            pattern = GitIgnoreSpecPattern(line)
        except ValueError:
            continue
        if pattern.regex is not None and pattern.include is not None:
            yield _Line(pattern.regex, pattern.include, line.endswith("/"))


def _without_blanks(line: str) -> str:
    """Without the blanks at its end, but for one behind a backslash; git trims blanks, and nothing else."""
    stripped = line.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if backslashes % 2 and len(stripped) < len(line) else stripped


def _is_match(line: _Line, path: str, *, is_folder: bool) -> bool:
    """Whether the line means this very path. (The library's expressions also fit all below, marked by a group.)"""
    if line.expression is None or (line.is_for_folders and not is_folder):
        return False
    found = line.expression.search(path + "/" if line.is_for_folders else path)
    if found is None or not line.expression.groupindex:
        return found is not None
    is_any_folder = line.expression.pattern.startswith("(?P<")
    return is_any_folder or found.start("ps_d") in (-1, len(path))
