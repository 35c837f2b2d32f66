"""What each step of a stage is built again for, how likely that is, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reorder.analysis.copies import Copy
from reorder.analysis.steps import StageAnalysis, Step
from reorder.context.context import clean_source
from reorder.manager import UNKNOWN
from reorder.weighing.costs import Costs
from reorder.weighing.rates import STAGE_DIFFERS, Inputs, Rates

_ANY = Inputs(frozenset(("",)))


@dataclass(frozen=True, slots=True)
class Weights:
    """How often paths of the context change, and what a run of a step costs."""

    rates: Rates
    costs: Costs = field(default_factory=Costs)


@dataclass(slots=True)
class StageWeights:
    """The stage ``analysis`` weighed; what is asked of the history is asked at the first question only."""

    analysis: StageAnalysis
    stages: Sequence[StageAnalysis]
    weights: Weights
    _seconds: dict[int, float] = field(default_factory=dict)
    _whole: dict[int, Inputs] = field(default_factory=dict)

    def inherited(self) -> Inputs:
        """The inputs of the stage that it starts from: a RUN on top of it runs again with any of its steps."""
        return _NOTHING if self.analysis.parent is None else self._whole_of(self.analysis.parent)

    def own(self, index: int) -> Inputs:
        """What the step with that index takes in itself, whatever stands above it."""
        return self._own(self.analysis.steps[index])

    def seconds(self, index: int) -> float:
        """Of one run; 0 for a step that is not worth caching, since such seconds are no reason to move anything."""
        step = self.analysis.steps[index]
        if not step.is_worth_caching:
            return 0.0
        if index not in self._seconds:
            earlier = [*self._steps_of_parents(), *self.analysis.steps[:index]]
            self._seconds[index] = self.weights.costs.seconds_of(step, earlier)
        return self._seconds[index]

    def rate(self, inputs: Inputs) -> float:
        """The probability that a step with these inputs, its own and those above it, is built again."""
        rates, paths = self.weights.rates, inputs.paths
        found = before = rates.rate_of(paths)
        for stage in sorted(inputs.stages):
            paths |= self._whole_of(stage).paths
            after = rates.rate_of(paths)
            found += STAGE_DIFFERS * (after - before)
            before = after
        return found

    def _steps_of_parents(self) -> Iterable[Step]:
        parent = self.analysis.parent
        while parent is not None:
            yield from self.stages[parent].steps
            parent = self.stages[parent].parent

    def _whole_of(self, stage: int) -> Inputs:
        """All that a stage takes in, the stages that it copies from included."""
        if stage not in self._whole:
            analysis = self.stages[stage]
            found = _NOTHING if analysis.parent is None else self._whole_of(analysis.parent)
            for step in analysis.steps:
                own = self._own(step)
                paths = (self._whole_of(other).paths for other in own.stages if other < stage)
                found |= Inputs(own.paths.union(*paths))
            self._whole[stage] = found
        return self._whole[stage]

    def _own(self, step: Step) -> Inputs:
        if step.copy is not None:
            return self._inputs_of_copy(step.copy)
        found = _NOTHING
        for flag in step.instruction.flags if step.effects is not None else ():
            if flag.name == "mount" and flag.options.get("type", "bind") == "bind":
                found |= self._inputs_of_mount(step, flag.options)
        return found

    def _inputs_of_copy(self, copy: Copy) -> Inputs:
        if copy.origin == "context":
            return Inputs(frozenset(p.source for p in copy.placements)) if copy.placements else _ANY
        return self._stage_named(copy.stage) if copy.origin == "stage" else _NOTHING

    def _inputs_of_mount(self, step: Step, options: dict[str, str]) -> Inputs:
        if "from" in options:
            return self._stage_named(step.state.expand(options["from"]))
        source = step.state.expand(options.get("source") or options.get("src") or "")
        return _ANY if UNKNOWN in source else Inputs(frozenset((clean_source(source),)))

    def _stage_named(self, name: str) -> Inputs:
        """The last stage of that name or number; an image is none, and never changes."""
        for analysis in reversed(self.stages):
            if name.lower() in (str(analysis.stage.index), (analysis.stage.name or "").lower()):
                return Inputs(stages=frozenset((analysis.stage.index,)))
        return _NOTHING


_NOTHING = Inputs()
