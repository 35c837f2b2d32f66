"""The last gate: the patched text is parsed again and held against the original, without trusting the planner.

Proven here: only copies and metadata of the build moved; every other instruction kept its bytes, its order and the
build state it sees, but for a RUN that became two, which `find_fault` judges, and for variables that it cannot see,
which `check_metadata` judges; each moved copy still copies the same sources to the same place with the same flags.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence

from reorder.analysis.steps import StageAnalysis, Step
from reorder.dockerfile.model import Dockerfile
from reorder.effects import join
from reorder.rewriting.check_metadata import find_blindness_fault, find_metadata_fault, is_mobile, names_gone, text_of
from reorder.rewriting.halves import find_fault


class CheckError(Exception):
    """The result of our own rewriting is not what was promised; nothing may be written."""


def check_rewrite(
    old: Dockerfile, old_stages: Sequence[StageAnalysis], new: Dockerfile, new_stages: Sequence[StageAnalysis]
) -> None:
    """Raise `CheckError` unless copies and metadata moved, narrow copies were added, RUNs were divided, and no more."""
    if len(old_stages) != len(new_stages):
        raise CheckError("the number of stages changed")
    if [old.source.slice(i.span) for i in old.preamble] != [new.source.slice(i.span) for i in new.preamble]:
        raise CheckError("an instruction above the first FROM changed")
    _check_comments(old, new)
    for before, after in zip(old_stages, new_stages, strict=True):
        moved = _check_order(old, before.steps, new, after.steps)
        _check_copies(before.steps, after.steps)
        if fault := find_metadata_fault(old, before, new, after, moved):
            raise CheckError(fault)


def _check_comments(old: Dockerfile, new: Dockerfile) -> None:
    def comments(dockerfile: Dockerfile) -> Counter[str]:
        lines = (line.strip() for line in dockerfile.source.text.splitlines())
        return Counter(line for line in lines if line.startswith("#"))

    if comments(old) != comments(new) or old.directives != new.directives:
        raise CheckError("a comment or a directive was lost")


def _fixed(dockerfile: Dockerfile, step: Step) -> tuple[object, ...]:
    """What must not change of anything that is not a copy, variables apart."""
    return text_of(dockerfile, step), step.state.workdir, step.state.user, step.state.shell


def _check_order(
    old: Dockerfile, before: Sequence[Step], new: Dockerfile, after: Sequence[Step]
) -> frozenset[str]:
    """Hold all that is neither a copy nor metadata against the old file; the variables that a step no longer has."""
    moved: set[str] = set()
    olds, news = ([s for s in steps if s.copy is None and not is_mobile(s)] for steps in (before, after))
    at = 0
    for step in olds:
        if news[at : at + 1] and _fixed(old, step) == _fixed(new, news[at]):
            moved |= _check_variables(step, news[at])
            at += 1
            continue
        halves = news[at : at + 2]
        if step.effects is None or len(halves) < 2 or any(half.effects is None for half in halves):
            raise CheckError("an instruction that is not a copy changed, moved, or sees another build state")
        if any(_fixed(old, step)[1:] != _fixed(new, half)[1:] for half in halves):
            raise CheckError("a half of a RUN sees another build state")
        for half in halves:
            moved |= _check_variables(step, half)
        if fault := find_fault(old, step, new, halves[0], halves[1]):
            raise CheckError(f"RUN in line {step.instruction.line}: {fault}")
        at += 2
    if at != len(news):
        raise CheckError("an instruction that is not a copy appeared from nowhere")
    return frozenset(moved)


def _check_variables(one: Step, other: Step) -> frozenset[str]:
    if fault := find_blindness_fault(one.state, other):
        raise CheckError(f"{one.instruction.keyword} in line {one.instruction.line} sees other variables: {fault}")
    return names_gone(one.state, other.state)


_Entry = tuple[str, str | tuple[str, ...], str, tuple[str, ...]]
"""Origin, source, target and flags of one placement."""


def _copies(steps: Sequence[Step]) -> list[_Entry]:
    """Each single effect of the copies of a stage: one entry for each placement and its attributes."""
    found: list[_Entry] = []
    for step in steps:
        copy = step.copy
        if copy is None:
            continue
        flags = tuple(step.state.expand(flag.raw) for flag in step.instruction.flags)
        if copy.placements:
            found += ((copy.origin, p.source, p.target, flags) for p in copy.placements)
        else:
            words = tuple(step.state.expand(word) for word in step.instruction.words[:-1])
            found.append((copy.origin, words, copy.dest, flags))
    return found


def _check_copies(before: Sequence[Step], after: Sequence[Step]) -> None:
    old, new = set(_copies(before)), set(_copies(after))
    if missing := old - new:
        raise CheckError(f"a copy was lost: {sorted(missing, key=repr)[0]}")
    for added in new - old:
        if not any(_implies(copy, added) for copy in old):
            raise CheckError(f"a copy appeared from nowhere: {added}")


def _implies(copy: _Entry, added: _Entry) -> bool:
    """Whether the old copy brings, among others, just what the new one does: same files, place and attributes."""
    (origin, source, target, flags), (new_origin, new_source, new_target, new_flags) = copy, added
    if not isinstance(source, str) or not isinstance(new_source, str):
        return False
    inner = posixpath.relpath(new_source or ".", source or ".")
    is_inside = inner != ".." and not inner.startswith("../")
    return (origin, flags) == (new_origin, new_flags) and is_inside and join(target, inner) == new_target
