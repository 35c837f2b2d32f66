"""Which package managers a Dockerfile uses."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from reorder.analysis.steps import StageAnalysis, Step
from reorder.manager import find_manager

_INTERPRETERS = frozenset(("node", "perl", "php", "python", "r", "rscript", "ruby"))
"""Programs that a package manager's module knows, and that run anything else as well."""


def find_managers(stages: Iterable[StageAnalysis]) -> tuple[str, ...]:
    """The package managers (modules of `reorder.managers`) whose commands the RUNs hold, sorted.

    A RUN that is not understood holds none.
    """
    words = (argv for stage in stages for step in stage.steps for argv in _commands(step))
    return tuple(sorted({name for argv in words if (name := _manager(argv)) is not None}))


def _commands(step: Step) -> Iterator[tuple[str, ...]]:
    yield from (call.argv for traced in step.trace for call in traced.calls)
    if step.instruction.keyword == "RUN" and step.instruction.json and step.instruction.words:
        yield step.instruction.words


def _manager(argv: tuple[str, ...]) -> str | None:
    tool = posixpath.basename(argv[0])
    if tool.rstrip("0123456789.").lower() in _INTERPRETERS:
        if argv[1:2] != ("-m",) or len(argv) < 3:
            return None
        tool = argv[2]  # python -m pip
    manager = find_manager(tool)
    return manager.name if manager is not None and manager.kind == "manager" else None
