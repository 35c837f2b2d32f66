"""The bytes of a file as text with offsets, and edits to them.

Text is UTF-8 decoded with ``surrogateescape``, so that any bytes survive the
round trip; every offset in the project is an index into this text.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range ``[start, end)`` of text offsets."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """One file: where it came from, and its text."""

    path: str
    text: str
    _line_starts: list[int] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def decode(cls, path: str, data: bytes) -> Source:
        """Read ``data``; no bytes are invalid."""
        return cls(path, data.decode("utf-8", "surrogateescape"))

    def encode(self) -> bytes:
        """The original bytes."""
        return encode(self.text)

    @property
    def newline(self) -> str:
        """The line ending of the first line (LF where there is none)."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"

    def line_of(self, offset: int) -> int:
        """The 1-based number of the line that holds ``offset``."""
        if not self._line_starts:
            starts = self._line_starts
            starts.append(0)
            position = self.text.find("\n")
            while position >= 0:
                starts.append(position + 1)
                position = self.text.find("\n", position + 1)
        return bisect_right(self._line_starts, offset)

    def slice(self, span: Span) -> str:
        """The text of ``span``."""
        return self.text[span.start : span.end]


def encode(text: str) -> bytes:
    """The bytes of a text made by `Source.decode` and edits to it."""
    return text.encode("utf-8", "surrogateescape")


class Edit(NamedTuple):
    """Replace ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Patch:
    """Sorted, disjoint edits to one source."""

    source: Source
    edits: tuple[Edit, ...]

    def __post_init__(self) -> None:
        end = 0
        for edit in self.edits:
            if edit.span.start < end or edit.span.end < edit.span.start:
                raise ValueError(f"edits overlap or are unsorted at {edit.span}")
            end = edit.span.end

    def apply(self) -> str:
        """The patched text."""
        pieces: list[str] = []
        position = 0
        for (start, end), text in self.edits:
            pieces += (self.source.text[position:start], text)
            position = end
        pieces.append(self.source.text[position:])
        return "".join(pieces)


class Opaque(NamedTuple):
    """Something that cannot be understood, and why: it reads and writes everything."""

    slug: str
    why: str
    span: Span | None = None
