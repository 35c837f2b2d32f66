"""From the analysis of a Dockerfile to a plan: each volatile copy sinks below the installs that do not need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.analysis.copies import Placement
from reorder.analysis.steps import StageAnalysis, Step
from reorder.context.context import BuildContext
from reorder.dockerfile.model import Dockerfile
from reorder.effects import Safety, is_within, join
from reorder.outcome import Change, Refusal
from reorder.planning.comments import find_deliberate_order
from reorder.planning.hazards import Crossing, Sinking, cross
from reorder.planning.model import Narrow, Plan, Sink
from reorder.planning.narrow import as_written, kept_sources, narrow_lines
from reorder.planning.outputs import plan_ignores
from reorder.planning.refusals import COPY_IS_NEEDED, find_refusals
from reorder.source import Opaque

MAX_LAYERS = 100
"""Builders fail between 121 and 130 layers (RULEBOOK A6.7)."""

_STANDARD_DIRECTORIES = frozenset(
    """
    / /usr /usr/src /usr/local /usr/local/bin /usr/bin /opt /srv /home /tmp /var /etc /root /mnt /media
    """.split()
)
"""Directories of every base image."""


class Wishes(NamedTuple):
    """What the user lets the planner do."""

    unsafe_fixes: bool = False
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()

    def allows(self, slug: str) -> bool:
        """Whether changes of that kind are wanted."""
        return slug not in self.ignore and (not self.select or slug in self.select)


class Descent(NamedTuple):
    """How far one copy can go down. ``stop``: the step that stops it and why (None: the end of the stage)."""

    after: int | None
    crossings: tuple[tuple[int, Crossing], ...]
    stop: tuple[int, Opaque] | None
    kept: tuple[int, ...] | None = None
    narrow: tuple[Narrow, ...] = ()
    dest: str | None = None


def make_plan(dockerfile: Dockerfile, stages: tuple[StageAnalysis, ...], context: BuildContext, wishes: Wishes) -> Plan:
    """The plan for a whole file."""
    sinks: list[Sink] = []
    refusals: list[Refusal] = []
    patterns: dict[str, None] = {}
    for analysis in stages:
        planner = _StagePlanner(dockerfile, stages, analysis, context, wishes)
        descents = planner.plan()
        sinks += (planner.sink(index, descent) for index, descent in descents.items() if descent.after is not None)
        volatile = {i: d for i, d in descents.items() if analysis.steps[i].is_volatile}
        refusals += find_refusals(analysis, {i: (d.after, d.stop) for i, d in volatile.items()})
        patterns |= dict.fromkeys(planner.patterns(descents))
    ordered = sorted(sinks, key=lambda sink: (sink.stage, sink.copy))
    return Plan(
        sinks=tuple(ordered), ignore_patterns=tuple(patterns),
        refusals=tuple(sorted(dict.fromkeys(refusals), key=lambda r: (r.line, r.slug))),
    )  # fmt: skip


@dataclass(slots=True)
class _StagePlanner:
    dockerfile: Dockerfile
    stages: tuple[StageAnalysis, ...]
    analysis: StageAnalysis
    context: BuildContext
    wishes: Wishes
    ignores: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.analysis.steps

    def plan(self) -> dict[int, Descent]:
        """The descents of all volatile copies, without those that gain nothing."""
        if self.analysis.problem is not None:
            stuck = Descent(after=None, crossings=(), stop=(0, self.analysis.problem))
            return {i: stuck for i, step in enumerate(self.steps) if step.is_volatile}
        useless: set[int] = set()
        while True:
            descents = self._descend_all(useless)
            gaining = {i for i, d in descents.items() if d.after is not None and self._gains(i, d, descents)}
            idle = {i for i, d in descents.items() if d.after is not None} - gaining
            if not idle:
                return descents
            useless |= idle

    def _descend_all(self, useless: set[int]) -> dict[int, Descent]:
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
        if copy.problem is not None and copy.origin != "stage":
            return Descent(after=None, crossings=(), stop=(index, copy.problem))
        sinking = Sinking(step=step, copy=copy, context=self.context, existing=self._existing(index))
        return _Descending(self, index, sinking, below).run()

    def _existing(self, index: int) -> frozenset[str]:
        """Directories that are there before the step, by an earlier WORKDIR or copy, or in every base image."""
        found = set(_STANDARD_DIRECTORIES)
        found.add(self.steps[index].state.workdir)
        for step in self.steps[:index]:
            found.add(step.state.workdir)
            if step.copy is not None and step.copy.origin in ("context", "stage") and step.copy.placements:
                found.update(p.target for p in step.copy.placements)
        for path in tuple(found):
            while path not in ("/", ""):
                path = path.rpartition("/")[0] or "/"
                found.add(path)
        return frozenset(found)

    def _gains(self, index: int, descent: Descent, descents: dict[int, Descent]) -> bool:
        """Whether some crossed install is spared by some edit: no copy that stays above it brings the same files."""
        mine = self.steps[index].copy
        assert mine is not None
        assert descent.after is not None
        for run in range(index + 1, descent.after + 1):
            if self.steps[run].is_worth_caching and not any(
                self._covers(other, index) for other in range(run) if not _is_below(descents.get(other), run)
            ):
                return True
        return False

    def _covers(self, other: int, index: int) -> bool:
        theirs, mine = self.steps[other].copy, self.steps[index].copy
        if theirs is None or mine is None or other == index or theirs.origin != mine.origin:
            return False
        if mine.origin == "stage":
            return theirs.stage == mine.stage
        return all(
            any(p.source == "" or is_within(own.source, p.source) for p in theirs.placements) for own in mine.placements
        )

    def patterns(self, descents: dict[int, Descent]) -> tuple[str, ...]:
        """New lines of the ignore file for the copies that sink."""
        found: dict[str, None] = {}
        for index, descent in descents.items():
            if descent.after is not None:
                for _, crossing in descent.crossings:
                    patterns = plan_ignores(crossing.outputs, self.context, self.dockerfile, self.stages)
                    assert not isinstance(patterns, Opaque), index
                    found |= dict.fromkeys(patterns)
        return tuple(found)

    def sink(self, index: int, descent: Descent) -> Sink:
        """The plan's entry for a descent that goes somewhere."""
        assert descent.after is not None
        return Sink(
            stage=self.analysis.stage.index, copy=index, after=descent.after, narrow=descent.narrow, kept=descent.kept,
            dest=descent.dest, change=self._change(index, descent),
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


def change_slug(step: Step, runs: list[Step], descent: Descent) -> str:
    """The pattern that a change repairs."""
    if step.copy is not None and step.copy.origin == "stage":
        return "built-files-before-install"
    if descent.kept is not None:
        return "mixed-copy-before-install"
    if descent.narrow:
        return "broad-copy-before-install"
    is_system = all(run.effects is not None and not run.effects.outputs and not run.effects.evidence for run in runs)
    return "copy-before-independent-step" if is_system else "source-copy-before-install"


def _is_below(descent: Descent | None, run: int) -> bool:
    return descent is not None and descent.after is not None and descent.after >= run


def _reads_a_project(step: Step, result: Crossing | Opaque) -> bool:
    """Whether a step is one that manifests are copied for; only system packages and global tools are not."""
    if isinstance(result, Crossing) and result.needed:
        return True
    return step.effects is not None and bool(step.effects.outputs or step.effects.evidence)


@dataclass(slots=True)
class _Descending:
    """One copy going down step by step, until something stops it."""

    planner: _StagePlanner
    index: int
    sinking: Sinking
    below: dict[int, Descent]
    crossings: list[tuple[int, Crossing]] = field(default_factory=list)
    passed: set[int] = field(default_factory=set)
    pending: Opaque | None = None

    def run(self) -> Descent:
        best: Descent | None = None
        stop: tuple[int, Opaque] | None = None
        for k in range(self.index + 1, len(self.planner.steps)):
            if self._has_left(k):
                continue
            blocked = self._pass(k)
            if blocked is not None:
                stop = (k, blocked)
                break
            if self.planner.steps[k].is_worth_caching:
                candidate = self._candidate(k)
                if isinstance(candidate, Opaque):
                    stop = (k, candidate)
                    break
                best = candidate
        if best is None:
            return Descent(after=None, crossings=(), stop=stop)
        return Descent(
            after=best.after, crossings=best.crossings, stop=stop, narrow=best.narrow, kept=best.kept, dest=best.dest
        )

    def _has_left(self, k: int) -> bool:
        descent = self.below.get(k)
        return descent is not None and descent.after is not None

    def _pass(self, k: int) -> Opaque | None:
        """Cross step ``k``, and the copies that came to rest above it."""
        steps = self.planner.steps
        for j, descent in self.below.items():
            if descent.after is not None and descent.after < k and j not in self.passed:
                self.passed.add(j)
                result = cross(self.sinking, steps[j], has_narrow=self._has_narrow())
                if isinstance(result, Opaque):
                    return result
        step = steps[k]
        if comment := find_deliberate_order(self.planner.dockerfile, steps[self.index].instruction, step.instruction):
            return Opaque("order-is-deliberate", f"a comment says so: {comment}")
        result = cross(self.sinking, step, has_narrow=self._has_narrow())
        if step.effects is not None and self.pending is not None:
            if isinstance(result, Opaque) or not result.needed:
                return self.pending
            self.pending = None  # the narrow copy takes this one's place, and makes the directory
        if not steps[self.index].is_volatile and _reads_a_project(step, result):
            return Opaque(COPY_IS_NEEDED, "manifests stand above the installs of their project")
        if isinstance(result, Opaque):
            if step.effects is None and result.slug == "ownership-would-change" and not self._crossed_a_run(k):
                self.pending = result
                return None
            return result
        return self._accept(k, step, result)

    def _crossed_a_run(self, k: int) -> bool:
        return any(step.effects is not None for step in self.planner.steps[self.index + 1 : k])

    def _accept(self, k: int, step: Step, result: Crossing) -> Opaque | None:
        if step.effects and step.effects.doubts and not self.planner.wishes.unsafe_fixes:
            return Opaque("not-proven", step.effects.doubts[0])
        planner = self.planner
        patterns = plan_ignores(result.outputs, planner.context, planner.dockerfile, planner.stages)
        if isinstance(patterns, Opaque):
            return patterns
        for directory in result.directories:
            if not self._will_exist(directory, step, result):
                return Opaque(
                    "reads-copied-files", f"the step needs the directory {directory}, which only the copy makes"
                )
        self.crossings.append((k, result))
        return None

    def _will_exist(self, directory: str, step: Step, result: Crossing) -> bool:
        early = [placement for _, crossing in self.crossings for placement in crossing.needed]
        return (
            directory in self.sinking.existing
            or is_within(step.state.workdir, directory)
            or any(is_within(p.target, directory) for p in (*early, *result.needed))
        )

    def _has_narrow(self) -> bool:
        return any(crossing.needed for _, crossing in self.crossings)

    def _candidate(self, k: int) -> Descent | Opaque:
        """The descent that ends below step ``k``, spelled out."""
        copy = self.sinking.copy
        needed = [placement for _, crossing in self.crossings for placement in crossing.needed]
        if copy.placements and {p.target for p in needed} >= {p.target for p in copy.placements}:
            return Opaque(COPY_IS_NEEDED, "the step reads all that the copy brings")
        narrow = self._narrow()
        if isinstance(narrow, Opaque):
            return narrow
        dest = self._spell_dest(k)
        if isinstance(dest, Opaque):
            return dest
        kept = None
        if len(narrow) == 1 and narrow[0].before is None and "\n" not in self._args_text():
            kept = kept_sources(copy, needed)
        if kept is not None:
            narrow = (Narrow(None, (as_written(copy, narrow[0].lines, kept),)),)
        descent = Descent(after=k, crossings=tuple(self.crossings), stop=None, narrow=narrow, kept=kept, dest=dest)
        runs = self.planner._crossed_runs(self.index, descent)
        if not self.planner.wishes.allows(slug := change_slug(self.sinking.step, runs, descent)):
            return Opaque("not-selected", f"{slug} is not selected")
        return descent

    def _args_text(self) -> str:
        return self.planner.dockerfile.source.slice(self.sinking.step.instruction.args_span).strip()

    def _narrow(self) -> tuple[Narrow, ...] | Opaque:
        """Generated lines, each step's own right above it, the first ones in the copy's place if no RUN is between."""
        steps = self.planner.steps
        done: set[Placement] = set()
        result: list[Narrow] = []
        for k, crossing in self.crossings:
            fresh = [p for p in crossing.needed if p not in done and not self._is_provided(p, k)]
            done |= set(fresh)
            lines = narrow_lines(fresh)
            if isinstance(lines, Opaque):
                return lines
            if not lines:
                continue
            is_first = not self._crossed_a_run(k)
            if not is_first and not self._flags_mean_the_same(k):
                return Opaque("variable-changes", "a variable in the copy's flags or destination changes on the way")
            result.append(Narrow(None if is_first else k, lines))
        if len(steps) + sum(len(n.lines) for n in result) > MAX_LAYERS:
            return Opaque("too-many-layers", f"the stage would have more than {MAX_LAYERS} layers")
        return tuple(result)

    def _is_provided(self, wanted: Placement, k: int) -> bool:
        """Whether another copy above step ``k`` brings it to the same place, with the same flags if it comes first."""
        steps = self.planner.steps
        for j, step in enumerate(steps[:k]):
            copy, descent = step.copy, self.below.get(j)
            if j == self.index or copy is None or _is_below(descent, k):
                continue
            if j < self.index and step.instruction.flags != steps[self.index].instruction.flags:
                continue
            if any(p.source == wanted.source for p in copy.origins(wanted.target)):
                return True
        return False

    def _flags_mean_the_same(self, k: int) -> bool:
        here, there = self.sinking.step.state, self.planner.steps[k].state
        return all(here.expand(f.raw) == there.expand(f.raw) for f in self.sinking.step.instruction.flags)

    def _spell_dest(self, k: int) -> str | Opaque | None:
        """The destination as it must be spelled below step ``k``; None if the old spelling serves."""
        instruction, here = self.sinking.step.instruction, self.sinking.step.state
        there = self.planner.steps[k].state
        words = instruction.words
        if not self._flags_mean_the_same(k) or any(here.expand(w) != there.expand(w) for w in words):
            return Opaque("variable-changes", "a variable in the copy changes on the way")
        raw = here.expand(words[-1])
        if join(here.workdir, raw) == join(there.workdir, raw):
            return None
        if "\0" in here.workdir:
            return Opaque("working-directory-unknown", "the base image's WORKDIR is not known, so the path has no name")
        dest = self.sinking.copy.dest
        is_directory = raw.endswith(("/", ".")) or len(words) > 2 or any(
            p.kind.value == "directory" for p in self.sinking.copy.placements
        )  # fmt: skip
        return dest.rstrip("/") + "/" if is_directory else dest
