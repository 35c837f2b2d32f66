"""Which steps BuildKit runs again when one file of the build context changes.

A judge of the planner's work, so it must never import it. The rules are those of RULEBOOK A1-A4, tried on Docker 20.10
and 26.1 with BuildKit: a COPY or a bind mount is keyed by the content that it selects, a RUN by its history, and
configuration (ENV, CMD, LABEL, ...) is no step at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from reorder.analysis.steps import StageAnalysis, Step
from reorder.context.context import clean_source
from reorder.effects import PathSet, is_within
from reorder.manager import UNKNOWN

_VERTICES = frozenset(("COPY", "ADD", "RUN", "WORKDIR"))
_GLOB = frozenset("*?[")


def rerun(stages: tuple[StageAnalysis, ...], path: str) -> frozenset[tuple[int, int]]:
    """The steps that miss the cache after the context file ``path`` was edited, added or removed.

    A step is (index of its stage, index in ``StageAnalysis.steps``). ``path`` is relative to the context's root and not
    excluded by its ignore file (an excluded file reruns nothing). Within a stage everything below a miss misses too,
    and so does all of a stage that starts FROM one with a miss. What is copied or mounted from a stage is keyed by its
    content, which cannot be known here, so the worst is assumed: it changes as soon as that stage, or one that it
    starts from, runs a RUN again, or a COPY that may write what is taken.
    """
    simulation = _Simulation(path)
    for analysis in stages:
        simulation.build(analysis)
    return frozenset((done.index, step) for done in simulation.done for step in done.missed)


@dataclass(frozen=True, slots=True)
class _Built:
    """A stage, the positions of its steps that missed, and the stages it may start from."""

    analysis: StageAnalysis
    missed: tuple[int, ...]
    bases: tuple[_Built, ...]

    @property
    def index(self) -> int:
        return self.analysis.stage.index

    def is_named(self, name: str) -> bool:
        return name.lower() in (str(self.index), (self.analysis.stage.name or str(self.index)).lower())

    def may_change(self, taken: PathSet) -> bool:
        """Whether it may hold something else at ``taken`` now."""
        for step in (self.analysis.steps[position] for position in self.missed):
            if step.instruction.keyword == "RUN" or (step.copy and step.copy.may_write().meets(taken)):
                return True
        return any(base.may_change(taken) for base in self.bases)


@dataclass(slots=True)
class _Simulation:
    path: str
    done: list[_Built] = field(default_factory=list)

    def build(self, analysis: StageAnalysis) -> None:
        base = analysis.stage.base
        # which stage an argument in FROM names is only known at build time: it may be any
        bases = tuple(built for built in self.done if "$" in base or built.is_named(base))
        is_missed = any(built.missed for built in bases)
        missed = []
        for position, step in enumerate(analysis.steps):
            if step.instruction.keyword in _VERTICES:
                is_missed = is_missed or self._inputs_changed(step)
                if is_missed:
                    missed.append(position)
        self.done.append(_Built(analysis, tuple(missed), bases))

    def _inputs_changed(self, step: Step) -> bool:
        """Whether the step misses by itself, whatever happened above it."""
        if step.copy is None:
            return any(self._mount_changed(step, options) for options in _mounts(step))
        if step.copy.origin == "stage":
            return any(self._taken_changed(step, step.copy.stage, source.raw) for source in step.copy.sources)
        return step.copy.origin == "context" and any(self._selects(step, source.raw) for source in step.copy.sources)

    def _mount_changed(self, step: Step, options: dict[str, str]) -> bool:
        """Secrets, ssh, tmpfs and the content of caches are never keyed (RULEBOOK A4)."""
        source = options.get("source") or options.get("src") or ""
        kind = options.get("type", "bind")
        if "from" in options and kind in ("bind", "cache"):
            return self._taken_changed(step, step.state.expand(options["from"]), source)
        return kind == "bind" and self._selects(step, source)

    def _taken_changed(self, step: Step, stage: str, raw: str) -> bool:
        taken = PathSet.of(trees=(_fixed_part(step.state.expand(raw)),))
        # a later stage of the same name hides an earlier one
        producer = next((built for built in reversed(self.done) if built.is_named(stage)), None)
        return producer is not None and producer.may_change(taken)

    def _selects(self, step: Step, raw: str) -> bool:
        """Whether the source ``raw``, as the step writes it, takes in the changed path."""
        source = step.state.expand(raw)
        if UNKNOWN in source or step.state.is_tainted(raw):
            return True
        source = clean_source(source)
        if not _GLOB.intersection(source):
            return source == "" or is_within(self.path, source)
        patterns, parts = source.split("/"), self.path.split("/")
        return len(parts) >= len(patterns) and all(map(fnmatchcase, parts, patterns))


def _mounts(step: Step) -> Iterator[dict[str, str]]:
    for flag in step.instruction.flags:
        if flag.name == "mount":
            yield dict(option.partition("=")[::2] for option in (flag.value or "").split(","))


def _fixed_part(source: str) -> str:
    """The directory of a stage that surely holds all that ``source`` names: up to its first wildcard or unknown."""
    parts = ("/" + source.strip("/")).rstrip("/").split("/")
    fixed = next((i for i, part in enumerate(parts) if UNKNOWN in part or _GLOB.intersection(part)), len(parts))
    return "/".join(parts[:fixed]) or "/"
