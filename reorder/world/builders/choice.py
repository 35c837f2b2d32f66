"""Finds the builder to use: the one that is asked for, or the first that answers."""

from __future__ import annotations

from reorder.world.builders.containers import ContainersTool
from reorder.world.builders.docker import Docker
from reorder.world.builders.model import Builder, BuilderError

NAMES = ("docker", "podman", "buildah")


def choose_builder(name: str | None) -> Builder:
    """The builder ``name``, or the first of `NAMES` that answers; raises `BuilderError` that says why none does."""
    problems = []
    for candidate in (name,) if name else NAMES:
        builder: Builder = Docker() if candidate == "docker" else ContainersTool(candidate)
        problem = builder.find_problem()
        if problem is None:
            return builder
        problems.append(problem)
    raise BuilderError(problems[0] if name else f"no builder can be used: {'; '.join(problems)}")
