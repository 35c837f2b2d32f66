"""From the analysis of a Dockerfile to a plan: each volatile copy sinks below the installs that do not need it."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Mapping
from dataclasses import dataclass

from reorder.analysis.copies import Copy
from reorder.analysis.steps import StageAnalysis, Step
from reorder.context.context import BuildContext
from reorder.context.model import Kind
from reorder.dockerfile.model import Dockerfile
from reorder.effects import Safety, ancestors, is_within
from reorder.manager import UNKNOWN
from reorder.outcome import Change, Refusal
from reorder.planning.balance import expected_seconds, saved_seconds
from reorder.planning.descent import WORTH_SECONDS, Descending, Descent, Scene, Wishes, change_slug
from reorder.planning.hazards import Sinking
from reorder.planning.metadata import MetadataPlan, plan_metadata
from reorder.planning.model import Plan, Sink
from reorder.planning.outputs import plan_ignores
from reorder.planning.refusals import COPY_IS_NEEDED, TOO_SMALL, find_refusals
from reorder.source import Opaque
from reorder.weighing.inputs import StageWeights, Weights
from reorder.weighing.rates import Rates

_STANDARD_DIRECTORIES = frozenset(
    """
    / /usr /usr/src /usr/local /usr/local/bin /usr/bin /opt /srv /home /tmp /var /etc /root /mnt /media
    """.split()
)
"""Directories of every base image."""

_ROUNDING = 1e-9
"""Seconds. What floating-point sums may differ by."""

_SYSTEM_NAMES = ("etc", "usr", "var", "root", "opt", "run")


def make_plan(dockerfile: Dockerfile, stages: tuple[StageAnalysis, ...], context: BuildContext, wishes: Wishes) -> Plan:
    """The plan for a whole file."""
    sinks: list[Sink] = []
    refusals: list[Refusal] = []
    patterns: dict[str, None] = {}
    in_place: list[tuple[int, int]] = []
    weights = wishes.weights or Weights(Rates(context))
    scenes = [Scene(dockerfile, stages, a, context, wishes, StageWeights(a, stages, weights)) for a in stages]
    for scene in scenes:
        analysis, planner = scene.analysis, _StagePlanner(scene)
        descents = planner.plan()
        sinks += (planner.sink(index, descent) for index, descent in descents.items() if descent.after is not None)
        volatile = {i: d for i, d in descents.items() if analysis.steps[i].is_volatile}
        refusals += find_refusals(analysis, {i: (d.after, d.stop) for i, d in volatile.items()}, stages)
        patterns |= dict.fromkeys(planner.patterns(descents))
        in_place += (
            (analysis.stage.index, i)
            for i, d in descents.items()
            if d.stop is not None and d.stop[1].slug in (COPY_IS_NEEDED, TOO_SMALL)
        )
    ordered = sorted(sinks, key=lambda sink: (sink.stage, sink.copy))
    metadata = MetadataPlan() if sinks else plan_metadata(scenes)
    return Plan(
        sinks=tuple(ordered), moves=metadata.moves, kept_metadata=metadata.refusals, ignore_patterns=tuple(patterns),
        refusals=tuple(sorted(dict.fromkeys(refusals), key=lambda r: (r.line, r.slug))),
        in_place=frozenset(in_place),
    )  # fmt: skip


@dataclass(slots=True)
class _StagePlanner:
    scene: Scene

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.scene.steps

    def plan(self) -> dict[int, Descent]:
        """The descents of all volatile copies, without those that gain nothing."""
        if self.scene.analysis.problem is not None:
            stuck = Descent(after=None, crossings=(), stop=(0, self.scene.analysis.problem))
            return {i: stuck for i, step in enumerate(self.steps) if step.is_volatile}
        useless: dict[int, Descent] = {}
        while True:
            descents = self._descend_all(useless)
            idle = {i: self._find_idle(i, descents, useless) for i, d in descents.items() if d.after is not None}
            if not (found := {i: descent for i, descent in idle.items() if descent is not None}):
                return descents | {i: descent for i, descent in useless.items() if descent.stop is not None}
            useless |= found

    def _descend_all(self, useless: Container[int]) -> dict[int, Descent]:
        descents: dict[int, Descent] = {}
        for index in reversed(range(len(self.steps))):
            if index not in useless and self._may_sink(self.steps[index]):
                descents[index] = self._descend(index, descents)
        return descents

    def _may_sink(self, step: Step) -> bool:
        """Copies from the context, and built files; what comes from an image never changes."""
        return step.copy is not None and (step.copy.origin == "context" or step.is_volatile)

    def _descend(self, index: int, below: dict[int, Descent]) -> Descent:
        step = self.steps[index]
        copy = step.copy
        assert copy is not None
        if copy.missing:
            why = f"{copy.missing[0]} is not in the build context"
            return Descent(after=None, crossings=(), stop=(index, Opaque("copy-source-not-found", why)))
        if link := next((path for path in (copy.dest, *ancestors(copy.dest)) if path in step.state.links), None):
            why = f"{link} is a symbolic link that a step made, so the copy goes elsewhere"
            return Descent(after=None, crossings=(), stop=(index, Opaque("destination-is-a-link", why)))
        if gone := next((path for path in step.state.removed if is_within(step.state.workdir, path)), None):
            why = f"a step deletes {gone}, and the next one makes the working directory again"
            return Descent(after=None, crossings=(), stop=(index, Opaque("working-directory-unknown", why)))
        if UNKNOWN in copy.dest and (name := self._find_system_name(copy)):
            why = f"the base image's WORKDIR is not known, so that {name} may go into the system"
            return Descent(after=None, crossings=(), stop=(index, Opaque("working-directory-unknown", why)))
        if copy.problem is not None and copy.origin != "stage":
            return Descent(after=None, crossings=(), stop=(index, copy.problem))
        sinking = Sinking(step=step, copy=copy, context=self.scene.context, existing=self._existing(index))
        return Descending(self.scene, index, sinking, below).run()

    def _find_system_name(self, copy: Copy) -> str | None:
        """A folder that the copy brings and that would be the system's, were the unknown directory the root."""
        folders = [placement.source for placement in copy.placements if placement.kind is Kind.DIRECTORY]
        paths = [(name, posixpath.join(folder, name)) for folder in folders for name in _SYSTEM_NAMES]
        return next((name for name, path in paths if self.scene.context.kind(path) is Kind.DIRECTORY), None)

    def _existing(self, index: int) -> frozenset[str]:
        """Directories that are there before the step, whatever sinks: by WORKDIR, by a copy with the same flags (which
        would make them alike), or in every base image.
        """
        mine = self.steps[index]
        found = {mine.state.workdir, *_STANDARD_DIRECTORIES}
        for step in self.steps[:index]:
            found.add(step.state.workdir)
            if step.copy is not None and step.instruction.flags == mine.instruction.flags:
                found.update(placement.target for placement in step.copy.placements)
        return frozenset(found.union(*(ancestors(path) for path in found)))

    def _find_idle(self, index: int, descents: Mapping[int, Descent], useless: Mapping[int, Descent]) -> Descent | None:
        """What a descent that is not worth it becomes: one that goes nowhere; it has a reason if it saves a little."""
        saved = saved_seconds(self.scene, index, descents)
        if saved <= WORTH_SECONDS:
            # others may not go without it
            others = self._descend_all((*useless, index))
            saved = max(saved, expected_seconds(self.scene, others) - expected_seconds(self.scene, descents))
        if saved > WORTH_SECONDS:
            return None
        if saved <= _ROUNDING:
            return Descent(after=None, crossings=(), stop=None)
        why = Opaque(TOO_SMALL, self._why_too_small(index, descents[index], saved))
        return Descent(after=None, crossings=(), stop=(index, why))

    def _why_too_small(self, index: int, descent: Descent, saved: float) -> str:
        weights = self.scene.weights
        rates, paths = weights.weights.rates, weights.own(index).paths
        brought = f"what the copy in line {self.steps[index].instruction.line} brings"
        found = rates.count(paths)
        if found.commits:
            often = f"{brought} changed in {found.changed} of {found.commits} commits"
        else:
            often = f"{brought} is of a kind that seldom changes"
        assert descent.after is not None
        crossed = sum(weights.seconds(k) for k in range(index + 1, descent.after + 1))
        if rates.rate_of(paths) * crossed > WORTH_SECONDS:
            often += ", mostly together with what stays above it"
        return f"{often}, so that a move would save {saved:.2f} s a build"

    def patterns(self, descents: dict[int, Descent]) -> tuple[str, ...]:
        """New lines of the ignore file for the copies that sink."""
        found: dict[str, None] = {}
        for index, descent in descents.items():
            if descent.after is not None:
                for _, crossing in descent.crossings:
                    patterns = plan_ignores(
                        crossing.outputs, self.scene.context, self.scene.dockerfile, self.scene.stages
                    )
                    assert not isinstance(patterns, Opaque), index
                    found |= dict.fromkeys(patterns)
        return tuple(found)

    def sink(self, index: int, descent: Descent) -> Sink:
        """The plan's entry for a descent that goes somewhere."""
        assert descent.after is not None
        return Sink(
            stage=self.scene.analysis.stage.index, copy=index, after=descent.after, narrow=descent.narrow,
            kept=descent.kept, dest=descent.dest, change=self._change(index, descent),
        )  # fmt: skip

    def _change(self, index: int, descent: Descent) -> Change:
        step, runs = self.steps[index], self._crossed_runs(index, descent)
        doubts = tuple(doubt for run in runs if run.effects for doubt in run.effects.doubts)
        evidence = tuple(item for run in runs if run.effects for item in run.effects.evidence)
        last = runs[-1].instruction
        early = [source for narrow in descent.narrow for line in narrow.lines for source in line.sources]
        reason = f"{step.instruction.keyword} in line {step.instruction.line} moves below RUN in line {last.line}"
        if early:
            reason += ", which reads only " + ", ".join(early)
        else:
            reason += ", which reads nothing of it"
        return Change(
            change_slug(step, runs, descent), step.instruction.line, Safety.UNSAFE if doubts else Safety.SAFE, reason,
            tuple(dict.fromkeys(doubts + evidence)),
        )  # fmt: skip

    def _crossed_runs(self, index: int, descent: Descent) -> list[Step]:
        assert descent.after is not None
        return [step for step in self.steps[index + 1 : descent.after + 1] if step.is_worth_caching]

