"""What a replay found: for each step of both versions of a Dockerfile, in which commits it would have run again."""

from __future__ import annotations

from typing import NamedTuple

from reorder.analysis.steps import StageAnalysis
from reorder.context.context import BuildContext
from reorder.dockerfile.model import Dockerfile
from reorder.weighing.history import Commit


class Side(NamedTuple):
    """One version of a Dockerfile, analysed in its build context (which has its own ignore file)."""

    dockerfile: Dockerfile
    stages: tuple[StageAnalysis, ...]
    context: BuildContext


class Row(NamedTuple):
    """One step that a builder can cache, in one version of the file.

    ``stage`` is the stage's name or number, ``line`` 1-based in that version's text, ``text`` the instruction on one
    line, ``kind`` a slug of what it does (see `reorder.weighing.costs`), ``seconds`` what one run costs. ``ran`` and
    ``reasons`` have one entry for each commit, oldest first: whether the step ran again, and why (empty: it did not).
    ``partner``: the index of the same step in the other version, None for one that exists in this version only.
    """

    stage: str
    line: int
    text: str
    kind: str
    seconds: float
    ran: tuple[bool, ...]
    reasons: tuple[str, ...]
    partner: int | None = None

    @property
    def runs(self) -> int:
        """How often it ran again."""
        return sum(self.ran)

    @property
    def total(self) -> float:
        """Seconds in all commits together."""
        return self.runs * self.seconds


class Replay(NamedTuple):
    """Two versions of one Dockerfile over the same commits; paths are as the user gave them.

    ``after`` equals ``before`` where there is nothing to fix. ``notes`` are for the reader: what was assumed, what the
    history lacks. ``is_prior``: there was no usable history; ``commits`` are made from priors then.
    """

    path: str
    context: str
    commits: tuple[Commit, ...]
    before: tuple[Row, ...]
    after: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    is_changed: bool = False
    is_prior: bool = False
