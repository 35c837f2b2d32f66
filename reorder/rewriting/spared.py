"""The last gate for what a patch is made for: no edit of one file may run a RUN again that it spared before.

The simulator judges, which knows nothing of plans.
"""

from __future__ import annotations

from typing import NamedTuple

from reorder.analysis.steps import StageAnalysis
from reorder.caching.program import StepId
from reorder.caching.regression import find_regression
from reorder.caching.simulator import make_program
from reorder.context.context import BuildContext
from reorder.dockerfile.model import Dockerfile
from reorder.rewriting.check import CheckError


class Version(NamedTuple):
    """A Dockerfile analysed in its build context."""

    dockerfile: Dockerfile
    stages: tuple[StageAnalysis, ...]
    context: BuildContext


def check_spared(old: Version, new: Version) -> None:
    """Raise `CheckError` if an edit of one path, or a new value of one argument, reruns a RUN that ``old`` spared.

    The instructions of ``new`` have the lines that they had in ``old``, all parts of a RUN that of the whole. Stages
    that the last one does not need are judged as targets of their own.
    """
    judged: set[int] = set()
    partners = _partners(old, new)
    for last in reversed(range(len(old.stages))):
        if last in judged:
            continue
        before, after = (make_program(v.dockerfile, v.stages[: last + 1], v.context) for v in (old, new))
        judged |= {stage.index for stage in before.stages}
        if fault := find_regression(before, after, partners):
            raise CheckError(fault)


def _partners(old: Version, new: Version) -> dict[StepId, StepId]:
    """The RUNs of the old version with what they are in the new one.

    Of a divided RUN its last part: it runs again whenever a part above it does.
    """
    after = _runs(new)
    return {ids[0]: after[line][-1] for line, ids in _runs(old).items()}


def _runs(version: Version) -> dict[int, list[StepId]]:
    found: dict[int, list[StepId]] = {}
    for analysis in version.stages:
        for index, step in enumerate(analysis.steps):
            if step.effects is not None:
                found.setdefault(step.instruction.line, []).append(StepId(analysis.stage.index, index))
    return found
