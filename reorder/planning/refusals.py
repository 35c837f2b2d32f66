"""Why installs that would gain from a move stay below the sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reorder.analysis.steps import StageAnalysis, Step
from reorder.context.model import Kind
from reorder.effects import Safety
from reorder.outcome import Refusal
from reorder.planning.holds import IGNORED
from reorder.source import Opaque

Descents = Mapping[int, tuple[int | None, tuple[int, Opaque] | None]]
"""For each volatile copy: the step it sinks below (or None), and the step that stops it and why."""

COPY_IS_NEEDED = "copy-is-needed"
"""A copy stays because the install reads all of it: the author did right, and nobody needs to be told."""

TOO_SMALL = "gain-too-small"
"""A copy stays because it changes so seldom; that is told once, for the first RUN below it."""

_QUIET = frozenset(("not-selected", COPY_IS_NEEDED))


def find_refusals(
    analysis: StageAnalysis, descents: Descents, stages: tuple[StageAnalysis, ...]
) -> Iterator[Refusal]:
    """One refusal for each costly RUN below a volatile copy that stays, be it in a stage that this one starts from."""
    steps = analysis.steps
    if analysis.problem is not None:
        yield from _refuse_stage(steps, descents, analysis.problem)
        return
    quiet: set[int] = set()
    inherited = _find_inherited(analysis, stages)
    for run, step in enumerate(steps):
        if not step.is_worth_caching:
            continue
        stuck = [i for i in descents if i < run and not _is_below(descents[i], run)]
        if not stuck:
            if inherited is not None:
                yield _explain_inherited(step, inherited)
            continue
        untold = [i for i in stuck if i not in quiet or not _is_held(descents[i])]
        first = min(untold or stuck, key=lambda i: (not _is_held(descents[i]), not _is_broad(steps[i]), i))
        refusal = _explain(steps, run, first, descents[first][1]) if first not in quiet else None
        if refusal is not None:
            quiet |= {first} if refusal.slug in (TOO_SMALL, IGNORED) else set()
            yield refusal


def _find_inherited(analysis: StageAnalysis, stages: tuple[StageAnalysis, ...]) -> Opaque | None:
    """Why every step of the stage runs again after an edit of the sources, whatever its order."""
    parent = None if analysis.parent is None else stages[analysis.parent]
    if parent is None or not parent.is_volatile:
        return None
    line = next((step.instruction.line for step in parent.steps if step.is_volatile), None)
    if line is None:
        return _find_inherited(parent, stages)
    name = parent.stage.name or str(parent.stage.index)
    return Opaque("copy-in-parent-stage", f"the stage starts from {name}, where line {line} copies the sources")


def _explain_inherited(step: Step, inherited: Opaque) -> Refusal:
    own = step.effects.blocks if step.effects is not None else ()
    reason = own[0] if own else inherited
    return Refusal(reason.slug, step.instruction.line, reason.why)


def _refuse_stage(steps: tuple[Step, ...], descents: Descents, problem: Opaque) -> Iterator[Refusal]:
    """Why nothing in the stage moves; whether a RUN of Windows costs is not known, so the first one stands for all."""
    for run, step in enumerate(steps):
        is_windows = problem.slug == "windows-stage" and step.instruction.keyword == "RUN"
        if (step.is_worth_caching or is_windows) and any(copy < run for copy in descents):
            yield Refusal(problem.slug, step.instruction.line, problem.why)
            if is_windows:
                return


def _is_below(descent: tuple[int | None, object], run: int) -> bool:
    return descent[0] is not None and descent[0] >= run


def _is_held(descent: tuple[int | None, tuple[int, Opaque] | None]) -> bool:
    """Whether a comment stops the copy: that is told first, and once, since without it there would be a change."""
    return descent[1] is not None and descent[1][1].slug == IGNORED


def _is_broad(step: Step) -> bool:
    return step.copy is not None and any(p.kind is Kind.DIRECTORY for p in step.copy.placements)


def _explain(steps: tuple[Step, ...], run: int, copy: int, stop: tuple[int, Opaque] | None) -> Refusal | None:
    line = steps[run].instruction.line
    effects = steps[run].effects
    if stop is None:
        return None
    where, problem = stop
    if problem.slug in _QUIET:
        return None
    if where in (run, copy) or problem.slug == IGNORED:
        evidence = effects.evidence if effects else ()
        safety = Safety.UNSAFE if problem.slug == "not-proven" else None
        return Refusal(problem.slug, line, problem.why, evidence, safety)
    if effects is not None and effects.blocks and where > run:
        return Refusal(effects.blocks[0].slug, line, effects.blocks[0].why)
    blocker = steps[where].instruction
    above = steps[copy].instruction.line
    why = f"{blocker.keyword} in line {blocker.line} stands between it and the copy in line {above}"
    return Refusal("step-between-needs-sources", line, f"{why}: {problem.why}")
