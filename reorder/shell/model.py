"""What a shell script is made of: words, commands, groups."""

from __future__ import annotations

from typing import Literal, NamedTuple, Union

from reorder.source import Opaque, Span


class Variable(NamedTuple):
    """``$NAME`` or ``${NAME}`` and nothing more; quoted if inside double quotes."""

    name: str
    quoted: bool


class Dynamic(NamedTuple):
    """What only a run can tell: ``$(...)``, ``${A:-b}``, arithmetic, brace expansion.

    ``commands`` are the commands inside a substitution, in order (they run too).
    """

    raw: str
    commands: tuple[Item, ...] = ()


Part = Union[str, Variable, Dynamic]


class Word(NamedTuple):
    """One word: literal parts have quotes and backslashes already removed.

    ``glob`` is true if an unquoted ``*``, ``?`` or ``[`` stands in a literal part, or an
    unquoted leading ``~``.
    """

    parts: tuple[Part, ...]
    span: Span
    glob: bool = False

    @property
    def literal(self) -> str | None:
        """The text if nothing in it is dynamic (a glob counts as text)."""
        if not self.parts:
            return ""
        if len(self.parts) == 1 and isinstance(self.parts[0], str):
            return self.parts[0]
        return None


class Redirect(NamedTuple):
    """``2>> file``; op is the operator without the descriptor (``<<`` holds the body)."""

    op: str
    target: Word | None
    descriptor: str
    body: str | None = None


Link = Literal["first", "and", "or", "then", "pipe", "background"]
"""How a command hangs on the one before it: first of all, &&, ||, ; or newline, |, &."""


class Command(NamedTuple):
    """A simple command. ``span`` is in offsets of the parsed text."""

    words: tuple[Word, ...]
    span: Span
    assignments: tuple[tuple[str, Word], ...] = ()
    redirects: tuple[Redirect, ...] = ()
    link: Link = "first"
    negated: bool = False


class Group(NamedTuple):
    """A compound command: its items in order, all branches one after the other."""

    kind: Literal["subshell", "brace", "if", "for", "while", "case", "function", "test"]
    items: tuple[Item, ...]
    span: Span
    words: tuple[Word, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    link: Link = "first"
    negated: bool = False


Item = Union[Command, Group]


class Script(NamedTuple):
    """A parsed script: its top-level items in order; and whether it starts anything in the background, at any depth."""

    items: tuple[Item, ...]
    has_background: bool = False


__all__ = ["Command", "Dynamic", "Group", "Item", "Link", "Opaque", "Part", "Redirect", "Script", "Variable", "Word"]
