"""A Dockerfile in a context as the simulator sees it: which RUN steps an edit runs again."""

from __future__ import annotations

import posixpath
from pathlib import Path

from corpus import Case, memory_tree
from reorder.analysis.steps import analyze
from reorder.caching.simulator import rerun
from reorder.context.context import open_context
from reorder.dockerfile.parse import parse
from reorder.source import Source

RunNumber = tuple[int, int]
"""A RUN step: the index of its stage, and its place among the RUN steps of the stage. It survives a move of copies."""


class Rebuild:
    """One version of a case's Dockerfile. ``scratch`` is a new folder for git to answer in."""

    def __init__(self, case: Case, scratch: Path, *, text: str, ignore: str | None) -> None:
        tree = memory_tree(case, scratch, text=text, ignore=ignore)
        self._context = open_context(tree, posixpath.relpath(case.dockerfile, case.context_option or "."))
        self._stages = analyze(parse(Source(case.dockerfile, text)), self._context)
        self.paths = tree.paths()

    @classmethod
    def before(cls, case: Case, scratch: Path) -> Rebuild:
        """The file as it is."""
        return cls(case, scratch, text=case.text, ignore=None)

    @classmethod
    def after(cls, case: Case, scratch: Path) -> Rebuild:
        """The expected file."""
        return cls(case, scratch, text=case.expected or "", ignore=case.expected_ignore)

    def _runs(self) -> dict[RunNumber, tuple[int, int]]:
        """The positions of all RUN steps."""
        found: dict[RunNumber, tuple[int, int]] = {}
        for stage in self._stages:
            steps = enumerate(stage.steps)
            positions = [position for position, step in steps if step.instruction.keyword == "RUN"]
            found |= {(stage.stage.index, n): (stage.stage.index, position) for n, position in enumerate(positions)}
        return found

    def again(self, path: str) -> set[RunNumber]:
        """Which RUN steps an edit of ``path`` runs again."""
        if self._context.excludes(path):
            return set()
        missed = rerun(self._stages, path)
        return {number for number, position in self._runs().items() if position in missed}

    def installs(self) -> set[RunNumber]:
        """The RUN steps that are worth keeping."""
        return {
            number for number, (stage, step) in self._runs().items() if self._stages[stage].steps[step].is_worth_caching
        }

    def all(self) -> set[RunNumber]:
        """Every RUN step."""
        return set(self._runs())
