"""A Dockerfile in a context as the simulator sees it: which RUN steps an edit runs again."""

from __future__ import annotations

import posixpath
from pathlib import Path

from corpus import Case, memory_tree
from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.regression import find_regression
from reorder.caching.simulator import StepId, make_program
from reorder.context.context import open_context
from reorder.dockerfile.model import Dockerfile, Stage
from reorder.dockerfile.parse import parse
from reorder.source import Source

RunNumber = tuple[int, int]
"""A RUN step: the index of its stage, and its place among the RUN steps of the stage. It survives a move of copies."""


def origins(old: Dockerfile, new: Dockerfile) -> dict[RunNumber, RunNumber]:
    """For each RUN of the repaired file the one that it was, or a half of, in the old file."""
    found: dict[RunNumber, RunNumber] = {}
    for before, after in zip(old.stages, new.stages, strict=True):
        olds, news = run_texts(old, before), run_texts(new, after)
        at = 0
        for number, text in enumerate(olds):
            halves = 1 if news[at] == text else 2
            found |= {(after.index, at + i): (before.index, number) for i in range(halves)}
            at += halves
        assert at == len(news), "a RUN appeared from nowhere"
    return found


def run_texts(dockerfile: Dockerfile, stage: Stage) -> list[str]:
    """What stands in the file for each RUN of a stage."""
    return [dockerfile.source.slice(i.span).rstrip("\r\n") for i in stage.instructions if i.keyword == "RUN"]


class Rebuild:
    """One version of a case's Dockerfile; RUNs are numbered as in the repaired file, so that versions can be compared.

    ``scratch`` is a new folder for git to answer in.
    """

    def __init__(self, case: Case, scratch: Path, *, text: str, ignore: str | None) -> None:
        self.origins = origins(*(parse(Source(case.dockerfile, t)) for t in (text, case.expected or "")))
        tree = memory_tree(case, scratch, text=text, ignore=ignore)
        self._context = open_context(tree, posixpath.relpath(case.dockerfile, case.context_option or "."))
        dockerfile = parse(Source(case.dockerfile, text))
        self._stages = analyze(dockerfile, self._context)
        self._program = make_program(dockerfile, self._stages, self._context)
        self.paths = tree.paths()

    @classmethod
    def before(cls, case: Case, scratch: Path) -> Rebuild:
        """The file as it is."""
        return cls(case, scratch, text=case.text, ignore=None)

    @classmethod
    def after(cls, case: Case, scratch: Path) -> Rebuild:
        """The expected file."""
        return cls(case, scratch, text=case.expected or "", ignore=case.expected_ignore)

    def _runs(self) -> dict[RunNumber, StepId]:
        """The positions of all RUN steps."""
        own: dict[RunNumber, StepId] = {}
        for stage in self._stages:
            steps = enumerate(stage.steps)
            positions = [position for position, step in steps if step.instruction.keyword == "RUN"]
            own |= {(stage.stage.index, n): StepId(stage.stage.index, position) for n, position in enumerate(positions)}
        return {number: own[origin] for number, origin in self.origins.items()}

    def again(self, path: str) -> set[RunNumber]:
        """Which RUN steps an edit of ``path`` runs again."""
        return self._missed(Delta(paths=frozenset((path,))))

    def again_with(self, argument: str) -> set[RunNumber]:
        """Which RUN steps another value of a build argument runs again."""
        return self._missed(Delta(arguments=frozenset((argument,))))

    def _missed(self, delta: Delta) -> set[RunNumber]:
        missed = self._program.rerun(delta)
        return {number for number, position in self._runs().items() if position in missed}

    def arguments(self) -> set[str]:
        """The build arguments that the file declares."""
        return {name for stage in self._stages for name in stage.end.args}

    def regression(self, after: Rebuild) -> str | None:
        """What `find_regression` says of the change from this version to ``after``."""
        old, new = self._runs(), after._runs()
        # of two halves of one RUN, each is judged
        for numbers in (sorted(old), sorted(old, reverse=True)):
            partner = {old[number]: new[number] for number in numbers}
            if found := find_regression(self._program, after._program, partner):
                return found
        return None

    def installs(self) -> set[RunNumber]:
        """The RUN steps that are worth keeping."""
        return {
            number for number, (stage, step) in self._runs().items() if self._stages[stage].steps[step].is_worth_caching
        }

    def all(self) -> set[RunNumber]:
        """Every RUN step."""
        return set(self._runs())
