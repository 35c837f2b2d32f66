"""One copy on its way down a stage: how far it can sink, and what must be copied in its stead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.analysis.builds import NOTHING_KNOWN, Builds
from reorder.analysis.copies import Placement
from reorder.analysis.steps import StageAnalysis, Step
from reorder.context.context import BuildContext
from reorder.context.model import Kind
from reorder.dockerfile.model import Dockerfile
from reorder.effects import is_within, join
from reorder.manager import UNKNOWN
from reorder.planning.comments import find_deliberate_order
from reorder.planning.hazards import Crossing, Sinking, cross
from reorder.planning.holds import find_hold
from reorder.planning.model import Narrow
from reorder.planning.narrow import as_written, kept_sources, narrow_lines, rarest_first
from reorder.planning.outputs import plan_ignores
from reorder.planning.refusals import COPY_IS_NEEDED
from reorder.source import Opaque
from reorder.weighing.inputs import StageWeights, Weights
from reorder.weighing.rates import Inputs

MAX_LAYERS = 100
"""Builders fail between 121 and 130 layers (RULEBOOK A6.7)."""

WORTH_SECONDS = 0.25
"""Of an average build: what a change must save. An install of half a minute once in a hundred builds is just above it,
and nobody who reads a patch would want it for less.
"""


class Wishes(NamedTuple):
    """What the user lets the planner do. ``weights``: how often files change (None: as names tell).

    ``builds``: what is known of how the file is built. ``heeds_comments``: whether `reorder.planning.holds` count.
    """

    unsafe_fixes: bool = False
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    weights: Weights | None = None
    builds: Builds = NOTHING_KNOWN
    heeds_comments: bool = True

    def allows(self, slug: str) -> bool:
        """Whether changes of that kind are wanted."""
        return slug not in self.ignore and (not self.select or slug in self.select)


class Scene(NamedTuple):
    """All that a descent looks at: one stage of a file in its build context, and what the user wants."""

    dockerfile: Dockerfile
    stages: tuple[StageAnalysis, ...]
    analysis: StageAnalysis
    context: BuildContext
    wishes: Wishes
    weights: StageWeights

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the stage."""
        return self.analysis.steps

    def find_hold(self, step: Step, slug: str) -> Opaque | None:
        """The comment that keeps changes of that kind from a step."""
        held = find_hold(self.dockerfile, self.analysis.stage, step.instruction, slug)
        return held if self.wishes.heeds_comments else None

    def ends_open(self, step: Step) -> bool:
        """Whether the last instruction of the file ends with an escape character: nothing can be put below it.

        BuildKit skips comments and empty lines behind the character, and goes on to the next line.
        """
        source, span = self.dockerfile.source, step.instruction.span
        if span.end < len(source.text):
            return False
        lines = [line.strip() for line in source.slice(span).splitlines()]
        lines = [line for line in lines if line and not line.startswith("#")]
        return bool(lines) and lines[-1].endswith(self.dockerfile.escape)


class Descent(NamedTuple):
    """How far one copy can go down. ``stop``: the step that stops it and why (None: the end of the stage)."""

    after: int | None
    crossings: tuple[tuple[int, Crossing], ...]
    stop: tuple[int, Opaque] | None
    kept: tuple[int, ...] | None = None
    narrow: tuple[Narrow, ...] = ()
    dest: str | None = None

    def is_below(self, run: int) -> bool:
        """Whether the copy comes to rest below step ``run``."""
        return self.after is not None and self.after >= run

    @property
    def lines(self) -> int:
        """How many lines of the file are new."""
        return sum(len(narrow.lines) for narrow in self.narrow)

    def narrow_inputs(self, before: int | None) -> Inputs:
        """What those of the new lines bring that stand above step ``before`` (None: in the copy's place)."""
        lines = (line for narrow in self.narrow if narrow.before == before for line in narrow.lines)
        return Inputs(frozenset(source for line in lines for source in line.sources))


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


def _reads_a_project(step: Step, result: Crossing | Opaque) -> bool:
    """Whether a step is one that manifests are copied for; only system packages and global tools are not."""
    if isinstance(result, Crossing) and result.needed:
        return True
    return step.effects is not None and bool(step.effects.outputs or step.effects.evidence)


@dataclass(slots=True)
class Descending:
    """One copy going down step by step, until something stops it."""

    scene: Scene
    index: int
    sinking: Sinking
    below: Mapping[int, Descent]
    crossings: list[tuple[int, Crossing]] = field(default_factory=list)
    passed: set[int] = field(default_factory=set)
    pending: Opaque | None = None
    on_condition: Opaque | None = None

    def run(self) -> Descent:
        """Go down to the end of the stage or to what stops the copy; rest below the last step worth it."""
        best: Descent | None = None
        stop: tuple[int, Opaque] | None = None
        for k in range(self.index + 1, len(self.scene.steps)):
            if self._has_left(k):
                if (blocked := self._pass_narrow(k)) is not None:
                    stop = (k, blocked)
                    break
                continue
            blocked = self._pass(k)
            if blocked is not None:
                stop = (k, blocked)
                break
            if self.scene.steps[k].is_worth_caching and not self._would_hide_narrow(k):
                candidate = self._candidate(k)
                if isinstance(candidate, Opaque):
                    stop = (k, candidate)
                    break
                if (held := self._find_hold(candidate)) is not None:
                    stop = held
                    break
                if best is None or self._is_better(candidate, best):
                    best = candidate
        if best is None:
            return Descent(after=None, crossings=(), stop=stop)
        return Descent(
            after=best.after, crossings=best.crossings, stop=stop, narrow=best.narrow, kept=best.kept, dest=best.dest
        )

    def _is_better(self, lower: Descent, upper: Descent) -> bool:
        """Whether to go on to ``lower``: more lines must save something; copies above are taken to sink, too."""
        if lower.lines <= upper.lines:
            return True
        weights = self.scene.weights
        assert lower.after is not None
        assert upper.after is not None
        above, own, saved = weights.inherited(), weights.own(self.index), 0.0
        for k in range(self.index + 1, lower.after + 1):
            above |= lower.narrow_inputs(k) | lower.narrow_inputs(None)
            if not self._has_left(k):
                above |= weights.own(k)
            if k > upper.after and weights.seconds(k):
                saved += weights.seconds(k) * (weights.rate(above | own) - weights.rate(above))
        return saved > WORTH_SECONDS

    def _has_left(self, k: int) -> bool:
        descent = self.below.get(k)
        return descent is not None and descent.after is not None

    def _pass_narrow(self, k: int) -> Opaque | None:
        """Come below the narrow lines that another copy leaves in its place: they must not make this one's folders."""
        mine, theirs = self.sinking.step.instruction, self.scene.steps[k].instruction
        targets = [line.target for narrow in self.below[k].narrow for line in narrow.lines]
        if mine.flags == theirs.flags or self._has_narrow():
            return None
        if any(self.sinking.shares_new_directory(target) for target in targets):
            return Opaque(
                "ownership-would-change", f"what is left of the copy in line {theirs.line} would make a folder"
            )
        return None

    def _would_hide_narrow(self, k: int) -> bool:
        """Whether this copy, resting below step ``k``, would lie over narrow copies that steps further down still read.

        Those of a copy that comes to rest there as well, right behind this one, are safe.
        """
        lines = [
            line
            for descent in self.below.values()
            if descent.after is not None and descent.after > k
            for narrow in descent.narrow
            for line in narrow.lines
        ]
        return any(self._brings(path) for line in lines for path in line.paths)

    def _brings(self, path: str) -> bool:
        placements = self.sinking.copy.origins(path)
        return any(self.scene.context.kind(placement.source) is not None for placement in placements) or (
            not self.sinking.copy.placements and is_within(path, self.sinking.copy.dest)
        )

    def _pass(self, k: int) -> Opaque | None:
        """Cross step ``k``, and the copies that came to rest above it."""
        steps = self.scene.steps
        for j, descent in self.below.items():
            if descent.after is not None and descent.after < k and j not in self.passed:
                self.passed.add(j)
                result = cross(self.sinking, steps[j], has_narrow=self._has_narrow())
                if isinstance(result, Opaque):
                    return result
        step = steps[k]
        if comment := find_deliberate_order(self.scene.dockerfile, steps[self.index].instruction, step.instruction):
            return Opaque("order-is-deliberate", f"a comment says so: {comment}")
        result = cross(self.sinking, step, has_narrow=self._has_narrow())
        if step.effects is not None and self.pending is not None:
            if isinstance(result, Opaque) or not result.needed:
                return self.pending
            self.on_condition, self.pending = self.pending, None
        if not steps[self.index].is_volatile and _reads_a_project(step, result):
            return Opaque(COPY_IS_NEEDED, "manifests stand above the installs of their project")
        if isinstance(result, Opaque):
            if step.effects is None and result.slug == "ownership-would-change" and not self._crossed_a_run(k):
                self.pending = result
                return None
            return result
        return self._accept(k, step, result)

    def _crossed_a_run(self, k: int) -> bool:
        return any(step.effects is not None for step in self.scene.steps[self.index + 1 : k])

    def _accept(self, k: int, step: Step, result: Crossing) -> Opaque | None:
        if self.scene.ends_open(step):
            return Opaque("open-continuation", "the file ends in the middle of this instruction")
        if step.effects and step.effects.doubts and not self.scene.wishes.unsafe_fixes:
            return Opaque("not-proven", step.effects.doubts[0])
        scene = self.scene
        patterns = plan_ignores(result.outputs, scene.context, scene.dockerfile, scene.stages)
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
        is_root = step.state.user.partition(":")[0] in ("", "root", "0")
        if directory in self.sinking.existing or is_within(step.state.workdir, directory):
            # a tree copy gives the folder its owner and mode, and only root needs neither
            return is_root or directory == self.sinking.copy.dest or not self._brings(directory)
        early = [placement for _, crossing in self.crossings for placement in crossing.needed]
        if not any(is_within(p.target, directory) for p in (*early, *result.needed)):
            return False
        # a narrow copy makes the folder with mode 0755 and the copy's owner, whatever its mode in the context
        owner, user = self.sinking.owner.partition(":")[0], step.state.user.partition(":")[0]
        return user in ("", "root", "0", owner) or directory == self.sinking.copy.dest

    def _has_narrow(self) -> bool:
        return any(crossing.needed for _, crossing in self.crossings)

    def _candidate(self, k: int) -> Descent | Opaque:
        """The descent that ends below step ``k``, spelled out."""
        copy = self.sinking.copy
        needed = [placement for _, crossing in self.crossings for placement in crossing.needed]
        if copy.placements and {p.source for p in needed} >= {p.source for p in copy.placements}:
            return Opaque(COPY_IS_NEEDED, "the step reads all that the copy brings")
        narrow = self._narrow()
        if isinstance(narrow, Opaque):
            return narrow
        if self.on_condition is not None and not any(lines.before is None for lines in narrow):
            return self.on_condition  # only a narrow copy in this one's place would make the directory in time
        dest = self._spell_dest(k)
        if isinstance(dest, Opaque):
            return dest
        kept = None
        if len(narrow) == 1 and narrow[0].before is None and "\n" not in self._args_text():
            kept = kept_sources(copy, needed)
            if any(self._is_written_twice(placement.target) for placement in needed):
                kept = None
        if kept is not None:
            narrow = (Narrow(None, (as_written(copy, narrow[0].lines, kept),)),)
        descent = Descent(after=k, crossings=tuple(self.crossings), stop=None, narrow=narrow, kept=kept, dest=dest)
        if not self.scene.wishes.allows(slug := self._slug(descent)):
            return Opaque("not-selected", f"{slug} is not selected")
        return descent

    def _find_hold(self, candidate: Descent) -> tuple[int, Opaque] | None:
        """What a comment keeps out of the change: the copy, or a RUN that it passes."""
        slug = self._slug(candidate)
        for i in range(self.index, (candidate.after or 0) + 1):
            step = self.scene.steps[i]
            if (i == self.index or step.effects) and (why := self.scene.find_hold(step, slug)):
                return i, why
        return None

    def _slug(self, candidate: Descent) -> str:
        crossed = self.scene.steps[self.index + 1 : (candidate.after or 0) + 1]
        return change_slug(self.sinking.step, [step for step in crossed if step.is_worth_caching], candidate)

    def _is_written_twice(self, path: str) -> bool:
        """Whether another source, here or in a copy above that may sink, would have the last word if this one went."""
        copies = [step.copy for step in self.scene.steps[: self.index]]
        own = {p.source for p in self.sinking.copy.origins(path) if self.scene.context.kind(p.source) is not None}
        return len(own) > 1 or any(copy is not None and copy.may_write().has(path) for copy in copies)

    def _args_text(self) -> str:
        return self.scene.dockerfile.source.slice(self.sinking.step.instruction.args_span).strip()

    def _narrow(self) -> tuple[Narrow, ...] | Opaque:
        """Generated lines, each step's own right above it, the first ones in the copy's place if no RUN is between."""
        steps = self.scene.steps
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
            ordered = rarest_first(lines, self.scene.weights.weights.rates)
            result.append(Narrow(None if is_first else k, ordered))
        if len(steps) + sum(len(n.lines) for n in result) > MAX_LAYERS:
            return Opaque("too-many-layers", f"the stage would have more than {MAX_LAYERS} layers")
        return tuple(result)

    def _is_provided(self, wanted: Placement, k: int) -> bool:
        """Whether another copy above step ``k`` brings it to the same place (with the same flags, if it comes first),
        and nothing in between changes it.
        """
        steps, context = self.scene.steps, self.scene.context
        for j in reversed(range(k)):
            step, descent = steps[j], self.below.get(j)
            if step.effects is not None and step.effects.writes.has(wanted.target):
                return False
            if j == self.index or step.copy is None or not step.copy.may_write().has(wanted.target):
                continue
            sources = {p.source for p in step.copy.origins(wanted.target) if context.kind(p.source) is not None}
            if descent is not None and descent.is_below(k):
                if any(line.brings(wanted.target) for narrow in descent.narrow for line in narrow.lines):
                    return True  # its narrow copy comes later than this one's would
                continue
            if j > self.index and sources:
                return True  # it comes later, and has the last word
            if sources or not step.copy.placements:
                return sources == {wanted.source} and step.instruction.flags == steps[self.index].instruction.flags
        return False

    def _flags_mean_the_same(self, k: int) -> bool:
        here, there = self.sinking.step.state, self.scene.steps[k].state
        return all(here.expand(f.raw) == there.expand(f.raw) for f in self.sinking.step.instruction.flags)

    def _spell_dest(self, k: int) -> str | Opaque | None:
        """The destination as it must be spelled below step ``k``; None if the old spelling serves."""
        instruction, here = self.sinking.step.instruction, self.sinking.step.state
        there = self.scene.steps[k].state
        words = instruction.words
        if not self._flags_mean_the_same(k) or any(here.expand(w) != there.expand(w) for w in words):
            return Opaque("variable-changes", "a variable in the copy changes on the way")
        raw = here.expand(words[-1])
        if join(here.workdir, raw) == join(there.workdir, raw):
            return None
        if UNKNOWN in here.workdir:
            return Opaque("working-directory-unknown", "the base image's WORKDIR is not known, so the path has no name")
        dest = self.sinking.copy.dest
        is_directory = raw.endswith(("/", ".")) or len(words) > 2 or any(
            p.kind is Kind.DIRECTORY for p in self.sinking.copy.placements
        )  # fmt: skip
        return dest.rstrip("/") + "/" if is_directory else dest
