"""Cuts a Dockerfile into whole lines that belong together, and joins continuation lines.

The algorithm is the one of BuildKit's Dockerfile parser (frontend/dockerfile/parser):
what a comment, a blank line, a continuation and a directive is, follows it to the byte.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import accumulate
from typing import Literal, NamedTuple

from reorder.dockerfile.model import DockerfileError, Piece
from reorder.source import Span, encode

SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Go's ``unicode.IsSpace`` holds for a space (`str.strip` alone would also take U+001C to U+001F)."""

_BOM = "\ufeff"
_DIRECTIVE = re.compile(r"#[\t\n\f\r ]*([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+?)[\t\n\f\r ]*\Z")
_DIRECTIVE_NAMES = frozenset({"syntax", "escape", "check"})
_LINE_LIMIT = 65_536  # BuildKit reads lines into a buffer of this many bytes, the newline included


class Segment(NamedTuple):
    """A part of a logical line that stands unbroken in the file, at offset ``start``."""

    start: int
    text: str


class LogicalLine(NamedTuple):
    """An instruction without its continuations; ``line`` is 1-based, ``comment`` the lines above."""

    text: str
    segments: tuple[Segment, ...]
    line: int
    comment: Span | None

    def offset(self, index: int) -> int:
        """Where character ``index`` of the logical line stands in the file."""
        for start, text in self.segments:
            if index < len(text):
                return start + index
            index -= len(text)
        last = self.segments[-1]
        return last.start + len(last.text)


def trim_continuation(line: str, escape: str) -> str | None:
    """``line`` without the escape character that continues it, or None where it ends.

    An escaped escape character at the end of a line does not continue it.
    """
    body = line.rstrip(" \t")
    if not body.endswith(escape) or body.endswith(escape + escape):
        return None
    return body[:-1]


def is_dropped(line: str) -> bool:
    """Whether a continuation line vanishes: a comment, or nothing but spaces."""
    return line.lstrip(SPACES)[:1] in ("", "#")


class Scanner:
    """A cursor over the lines of a Dockerfile.

    `next_instruction` and `heredoc` move it, `close` ends the piece that they began.
    """

    def __init__(self, text: str) -> None:
        rows = text.split("\n")
        self._starts = [0, *accumulate(len(row) + 1 for row in rows)]
        self._starts[-1] = len(text)
        if not rows[-1]:
            rows.pop()
        self._rows = rows
        self._row = 0
        self._first = 0
        self._in_directives = True
        self.escape = "\\"
        self.directives: list[tuple[str, str]] = []
        self.pieces: list[Piece] = []
        if len(text) >= _LINE_LIMIT // 4:  # a character has four bytes at most
            self._check_lengths()

    def _check_lengths(self) -> None:
        for number, row in enumerate(self._rows, start=1):
            if len(row) >= _LINE_LIMIT // 4 and len(encode(row)) >= _LINE_LIMIT:
                raise DockerfileError(f"dockerfile line greater than max allowed size of {_LINE_LIMIT - 1}", number)

    @cached_property
    def _last_rows(self) -> dict[str, int]:
        """Where each line occurs last, tabs aside: the search for a terminator that is not there is not repeated."""
        return {row.rstrip("\r").lstrip("\t"): number for number, row in enumerate(self._rows)}

    @property
    def row(self) -> int:
        """How many lines are read."""
        return self._row

    def _add(self, kind: Literal["directive", "comment", "blank", "instruction"]) -> Span:
        span = Span(self._starts[self._first], self._starts[self._row])
        last = self.pieces[-1] if self.pieces else None
        if last is not None and last.kind == kind and kind in ("comment", "blank"):
            self.pieces[-1] = Piece(kind, Span(last.span.start, span.end))
        else:
            self.pieces.append(Piece(kind, span))
        return span

    def next_instruction(self) -> LogicalLine | None:
        """Read to the end of the next instruction's last continuation line; None at the end of the file."""
        while self._row < len(self._rows):
            raw = self._rows[self._row].rstrip("\r")
            body = (raw.removeprefix(_BOM) if self._row == 0 else raw).lstrip(SPACES)
            self._first = self._row
            self._row += 1
            if self._in_directives and self._directive(body):
                self._add("directive")
            elif not body:
                self._add("blank")
            elif body[0] == "#":
                self._add("comment")
            else:
                return self._logical_line(Segment(self._starts[self._first] + len(raw) - len(body), body))
        return None

    def _logical_line(self, first: Segment) -> LogicalLine:
        above = self.pieces[-1] if self.pieces else None
        line, start = self._row, first.start
        segments: list[Segment] = []
        text = first.text
        while (trimmed := trim_continuation(text, self.escape)) is not None:
            segments.append(Segment(start, trimmed))
            while self._row < len(self._rows) and is_dropped(self._rows[self._row]):
                self._row += 1
            if self._row == len(self._rows):
                break
            start, text = self._starts[self._row], self._rows[self._row].rstrip("\r")
            self._row += 1
        else:
            segments.append(Segment(start, text))
        comment = above.span if above is not None and above.kind == "comment" else None
        return LogicalLine("".join(part.text for part in segments), tuple(segments), line, comment)

    def heredoc(self, name: str, *, chomp: bool) -> Span | None:
        """Read a heredoc and its terminator; the span of its body, None (nothing read) without terminator."""
        if self._last_rows.get(name.lstrip("\t"), -1) < self._row:
            return None
        for number in range(self._row, len(self._rows)):
            row = self._rows[number].rstrip("\r")
            if (row.lstrip("\t") if chomp else row) == name:
                body = Span(self._starts[self._row], self._starts[number])
                self._row = number + 1
                return body
        return None

    def close(self) -> Span:
        """End the instruction; the span of all its lines."""
        return self._add("instruction")

    def _directive(self, line: str) -> bool:
        match = _DIRECTIVE.match(line)
        name = match[1].lower() if match else ""
        if match is None or name not in _DIRECTIVE_NAMES:
            self._in_directives = False
            return False
        if any(name == seen for seen, _ in self.directives):
            raise DockerfileError(f"only one {name} parser directive can be used", self._row)
        self.directives.append((name, match[2]))
        if name == "escape":
            if match[2] not in ("\\", "`"):
                raise DockerfileError(f"invalid escape token {match[2]!r} does not match ` or \\", self._row)
            self.escape = match[2]
        return True
