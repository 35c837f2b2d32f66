"""A plan: which copies sink below which steps, and what must be copied before them."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from reorder.effects import is_within, join
from reorder.outcome import Change, Refusal


class NarrowLine(NamedTuple):
    """One generated COPY: context ``sources`` of one folder into the container directory ``target``.

    ``is_tree``: the single source is a directory whose contents go into ``target``. ``words``: the sources as the
    author wrote them, where the line is what is left of a copy of several sources.
    """

    sources: tuple[str, ...]
    target: str
    is_tree: bool
    words: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The container paths that the line writes; of a tree its root."""
        if self.is_tree:
            return (self.target,)
        return tuple(join(self.target, posixpath.basename(source)) for source in self.sources)

    def brings(self, path: str) -> bool:
        """Whether the container ``path`` comes from this line."""
        if self.is_tree:
            return is_within(path, self.target)
        return path in self.paths


class Narrow(NamedTuple):
    """Generated lines; they stand in the copy's old place, or right above the step with index ``before``."""

    before: int | None
    lines: tuple[NarrowLine, ...]


class Sink(NamedTuple):
    """The copy with index ``copy`` of stage ``stage`` goes right below the step with index ``after``.

    ``kept`` are the positions of the sources that the sunken copy still names (None: all of them, the line is moved as
    it is). ``dest``: its new destination, where the old spelling would mean another directory further down.
    """

    stage: int
    copy: int
    after: int
    narrow: tuple[Narrow, ...]
    change: Change
    kept: tuple[int, ...] | None = None
    dest: str | None = None


class Move(NamedTuple):
    """The ARG, LABEL or ENV with index ``step`` of stage ``stage`` goes right above the step with index ``before``.

    If that is the number of steps, it goes to the end of the stage. ``change``: what to tell the user, if this is the
    instruction that the move is made for.
    """

    stage: int
    step: int
    before: int
    change: Change | None = None


class Plan(NamedTuple):
    """All that will be done to one Dockerfile. ``ignore_patterns`` are new lines of the ignore file.

    ``in_place``: copies, by stage and index, that stand where they should, since an install reads all of them.
    ``moves`` are made once there are no ``sinks``; ``kept_metadata`` tells why there are no more.
    """

    sinks: tuple[Sink, ...] = ()
    moves: tuple[Move, ...] = ()
    ignore_patterns: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    in_place: frozenset[tuple[int, int]] = frozenset()
    kept_metadata: tuple[Refusal, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.sinks or self.moves)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What to tell the user, in the order of the file."""
        changes = [sink.change for sink in self.sinks] + [move.change for move in self.moves if move.change is not None]
        return tuple(sorted(changes, key=lambda change: change.line))
