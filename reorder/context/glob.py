"""The wildcards of COPY and ADD sources, which are those of Go's ``filepath.Match``, folder by folder.

``*`` and ``?`` match dot files too, never a ``/``; ``**`` is one level as ``*``; ``[...]`` is a class with ranges,
``[^...]`` its complement; a backslash takes the next character as it is. https://pkg.go.dev/path/filepath#Match
"""

from __future__ import annotations

import re


class GlobError(ValueError):
    """A pattern that Go's ``filepath.Match`` rejects."""


def has_wildcards(component: str) -> bool:
    """Whether BuildKit takes a path component for a pattern: an unescaped ``*``, ``?`` or ``[``."""
    return re.search(r"(?:^|[^\\])(?:\\\\)*[*?[]", component, re.DOTALL) is not None


def compile_component(pattern: str) -> re.Pattern[str]:
    """The expression for one path component (use ``fullmatch``); raises `GlobError`."""
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        if char == "[":
            piece, position = _class(pattern, position + 1)
            pieces.append(piece)
            continue
        if char == "\\":
            position += 1
            if position == len(pattern):
                raise GlobError(f"{pattern}: a backslash at the end")
            char = re.escape(pattern[position])
        else:
            char = {"*": ".*", "?": "."}.get(char) or re.escape(char)
        pieces.append(char)
        position += 1
    return re.compile("".join(pieces), re.DOTALL)


def _class(pattern: str, position: int) -> tuple[str, int]:
    """A bracket expression that starts before ``position``, and where it ends."""
    negated = pattern.startswith("^", position)
    position += negated
    ranges: list[str] = []
    while not (ranges and pattern.startswith("]", position)):
        low, position = _class_char(pattern, position)
        high = low
        if pattern.startswith("-", position):
            high, position = _class_char(pattern, position + 1)
        if low <= high:
            ranges.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            ranges.append("")  # Go takes an empty range for one that matches nothing
    body = "".join(ranges)
    if not body:
        return ("." if negated else "(?!)"), position + 1
    return f"[{'^' if negated else ''}{body}]", position + 1


def _class_char(pattern: str, position: int) -> tuple[str, int]:
    if position >= len(pattern) or pattern[position] in "-]":
        raise GlobError(f"{pattern}: a bad character class")
    if pattern[position] == "\\":
        position += 1
    if position + 1 >= len(pattern):
        raise GlobError(f"{pattern}: an unfinished character class")
    return pattern[position], position + 1
