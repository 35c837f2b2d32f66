"""Generated COPY lines: from single files and trees that a step needs to as few lines as keep the layout."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from reorder.analysis.copies import Copy, Placement
from reorder.context.model import Kind
from reorder.effects import is_within
from reorder.planning.model import NarrowLine
from reorder.source import Opaque
from reorder.weighing.rates import Rates

CLEARLY = 2.0
"""How many times as often a line must change as another one that is put in front of it."""

_GLOB_CHARACTERS = frozenset("*?[]\\'\"")


def narrow_lines(needed: Iterable[Placement]) -> tuple[NarrowLine, ...] | Opaque:
    """One line for each folder (COPY flattens its sources: RULEBOOK B5), trees on lines of their own."""
    files: dict[tuple[str, str], list[str]] = {}
    trees: list[NarrowLine] = []
    for source, kind, target in needed:
        if _GLOB_CHARACTERS & set(source) or "$" in source or "\n" in source or source.startswith(("<<", "#", "-")):
            return Opaque(
                "name-has-glob-characters", f"{source!r} cannot be named in a COPY that all builders read alike"
            )
        if kind is Kind.DIRECTORY:
            trees.append(NarrowLine((source,), target, is_tree=True))
        elif posixpath.basename(source) != posixpath.basename(target):
            return Opaque("copy-renames", f"{source} is copied under another name")
        else:
            key = (posixpath.dirname(source), posixpath.dirname(target))
            files.setdefault(key, []).append(source)
    lines = [NarrowLine(tuple(dict.fromkeys(sources)), target, is_tree=False) for (_, target), sources in files.items()]
    covered = [line for line in lines if not _is_inside_a_tree(line, trees)]
    return (*covered, *trees)


def _is_inside_a_tree(line: NarrowLine, trees: list[NarrowLine]) -> bool:
    return any(all(source.startswith(tree.sources[0] + "/") for source in line.sources) for tree in trees)


def rarest_first(lines: tuple[NarrowLine, ...], rates: Rates) -> tuple[NarrowLine, ...]:
    """The lines with those that change much more rarely in front, where the history is clear about that.

    A line whose files change spares the ones above it. Lines that write the same paths keep their order.
    """
    if len(lines) < 2 or not rates.is_sure:
        return lines
    result: list[NarrowLine] = []
    for line in lines:
        at = len(result)
        while at > 0 and _goes_before(line, result[at - 1], rates):
            at -= 1
        result.insert(at, line)
    return tuple(result)


def _goes_before(line: NarrowLine, other: NarrowLine, rates: Rates) -> bool:
    if CLEARLY * rates.rate_of(line.sources) > rates.rate_of(other.sources):
        return False
    return not any(is_within(a, b) or is_within(b, a) for a in line.paths for b in other.paths)


def kept_sources(copy: Copy, needed: Iterable[Placement]) -> tuple[int, ...] | None:
    """Which sources of a copy of several are still to be copied after ``needed`` was, or None for "all of them".

    Sources are dropped only if each of them is needed whole or not at all, and no two write the same path.
    """
    wanted = {placement.source for placement in needed}
    if len(copy.sources) < 2:
        return None
    kept, dropped = [], 0
    for index, source in enumerate(copy.sources):
        inside = wanted.intersection(source.paths)
        if not inside and not any(w.startswith(p + "/") or not p for w in wanted for p in source.paths):
            kept.append(index)
        elif len(inside) == len(source.paths):
            dropped += 1
        else:
            return None
    targets = [p.target for p in copy.placements if p.kind is not Kind.DIRECTORY]
    is_simple = len(targets) == len(set(targets)) and not any(
        source.startswith(path + "/") for source in wanted for s in copy.sources for path in s.paths if path != source
    )
    return tuple(kept) if kept and dropped and is_simple else None


def as_written(copy: Copy, lines: tuple[NarrowLine, ...], kept: tuple[int, ...]) -> NarrowLine:
    """The line that brings the sources that are not kept, in their old spelling and order."""
    words = tuple(source.raw for index, source in enumerate(copy.sources) if index not in kept)
    sources = tuple(source for line in lines for source in line.sources)
    return NarrowLine(sources, copy.dest, is_tree=False, words=words)
