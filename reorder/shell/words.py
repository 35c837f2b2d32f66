"""Cuts the text of one simple command into words and redirections, with quotes removed.

The grammar's tree tells where a command and its expansions begin and end; the words are cut here, by the shell's own
rules (POSIX.1-2024, Shell Command Language 2.2, 2.3), because the tree at times splits a word in two or counts a word
to a redirection before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reorder.lazy_patterns import lazy_pattern
from reorder.shell.model import Dynamic, Item, Part, Variable, Word
from reorder.source import Span


class NotUnderstoodError(Exception):
    """A stretch of a script that we decline to interpret."""

    def __init__(self, why: str, span: Span) -> None:
        super().__init__(why)
        self.why = why
        self.span = span


class Operator(NamedTuple):
    """A redirection operator and the descriptor written before it."""

    op: str
    descriptor: str


class Expansion(NamedTuple):
    """What the tree says of a stretch that begins with ``$``, a backquote, or ``<(``."""

    end: int
    part: Variable | Dynamic


_REDIRECT = lazy_pattern(r"(\d+|\{\w+\})?(<<<|<<-?|<>|<&|&>>|&>|>>|>\||>&|<|>)")
_NAME = lazy_pattern(r"[A-Za-z_][A-Za-z0-9_]*")
_CONTINUATION = lazy_pattern(r"\\\r?\n")
_PLAIN = lazy_pattern(r"[^\s'\"\\$`*?\[\]{},<>|&;()]+")
_PLAIN_IN_QUOTES = lazy_pattern(r"[^\"\\$`]+")
"""Runs of letters that mean themselves; no expansion begins with one of them."""
_BLANKS = " \t\r\v\f"
_OPERATORS = "<>|&;()"


class WordCutter:
    """Cuts ``text[span]``; ``expansions`` are found by the offset at which they begin.

    ``is_test`` is for the inside of ``[[ ]]``, where operators and newlines are words and blanks.
    """

    def __init__(self, text: str, span: Span, expansions: Mapping[int, Expansion], *, is_test: bool = False) -> None:
        self._text = text
        self._position, self._end = span
        self._expansions = expansions
        self._blanks = _BLANKS + "\n" if is_test else _BLANKS
        self._operators = "" if is_test else _OPERATORS

    def tokens(self) -> list[Word | Operator]:
        """All words and operators in order; raises NotUnderstoodError."""
        found: list[Word | Operator] = []
        while self._skip_blanks():
            if self._position not in self._expansions and self._operators:
                if operator := _REDIRECT.match(self._text, self._position, self._end):
                    found.append(Operator(operator[2], operator[1] or ""))
                    self._position = operator.end()
                    continue
                if self._text[self._position] in "|&;()#\n":
                    raise self._refusal(f"{self._text[self._position]!r} where a word was expected")
            found.append(self.word())
        return found

    def word(self) -> Word:
        """The word at the current place, to the next unquoted blank or operator."""
        text, start = self._text, self._position
        build = _WordBuilder(text)
        if text[start] == "~":
            build.glob = True
        while self._position < self._end:
            if plain := _PLAIN.match(text, self._position, self._end):
                build.plain(plain[0])
                self._position = plain.end()
                continue
            if self._take_expansion(build, quoted=False):
                continue
            letter = text[self._position]
            if letter in self._blanks or letter in self._operators or letter == "\n":
                break
            if letter == "'":
                self._single_quoted(build)
            elif letter == '"':
                self._double_quoted(build)
            elif letter == "\\":
                self._escaped(build)
            else:
                build.bare(letter, self._position)
                self._position += 1
        return Word(build.parts(), Span(start, self._position), build.glob)

    def _skip_blanks(self) -> bool:
        while self._position < self._end:
            if self._text[self._position] in self._blanks:
                self._position += 1
            elif found := _CONTINUATION.match(self._text, self._position):
                self._position = min(found.end(), self._end)
            else:
                return True
        return False

    def _take_expansion(self, build: _WordBuilder, *, quoted: bool) -> bool:
        expansion = self._expansions.get(self._position)
        if expansion is not None and expansion.end <= self._end:
            part = expansion.part
            build.add(part._replace(quoted=quoted) if isinstance(part, Variable) else part)
            self._position = expansion.end
            return True
        letter = self._text[self._position]
        if letter == "`" or (letter == "$" and self._text[self._position + 1 : self._position + 2] in tuple("({")):
            raise self._refusal("an expansion that the grammar does not see")
        if letter == "$" and (name := _NAME.match(self._text, self._position + 1, self._end)):
            build.add(Variable(name[0], quoted))
            self._position = name.end()
            return True
        return False

    def _single_quoted(self, build: _WordBuilder) -> None:
        close = self._text.find("'", self._position + 1, self._end)
        if close < 0:
            raise self._refusal("a quote that is not closed")
        build.quoted(self._text[self._position + 1 : close])
        self._position = close + 1

    def _double_quoted(self, build: _WordBuilder) -> None:
        opening = self._position
        self._position += 1
        build.quoted("")
        while self._position < self._end:
            if plain := _PLAIN_IN_QUOTES.match(self._text, self._position, self._end):
                build.quoted(plain[0])
                self._position = plain.end()
                continue
            if self._take_expansion(build, quoted=True):
                continue
            letter = self._text[self._position]
            if letter == '"':
                self._position += 1
                return
            if letter == "\\" and self._text[self._position + 1 : self._position + 2] in tuple('$`"\\\r\n'):
                self._escaped(build)
            else:
                build.quoted(letter)
                self._position += 1
        self._position = opening
        raise self._refusal("a quote that is not closed")

    def _escaped(self, build: _WordBuilder) -> None:
        if found := _CONTINUATION.match(self._text, self._position):
            self._position = found.end()
            return
        build.quoted(self._text[self._position + 1 : self._position + 2] or "\\")
        self._position += 2

    def _refusal(self, why: str) -> NotUnderstoodError:
        return NotUnderstoodError(why, Span(self._position, self._end))


class _WordBuilder:
    """Collects the parts of one word, and watches for globs and brace expansion."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[Part] = []
        self._brace: tuple[int, int] | None = None
        self._brace_lists = False
        self._bracket = False
        self.glob = False

    def add(self, part: Part) -> None:
        self._parts.append(part)

    def quoted(self, literal: str) -> None:
        self._parts.append(literal)

    def plain(self, letters: str) -> None:
        """Letters outside quotes that mean themselves; ``..`` makes a range of the braces around it."""
        self._parts.append(letters)
        if self._brace is not None and ".." in letters:
            self._brace_lists = True

    def bare(self, letter: str, offset: int) -> None:
        """A letter outside quotes, at ``offset``."""
        if letter in "*?" or (letter == "]" and self._bracket):
            self.glob = True
        elif letter == "[":
            self._bracket = True
        elif letter == "{" and self._brace is None:
            self._brace, self._brace_lists = (len(self._parts), offset), False
        elif letter == ",":
            self._brace_lists = True
        self._parts.append(letter)
        if letter == "}" and self._brace is not None:
            self._close_brace(offset)

    def _close_brace(self, offset: int) -> None:
        assert self._brace is not None
        index, opening = self._brace
        self._brace = None
        if self._brace_lists:
            inner = commands_in(part for part in self._parts[index:])
            self._parts[index:] = [Dynamic(self._text[opening : offset + 1], inner)]

    def parts(self) -> tuple[Part, ...]:
        """The parts, with literals joined."""
        if len(self._parts) < 2:
            return tuple(self._parts)
        merged: list[Part] = []
        for part in self._parts:
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            else:
                merged.append(part)
        return tuple(part for part in merged if part != "") if len(merged) > 1 else tuple(merged)


def commands_in(parts: Iterable[Part]) -> tuple[Item, ...]:
    """The commands that run inside the substitutions among ``parts``."""
    return tuple(item for part in parts if isinstance(part, Dynamic) for item in part.commands)


_ASSIGNMENT = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\s]*\])?(\+?)=")


def split_assignment(text: str, word: Word) -> tuple[str, Word] | None:
    """``NAME=value`` taken apart; None if the word is none. What adds to an old value is dynamic."""
    found = _ASSIGNMENT.match(text, word.span.start, word.span.end)
    if not found:
        return None
    name, value_span = found[1], Span(found.end(), word.span.end)
    raw = text[value_span.start : value_span.end]
    if found[2] or found[3]:
        return name, Word((Dynamic(raw, commands_in(word.parts)),), value_span)
    head = word.parts[0]
    assert isinstance(head, str)
    parts: Sequence[Part] = (head[found.end() - found.start() :], *word.parts[1:])
    if len(parts) > 1 and parts[0] == "":
        parts = parts[1:]
    return name, word._replace(parts=tuple(parts), span=value_span)
