"""What a Dockerfile is made of: pieces, instructions, stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from reorder.source import Source, Span


class DockerfileError(Exception):
    """A Dockerfile that BuildKit would reject; ``line`` is 1-based."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class Flag(NamedTuple):
    """``--name=value`` (value None for a bare ``--name``); ``raw`` is its exact text."""

    name: str
    value: str | None
    raw: str

    @property
    def options(self) -> dict[str, str]:
        """What a ``--mount`` says, by name in lower case, as BuildKit reads it."""
        items = (item.partition("=") for item in (self.value or "").split(","))
        return {name.strip().lower(): value for name, _, value in items}

    @property
    def mount_target(self) -> str | None:
        """Where a ``--mount`` goes, if it says so."""
        options = self.options
        return options.get("target") or options.get("dst") or options.get("destination")


class Heredoc(NamedTuple):
    """A heredoc of an instruction; ``body`` spans its lines without the terminator."""

    name: str
    body: Span
    expand: bool
    chomp: bool
    content: str


class Instruction(NamedTuple):
    """One instruction of the file, from its first character to its last newline.

    ``span`` holds whole lines: leading blanks, continuation lines with the
    comments among them, heredoc bodies and terminators, and the final newline.
    ``comment`` holds the comment lines directly above, without a blank between.
    ``args`` is the logical line after keyword and flags, as BuildKit sees it;
    ``args_span`` the same stretch in the file (continuations and comments and all,
    without the last newline and without heredoc bodies).
    """

    keyword: str
    span: Span
    comment: Span | None
    line: int
    flags: tuple[Flag, ...]
    args: str
    args_span: Span
    words: tuple[str, ...] = ()
    json: bool = False
    heredocs: tuple[Heredoc, ...] = ()

    def flag(self, name: str) -> Flag | None:
        """The last flag of that name."""
        found = None
        for flag in self.flags:
            if flag.name == name:
                found = flag
        return found


class Piece(NamedTuple):
    """A stretch of whole lines of the file; all pieces joined are the file."""

    kind: Literal["directive", "comment", "blank", "instruction"]
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A build stage: its FROM and what follows it."""

    index: int
    name: str | None
    base: str
    instructions: tuple[Instruction, ...]


class Dockerfile(NamedTuple):
    """A parsed Dockerfile. ``preamble`` are the ARGs before the first FROM."""

    source: Source
    escape: str
    directives: tuple[tuple[str, str], ...]
    pieces: tuple[Piece, ...]
    instructions: tuple[Instruction, ...]
    preamble: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
