"""How often what a step takes from the build context changes: counted in the history, else told by the names.

One commit counts as one build. A short history says little, so the priors (`reorder.weighing.kinds`) count as much as
`PRIOR_WEIGHT` commits.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.context.context import BuildContext
from reorder.effects import is_within
from reorder.weighing.history import History
from reorder.weighing.kinds import CHANGES_IN_A_BUILD, kind_of_path

PRIOR_WEIGHT = 1.0
"""Commits. As little as that (Jeffreys' prior for a rate weighs one observation), because projects differ much more
than names can tell: ten would keep a folder of sources that never changed in 200 commits at one change in forty builds.
"""

ENOUGH_COMMITS = 20
"""From here on the history may overrule what a name says."""

STAGE_DIFFERS = 0.5
"""Of the changes that reach a stage, the part after which what is copied out of it is taken to differ: builders compare
its content, and an edited comment or test changes no artifact.
"""


class Inputs(NamedTuple):
    """What decides whether a step is built again: paths of the context, and stages (by index) that are copied from."""

    paths: frozenset[str] = frozenset()
    stages: frozenset[int] = frozenset()

    def __or__(self, other: Inputs) -> Inputs:
        return Inputs(self.paths | other.paths, self.stages | other.stages)


class Count(NamedTuple):
    """``changed``: in how many of ``commits`` it changed."""

    changed: int
    commits: int


@dataclass(frozen=True, slots=True)
class _Index:
    """For each path and each folder above one, the commits that changed it or something in it, as bits of a number."""

    commits: int
    cut: int
    masks: dict[str, int]


@dataclass(slots=True)
class Rates:
    """Probabilities for one build context. ``load`` is asked at the first question that the history can answer."""

    context: BuildContext
    load: Callable[[], History] = History
    _history: History | None = None
    _index: _Index | None = None
    _known: dict[frozenset[str], float] = field(default_factory=dict)

    @property
    def history(self) -> History:
        """What ``load`` gives, asked for once."""
        if self._history is None:
            self._history = self.load()
        return self._history

    def rate_of(self, paths: Iterable[str]) -> float:
        """The probability that any of ``paths`` (files, or folders with all that they hold) changed between builds."""
        wanted = frozenset(paths)
        if wanted not in self._known:
            found = self.count(wanted)
            prior = self._prior(wanted)
            self._known[wanted] = (found.changed + PRIOR_WEIGHT * prior) / (found.commits + PRIOR_WEIGHT)
        return self._known[wanted]

    def count(self, paths: Iterable[str]) -> Count:
        """The commits that changed any of ``paths``; ``Count(0, 0)`` without a history."""
        index = self._indexed()
        mask = index.cut if index.commits else 0
        for path in paths:
            mask |= index.masks.get(path, 0)
        return Count(mask.bit_count(), index.commits)

    @property
    def is_sure(self) -> bool:
        """Whether the history is long enough to overrule what names say."""
        return self._indexed().commits >= ENOUGH_COMMITS

    def _prior(self, paths: frozenset[str]) -> float:
        """As if they changed independently of one another; what lies in another one's folder counts once."""
        unchanged = 1.0
        for path in paths:
            if not any(other != path and (other == "" or is_within(path, other)) for other in paths):
                unchanged *= 1 - CHANGES_IN_A_BUILD[kind_of_path(path, self.context)]
        return 1 - unchanged

    def _indexed(self) -> _Index:
        if self._index is None:
            self._index = _make_index(self.history, self.context)
        return self._index


def _make_index(history: History, context: BuildContext) -> _Index:
    """Without what the ignore file keeps out of the context: no builder sees it change."""
    masks: dict[str, int] = {}
    touched: dict[str, tuple[str, ...]] = {}
    cut = 0
    for number, commit in enumerate(history.commits):
        bit = 1 << number
        if commit.is_cut:
            cut |= bit
        found: set[str] = set()
        for path in (*commit.paths, *commit.modes):
            if path not in touched:
                touched[path] = () if context.rules.excludes(path) else _with_folders(path)
            found.update(touched[path])
        for path in found:
            masks[path] = masks.get(path, 0) | bit
    return _Index(len(history.commits), cut, masks)


def _with_folders(path: str) -> tuple[str, ...]:
    found = [path]
    while path:
        path = posixpath.dirname(path)
        found.append(path)
    return tuple(found)
