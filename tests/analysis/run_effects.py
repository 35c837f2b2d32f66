"""What a RUN does below ``COPY . .``, for the tests of scripts and Makefiles."""

from __future__ import annotations

from collections.abc import Mapping

from reorder.analysis.steps import analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.effects import Effects
from reorder.source import Source


def run_effects(run: str, files: Mapping[str, bytes | str], *, head: tuple[str, ...] = (), base: str) -> Effects:
    """The effects of ``RUN run`` on ``base``, in /app, where ``files`` lie; ``head`` are lines above the copy."""
    lines = [f"FROM {base}", *head, "COPY . .", f"RUN {run}"]
    context = open_context(MemoryTree(dict(files)), None)
    effects = analyze(parse(Source("Dockerfile", "\n".join(lines) + "\n")), context)[-1].steps[-1].effects
    assert effects is not None
    return effects


def slugs(effects: Effects) -> set[str]:
    """Why it may do anything."""
    return {block.slug for block in effects.blocks}
