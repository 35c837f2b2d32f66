"""What of a stage the image that is shipped can show: all of it, or only the paths that are copied out of it."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from reorder.analysis.steps import StageAnalysis
from reorder.effects import PathSet, Role, is_within, join
from reorder.manager import UNKNOWN, find_manager


def find_parent(analysis: StageAnalysis, stages: Sequence[StageAnalysis]) -> StageAnalysis | None:
    """The stage that a stage starts from, if it starts from one."""
    return None if analysis.parent is None else stages[analysis.parent]


def is_shipped(analysis: StageAnalysis, stages: Sequence[StageAnalysis]) -> bool:
    """Whether the layers of the stage are, or may be, part of the last stage's image, or of that of a target."""
    if not all(stage.is_base_known for stage in stages):
        return True
    return any(_starts_from(last, analysis, stages) for last in stages if last is stages[-1] or last.is_target)


def _starts_from(last: StageAnalysis, analysis: StageAnalysis, stages: Sequence[StageAnalysis]) -> bool:
    stage: StageAnalysis | None = last
    while stage is not None and stage.stage.index != analysis.stage.index:
        stage = find_parent(stage, stages)
    return stage is not None


def is_hidden(analysis: StageAnalysis, paths: PathSet, stages: Sequence[StageAnalysis]) -> bool:
    """Whether nobody can see ``paths`` of the stage: it is not shipped, and what is copied out of it is something else.

    A stage from which nothing is copied is built for its own sake (``--target``), and hides nothing.
    """
    if is_shipped(analysis, stages) or any(_looks_at(stages[i], paths) for i in _heirs(analysis, stages)):
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


def _looks_at(analysis: StageAnalysis, paths: PathSet) -> bool:
    """Whether an everyday command of a stage (``cp -r``, ``ls -R``, ``ln -s``) may show ``paths`` elsewhere."""
    for step in analysis.steps:
        for call in (call for traced in step.trace for call in traced.calls):
            manager = find_manager(call.argv[0])
            if manager is None or manager.kind == "manager" or manager.role > Role.LOCAL:
                continue
            pairs = zip(call.argv, call.args, strict=False)
            words = [word for before, word in pairs if before not in ("-C", "--directory")]  # where tar unpacks
            known = (join(call.cwd, word) for word in words if UNKNOWN not in word and not word.startswith("-"))
            if any(_may_hold(word, paths) for word in known):
                return True
    return False


def _may_hold(source: str, paths: PathSet) -> bool:
    path = posixpath.normpath("/" + source.strip("/"))
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
