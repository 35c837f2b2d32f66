"""The last gate: the patched text is parsed again and held against the original, without trusting the planner.

Proven here: only copies moved; every other instruction kept its bytes, its order and the build state it sees; each
moved copy still copies the same sources to the same place with the same flags; and nothing is left to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reorder.analysis.steps import StageAnalysis, Step
from reorder.dockerfile.model import Dockerfile


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


def _copies(steps: Sequence[Step]) -> list[tuple[object, ...]]:
    """Each single effect of the copies of a stage: one entry for each placement and its attributes."""
    found: list[tuple[object, ...]] = []
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
    if missing := set(_copies(before)) - set(_copies(after)):
        raise CheckError(f"a copy was lost: {sorted(missing, key=repr)[0]}")
    allowed = {entry[1] for entry in _copies(before)}
    for added in set(_copies(after)) - set(_copies(before)):
        source = added[1]
        if not isinstance(source, str) or not any(isinstance(a, str) and _holds(a, source) for a in allowed):
            raise CheckError(f"a copy appeared from nowhere: {added}")


def _holds(directory: str, path: str) -> bool:
    return directory == "" or path == directory or path.startswith(directory + "/")
