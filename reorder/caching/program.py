"""A Dockerfile as a program of cacheable steps that is asked, change by change, which of them run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.caching.delta import Delta
from reorder.caching.index import PathIndex
from reorder.caching.inputs import Inputs
from reorder.caching.selectors import Selector
from reorder.context.context import IGNORE_NAME, BuildContext
from reorder.context.model import Kind
from reorder.effects import EVERYTHING, NOTHING, PathSet


class StepId(NamedTuple):
    """The index of a stage, and an index into the steps of its `reorder.analysis.steps.StageAnalysis`."""

    stage: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks a step for


class Reason(NamedTuple):
    """Why a step runs again.

    ``kind`` and ``what``: content, mode (a context path), ignore (the ignore file), argument (its name), image (its
    reference), address (a URL), stage (its name or number), above (``line 7``: the first one above that runs again).
    """

    kind: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStep:
    """A step that a builder caches: COPY, ADD, RUN and WORKDIR; for the classic builder, all but FROM."""

    id: StepId
    keyword: str
    line: int
    inputs: Inputs


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStage:
    """A stage that the target needs. ``bases`` are the stages that it may start from, else ``image`` is its base.

    ``is_plain``: no RUN of it may have made symbolic links, so that a path names what is copied to that path.
    """

    index: int
    name: str
    bases: tuple[int, ...]
    image: str
    arguments: frozenset[str]
    steps: tuple[ProgramStep, ...]
    is_plain: bool


@dataclass(slots=True)
class _Own:
    """What makes a step miss by itself, and the context paths that do; ``is_broad``: it may be any path."""

    reason: Reason
    paths: list[str] = field(default_factory=list)
    is_broad: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Stages that the target needs, in build order. See `reorder.caching.simulator.make_program`.

    ``addresses``: what ADD fetches, and the steps that do.
    """

    stages: tuple[ProgramStage, ...]
    context: BuildContext
    _index: PathIndex[StepId]
    addresses: Mapping[str, frozenset[StepId]]
    _observed: frozenset[int]
    """The stages of which it matters what they hold: something is copied out of them, or of a stage on top."""

    _known: dict[tuple[str, str], tuple[StepId, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, stages: tuple[ProgramStage, ...], context: BuildContext) -> Program:
        """The program of these stages."""
        steps = [step for stage in stages for step in stage.steps]
        addresses: dict[str, frozenset[StepId]] = {}
        for step in steps:
            addresses |= {a: addresses.get(a, frozenset()) | {step.id} for a in step.inputs.addresses}
        observed = {taken.stage for step in steps for taken in step.inputs.taken}
        for stage in reversed(stages):
            observed.update(stage.bases if stage.index in observed else ())
        index = PathIndex.of(context, ((selector, step.id) for step in steps for selector in step.inputs.selectors))
        return cls(stages, context, index, addresses, frozenset(observed))

    @property
    def steps(self) -> tuple[StepId, ...]:
        """The cacheable steps that the target needs, in build order."""
        return tuple(step.id for stage in self.stages for step in stage.steps)

    @property
    def arguments(self) -> frozenset[str]:
        """The build arguments whose values matter to any step."""
        stages = (stage.arguments for stage in self.stages)
        return frozenset[str]().union(*stages, *(s.inputs.arguments for stage in self.stages for s in stage.steps))

    def rerun(self, delta: Delta) -> dict[StepId, Reason]:
        """The steps that miss the cache after ``delta``, in build order, and why: their own cause if they have one.

        Within a stage everything below a miss misses, too, and so does all of a stage that starts FROM one with a miss.
        What is copied or mounted from a stage is keyed by its content, which cannot be known here, so the worst is
        assumed: whatever a RUN that runs again may write is new; of what is copied, that which the delta names. Nor is
        it known what a changed ignore file hides or shows: whatever is selected by folder or by pattern is new then.
        """
        own = self._own_causes(delta)
        if not own and not delta.arguments and not delta.images:
            return {}
        play = _Play(delta, own, self._observed)
        for stage in self.stages:
            play.build(stage)
        return play.again

    def _own_causes(self, delta: Delta) -> dict[StepId, _Own]:
        """For each step the first path (by name) that changes what it selects, and the others."""
        causes: dict[StepId, _Own] = {}
        ignore_path = self.context.ignore_path or IGNORE_NAME
        is_ignore_changed = ignore_path in delta.paths
        if delta.everything or is_ignore_changed:
            reason = Reason("content", "any path") if delta.everything else Reason("ignore", ignore_path)
            for step in (step for stage in self.stages for step in stage.steps):
                if any(delta.everything or self._is_broad(selector) for selector in step.inputs.selectors):
                    causes[step.id] = _Own(reason, is_broad=True)
        for kind, paths in (("content", delta.paths), ("mode", delta.modes)):
            for path in sorted(paths):
                found = self._missed(kind, path)
                if is_ignore_changed and not found:  # it may be hidden now, but not have been so before
                    found = self._selecting(kind, path)
                for id_ in found:
                    if id_ not in causes:
                        causes[id_] = _Own(Reason(kind, path))
                    causes[id_].paths.append(path)
            if kind == "content" and self.addresses:
                for address in sorted(paths & self.addresses.keys()):
                    for id_ in self.addresses[address]:
                        causes[id_] = _Own(Reason("address", address), is_broad=True)
        return causes

    def _missed(self, kind: str, path: str) -> tuple[StepId, ...]:
        """The steps that a change of one path makes miss; none if the ignore file excludes it."""
        key = (kind, path)
        known = self._known.get(key)
        if known is None:
            found = self._selecting(kind, path)
            known = self._known[key] = found if found and not self.context.excludes(path) else ()
        return known

    def _selecting(self, kind: str, path: str) -> tuple[StepId, ...]:
        owners = self._index.owners(path) if kind == "content" else self._index.holders(path)
        return tuple(dict.fromkeys(owners))

    def _is_broad(self, selector: Selector) -> bool:
        return bool(selector.patterns) or self.context.kind(selector.root) is not Kind.FILE


class _Ended(NamedTuple):
    """What became of a stage: whether it has a new history, and where it may hold something new (if that matters)."""

    name: str
    is_changed: bool
    where: PathSet


@dataclass(slots=True)
class _Play:
    """One build after a change, stage by stage."""

    delta: Delta
    own: Mapping[StepId, _Own]
    observed: frozenset[int]
    again: dict[StepId, Reason] = field(default_factory=dict)
    _ended: dict[int, _Ended] = field(default_factory=dict)

    def build(self, stage: ProgramStage) -> None:
        """Note which of its steps run again."""
        above = self._base_reason(stage)
        missed: list[ProgramStep] = []
        for step in stage.steps:
            reason = self._reason(step) or above
            if reason is None:
                continue
            self.again[step.id] = reason
            if not missed:
                above = Reason("above", f"line {step.line}")
            missed.append(step)
        where = self._news(stage, missed) if stage.index in self.observed else NOTHING
        self._ended[stage.index] = _Ended(stage.name, above is not None, where)

    def _base_reason(self, stage: ProgramStage) -> Reason | None:
        if names := self._changed(stage.arguments):
            return Reason("argument", min(names))
        if stage.image in self.delta.images:
            return Reason("image", stage.image)
        changed = (self._ended[base].name for base in stage.bases if self._ended[base].is_changed)
        return next((Reason("stage", name) for name in changed), None)

    def _reason(self, step: ProgramStep) -> Reason | None:
        """Why it misses whatever happened above it."""
        inputs = step.inputs
        if own := self.own.get(step.id):
            return own.reason
        if names := self._changed(inputs.arguments):
            return Reason("argument", min(names))
        if images := inputs.images & self.delta.images:
            return Reason("image", min(images))
        for taken in inputs.taken:
            if inputs.carried(taken.selector, self._ended[taken.stage].where):
                return Reason("stage", self._ended[taken.stage].name)
        return None

    def _changed(self, arguments: frozenset[str]) -> frozenset[str]:
        return arguments & self.delta.arguments

    def _news(self, stage: ProgramStage, missed: list[ProgramStep]) -> PathSet:
        """Where the stage may hold something new at its end."""
        is_other_base = bool(self._changed(stage.arguments)) or stage.image in self.delta.images
        if is_other_base or any(step.keyword == "RUN" for step in missed):
            return EVERYTHING
        where = NOTHING
        for base in stage.bases:
            where |= self._ended[base].where
        for step in missed:
            where |= self._written(step)
        return EVERYTHING if where and not stage.is_plain else where

    def _written(self, step: ProgramStep) -> PathSet:
        """Where a step that runs again may write something new; not a RUN."""
        inputs, where = step.inputs, NOTHING
        if step.keyword not in ("ADD", "COPY", "WORKDIR"):
            return where
        if self._changed(inputs.arguments):
            return EVERYTHING
        own = self.own.get(step.id)
        if (own and own.is_broad) or inputs.images & self.delta.images:
            return inputs.everywhere
        for path in own.paths if own else ():
            where |= inputs.written(path)
        for taken in inputs.taken:
            where |= inputs.carried(taken.selector, self._ended[taken.stage].where)
        return where
