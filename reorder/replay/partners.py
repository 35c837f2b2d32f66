"""Which step of the fixed version is which step of the original."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple


class Place(NamedTuple):
    """A step as far as it can be recognised: ``stage`` is the stage's index, ``text`` its text on one line."""

    stage: int
    keyword: str
    text: str


def find_partners(before: Sequence[Place], after: Sequence[Place]) -> tuple[int | None, ...]:
    """For each step of ``after`` the index of its origin in ``before``; None for what is new.

    Stages keep their order, and within a stage so do the RUNs: what has another text is a half of the RUN that was
    divided, or runs the dependencies-only form of the next RUN. Everything else is known by its text.
    """
    found: dict[int, int] = {}
    for stage, keyword in sorted({(place.stage, place.keyword) for place in after}):
        old, new = (_select(places, stage, keyword) for places in (before, after))
        found |= _pair_runs(old, new) if keyword == "RUN" else _pair_equal(old, new)
    return tuple(found.get(index) for index in range(len(after)))


def _select(places: Sequence[Place], stage: int, keyword: str) -> list[tuple[int, str]]:
    return [(i, place.text) for i, place in enumerate(places) if (place.stage, place.keyword) == (stage, keyword)]


def _pair_equal(old: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    free: dict[str, list[int]] = {}
    for index, text in reversed(old):
        free.setdefault(text, []).append(index)
    for index, text in new:
        if free.get(text):
            yield index, free[text].pop()


def _pair_runs(old: Sequence[tuple[int, str]], new: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """RUNs are never taken away, so what differs stands for the old RUNs in the same gap, or for the next one."""
    matcher = SequenceMatcher(None, [text for _, text in old], [text for _, text in new], autojunk=False)
    for _, start, end, first, last in matcher.get_opcodes():
        for number, (index, _) in enumerate(new[first:last]):
            share = number * (end - start) // (last - first)
            if start + share < len(old):
                yield index, old[start + share][0]
