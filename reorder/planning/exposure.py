"""What of a stage the image that is shipped can show: all of it, or only the paths that are copied out of it."""

from __future__ import annotations

from collections.abc import Sequence

from reorder.analysis.steps import StageAnalysis
from reorder.effects import PathSet, is_within
from reorder.manager import UNKNOWN


def find_parent(analysis: StageAnalysis, stages: Sequence[StageAnalysis]) -> StageAnalysis | None:
    """The stage that a stage starts from, if it starts from one."""
    base = analysis.stage.base.lower()
    above = (s for s in stages if s.stage.index < analysis.stage.index)
    return next((s for s in above if base and base in ((s.stage.name or "").lower(), str(s.stage.index))), None)


def is_shipped(analysis: StageAnalysis, stages: Sequence[StageAnalysis]) -> bool:
    """Whether the layers of the stage are part of the last stage's image."""
    shipped = stages[-1]
    while shipped.stage.index != analysis.stage.index:
        parent = find_parent(shipped, stages)
        if parent is None:
            return False
        shipped = parent
    return True


def is_hidden(analysis: StageAnalysis, paths: PathSet, stages: Sequence[StageAnalysis]) -> bool:
    """Whether nobody can see ``paths`` of the stage: it is not shipped, and what is copied out of it is something else.

    A stage from which nothing is copied is built for its own sake (``--target``), and hides nothing.
    """
    if is_shipped(analysis, stages):
        return False
    taken = False
    indices = _heirs(analysis, stages)
    heirs = {str(i) for i in indices} | {(stages[i].stage.name or "").lower() for i in indices}
    for other in stages:
        for step in other.steps:
            if step.copy is not None and step.copy.origin == "stage" and step.copy.stage.lower() in heirs:
                taken = True
                words = [step.state.expand(word) for word in step.instruction.words[:-1]]
                if any(UNKNOWN in word or _may_hold(word, paths) for word in words):
                    return False
            mounts = [f.value or "" for f in step.instruction.flags if f.name == "mount"]
            if any(f"from={name}" in mount.lower() for mount in mounts for name in heirs if name):
                return False
    return taken


def _may_hold(source: str, paths: PathSet) -> bool:
    path = "/" + source.strip("/")
    if any(character in path for character in "*?["):
        path = path[: min(path.index(c) for c in "*?[" if c in path)].rpartition("/")[0] or "/"
    return any(is_within(path, p) or is_within(p, path) for p in (*paths.files, *paths.trees)) or paths.everything


def _heirs(analysis: StageAnalysis, stages: Sequence[StageAnalysis]) -> tuple[int, ...]:
    """The stage and those that start from it."""
    found = [analysis.stage.index]
    for other in stages:
        parent = find_parent(other, stages)
        if parent is not None and parent.stage.index in found:
            found.append(other.stage.index)
    return tuple(found)
