"""The history's word on which copies are volatile: a folder of data that is edited every day is, whatever its names."""

from __future__ import annotations

from reorder.analysis.copies import Copy
from reorder.analysis.steps import StageAnalysis, Step
from reorder.context.model import Kind
from reorder.weighing.kinds import PathKind, kind_of_file
from reorder.weighing.rates import Rates

VOLATILE_RATE = 0.1
"""Of all builds. Settings that change in one of ten are edited like sources."""

_FOR_INSTALLS = frozenset((PathKind.LOCK, PathKind.MANIFEST))


def mark_volatile(stages: tuple[StageAnalysis, ...], rates: Rates) -> tuple[StageAnalysis, ...]:
    """The stages with the copies marked that the history, if long enough, shows to be edited often.

    Manifests and locks are for installs, which run again with them in any order: they stay what they are. The history
    is asked only if a copy that could be marked stands above a step worth caching, there or by way of another stage.
    """
    result: list[StageAnalysis] = []
    passes_on = any(_takes_above_install(analysis) for analysis in stages)
    for analysis in stages:
        seen = (i for i, step in enumerate(analysis.steps) if passes_on or _stands_above_install(analysis, i))
        marked = {i for i in seen if analysis.problem is None and _is_edited_often(analysis.steps[i], rates)}
        steps = tuple(
            step._replace(is_volatile=True) if i in marked or _takes_from_volatile(step, result) else step
            for i, step in enumerate(analysis.steps)
        )
        is_volatile = any(step.is_volatile for step in steps) or (
            analysis.parent is not None and result[analysis.parent].is_volatile
        )
        result.append(analysis._replace(steps=steps, is_volatile=is_volatile))
    return tuple(result)


def _takes_above_install(analysis: StageAnalysis) -> bool:
    """Whether what another stage makes is copied above a step worth caching."""
    copies = (i for i, step in enumerate(analysis.steps) if step.copy is not None and step.copy.origin == "stage")
    return any(_stands_above_install(analysis, i) for i in copies)


def _stands_above_install(analysis: StageAnalysis, index: int) -> bool:
    return any(below.is_worth_caching for below in analysis.steps[index + 1 :])


def _is_edited_often(step: Step, rates: Rates) -> bool:
    if step.copy is None or step.is_volatile or step.copy.origin != "context":
        return False
    paths = _settings_of(step.copy)
    return bool(paths) and rates.is_sure and any(rates.rate_of((path,)) >= VOLATILE_RATE for path in paths)


def _settings_of(copy: Copy) -> list[str]:
    """What it brings beside manifests and locks."""
    return [
        placement.source
        for placement in copy.placements
        if placement.kind is Kind.DIRECTORY or kind_of_file(placement.source.rpartition("/")[2]) not in _FOR_INSTALLS
    ]


def _takes_from_volatile(step: Step, earlier: list[StageAnalysis]) -> bool:
    if step.copy is None or step.copy.origin != "stage":
        return False
    names = (step.copy.stage, step.copy.stage.lower())
    return any(
        analysis.is_volatile and (str(analysis.stage.index) in names or (analysis.stage.name or "").lower() in names)
        for analysis in earlier
    )
