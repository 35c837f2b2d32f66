"""Folders that an install makes and that a checkout may hold too: they must not come from the build context.

After a move the late copy would put the checkout's ``node_modules`` over the fresh one. A line in the ignore file
prevents it, and is equivalent where nothing else takes the folder from the context (RULEBOOK N3, D11, D12).
"""

from __future__ import annotations

import posixpath

from reorder.analysis.siblings import find_dependent_sibling
from reorder.analysis.steps import StageAnalysis
from reorder.context.context import BuildContext
from reorder.dockerfile.model import Dockerfile
from reorder.effects import Output, is_within
from reorder.source import Opaque


def plan_ignores(
    outputs: tuple[tuple[Output, str], ...], context: BuildContext, dockerfile: Dockerfile,
    stages: tuple[StageAnalysis, ...],
) -> tuple[str, ...] | Opaque:  # fmt: skip
    """The lines to add to the ignore file, or why that would not be the same image."""
    open_paths = [(output, path) for output, path in outputs if not context.excludes(path)]
    for output, path in open_paths:
        problem = _find_problem(output, path, context, dockerfile, stages)
        if problem is not None:
            return problem
    paths = [path for _, path in open_paths]
    if odd := next((path for path in paths if path.startswith(("!", "#")) or set(path) & set("*?[\\ \n")), None):
        return Opaque("name-has-glob-characters", f"{odd} cannot be named in an ignore file")
    if paths and context.ignore_is_link:
        return Opaque("ignore-file-is-a-link", f"{paths[0]} must be ignored, but {context.ignore_path} is a link")
    return tuple(paths)


def _find_problem(
    output: Output, path: str, context: BuildContext, dockerfile: Dockerfile, stages: tuple[StageAnalysis, ...]
) -> Opaque | None:
    user = _find_other_user(path, stages)
    if user is not None:
        return Opaque("output-in-context", f"{path} is copied from the build context in line {user}")
    is_present = context.kind(path) is not None
    sibling = find_dependent_sibling(path, dockerfile, context, is_present=is_present)
    if sibling is not None:
        return Opaque("output-in-context", f"{sibling} may take {path} from the build context, so it cannot be ignored")
    if not is_present:
        return None
    if (line := _find_other_taker(path, stages)) is not None:
        return Opaque("output-in-context", f"the copy in line {line} takes {path} from the build context as well")
    tracked = context.is_tracked(path)
    if tracked:
        return Opaque("output-in-context", f"{path} is committed: a later copy would put it over the fresh install")
    if not output.rebuilt and (tracked is None or not context.is_vcs_ignored(path)):
        return Opaque(
            "output-in-context", f"{path} is in the build context, and the install starts from what lies there"
        )
    return None


def _find_other_taker(path: str, stages: tuple[StageAnalysis, ...]) -> int | None:
    """The line of a copy that brings the folder along, in a stage that does not make the folder itself afterwards."""
    for analysis in stages:
        for index, step in enumerate(analysis.steps):
            targets = [
                posixpath.join(placement.target, posixpath.relpath(path, placement.source or "."))
                for placement in (step.copy.placements if step.copy else ())
                if placement.source == "" or is_within(path, placement.source)
            ]
            later = [s.effects for s in analysis.steps[index:] if s.effects is not None]
            made = {output.path for effects in later for output in effects.outputs}
            if any(target not in made for target in targets):
                return step.instruction.line
    return None


def _find_other_user(path: str, stages: tuple[StageAnalysis, ...]) -> int | None:
    """The line of a COPY that names the folder, or something in it, as a source."""
    for analysis in stages:
        for step in analysis.steps:
            if step.copy is not None:
                for placement in step.copy.placements:
                    if is_within(placement.source, path):
                        return step.instruction.line
    return None
