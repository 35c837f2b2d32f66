r"""Pieces of markdown that text from a repository cannot break out of: code spans, fences, and words between them.

Backslashes do not help here. Hosts look for mentions, references to issues and addresses in the text that markdown has
become, where ``\@team`` is ``@team`` again; only in code do they not look.
"""

from __future__ import annotations

import re

from reorder.output.text import printable, printable_line

_LONGEST = 200
"""Characters of one code span; a path may have thousands."""
_KEYWORDS = frozenset("ADD ARG CMD COPY ENTRYPOINT ENV FROM LABEL RUN SHELL USER VOLUME WORKDIR".split())
_PARTS = re.compile(r"""(["'(]*)(.*?)([,.;:)"'?]*)""", re.DOTALL)
_PLAIN = re.compile(r"(?![0-9a-f]{7,}$)(?:[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+(?:[.,]\d+)*%?)")
"""Letters or a number, but not what may be the name of a commit."""


def prose(text: str) -> str:
    """A sentence: every word that is more than letters, or than a number, becomes code, as do Dockerfile keywords.

    It may begin an item of a list, so it does not begin with a number: with a full stop that would be a list itself.
    """
    first, *rest = (word for word in printable(text).split(" ") if word) if text.strip() else ("",)
    return " ".join((code(first) if first[:1].isdigit() else _word(first), *map(_word, rest)))


def code(text: str) -> str:
    """``text`` as a code span, cut in the middle where it is very long."""
    shown = printable(text)
    if len(shown) > _LONGEST:
        shown = f"{shown[: _LONGEST // 2]}…{shown[-_LONGEST // 2 :]}"
    mark = "`" * (_longest_run(shown) + 1)
    needs_room = not shown.strip() or shown[0] in "` " or shown[-1] in "` "
    return f"{mark} {shown} {mark}" if needs_room else f"{mark}{shown}{mark}"


def cell(text: str) -> str:
    """A piece of markdown for a table, where a bar ends a cell even in code."""
    return text.replace("|", r"\|")


def fence(text: str, language: str) -> str:
    """``text`` as a block of code; control characters but tabs are escaped."""
    mark = "`" * max(3, _longest_run(text) + 1)
    lines = map(printable_line, text.removesuffix("\n").split("\n"))
    return "\n".join((mark + language, *lines, mark))


def _word(word: str) -> str:
    match = _PARTS.fullmatch(word)
    assert match is not None  # every part of the pattern may be empty, and the one in the middle is anything
    before, core, after = match.groups()
    if not core or (_PLAIN.fullmatch(core) and core not in _KEYWORDS):
        return word
    return f"{before}{code(core)}{after}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
