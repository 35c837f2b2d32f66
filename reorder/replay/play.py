"""Plays commits through two versions of a Dockerfile: which steps would have run again in which build, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reorder.analysis.steps import StageAnalysis, Step
from reorder.caching.builder import Builder
from reorder.caching.delta import Delta
from reorder.caching.program import Program, Reason, StepId
from reorder.caching.simulator import make_program
from reorder.replay.model import Replay, Row, Side
from reorder.replay.partners import Place, find_partners
from reorder.weighing.costs import Costs
from reorder.weighing.history import Commit, History
from reorder.weighing.priors import prior_commits


class Assumptions(NamedTuple):
    """What is taken for granted of the builds: the builder, the stage that is built (None: the last one), what steps
    cost, and which build arguments have a new value each time.
    """

    costs: Costs = Costs()
    builder: Builder = Builder.BUILDKIT
    target: str | None = None
    arguments: frozenset[str] = frozenset()


def play(
    path: str, folder: str, history: History, before: Side, after: Side, assumptions: Assumptions | None = None
) -> Replay:
    """One build for each commit, in both versions; the commits are made from priors if ``history`` has none.

    ``path`` and ``folder`` (the build context) are as the user gave them. What is played are the changes of the context
    through the Dockerfile and the ignore file as they are now. The cache is taken to hold the build of the commit
    before, and no older ones: what a revert brings back counts as changed. Raises `TargetError` for an unknown target.
    """
    assumptions = assumptions or Assumptions()
    commits = history.commits or prior_commits(before.context, (*before.stages, *after.stages))
    deltas = [_delta(commit, assumptions.arguments) for commit in commits]
    old = _Version(before, deltas, assumptions)
    is_changed = after.dockerfile.source.text != before.dockerfile.source.text
    new = _Version(after, deltas, assumptions) if is_changed else old
    partners = find_partners(old.places, new.places)
    seconds = _shared_seconds(old, new, partners)
    firsts = {partner: index for index, partner in reversed(list(enumerate(partners))) if partner is not None}
    return Replay(
        path=path, context=folder, commits=commits,
        before=tuple(old.row(i, old.seconds[i], firsts.get(i)) for i in range(len(old.steps))),
        after=tuple(new.row(i, seconds[i], partners[i]) for i in range(len(new.steps))),
        notes=(*history.notes, *_notes(history, old, new, assumptions)),
        is_changed=is_changed, is_prior=not history.commits,
    )  # fmt: skip


class _Version:
    """A version compiled and played."""

    def __init__(self, side: Side, deltas: Sequence[Delta], assumptions: Assumptions) -> None:
        program: Program = make_program(
            side.dockerfile, side.stages, side.context, builder=assumptions.builder, target=assumptions.target
        )
        self.ids = program.steps
        self.steps = tuple(side.stages[id_.stage].steps[id_.index] for id_ in self.ids)
        self.places = tuple(
            Place(id_.stage, step.instruction.keyword, _whole_text(step), _sources(step))
            for id_, step in zip(self.ids, self.steps, strict=True)
        )
        earlier = [list(_earlier(side.stages, id_)) for id_ in self.ids]
        found = tuple(map(assumptions.costs.weigh, self.steps, earlier))
        self.seconds = tuple(weighed.seconds for weighed in found)
        self.guesses = tuple(weighed.guess for weighed in found)
        self.kinds = tuple(weighed.kind for weighed in found)
        self.is_measured = tuple(weighed.is_measured for weighed in found)
        self._names = tuple(stage.stage.name or str(stage.stage.index) for stage in side.stages)
        has_git = side.context.kind(".git") is not None
        self.copies_git = has_git and bool(program.rerun(Delta(paths=frozenset((".git/index",)))))
        self._texts: dict[Reason | None, str] = {None: ""}
        answers = {delta: program.rerun(delta) for delta in dict.fromkeys(deltas)}  # many commits change the same
        self._played = [answers[delta] for delta in deltas]

    def row(self, index: int, seconds: float, partner: int | None) -> Row:
        """The step with that index, as the replay shows it."""
        id_ = self.ids[index]
        found = [played.get(id_) for played in self._played]
        for reason in set(found) - self._texts.keys():
            assert reason is not None
            self._texts[reason] = _REASONS.get(reason.kind, "{}").format(reason.what)
        reasons = tuple(self._texts[reason] for reason in found)
        return Row(
            stage=self._names[id_.stage], line=self.steps[index].instruction.line, text=one_line(self.steps[index]),
            kind=self.kinds[index], seconds=seconds, ran=tuple(map(bool, reasons)), reasons=reasons, partner=partner,
        )  # fmt: skip


def one_line(step: Step) -> str:
    """The instruction on one line, a heredoc by its first words."""
    instruction = step.instruction
    words = [instruction.keyword, *(flag.raw for flag in instruction.flags), *instruction.args.split()]
    for heredoc in instruction.heredocs:
        words.append(f"({next(iter(heredoc.content.strip().splitlines()), '')} ...)")
    return " ".join(words)


def _whole_text(step: Step) -> str:
    return "\n".join((one_line(step), *(heredoc.content for heredoc in step.instruction.heredocs)))


def _sources(step: Step) -> frozenset[str]:
    return frozenset(source.raw for source in step.copy.sources) if step.copy is not None else frozenset()


def _delta(commit: Commit, arguments: frozenset[str]) -> Delta:
    return Delta(paths=commit.paths, modes=commit.modes, arguments=arguments, everything=commit.is_cut)


def _earlier(stages: Sequence[StageAnalysis], id_: StepId) -> Iterator[Step]:
    yield from stages[id_.stage].steps[: id_.index]
    parent = stages[id_.stage].parent
    while parent is not None:
        yield from stages[parent].steps
        parent = stages[parent].parent


def _shared_seconds(old: _Version, new: _Version, partners: Sequence[int | None]) -> list[float]:
    """The seconds of the new version's steps: those of a RUN that was divided are shared out, since no work is added.

    In proportion to what its parts are taken to cost.
    """
    seconds = list(new.seconds)
    for origin in {partner for partner in partners if partner is not None}:
        parts = [index for index, partner in enumerate(partners) if partner == origin]
        if len(parts) > 1 and (old.is_measured[origin] or not any(new.is_measured[part] for part in parts)):
            whole = sum(new.guesses[part] for part in parts)
            for part in parts:
                seconds[part] = old.seconds[origin] * new.guesses[part] / whole
    return seconds


_WORTH_SAYING = 1.0

_REASONS = {
    "content": "{} changed",
    "mode": "the mode of {} changed",
    "ignore": "{} changed",
    "argument": "the build argument {} has a new value",
    "image": "the image {} has a new digest",
    "address": "{} gives something new",
    "stage": "what comes from the stage {} changed",
    "above": "{} ran again",
}


def _notes(history: History, old: _Version, new: _Version, assumptions: Assumptions) -> Iterator[str]:
    if not history.commits:
        yield "there is no history to replay: the commits are made up, in the proportions that are typical of projects"
    if cut := sum(commit.is_cut for commit in history.commits):
        yield f"commits that change too many paths to be listed count as a change of everything: {cut} of them"
    if old.copies_git and history.commits:
        yield ".git is copied, too, and differs in every build: not counted here (the ignore file can leave it out)"
    if assumptions.arguments:
        yield f"each build gives new values to the build arguments {', '.join(sorted(assumptions.arguments))}"
    if len({id_.stage for id_ in old.ids}) > 1 and assumptions.builder is Builder.BUILDKIT:
        yield "seconds are those of all stages together, though BuildKit builds some side by side"
    if any(step.copy is not None and step.copy.origin == "stage" for step in old.steps):
        yield "what is copied from a stage counts as new whenever the RUN that may have made it ran again"
    if assumptions.costs.measured.seconds:
        measured = sum(old.is_measured)
        yield f"{measured} of {len(old.steps)} steps are in the build log; the others cost what is usual for their kind"
        return
    kinds = {kind: assumptions.costs.of_kind(kind) for kind in (*old.kinds, *new.kinds)}
    if shown := ", ".join(f"{kind} {seconds:g} s" for kind, seconds in kinds.items() if seconds >= _WORTH_SAYING):
        yield f"seconds are what is usual for the kind of step ({shown}): --timings and --cost know better"
