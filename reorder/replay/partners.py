"""Which step of the fixed version is which step of the original."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple


class Place(NamedTuple):
    """A step as far as it can be recognised: ``stage`` is the stage's index, ``text`` its text on one line.

    ``sources`` are what a COPY or ADD copies.
    """

    stage: int
    keyword: str
    text: str
    sources: frozenset[str] = frozenset()


_Places = list[tuple[int, Place]]


def find_partners(before: Sequence[Place], after: Sequence[Place]) -> tuple[int | None, ...]:
    """For each step of ``after`` the index of its origin in ``before``; None for what is new.

    Stages keep their order, and within a stage so do the RUNs: what has another text is a half of the RUN that was
    divided, or runs the dependencies-only form of the next RUN. Everything else is known by its text; a copy also by
    its sources, since these may be divided, and the destination be spelled otherwise in the new place.
    """
    found: dict[int, int] = {}
    for stage, keyword in sorted({(place.stage, place.keyword) for place in after}):
        old, new = (_select(places, stage, keyword) for places in (before, after))
        found |= dict(_pair_runs(old, new)) if keyword == "RUN" else _pair_others(old, new)
    return tuple(found.get(index) for index in range(len(after)))


def _select(places: Sequence[Place], stage: int, keyword: str) -> _Places:
    return [(i, place) for i, place in enumerate(places) if (place.stage, place.keyword) == (stage, keyword)]


def _pair_others(old: _Places, new: _Places) -> dict[int, int]:
    found: dict[int, int] = {}
    for index, place in new:
        same = (origin for origin, other in old if other.text == place.text and origin not in found.values())
        if (origin := next(same, None)) is not None:
            found[index] = origin
    gone = [(origin, place) for origin, place in old if origin not in found.values()]
    for index, place in new:
        whole = (origin for origin, other in gone if place.sources and place.sources <= other.sources)
        if index not in found and (origin := next(whole, None)) is not None:
            found[index] = origin
    return found


def _pair_runs(old: _Places, new: _Places) -> Iterator[tuple[int, int]]:
    """RUNs are never taken away, so what differs stands for the old RUNs in the same gap, or for the next one."""
    matcher = SequenceMatcher(None, [place.text for _, place in old], [place.text for _, place in new], autojunk=False)
    for _, start, end, first, last in matcher.get_opcodes():
        for number, (index, _) in enumerate(new[first:last]):
            share = number * (end - start) // (last - first)
            if start + share < len(old):
                yield index, old[start + share][0]
