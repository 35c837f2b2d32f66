"""What the report of a migration says of one repository in a line of its table, and what it adds up."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import Literal, NamedTuple

from reorder.effects import Safety
from reorder.manager import all_managers
from reorder.outcome import Changed, Failed, Outcome
from reorder.repository_outcome import RepositoryOutcome

State = Literal["fixable", "failed", "left alone", "nothing to gain", "no Dockerfile"]
"""What a reader wants to know of a repository or a Dockerfile first. "left alone": some step would gain, but it stays,
with a reason; "nothing to gain": none would.
"""
STATES: tuple[State, ...] = ("fixable", "left alone", "nothing to gain", "no Dockerfile", "failed")
"""In the order in which they are shown."""
TROUBLES = {
    "source": "its line in the list of sources names no repository",
    "clone": "the network or the server did not give it",
    "repository": "git cannot read what is in it",
    "timeout": "it took longer than the time limit",
    "memory": "it took more than the memory limit",
    "crash": "the process that worked on it ended",
    "dockerfile": "a Dockerfile in it could not be read, or its repair did not pass a check",
}
"""Why a repository failed, in words; "dockerfile" stands for those that failed in a part."""


class Line(NamedTuple):
    """A line of the table.

    ``state`` counts a repository once; one that ``has_failed`` may be fixable even so, in its other Dockerfiles.
    ``has_doubt``: a change in it is plausible, not proven. ``slugs``: of its changes and of what was left alone.
    ``runs_before``, ``runs_after``: its installs in the last commits. ``seconds``: what an average build of all its
    Dockerfiles would save.
    """

    name: str
    owner: str
    state: State
    has_failed: bool
    has_doubt: bool
    dockerfiles: int
    fixable: int
    ecosystems: tuple[str, ...]
    managers: tuple[str, ...]
    slugs: tuple[str, ...]
    runs_before: int
    runs_after: int
    seconds: float


def line_of(outcome: RepositoryOutcome) -> Line:
    """The line of one repository."""
    changed = [each for each in outcome.outcomes if isinstance(each, Changed)]
    return Line(
        name=outcome.name,
        owner=outcome.owner or "",
        state=_state(outcome),
        has_failed=outcome.status == "failed",
        has_doubt=any(change.safety is not Safety.SAFE for each in changed for change in each.changes),
        dockerfiles=len(outcome.outcomes),
        fixable=len(changed),
        ecosystems=tuple(sorted({name for each in outcome.outcomes for name in ecosystems_of(each)}, key=_rank)),
        managers=tuple(sorted({name for each in outcome.outcomes for name in getattr(each, "managers", ())})),
        slugs=tuple(sorted({slug for each in outcome.outcomes for slug in _slugs(each)})),
        runs_before=sum(each.gain.runs_before for each in changed),
        runs_after=sum(each.gain.runs_after for each in changed),
        seconds=sum(saved(each) for each in changed),
    )


def state_of(outcome: Outcome) -> State:
    """The state of one Dockerfile."""
    if isinstance(outcome, Changed):
        return "fixable"
    if isinstance(outcome, Failed):
        return "failed"
    return "left alone" if outcome.refusals else "nothing to gain"


def _state(outcome: RepositoryOutcome) -> State:
    states = {state_of(each) for each in outcome.outcomes}
    if "fixable" in states:
        return "fixable"
    if outcome.status == "failed":
        return "failed"
    if outcome.status == "no-dockerfile":
        return "no Dockerfile"
    return "left alone" if "left alone" in states else "nothing to gain"


def saved(outcome: Outcome) -> float:
    """Seconds of an average build."""
    return outcome.gain.seconds_before - outcome.gain.seconds_after if isinstance(outcome, Changed) else 0.0


def ecosystems_of(outcome: Outcome) -> frozenset[str]:
    """The languages, and other kinds of packages, whose package managers the Dockerfile uses."""
    return frozenset(_ecosystems().get(name) or name for name in getattr(outcome, "managers", ()))


@cache
def _ecosystems() -> dict[str, str]:
    return {manager.name: manager.ecosystem for manager in all_managers()}


def _rank(ecosystem: str) -> tuple[bool, str]:
    """Languages first, since nearly every image has system packages."""
    return ecosystem[:1].islower(), ecosystem.lower()


def _slugs(outcome: Outcome) -> set[str]:
    if isinstance(outcome, Failed):
        return set()
    changed = {change.slug for change in outcome.changes} if isinstance(outcome, Changed) else set()
    return changed | {refusal.slug for refusal in outcome.refusals}


class Totals:
    """Counts over all repositories; it grows with the kinds of what there is to count, not with the repositories."""

    def __init__(self) -> None:
        self.repositories: Counter[State] = Counter()
        self.dockerfiles: Counter[State] = Counter()
        self.reasons: Counter[str] = Counter()
        """Dockerfiles in which something was left alone, by slug."""
        self.troubles: Counter[str] = Counter()
        """Repositories that failed, by the keys of `TROUBLES`."""
        self.ecosystems: defaultdict[str, Counter[State]] = defaultdict(Counter)
        """Dockerfiles; one that uses several counts in each."""
        self.seconds_by_ecosystem: defaultdict[str, float] = defaultdict(float)
        self.runs_before = 0
        self.runs_after = 0
        self.seconds = 0.0
        self.without_history = 0
        """Fixable Dockerfiles whose gain was worked out from typical commits."""

    def add(self, outcome: RepositoryOutcome, line: Line) -> None:
        """Count one repository, of which ``line`` is the line."""
        self.repositories[line.state] += 1
        if line.has_failed:
            self.troubles[outcome.trouble or "dockerfile"] += 1
        for each in outcome.outcomes:
            self._add_dockerfile(each)
        self.runs_before += line.runs_before
        self.runs_after += line.runs_after
        self.seconds += line.seconds

    def _add_dockerfile(self, outcome: Outcome) -> None:
        state = state_of(outcome)
        self.dockerfiles[state] += 1
        for ecosystem in ecosystems_of(outcome):
            self.ecosystems[ecosystem][state] += 1
            self.seconds_by_ecosystem[ecosystem] += saved(outcome)
        if isinstance(outcome, Failed):
            return
        self.reasons.update({refusal.slug for refusal in outcome.refusals})
        self.without_history += isinstance(outcome, Changed) and outcome.gain.source == "priors"
