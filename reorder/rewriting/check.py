"""The last gate: the patched text is parsed again and held against the original, without trusting the planner.

Proven here: only copies moved; every other instruction kept its bytes, its order and the build state it sees; each
moved copy still copies the same sources to the same place with the same flags; and nothing is left to do.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from reorder.analysis.steps import StageAnalysis, Step
from reorder.dockerfile.model import Dockerfile
from reorder.effects import join


class CheckError(Exception):
    """The result of our own rewriting is not what was promised; nothing may be written."""


def check_rewrite(
    old: Dockerfile, old_stages: Sequence[StageAnalysis], new: Dockerfile, new_stages: Sequence[StageAnalysis]
) -> None:
    """Raise `CheckError` unless the new file is the old one with copies moved and narrow copies added."""
    if len(old_stages) != len(new_stages):
        raise CheckError("the number of stages changed")
    _check_comments(old, new)
    for before, after in zip(old_stages, new_stages, strict=True):
        _check_order(old, before.steps, new, after.steps)
        _check_copies(before.steps, after.steps)


def _check_comments(old: Dockerfile, new: Dockerfile) -> None:
    def comments(dockerfile: Dockerfile) -> list[str]:
        return sorted(dockerfile.source.slice(p.span).strip() for p in dockerfile.pieces if p.kind == "comment")

    if comments(old) != comments(new) or old.directives != new.directives:
        raise CheckError("a comment or a directive was lost")


def _fixed(dockerfile: Dockerfile, steps: Sequence[Step]) -> Iterator[tuple[object, ...]]:
    """What must not change of everything that is not a copy."""
    for step in steps:
        if step.copy is None:
            state = step.state
            yield (
                dockerfile.source.slice(step.instruction.span).rstrip("\r\n"), state.workdir, dict(state.env),
                dict(state.args), state.user, state.shell,
            )  # fmt: skip


def _check_order(old: Dockerfile, before: Sequence[Step], new: Dockerfile, after: Sequence[Step]) -> None:
    if list(_fixed(old, before)) != list(_fixed(new, after)):
        raise CheckError("an instruction that is not a copy changed, moved, or sees another build state")


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
