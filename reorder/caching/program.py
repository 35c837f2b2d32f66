"""A Dockerfile as a program of cacheable steps that is asked, change by change, which of them run again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.caching.delta import Delta
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


class _Cause(NamedTuple):
    """Why a step misses by itself, and where in the container that may show."""

    reason: Reason
    where: PathSet


@dataclass(frozen=True, slots=True)
class Program:
    """Stages that the target needs, in build order. See `reorder.caching.simulator.make_program`."""

    stages: tuple[ProgramStage, ...]
    context: BuildContext
    _known: dict[tuple[str, str], tuple[tuple[StepId, _Cause], ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def steps(self) -> tuple[StepId, ...]:
        """The cacheable steps that the target needs, in build order."""
        return tuple(step.id for stage in self.stages for step in stage.steps)

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
        play = _Play(delta, own)
        for stage in self.stages:
            play.build(stage)
        return play.again

    def _own_causes(self, delta: Delta) -> dict[StepId, _Cause]:
        """For each step the first path (by name) that changes what it selects."""
        causes: dict[StepId, _Cause] = {}
        ignore_path = self.context.ignore_path or IGNORE_NAME
        is_ignore_changed = ignore_path in delta.paths
        if delta.everything or is_ignore_changed:
            reason = Reason("content", "any path") if delta.everything else Reason("ignore", ignore_path)
            for step in (step for stage in self.stages for step in stage.steps):
                if any(delta.everything or self._is_broad(selector) for selector in step.inputs.selectors):
                    causes[step.id] = _Cause(reason, step.inputs.everywhere)
        for kind, paths in (("content", delta.paths), ("mode", delta.modes)):
            for path in sorted(paths):
                if is_ignore_changed and self.context.excludes(path):
                    found = self._find_misses(kind, path)
                else:
                    found = self._misses(kind, path)
                for id_, cause in found:
                    known = causes.get(id_)
                    causes[id_] = cause if known is None else known._replace(where=known.where | cause.where)
        return causes

    def _misses(self, kind: str, path: str) -> tuple[tuple[StepId, _Cause], ...]:
        """The steps that a change of one path makes miss; none if the ignore file excludes it."""
        key = (kind, path)
        if key not in self._known:
            self._known[key] = () if self.context.excludes(path) else self._find_misses(kind, path)
        return self._known[key]

    def _find_misses(self, kind: str, path: str) -> tuple[tuple[StepId, _Cause], ...]:
        found = []
        for stage in self.stages:
            for step in stage.steps:
                inputs = step.inputs
                if path in inputs.addresses:
                    found.append((step.id, _Cause(Reason("address", path), inputs.everywhere)))
                elif any(self._selects(selector, kind, path) for selector in inputs.selectors):
                    found.append((step.id, _Cause(Reason(kind, path), inputs.written(path))))
        return tuple(found)

    def _selects(self, selector: Selector, kind: str, path: str) -> bool:
        if selector.takes(path):
            return True
        if kind == "mode" or not selector.may_lie_under(path):
            return False
        # a folder that changes as a whole is a submodule, or was a file or a link
        return not selector.patterns or self.context.kind(path) in (Kind.DIRECTORY, Kind.SYMLINK)

    def _is_broad(self, selector: Selector) -> bool:
        return bool(selector.patterns) or self.context.kind(selector.root) is not Kind.FILE


class _Ended(NamedTuple):
    """What became of a stage: whether it has a new history, and where it may hold something new."""

    name: str
    is_changed: bool
    where: PathSet


@dataclass(slots=True)
class _Play:
    """One build after a change, stage by stage."""

    delta: Delta
    own: Mapping[StepId, _Cause]
    again: dict[StepId, Reason] = field(default_factory=dict)
    _ended: dict[int, _Ended] = field(default_factory=dict)

    def build(self, stage: ProgramStage) -> None:
        """Note which of its steps run again."""
        base = self._joined(self._base_causes(stage))
        above, where = base if base else (None, NOTHING)
        for step in stage.steps:
            cause = self._joined(self._causes(step))
            reason = cause.reason if cause else above
            if reason is None:
                continue
            self.again[step.id] = reason
            where |= EVERYTHING if step.keyword == "RUN" else cause.where if cause else NOTHING
            if above is None or above.kind != "above":
                above = Reason("above", f"line {step.line}")
        if where and not stage.is_plain:
            where = EVERYTHING
        self._ended[stage.index] = _Ended(stage.name, above is not None, where)

    def _base_causes(self, stage: ProgramStage) -> Iterator[_Cause]:
        if self.delta.arguments and (names := stage.arguments & self.delta.arguments):
            yield _Cause(Reason("argument", min(names)), EVERYTHING)
        if stage.image in self.delta.images:
            yield _Cause(Reason("image", stage.image), EVERYTHING)
        for base in (self._ended[index] for index in stage.bases):
            if base.is_changed:
                yield _Cause(Reason("stage", base.name), base.where)

    def _causes(self, step: ProgramStep) -> Iterator[_Cause]:
        """Why it misses whatever happened above it."""
        inputs = step.inputs
        if cause := self.own.get(step.id):
            yield cause
        if self.delta.arguments and (names := inputs.arguments & self.delta.arguments):
            is_copied = step.keyword in ("ADD", "COPY", "WORKDIR")
            yield _Cause(Reason("argument", min(names)), EVERYTHING if is_copied else NOTHING)
        if images := inputs.images & self.delta.images:
            yield _Cause(Reason("image", min(images)), inputs.everywhere)
        for taken in inputs.taken:
            ended = self._ended[taken.stage]
            if where := inputs.carried(taken, ended.where):
                yield _Cause(Reason("stage", ended.name), where)

    def _joined(self, causes: Iterator[_Cause]) -> _Cause | None:
        """All of them as one, with the reason of the first."""
        joined = next(causes, None)
        for cause in causes:
            assert joined is not None
            joined = joined._replace(where=joined.where | cause.where)
        return joined
