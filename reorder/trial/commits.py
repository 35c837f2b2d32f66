"""Plays real commits on the builder: each one's context is built from the cache, with both Dockerfiles as they are now.

Beside what ran stands what the simulator of `reorder.caching` says. Both look at the commits' files alone: what is not
committed takes no part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Set

from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.program import Program, StepId
from reorder.caching.simulator import make_program
from reorder.context.ignore import IgnoreError
from reorder.context.model import UnreadableError
from reorder.dockerfile.model import Dockerfile, DockerfileError
from reorder.dockerfile.parse import parse
from reorder.source import Source
from reorder.trial.bench import Bench
from reorder.trial.gain import rebuild_of
from reorder.trial.touch import open_variant
from reorder.verifying.build_log import StepRun
from reorder.verifying.verdict import Played, Replayed, Variant, Verdict
from reorder.weighing.history import Commit
from reorder.world.git import GitError
from reorder.world.git_log import read_history
from reorder.world.git_tree import CommitFolder


def replay_commits(bench: Bench, verdict: Verdict, number: int) -> Verdict:
    """The verdict with the last ``number`` commits played, oldest first. Raises OSError and `BuilderError`."""
    if bench.builder.name != "docker":
        return _noted(verdict, "no commits replayed: the simulator knows docker's cache only")
    history = read_history(bench.pair.context, limit=number)
    if not history.commits:
        return _noted(verdict, "no commits replayed: " + "; ".join(history.notes))
    folder = os.path.join(bench.folder, "commits")
    os.mkdir(folder)
    try:
        place = CommitFolder(bench.pair.context, folder)
        place.show(f"{history.commits[0].id}^")
        sides = (_Side(bench, folder, "original", bench.pair.before), _Side(bench, folder, "patched", bench.pair.after))
        for side in sides:
            side.play(None)
        played = []
        for commit in history.commits:
            place.show(commit.id)
            before, after = (side.play(commit) for side in sides)
            subject = commit.subject
            played.append(Replayed(commit.id, subject, len(commit.paths | commit.modes), before, after))
    except (GitError, IgnoreError, UnreadableError, DockerfileError) as error:
        return _noted(verdict, f"no commits replayed: {error}")
    return verdict._replace(commits=tuple(played), notes=(*verdict.notes, *history.notes))


class _Side:
    """One of the two Dockerfiles, and what changed since it was built last."""

    def __init__(self, bench: Bench, folder: str, label: str, variant: Variant) -> None:
        self._bench, self._folder, self._label, self._variant = bench, folder, label, variant
        self._dockerfile: Dockerfile = parse(Source.decode("Dockerfile", variant.text))
        self._pending = Delta()
        self._number = 0

    def play(self, commit: Commit | None) -> Played:
        """Build the folder as it is now; None: the state before the first commit."""
        if commit is not None:
            self._pending = Delta(
                self._pending.paths | commit.paths, self._pending.modes | commit.modes,
                everything=self._pending.everything or commit.is_cut,
            )  # fmt: skip
        # a name that was given twice would leave the older image nameless, and behind
        old, self._number = f"{self._label}-{self._number}", self._number + 1
        new = f"{self._label}-{self._number}"
        done = self._bench.rebuild(new, f"{self._label}-commits", self._variant, self._folder)
        self._bench.forget(old)
        if done.error is not None:
            return Played(rebuild_of(done), 0, (), done.error)
        program = self._program()
        expected = program.rerun(self._pending).keys()
        self._pending = Delta()
        return Played(rebuild_of(done), len(expected), tuple(self._wrong(program, expected, done.steps)), None)

    def _program(self) -> Program:
        context = open_variant(self._folder, self._variant)
        stages = analyze(self._dockerfile, context)
        return make_program(self._dockerfile, stages, context, target=self._bench.options.target)

    def _wrong(self, program: Program, expected: Set[StepId], steps: tuple[StepRun, ...]) -> Iterator[str]:
        """The steps of which the simulator says the opposite of what the builder did."""
        for stage in program.stages:
            ran = sorted((s for s in steps if s.stage == self._stage_label(stage.index)), key=lambda s: s.number)
            if [step.keyword for step in ran] != [step.keyword for step in stage.steps]:
                yield f"the builder's steps of stage {stage.name or stage.index} cannot be told apart"
                continue
            for step, real in zip(stage.steps, ran, strict=True):
                # a copy's key is its content, which any earlier build may have had
                if (step.id in expected) == real.cached and not (real.cached and step.keyword != "RUN"):
                    yield f"line {step.line}, {step.keyword}: {'cached' if real.cached else 'ran'}"

    def _stage_label(self, index: int) -> str:
        if len(self._dockerfile.stages) == 1:
            return ""
        return (self._dockerfile.stages[index].name or f"stage-{index}").lower()


def _noted(verdict: Verdict, note: str) -> Verdict:
    return verdict._replace(notes=(*verdict.notes, note))
