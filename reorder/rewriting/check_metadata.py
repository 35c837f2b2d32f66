"""The last gate for metadata of the build: what moved kept its bytes and its meaning, and nobody sees that it moved.

Proven without the planner: each ARG, LABEL and ENV with metadata is still there and uses the same values of variables;
those that set the same name or key stand in the same order; variables only come later than before; and whoever no
longer has one cannot see it, by the rules of `find_reader`, judged anew on the new file. (Which RUN is blind, and which
name is metadata, the planner asks the same rules: a fault in those is for the tests and the real builds to find.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from reorder.analysis.mentions import mention
from reorder.analysis.metadata_names import metadata_kind
from reorder.analysis.readers import find_reader
from reorder.analysis.state import BuildState
from reorder.analysis.steps import StageAnalysis, Step
from reorder.dockerfile.expand import assignments, may_meet, names_in
from reorder.dockerfile.model import Dockerfile
from reorder.source import Opaque

_Seen = tuple[str | None, str | None, bool]
"""A variable as an instruction sees it: the value of its ARG, of its ENV, whether a build argument may change it."""


def text_of(dockerfile: Dockerfile, step: Step) -> str:
    """An instruction without its line ending, which the last line of a file may lack."""
    return dockerfile.source.slice(step.instruction.span).rstrip("\r\n")


def is_mobile(step: Step) -> bool:
    """Whether an instruction is one that may move: an ARG with metadata, or a LABEL or ENV that uses such a one."""
    keyword, names = step.instruction.keyword, [name for name, _ in assignments(step.instruction)]
    if keyword == "ARG":
        return all(map(metadata_kind, names))
    if keyword == "ENV" and len(names) != 1:
        return False
    return keyword in ("LABEL", "ENV") and any(map(metadata_kind, _used(step)))


def find_blindness_fault(one: BuildState, step: Step) -> str | None:
    """Why ``step`` of the new file may not lack what it had in the state ``one``; None if it may, or lacks nothing."""
    gone = names_gone(one, step.state)
    if any(not _is_later(_seen(one, name), _seen(step.state, name)) for name in gone):
        return "it sees a new variable, or another value"
    found = find_reader(step, gone) if gone else ()
    return found.why if isinstance(found, Opaque) else None


def names_gone(one: BuildState, other: BuildState) -> frozenset[str]:
    """The variables that are not the same in two states."""
    names = {*one.args, *one.env, *other.args, *other.env}
    return frozenset(name for name in names if _seen(one, name) != _seen(other, name))


def find_metadata_fault(
    old: Dockerfile, before: StageAnalysis, new: Dockerfile, after: StageAnalysis, moved: frozenset[str]
) -> str | None:
    """What is wrong with the metadata in a stage of the new file; None if nothing is.

    ``moved`` are the variables that some step has no longer.
    """
    olds, news = ([step for step in stage.steps if is_mobile(step)] for stage in (before, after))
    if not olds and not news:
        return None
    if Counter(_meaning(old, step) for step in olds) != Counter(_meaning(new, step) for step in news):
        return "an ARG, LABEL or ENV changed, got lost, or uses another value"
    if _setters(old, before.steps) != _setters(new, after.steps):
        return "instructions that set the same name changed places"
    if names_gone(before.end, after.end):
        return "the stage ends with other variables"
    return _find_copy_fault(before.steps, after.steps, moved)


def _used(step: Step) -> frozenset[str]:
    return frozenset[str]().union(*(names_in(word, step.state.escape) for word in step.instruction.words))


def _is_later(old: _Seen, new: _Seen) -> bool:
    return all(now is None or now == was for was, now in zip(old[:2], new[:2], strict=True))


def _seen(state: BuildState, name: str) -> _Seen:
    return state.args.get(name), state.env.get(name), name in state.tainted


def _meaning(dockerfile: Dockerfile, step: Step) -> tuple[str, tuple[tuple[str, _Seen], ...]]:
    return text_of(dockerfile, step), tuple((name, _seen(step.state, name)) for name in sorted(_used(step)))


def _setters(dockerfile: Dockerfile, steps: Sequence[Step]) -> Mapping[tuple[bool, str], list[str]]:
    """For each key of LABELs, and each name that ARG and ENV set, those that may do so, in order."""
    setters = [
        (step.instruction.keyword == "LABEL", frozenset(name for name, _ in assignments(step.instruction)), step)
        for step in steps
        if step.instruction.keyword in ("ARG", "ENV", "LABEL")
    ]
    return {
        (kind, name): [
            text_of(dockerfile, step)
            for other, others, step in setters
            if other == kind and may_meet(frozenset((name,)), others)
        ]
        for kind, names, _ in setters
        for name in names
        if "$" not in name
    }


def _find_copy_fault(before: Sequence[Step], after: Sequence[Step], moved: frozenset[str]) -> str | None:
    """A copy that uses a variable with another value than the copies of the old file did; of those that moved, any."""
    names = frozenset(name for step in before if is_mobile(step) for name, _ in assignments(step.instruction))
    for name in names:
        old, new = _seen_by_copies(before, name), _seen_by_copies(after, name)
        if not new <= old or (name in moved and len(old) > 1):
            return f"a copy uses {name}, which moved"
    return None


def _seen_by_copies(steps: Iterable[Step], name: str) -> set[_Seen]:
    return {
        _seen(step.state, name)
        for step in steps
        if step.copy is not None and mention(step.instruction, (name,)) is not None
    }
