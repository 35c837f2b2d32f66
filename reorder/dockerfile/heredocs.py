"""Finds the heredoc markers (``<<EOF``) of an instruction, as BuildKit's parser does."""

from __future__ import annotations

import re
from typing import NamedTuple

from reorder.dockerfile.arguments import ArgumentError

HEREDOC_KEYWORDS = frozenset({"ADD", "COPY", "RUN"})
_SPACED = re.compile(r"\d*<<-?[\t\r ]")
_PLAIN = re.compile(r"\d*<<(-?)([A-Za-z0-9_]+)\Z", re.ASCII)
_NEEDS_LEXER = re.compile(r"""[$'"\\\x1c-\x1f]|<<[\t\r ]""")
_LEADING_TABS = re.compile(r"^\t+", re.MULTILINE)


class Marker(NamedTuple):
    """A heredoc as announced: its terminator, whether its body is expanded, whether leading tabs go.

    ``spaced`` (``<< EOF``): a heredoc since BuildKit 0.22, plain text for the shell before.
    """

    name: str
    expand: bool
    chomp: bool
    spaced: bool


def markers_in(line: str) -> tuple[Marker, ...]:
    """The heredocs that a logical line announces, in order; none where its quotes do not close."""
    if not _NEEDS_LEXER.search(line):
        return _found(line.split())
    from e2b_dockerfile_utils import ShellLex

    try:
        words = ShellLex("\\", raw_quotes=True, raw_escapes=True).process_words(line)
    except ValueError:
        return ()
    return _found(words)


def _found(words: list[str]) -> tuple[Marker, ...]:
    markers = (_marker(word) for word in words if "<<" in word)
    return tuple(marker for marker in markers if marker is not None)


def _marker(word: str) -> Marker | None:
    if plain := _PLAIN.match(word):
        return Marker(plain[2], expand=True, chomp=bool(plain[1]), spaced=False)
    from e2b_dockerfile_utils import parse_heredoc

    try:
        found = parse_heredoc(word)
    except ValueError as error:
        raise ArgumentError(f"malformed heredoc: {error}") from None
    return None if found is None else Marker(found.name, found.expand, found.chomp, bool(_SPACED.match(word)))


def is_marker(word: str) -> bool:
    """Whether the whole word is a heredoc marker."""
    if "<<" not in word:
        return False
    from e2b_dockerfile_utils import parse_heredoc

    try:
        return parse_heredoc(word) is not None
    except ValueError:
        return False


def without_tabs(body: str) -> str:
    """The body of a ``<<-`` heredoc as the shell or COPY sees it."""
    return _LEADING_TABS.sub("", body)
