"""Which steps Docker runs again after a change: what stands in the cache keys of each, by builder.

A judge of the planner's work, so it must never import it. The rules are held against a real engine, step by step and
for both builders, by a table of scenarios (tests/caching/scenarios, tests/engine/test_scenarios_on_engine.py).

Not modelled, since no delta can tell it: ONBUILD triggers of base images; equal steps of two stages, which an engine
runs once; content that an earlier build has seen already; that the classic builder runs every RUN again when a
predefined proxy argument is given for the first time; that Docker 26.1 overlooks a new mode of a folder, alone, in a
context that it knows by name. Where a variable may stand in ``--chmod``, which Docker 26 does not expand, a new value
counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.analysis.steps import StageAnalysis, Step
from reorder.caching.builder import Builder
from reorder.caching.inputs import inputs_of
from reorder.caching.program import Program, ProgramStage, ProgramStep, Reason, StepId
from reorder.caching.variables import Scope
from reorder.context.context import BuildContext
from reorder.dockerfile.model import Dockerfile, Stage
from reorder.effects import join
from reorder.manager import UNKNOWN

__all__ = ["Builder", "Program", "Reason", "StepId", "TargetError", "find_target", "make_program"]

_VERTICES = frozenset(("COPY", "ADD", "RUN", "WORKDIR"))
"""What BuildKit caches; all else is configuration that no key holds (RULEBOOK A1)."""


class TargetError(ValueError):
    """A target that no stage is named after."""


def make_program(
    dockerfile: Dockerfile, stages: tuple[StageAnalysis, ...], context: BuildContext, *,
    builder: Builder = Builder.BUILDKIT, target: str | None = None,
) -> Program:
    """What building ``target`` (a stage's name; None: the last stage) takes, to be asked about many changes.

    ``stages`` are what `reorder.analysis.steps.analyze` found for ``dockerfile`` in ``context``. For the classic
    builder the context is opened without a ``<Dockerfile>.dockerignore``, which it does not know. Build arguments have
    their defaults until a delta says otherwise. Raises `TargetError`.
    """
    last = find_target([analysis.stage for analysis in stages], target)
    compiler = _Compiler(dockerfile, context, builder)
    compiled = [compiler.stage(analysis) for analysis in stages[: last + 1]]
    if builder is Builder.BUILDKIT:  # the classic builder builds unused stages, too
        needed = _needed(compiled)
        compiled = [stage for stage in compiled if stage.index in needed]
    return Program.of(tuple(compiled), context)


def find_target(stages: Sequence[Stage], target: str | None) -> int:
    """The index of the stage that is built (None: the last one). Raises `TargetError`."""
    if target is None:
        return len(stages) - 1
    found = [stage.index for stage in stages if stage.name and stage.name.lower() == target.lower()]
    if not found:
        # Docker takes no number here, either
        names = ", ".join(stage.name for stage in stages if stage.name) or "no stage has a name"
        raise TargetError(f"there is no stage {target} to build ({names})")
    return found[-1]


def _needed(stages: list[ProgramStage]) -> set[int]:
    needed = {stages[-1].index}
    for stage in reversed(stages):
        if stage.index in needed:
            needed.update(stage.bases)
            needed.update(taken.stage for step in stage.steps for taken in step.inputs.taken)
    return needed


class _State(NamedTuple):
    """What a step sees: variables, and the build arguments that decide who the user is.

    ``is_plain``: no step so far may have made symbolic links.
    """

    scope: Scope
    user: frozenset[str] = frozenset()
    is_plain: bool = True

    def after(self, step: Step) -> _State:
        instruction = step.instruction
        state = self._replace(scope=self.scope.after(instruction))
        if instruction.keyword == "USER":
            return state._replace(user=self.scope.value(instruction.words[0]).arguments)
        if step.effects is not None and (step.effects.blocks or step.effects.links or step.effects.writes.everything):
            return state._replace(is_plain=False)
        return state


@dataclass(slots=True)
class _Compiler:
    dockerfile: Dockerfile
    context: BuildContext
    builder: Builder
    _names: dict[str, int] = field(default_factory=dict)
    _ends: list[_State] = field(default_factory=list)

    def stage(self, analysis: StageAnalysis) -> ProgramStage:
        """The stage as a program; to be asked for stage by stage."""
        stage = analysis.stage
        outer = Scope.above_from(self.builder, self.dockerfile.escape, self.dockerfile.preamble)
        base = outer.value(stage.base)
        platform = stage.instructions[0].flag("platform")
        arguments = base.arguments | (outer.value(platform.value or "").arguments if platform else frozenset())
        parent = self._names.get(base.text.lower())
        # an argument without a default may name any stage above
        bases = tuple(range(len(self._ends))) if UNKNOWN in base.text else () if parent is None else (parent,)
        state = _State(outer.stage(None)) if parent is None else self._begun(self._ends[parent], outer)
        steps = []
        for index, step in enumerate(analysis.steps):
            if self._is_cached(step, state):
                inputs = inputs_of(step, state.scope, self.context, self._names, state.user)
                id_ = StepId(stage.index, index)
                keyword, line = step.instruction.keyword, step.instruction.line
                steps.append(ProgramStep(id=id_, keyword=keyword, line=line, inputs=inputs))
            state = state.after(step)
        self._ends.append(state)
        self._names |= {name.lower(): stage.index for name in (str(stage.index), stage.name) if name}
        return ProgramStage(
            index=stage.index, name=stage.name or str(stage.index), bases=bases, arguments=arguments,
            image="" if parent is not None else base.text, steps=tuple(steps), is_plain=state.is_plain,
        )  # fmt: skip

    def _begun(self, parent: _State, outer: Scope) -> _State:
        """The state at the beginning of a stage that starts from another; the classic builder tells it no ARG."""
        user = parent.user if self.builder is Builder.BUILDKIT else frozenset[str]()
        return parent._replace(scope=outer.stage(parent.scope), user=user)

    def _is_cached(self, step: Step, state: _State) -> bool:
        instruction = step.instruction
        if self.builder is Builder.CLASSIC:
            return instruction.keyword != "FROM"
        if instruction.keyword == "WORKDIR":  # the root is always there: nothing is to be made
            return join(step.state.workdir, state.scope.value(instruction.words[0]).text) != "/"
        return instruction.keyword in _VERTICES
