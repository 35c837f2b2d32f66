"""Which metadata of the build sinks: an ARG with a date or a commit goes to its first use, or to the end of the stage.

Its value reruns every RUN below (RULEBOOK A2). The LABELs that use it go along, and, where the user takes the risk, an
ENV that hands it on. Nothing else moves, and nothing is crossed that may see the variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.analysis.mentions import mention
from reorder.analysis.metadata_names import changes_with_every_build, is_tool_setting, metadata_kind
from reorder.analysis.readers import IS_READ, find_reader
from reorder.analysis.steps import Step
from reorder.dockerfile.expand import assignments, may_meet, names_in
from reorder.effects import Safety
from reorder.lazy_patterns import lazy_pattern
from reorder.outcome import Change, Refusal
from reorder.planning.comments import comment_text, find_deliberate_order
from reorder.planning.descent import Scene
from reorder.planning.model import Move
from reorder.source import Opaque

SLUG = "build-metadata-before-install"
_SETS = ("ARG", "ENV")
_REFRESH = lazy_pattern(
    r"\bbust|invalidat|\b(?:every|each)\s+(?:new\s+)?(?:build|commit|time)|\balways\b", re.IGNORECASE
)
_CACHE = lazy_pattern(r"\bforce|re-?build|refresh|re-?run|\bcach(?:e|ing)\b", re.IGNORECASE)
"""What the comment above an ARG says of its purpose, where above a RUN it would mean something else."""

_FETCHES = lazy_pattern(r"\bgit\b[^&;|]*\b(?:clone|checkout|fetch|pull|reset|switch)\b|\b(?:curl|wget)\b|://")


class MetadataPlan(NamedTuple):
    """The moves of a file, and why other metadata stays above a step that it reruns."""

    moves: tuple[Move, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class _Group(NamedTuple):
    """An ARG with those that go along, right above the step ``before`` (the number of steps: to the end)."""

    arg: int
    followers: tuple[int, ...]
    before: int
    doubts: tuple[str, ...]


class _Stop(NamedTuple):
    """Where a walk down ended; ``at`` is the step that cannot be crossed, or the number of steps."""

    at: int
    why: Opaque | None
    followers: tuple[int, ...]
    doubts: tuple[str, ...]


def plan_metadata(scenes: Sequence[Scene]) -> MetadataPlan:
    """The moves for all stages of a file. A doubt stays one unless ``--unsafe-fixes`` is on."""
    moves: list[Move] = []
    refusals: list[Refusal] = []
    for scene in scenes:
        if scene.wishes.allows(SLUG) and scene.analysis.problem is None:
            planner = _Planner(scene)
            moves += planner.moves()
            refusals += planner.refusals
    return MetadataPlan(tuple(moves), tuple(refusals))


def _assigned(step: Step) -> frozenset[str]:
    """The variables that an ARG or ENV sets."""
    if step.instruction.keyword not in _SETS:
        return frozenset()
    return frozenset(name for name, _ in assignments(step.instruction))


def _keys(step: Step) -> frozenset[str]:
    """The keys of a LABEL."""
    if step.instruction.keyword != "LABEL":
        return frozenset()
    return frozenset(key for key, _ in assignments(step.instruction))


def _used(step: Step) -> frozenset[str]:
    escape = step.state.escape
    return frozenset[str]().union(*(names_in(word, escape) for word in step.instruction.words))


def _depend(one: Step, other: Step) -> bool:
    """Whether two instructions set the same, or one uses what the other sets."""
    sets, others = _assigned(one), _assigned(other)
    return (
        may_meet(sets, others)
        or may_meet(_keys(one), _keys(other))
        or may_meet(sets, _used(other))
        or may_meet(others, _used(one))
    )


@dataclass(slots=True)
class _Planner:
    scene: Scene
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.scene.steps

    def moves(self) -> list[Move]:
        """Where each instruction goes that moves; those for one place keep their order."""
        found = {index: self._walk_down(index) for index in self._candidates()}
        groups = self._worth_it([group for group in found.values() if group is not None])
        places: dict[int, int] = {}
        for group in groups:
            for index in (group.arg, *group.followers):
                places[index] = max(group.before, places.get(index, 0))
        if not self._keeps_order(places):
            return []
        changes = {group.arg: self._change(group) for group in groups}
        stage = self.scene.analysis.stage.index
        return [Move(stage, index, before, changes.get(index)) for index, before in sorted(places.items())]

    def _candidates(self) -> Iterator[int]:
        """ARGs that carry metadata of this build, are the only ones of their name, and are not used above."""
        for index, step in enumerate(self.steps):
            if step.instruction.keyword != "ARG" or not all(map(metadata_kind, _assigned(step))):
                continue
            if any("$" in (value or "") for _, value in assignments(step.instruction)):
                continue
            if not any(below.is_worth_caching for below in self.steps[index + 1 :]):
                continue
            if not (self._is_named_above(index) or self._is_declared_again(index) or self._chooses_download(index)):
                yield index

    def _chooses_download(self, index: int) -> bool:
        """Whether it says what a step below fetches: then it tells of another project, and seldom changes."""
        names = _assigned(self.steps[index])
        below = [step.instruction for step in self.steps[index + 1 :] if step.instruction.keyword in ("RUN", "ADD")]
        texts = (
            "\n".join((instruction.args, *(heredoc.content for heredoc in instruction.heredocs)))
            for instruction in below
            if mention(instruction, names)
        )
        return any(map(_FETCHES.search, texts))

    def _is_named_above(self, index: int) -> bool:
        """Whether the stage, above the ARG, or one that it starts from knows the name."""
        names = _assigned(self.steps[index])
        return any(mention(step.instruction, names) for step in (*self._inherited(), *self.steps[:index]))

    def _is_declared_again(self, index: int) -> bool:
        names = _assigned(self.steps[index])
        below = (step for step in self.steps[index + 1 :] if step.instruction.keyword == "ARG")
        return any(may_meet(_assigned(step), names) for step in below)

    def _inherited(self) -> Iterator[Step]:
        """The steps of the stages that this one starts from."""
        parent = self.scene.analysis.parent
        while parent is not None:
            yield from self.scene.stages[parent].steps
            parent = self.scene.stages[parent].parent

    def _worth_it(self, groups: list[_Group]) -> list[_Group]:
        """The groups without those that gain nothing, since another ARG that stays changes with every build, too."""
        if any(changes_with_every_build(name) for step in self._inherited() for name in _assigned(step)):
            return []
        while True:
            going = {group.arg for group in groups}
            staying = [
                index
                for index, step in enumerate(self.steps)
                if step.instruction.keyword == "ARG" and index not in going
                and any(map(changes_with_every_build, _assigned(step))) and not self._chooses_download(index)
            ]  # fmt: skip
            kept = [g for g in groups if self._gains(g.arg, min([g.before, *(i for i in staying if i < g.before)]))]
            if kept == groups:
                return groups
            groups = kept

    def _walk_down(self, index: int) -> _Group | None:
        """How far an ARG goes with its LABELs, if that is worth it; notes why it does not."""
        if (held := self.scene.find_hold(self.steps[index], SLUG)) is not None:
            if self._gains(index, self._walk(index, unsafe=self.scene.wishes.unsafe_fixes, heeds=False).at):
                self._refuse(index, held)
            return None
        unsafe = self._walk(index, unsafe=True)
        safe = self._walk(index, unsafe=False)
        is_worth_the_risk = self.scene.wishes.unsafe_fixes and self._gains(safe.at - 1, unsafe.at)
        best = unsafe if is_worth_the_risk else safe
        if (why := self._find_intention(index, unsafe)) is not None:
            if self._gains(index, unsafe.at):
                self._refuse(index, why)
            return None
        self._refuse_rest(index, safe, unsafe)
        if not self._gains(index, best.at) or self.scene.ends_open(self.steps[-1]):
            return None
        # a LABEL below all that is worth it stays where it is: just above it is far enough
        before = next((f for f in best.followers if self._gains(index, f) and not self._gains(f, best.at)), best.at)
        return _Group(index, tuple(f for f in best.followers if f < before), before, best.doubts)

    def _refuse_rest(self, index: int, safe: _Stop, unsafe: _Stop) -> None:
        """Note what keeps the ARG above a step that is worth keeping."""
        if not self.scene.wishes.unsafe_fixes and safe.at < unsafe.at and self._gains(safe.at - 1, unsafe.at):
            assert safe.why is not None
            self._refuse(index, safe.why, Safety.UNSAFE)
        elif unsafe.why is not None and unsafe.why.slug != IS_READ and self._gains(unsafe.at - 1, len(self.steps)):
            self._refuse(index, unsafe.why)

    def _refuse(self, index: int, why: Opaque, safety: Safety | None = None) -> None:
        self.refusals.append(Refusal(why.slug, self.steps[index].instruction.line, why.why, (), safety))

    def _gains(self, index: int, before: int) -> bool:
        """Whether a RUN between is worth keeping, and no copy of sources reruns it anyway."""
        parent = self.scene.analysis.parent
        if parent is not None and self.scene.stages[parent].is_volatile:
            return False
        for k in range(index + 1, before):
            if self.steps[k].is_worth_caching and not any(step.is_volatile for step in self.steps[:k]):
                return True
        return False

    def _find_intention(self, index: int, stop: _Stop) -> Opaque | None:
        """Why the place of the ARG may be meant."""
        dockerfile, own = self.scene.dockerfile, self.steps[index].instruction
        crossed = [step.instruction for step in self.steps[index + 1 : stop.at] if step.effects is not None]
        comments = [comment_text(dockerfile, instruction) for instruction in crossed]
        meant = find_deliberate_order(dockerfile, own, own) or next(filter(_REFRESH.search, comments), None)
        if meant is None and (_REFRESH.search(mine := comment_text(dockerfile, own)) or _CACHE.search(mine)):
            meant = mine
        if meant is not None:
            line = meant.strip().splitlines()[0].strip()
            return Opaque("order-is-deliberate", f"a comment says so: {line}")
        if not self._is_used(index):
            names = ", ".join(sorted(_assigned(self.steps[index])))
            return Opaque("argument-is-not-used", f"nothing uses {names}: it may be there to run the steps again")
        return None

    def _is_used(self, index: int) -> bool:
        """Whether a step below, or of a stage that starts from this one, uses the ARG or may do so."""
        names = _assigned(self.steps[index])
        below = [*self.steps[index + 1 :]]
        heirs = {self.scene.analysis.stage.index}
        for stage in self.scene.stages:
            if stage.parent in heirs:
                heirs.add(stage.stage.index)
                below += stage.steps
        return any(isinstance(find_reader(step, names), Opaque) for step in below)

    def _walk(self, index: int, *, unsafe: bool, heeds: bool = True) -> _Stop:
        """Go down until something stops the ARG or those that go along; a comment does if the walk ``heeds`` them."""
        names = set(_assigned(self.steps[index]))
        followers: list[int] = []
        doubts: list[str] = []
        for k in range(index + 1, len(self.steps)):
            step = self.steps[k]
            goes_along = bool(_used(step) & names) and self._may_follow(index, k, unsafe=unsafe)
            is_touched = heeds and (goes_along or step.effects is not None)
            if is_touched and (held := self.scene.find_hold(step, SLUG)) is not None:
                return _Stop(k, held, tuple(followers), tuple(doubts))
            if goes_along:
                followers.append(k)
                if step.instruction.keyword == "ENV":
                    names |= _assigned(step)
                    doubts.append(f"ENV in line {step.instruction.line} changes its place in the image's configuration")
                continue
            found = self._find_clash(followers, step) or self._cross(step, frozenset(names), unsafe=unsafe)
            if isinstance(found, Opaque):
                return _Stop(k, found, tuple(followers), tuple(doubts))
            doubts += found
        return _Stop(len(self.steps), None, tuple(followers), tuple(dict.fromkeys(doubts)))

    def _cross(self, step: Step, names: frozenset[str], *, unsafe: bool) -> Opaque | tuple[str, ...]:
        found = find_reader(step, names)
        if isinstance(found, Opaque):
            is_env = step.instruction.keyword == "ENV" and not unsafe and self._may_hand_on(step)
            return Opaque("not-proven", f"{found.why}, which RUN may read") if is_env else found
        if found and not unsafe:
            return Opaque("not-proven", found[0])
        return found

    def _find_clash(self, followers: list[int], step: Step) -> Opaque | None:
        """A LABEL on its way down meets another one of its key, or a new value of a variable that it uses."""
        for follower in followers:
            mine = self.steps[follower]
            if may_meet(_assigned(step), _used(mine)) or may_meet(_keys(step), _keys(mine)):
                line = mine.instruction.line
                why = f"line {step.instruction.line} has to stay below {mine.instruction.keyword} in line {line}"
                return Opaque(IS_READ, why)
        return None

    def _may_follow(self, arg: int, index: int, *, unsafe: bool) -> bool:
        step = self.steps[index]
        if step.instruction.keyword == "LABEL":
            return not any("$" in key for key in _keys(step))
        return unsafe and self._may_hand_on(step) and self._is_only_one(arg, index)

    def _may_hand_on(self, step: Step) -> bool:
        """Whether an ENV does no more than to hand a value on, under a name that no tool looks for."""
        names = _assigned(step)
        return step.instruction.keyword == "ENV" and len(names) == 1 and not any(map(is_tool_setting, names))

    def _is_only_one(self, arg: int, index: int) -> bool:
        """Whether no other instruction sets or uses the name that an ENV sets before it does."""
        names = _assigned(self.steps[index])
        above = [step for k, step in enumerate(self.steps[:index]) if k != arg and step.instruction.keyword != "LABEL"]
        is_new = not any(mention(step.instruction, names) for step in (*self._inherited(), *above))
        return is_new and not any(may_meet(_assigned(step), names) for step in self.steps[index + 1 :])

    def _keeps_order(self, places: dict[int, int]) -> bool:
        """Whether what sets a name stays above what uses it, and the last of several LABELs of one key the last."""
        rank = {i: (places.get(i, i), i not in places, i) for i in range(len(self.steps))}
        return all(
            (i < j) == (rank[i] < rank[j])
            for i in places
            for j in rank
            if i != j and _depend(self.steps[i], self.steps[j])
        )

    def _change(self, group: _Group) -> Change:
        arg = self.steps[group.arg].instruction
        runs = [s.instruction for s in self.steps[group.arg + 1 : group.before] if s.effects is not None]
        names = ", ".join(sorted(_assigned(self.steps[group.arg])))
        what = f"ARG in line {arg.line}"
        if lines := [self.steps[i].instruction for i in group.followers]:
            what += " with " + ", ".join(f"{i.keyword} in line {i.line}" for i in lines)
        safety = Safety.UNSAFE if group.doubts else Safety.SAFE
        verb = "moves" if not lines else "move"
        return Change(
            SLUG, arg.line, safety,
            f"{what} {verb} below RUN in line {runs[-1].line}, which does not see {names}", group.doubts,
        )  # fmt: skip
