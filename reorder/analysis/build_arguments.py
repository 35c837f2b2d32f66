"""Which build arguments decide more of a build than a RUN sees, and the values that the project's builds give to them.

A value from the command line takes the place of the default in the file (Dockerfile reference, ARG). What a RUN sees of
an argument counts as unknown anyway, so that only the others have to be looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reorder.dockerfile.expand import assignments, names_in
from reorder.dockerfile.model import Dockerfile, Instruction
from reorder.manager import UNKNOWN

Given = tuple[tuple[str, str], ...]
"""Names and values, sorted; `UNKNOWN` where only a run can tell the value."""

_MOST_WAYS = 12
"""Builds of one file that are planned one by one; a matrix may make hundreds."""
_NEVER = frozenset("RUN LABEL CMD ENTRYPOINT HEALTHCHECK EXPOSE STOPSIGNAL MAINTAINER ONBUILD".split())
_READ_BY_NAME = frozenset(("HOME", "NODE_OPTIONS"))
"""Variables of which a default is believed in a RUN, too."""


def deciding_names(dockerfile: Dockerfile) -> frozenset[str]:
    """The ARGs that have a part in a base image, a path, a user or a mount."""
    declared: set[str] = set()
    needed = set(_READ_BY_NAME)
    sources: dict[str, set[str]] = {}
    for instruction in (*dockerfile.preamble, *dockerfile.instructions):
        if instruction.keyword in ("ARG", "ENV"):
            for name, value in assignments(instruction):
                declared |= {name} if instruction.keyword == "ARG" else set()
                sources.setdefault(name, set()).update(names_in(value or ""))
        else:
            needed |= set(_mentioned(instruction))
    for stage in dockerfile.stages:
        needed |= names_in(stage.base)
    waiting = list(needed)
    while waiting:
        more = sources.get(waiting.pop(), set()) - needed
        needed |= more
        waiting += more
    return frozenset(needed & declared)


def _mentioned(instruction: Instruction) -> Iterator[str]:
    words = instruction.words if instruction.keyword not in _NEVER else ()
    for word in (*words, *(flag.value or "" for flag in instruction.flags)):
        yield from names_in(word)


def given_values(names: frozenset[str], builds: Sequence[Mapping[str, str | None]]) -> list[Given]:
    """For each build the values of those ``names`` that it sets; a value of None leaves the default.

    Where there are too many combinations, the values of the busiest names count as unknown.
    """
    kept = [{name: value for name, value in each.items() if name in names and value is not None} for each in builds]
    while len(distinct := set(map(_sorted, kept))) > _MOST_WAYS:
        values: dict[str, set[str]] = {}
        for name, value in (pair for given in distinct for pair in given):
            values.setdefault(name, set()).add(value)
        busiest = max(sorted(values), key=lambda name: len(values[name]))
        if len(values[busiest]) == 1:
            busy = set(values)
            kept = [dict.fromkeys(busy, UNKNOWN) for _ in kept]
            break
        kept = [{n: UNKNOWN if n == busiest else v for n, v in each.items()} for each in kept]
    return list(map(_sorted, kept))


def _sorted(values: Mapping[str, str]) -> Given:
    return tuple(sorted(values.items()))


def told(given: Given) -> str:
    """The values in words; empty if there are none."""
    return ", ".join(f"{name}={value if value != UNKNOWN else '…'}" for name, value in given)
