"""Expands variables and removes quotes in the arguments of an instruction, as BuildKit does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reorder.dockerfile.model import Instruction

_SPECIAL = re.compile(r"""[$'"\\`]""")
_NAME = re.compile(r"\$\{?(\w+)")


class ExpansionError(ValueError):
    """A word that BuildKit cannot expand: an open quote, an unknown modifier, a ``${A:?}`` without A."""


def expand(word: str, env: Mapping[str, str], escape: str) -> str:
    r"""Replace variables in ``word`` by their values and remove quotes and escapes.

    A variable that is not in ``env`` is empty, as in COPY, WORKDIR, USER, ENV and ARG. Patterns
    (``${A#x}``, ``${A/x/y}``) work as in BuildKit's frontend/dockerfile/shell. ``escape`` is
    ``\`` or a backtick. Raise `ExpansionError` where BuildKit fails.
    """
    if not _SPECIAL.search(word):
        return word
    from e2b_dockerfile_utils import ShellLex

    try:
        return ShellLex(escape, env=env, skip_unset_env=False).process_word(word)
    except ValueError as error:
        raise ExpansionError(str(error)) from None


class _Recorder(Mapping[str, str]):
    """An environment in which every variable is set, and which notes the names asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return name

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def names_in(word: str, escape: str = "\\") -> frozenset[str]:
    """The variables that ``word`` mentions, also inside ``${A:-$B}``.

    In a word that cannot be expanded, everything that looks like a variable.
    """
    if "$" not in word:
        return frozenset()
    recorder = _Recorder()
    try:
        expand(word, recorder, escape)
    except ExpansionError:
        return frozenset(_NAME.findall(word))
    return frozenset(recorder.names)


def assignments(instruction: Instruction) -> tuple[tuple[str, str | None], ...]:
    """The names and values of an ENV, ARG or LABEL; None for ``ARG NAME``.

    Values are unexpanded, and so is a name with a variable in it (`may_meet`); other names have lost their quotes.
    """
    pairs = (word.partition("=") for word in instruction.words)
    return tuple((_unquoted(name), value if equals else None) for name, equals, value in pairs)


def may_meet(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a name is in both sets; one with a variable in it, which BuildKit expands, may be any of the others."""
    return bool(some & others) or bool(some and others and any("$" in name for name in some | others))


def _unquoted(name: str) -> str:
    r"""BuildKit expands names as it does values, so that ``LABEL "a"=1`` sets ``a`` (tested on Docker 26.1)."""
    try:
        return name if "$" in name else expand(name, {}, "\\")
    except ExpansionError:
        return name
