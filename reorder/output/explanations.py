"""Why a pattern is slow, what a move could break, what to do about it, and the sources: more than a slug's one line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class PatternNote(NamedTuple):
    """Of a pattern that is repaired; ``sources`` are vendors' documents with their addresses, or what was tried."""

    slow: str
    sources: tuple[str, ...]


class RefusalNote(NamedTuple):
    """Of a reason why a step stays: what a move could break, and what the user can do."""

    move: str
    help: str
    sources: tuple[str, ...]


def pattern_note(slug: str) -> PatternNote:
    """Raises `KeyError` for a slug without one."""
    found = _notes()["changes"][slug]
    return PatternNote(" ".join(found["slow"].split()), _sources(found["sources"]))


def refusal_note(slug: str) -> RefusalNote:
    """Raises `KeyError` for a slug without one."""
    found = _notes()["refusals"][slug]
    return RefusalNote(found["move"], found["help"], _sources(found["sources"]))


def _sources(names: list[str]) -> tuple[str, ...]:
    return tuple(_notes()["sources"][name] for name in names)


@cache
def _notes() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(files("reorder.output").joinpath("explanations.toml").read_text(encoding="utf-8"))
