"""Which steps of the two versions of a Dockerfile belong together, and what each of them saves."""

from __future__ import annotations

from typing import NamedTuple

from reorder.replay.model import Replay, Row


class Pair(NamedTuple):
    """A step as it was and as it would be: two halves of a divided RUN, one step, or one that a version lacks."""

    before: Row | None
    after: tuple[Row, ...]

    @property
    def text(self) -> str:
        """The instruction, as it was if it was there."""
        return self.before.text if self.before else self.after[0].text

    @property
    def stage(self) -> str:
        """Its stage, as it was if it was there."""
        return self.before.stage if self.before else self.after[0].stage

    @property
    def saved(self) -> float:
        """Seconds in all commits together; negative where the new file costs more."""
        return (self.before.total if self.before else 0.0) - sum(row.total for row in self.after)


def find_pairs(replay: Replay) -> tuple[Pair, ...]:
    """Every step of both versions in exactly one pair, the one that saves most first.

    A row goes to the partner it names. A partner that is not there counts as none.
    """
    groups: list[list[Row]] = [[] for _ in replay.before]
    alone = []
    named = {row.partner: index for index, row in reversed(tuple(enumerate(replay.before)))}
    for index, row in enumerate(replay.after):
        partner = row.partner if row.partner is not None else named.get(index)
        if partner is not None and 0 <= partner < len(groups):
            groups[partner].append(row)
        else:
            alone.append(Pair(None, (row,)))
    pairs = [Pair(row, tuple(group)) for row, group in zip(replay.before, groups, strict=True)]
    return tuple(sorted([*pairs, *alone], key=lambda pair: -pair.saved))


def find_best(replay: Replay) -> tuple[Row, Row] | None:
    """The step that saves most, before and after; None where nothing is saved.

    Of a divided RUN it is the half that runs less often.
    """
    if not replay.is_changed:
        return None
    candidates = [
        ((pair.before.runs - row.runs) * row.seconds, pair.before, row)
        for pair in find_pairs(replay)
        if pair.before is not None
        for row in pair.after
    ]
    saved, before, after = max(candidates, key=lambda candidate: candidate[0], default=(0.0, None, None))
    return (before, after) if before and after and saved > 0 else None
