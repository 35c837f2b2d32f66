"""Carries a plan out, step by step, and holds the result against the original: the pure part of the pipeline.

A RUN that a copy cannot pass may be divided, so that the copy comes to rest between the halves. Each division is tried
on the text, and kept only if the plan for the new text makes use of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reorder.analysis.steps import Memory, StageAnalysis, analyze
from reorder.context.context import BuildContext
from reorder.dockerfile.model import Dockerfile, DockerfileError
from reorder.dockerfile.parse import parse
from reorder.effects import Safety
from reorder.outcome import Change, Refusal
from reorder.planning.descent import Wishes
from reorder.planning.division import Division, brings_dependencies_again, find_divisions
from reorder.planning.holds import find_half_hold, find_hold, find_note_problems, is_named, not_silenced
from reorder.planning.model import Plan
from reorder.planning.plan import make_plan
from reorder.rewriting.check import CheckError, check_rewrite
from reorder.rewriting.divide import divided_text
from reorder.rewriting.edits import make_patch
from reorder.rewriting.spared import Version, check_spared
from reorder.source import Opaque, Source, Span
from reorder.weighing.volatile import mark_volatile

_CHAINED = "install-chained-with-other-commands"
_MOST_PASSES = 4
"""One is enough for nearly every file; a move may free the way for another one."""


class Reading(NamedTuple):
    """A Dockerfile with its analysis in one build context, and the plan for it."""

    dockerfile: Dockerfile
    stages: tuple[StageAnalysis, ...]
    plan: Plan


class Repair(NamedTuple):
    """What became of a Dockerfile: the new one analysed, new lines of the ignore file, and what to tell the user.

    ``dockerfile`` has the lines that its instructions had in the original.
    """

    dockerfile: Dockerfile
    stages: tuple[StageAnalysis, ...]
    ignore_patterns: tuple[str, ...]
    changes: tuple[Change, ...]
    refusals: tuple[Refusal, ...]

    @property
    def text(self) -> str:
        """The new text."""
        return self.dockerfile.source.text


class _Divided(NamedTuple):
    """A RUN that became two, by the number of its first half among the RUNs of its stage."""

    stage: int
    run: int
    doubts: tuple[str, ...]
    change: Change


def read(dockerfile: Dockerfile, context: BuildContext, wishes: Wishes) -> Reading:
    """Analyse and plan."""
    stages = _analyze(dockerfile, context, wishes, None)
    return Reading(dockerfile, stages, make_plan(dockerfile, stages, context, wishes))


def _analyze(
    dockerfile: Dockerfile, context: BuildContext, wishes: Wishes, memory: Memory | None
) -> tuple[StageAnalysis, ...]:
    stages = analyze(dockerfile, context, memory, wishes.builds)
    return mark_volatile(stages, wishes.weights.rates) if wishes.weights else stages


def repair(original: Reading, context: BuildContext, wishes: Wishes) -> Repair:
    """Carry out the plan, and what becomes possible only then, until nothing is left.

    Each result is parsed again and held against the file before it; raises `CheckError`.
    """
    patterns: dict[str, None] = {}
    memory = Memory(original.dockerfile, original.stages)
    now, divisions = context, _Divisions(context, wishes, memory)
    reading, changes = divisions.divide(original), list[Change]()
    for _ in range(_MOST_PASSES):
        if reading.plan.is_done and reading is not original:
            reading = divisions.divide(reading)  # what moved may have freed the way
        if reading.plan.is_done:
            if reading is not original:
                check_spared(Version(*original[:2], context), Version(*reading[:2], now))
            refusals = (*divisions.refusals(original), *reading.plan.kept_metadata)
            refusals = tuple(_heard(original.dockerfile, refusals, wishes.ignore))
            in_order = tuple(sorted(refusals, key=lambda refusal: refusal.line))
            told = _told([divided.change for divided in divisions.done] + changes)
            return Repair(reading.dockerfile, reading.stages, tuple(patterns), told, in_order)
        new = _parse_result(Source(original.dockerfile.source.path, make_patch(*reading).apply()))
        new = _with_lines_of(reading.dockerfile, new)
        patterns |= dict.fromkeys(reading.plan.ignore_patterns)
        now = divisions.context = context.with_patterns(tuple(patterns))
        stages = _analyze(new, now, wishes, memory)
        check_rewrite(reading.dockerfile, reading.stages, new, stages)
        changes += reading.plan.changes
        stages = divisions.mark(stages)
        reading = Reading(new, stages, make_plan(new, stages, now, wishes))
    raise CheckError("the result could be changed again and again")


def _heard(dockerfile: Dockerfile, refusals: Iterable[Refusal], ignored: frozenset[str]) -> Iterator[Refusal]:
    """The refusals that neither a comment nor a setting silences, and what is wrong with such comments."""
    yield from (refusal for refusal in not_silenced(dockerfile, refusals) if refusal.slug not in ignored)
    yield from find_note_problems(dockerfile)


def _told(changes: list[Change]) -> tuple[Change, ...]:
    return tuple(sorted(dict.fromkeys(changes), key=lambda change: change.line))


class _Divisions:
    """Finds the RUNs to divide, and remembers those that were. ``context``: with the new lines of its ignore file."""

    def __init__(self, context: BuildContext, wishes: Wishes, memory: Memory) -> None:
        self._original, self.context, self._wishes, self._memory = context, context, wishes, memory
        self.done: list[_Divided] = []
        self._refused: dict[int, Refusal] = {}
        self._quiet: set[int] = set()

    def divide(self, reading: Reading) -> Reading:
        """The reading of the file with each RUN divided that a copy can come between."""
        for stage in range(len(reading.stages)):
            index = 0
            while index < len(reading.stages[stage].steps):
                if _is_stuck(reading, stage, index):
                    better = self._try(reading, stage, index)
                    if better is not None:
                        reading, index = better, index + 1
                index += 1
        return reading

    def mark(self, stages: tuple[StageAnalysis, ...]) -> tuple[StageAnalysis, ...]:
        """The stages with the doubts of the divisions at their first halves."""
        for divided in self.done:
            stages = _with_doubts(stages, divided)
        return stages

    def refusals(self, original: Reading) -> tuple[Refusal, ...]:
        """What stays of the refusals of the analysed file."""
        self._refused |= self._find_true_reasons(original)
        gone = {divided.change.line for divided in self.done} | self._quiet
        kept = [self._refused.get(r.line, r) for r in original.plan.refusals if r.line not in gone]
        return tuple(dict.fromkeys(kept))

    def _find_true_reasons(self, original: Reading) -> dict[int, Refusal]:
        """What really stops the RUNs that are refused as not proven, if ``--unsafe-fixes`` would not move them."""
        doubtful = [r for r in original.plan.refusals if r.slug == "not-proven" and r.line not in self._refused]
        if not doubtful:
            return {}
        wishes = self._wishes._replace(unsafe_fixes=True)
        plan = make_plan(original.dockerfile, original.stages, self._original, wishes)
        still = {refusal.line: refusal for refusal in plan.refusals}
        if plan.sinks == original.plan.sinks:
            self._quiet |= {refusal.line for refusal in doubtful if refusal.line not in still}
        return {refusal.line: still[refusal.line] for refusal in doubtful if refusal.line in still}

    def _try(self, reading: Reading, stage: int, index: int) -> Reading | None:
        analysis = reading.stages[stage]
        line = analysis.steps[index].instruction.line
        if brings_dependencies_again(analysis, index, reading.stages):
            self._quiet.add(line)
            return None
        divisions, refusal = find_divisions(analysis, index, reading.stages)
        wanted = [division for division in divisions if self._wishes.allows(division.slug)]
        if held := {d.slug: hold for d in wanted if (hold := self._find_hold(reading, d)) is not None}:
            self._refuse_held(reading, [division for division in wanted if division.slug in held], held)
            wanted = [division for division in wanted if division.slug not in held]
        for division in wanted:
            if division.doubts and not self._wishes.unsafe_fixes:
                continue
            result = self._carry_out(reading, division, self._wishes)
            if result is not None:
                self._add(result[1])
                return result[0]
        if (held_move := self._find_held_move(reading, wanted)) is not None:
            self._refused.setdefault(line, Refusal(held_move.slug, line, held_move.why))
        elif not self._wishes.unsafe_fixes and (why := self._find_doubtful(reading, wanted)):
            self._refused.setdefault(line, Refusal("not-proven", line, why, safety=Safety.UNSAFE))
        elif refusal is not None and any((r.slug, r.line) == (_CHAINED, line) for r in reading.plan.refusals):
            self._refused.setdefault(line, Refusal(refusal.slug, line, refusal.why))
        return None

    def _find_hold(self, reading: Reading, division: Division) -> Opaque | None:
        analysis = reading.stages[division.stage]
        instruction = analysis.steps[division.step].instruction
        return find_half_hold(reading.dockerfile, analysis.stage, instruction, division.slug)

    def _refuse_held(self, reading: Reading, divisions: list[Division], held: Mapping[str, Opaque]) -> None:
        """Note what would be divided, were there no comment that says otherwise."""
        wishes = self._wishes._replace(heeds_comments=False)
        for division in divisions:
            is_wanted = not division.doubts or wishes.unsafe_fixes
            if is_wanted and self._carry_out(reading, division, wishes) is not None:
                line, why = reading.stages[division.stage].steps[division.step].instruction.line, held[division.slug]
                self._refused.setdefault(line, Refusal(why.slug, line, why.why))
                return

    def _find_held_move(self, reading: Reading, divisions: list[Division]) -> Opaque | None:
        """The comment without which a copy would come between the halves of a RUN."""
        wishes = self._wishes._replace(heeds_comments=False)
        for division in divisions if is_named(reading.dockerfile.source.text) else ():
            if division.doubts and not wishes.unsafe_fixes:
                continue
            result = self._carry_out(reading, division, wishes)
            if result is not None:
                new, stage = result[0], result[0].stages[division.stage]
                for sink in (each for each in new.plan.sinks if each.stage == division.stage):
                    for step in stage.steps[sink.copy : sink.after + 1]:
                        if held := find_hold(new.dockerfile, stage.stage, step.instruction, sink.change.slug):
                            return held
        return None

    def _add(self, new: _Divided) -> None:
        """Remember a division; RUNs below it count one more."""
        below = (d._replace(run=d.run + (d.stage == new.stage and d.run > new.run)) for d in self.done)
        self.done = [*below, new]

    def _find_doubtful(self, reading: Reading, divisions: list[Division]) -> str | None:
        """Why a division that would serve is not made without ``--unsafe-fixes``."""
        wishes = self._wishes._replace(unsafe_fixes=True)
        for division in divisions:
            result = self._carry_out(reading, division, wishes)
            if result is not None:
                return next(iter(result[1].doubts), None)
        return None

    def _carry_out(self, reading: Reading, division: Division, wishes: Wishes) -> tuple[Reading, _Divided] | None:
        """The file with one more RUN divided, if that lets a copy sink that could not before."""
        step = reading.stages[division.stage].steps[division.step]
        text = divided_text(reading.dockerfile, step, division)
        if isinstance(text, Opaque):
            return None
        old = reading.dockerfile
        try:
            new = _with_old_lines(parse(Source(old.source.path, text)), old, step.instruction.span.start)
        except DockerfileError:
            return None
        analysed = _analyze(new, self.context, self._wishes, self._memory)
        try:
            check_rewrite(old, reading.stages, new, analysed)
        except CheckError:
            return None  # its layout or its shell is beyond us; nothing was changed
        stages = self.mark(analysed)
        run = sum(s.effects is not None for s in reading.stages[division.stage].steps[: division.step])
        first = stages[division.stage].steps[division.step]
        doubts = division.doubts + (first.effects.doubts if first.effects else ())
        divided = _Divided(division.stage, run, division.doubts, _change(division, step.instruction.line, doubts))
        stages = _with_doubts(stages, divided)
        plan = make_plan(new, stages, self.context, wishes)
        before, after = (_sunken(p, division.stage, division.step) for p in (reading.plan, plan))
        if not after - before:
            return None
        return Reading(new, stages, plan), divided._replace(doubts=division.doubts or doubts)


def _change(division: Division, line: int, doubts: tuple[str, ...]) -> Change:
    prefetch = division.prefetch
    if prefetch is None:
        reason = "the RUN is split behind its install, so that the copy can come between"
    else:
        form = " ".join(prefetch.argv) or "the install with " + " ".join(prefetch.flags)
        reason = f"{form} brings the dependencies before the copy; the install stays as it is below it"
    evidence = (prefetch.why,) if prefetch is not None else ()
    return Change(division.slug, line, Safety.UNSAFE if doubts else Safety.SAFE, reason, doubts + evidence)


def _is_stuck(reading: Reading, stage: int, index: int) -> bool:
    """Whether a RUN that costs has a copy of sources above it that stays there."""
    steps = reading.stages[stage].steps
    if not (steps[index].is_worth_caching and steps[index].trace) or reading.stages[stage].problem is not None:
        return False
    settled = _sunken(reading.plan, stage, index) | {i for s, i in reading.plan.in_place if s == stage}
    return any(step.is_volatile and i not in settled for i, step in enumerate(steps[:index]))


def _sunken(plan: Plan, stage: int, index: int) -> set[int]:
    """The copies that come to rest below a step."""
    return {sink.copy for sink in plan.sinks if sink.stage == stage and sink.after >= index > sink.copy}


def _with_doubts(stages: tuple[StageAnalysis, ...], divided: _Divided) -> tuple[StageAnalysis, ...]:
    if not divided.doubts:
        return stages
    analysis = stages[divided.stage]
    at = [i for i, step in enumerate(analysis.steps) if step.effects is not None][divided.run]
    step = analysis.steps[at]
    assert step.effects is not None
    marked = step._replace(effects=step.effects._replace(doubts=divided.doubts + step.effects.doubts))
    steps = (*analysis.steps[:at], marked, *analysis.steps[at + 1 :])
    return (*stages[: divided.stage], analysis._replace(steps=steps), *stages[divided.stage + 1 :])


def _with_old_lines(new: Dockerfile, old: Dockerfile, divided: int) -> Dockerfile:
    """The divided file with each instruction's line in the file before; both halves have that of the whole."""
    lines: list[int] = []
    for instruction in old.instructions:
        lines += [instruction.line] * (2 if instruction.span.start == divided else 1)
    return _relined(new, {i.span: line for i, line in zip(new.instructions, lines, strict=True)})


def _with_lines_of(old: Dockerfile, new: Dockerfile) -> Dockerfile:
    """The new file with the lines that its instructions have in the old one; what was generated keeps its own."""
    lines: dict[str, list[int]] = {}
    for instruction in reversed(old.instructions):
        lines.setdefault(old.source.slice(instruction.span).strip(), []).append(instruction.line)
    numbers: dict[Span, int] = {}
    for instruction in new.instructions:
        known = lines.get(new.source.slice(instruction.span).strip())
        numbers[instruction.span] = known.pop() if known else instruction.line
    return _relined(new, numbers)


def _relined(new: Dockerfile, numbers: Mapping[Span, int]) -> Dockerfile:
    moved = {i.span: i._replace(line=numbers[i.span]) for i in new.instructions}
    stages = tuple(
        type(s)(
            index=s.index, name=s.name, base=s.base, instructions=tuple(moved.get(i.span, i) for i in s.instructions)
        )
        for s in new.stages
    )
    return new._replace(
        instructions=tuple(moved.values()), stages=stages, preamble=tuple(moved.get(i.span, i) for i in new.preamble)
    )


def _parse_result(source: Source) -> Dockerfile:
    try:
        return parse(source)
    except DockerfileError as error:
        raise CheckError(f"line {error.line} of the result: {error.message}") from None
