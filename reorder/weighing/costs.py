"""What one run of a step costs, in seconds.

Who knows better says so: a measured time of the very step (`Costs.measured`) beats the user's word for its kind, and
that beats the default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from reorder.analysis.shell_state import Traced
from reorder.analysis.steps import Step
from reorder.effects import Effects, Role
from reorder.manager import find_manager
from reorder.weighing.timings import Timings


class Kind(NamedTuple):
    """A kind of step: what one run of it is taken to cost, and which steps are meant."""

    seconds: float
    text: str


KINDS: Mapping[str, Kind] = MappingProxyType({
    "install": Kind(30.0, "a RUN that installs the project's dependencies, or a tool, by a language's package manager"),
    "system-packages": Kind(20.0, "a RUN that installs packages of the distribution"),
    "build": Kind(10.0, "a RUN that runs the project's code, or what is not known"),
    "download": Kind(5.0, "a RUN or an ADD that fetches from the network"),
    "local": Kind(0.2, "a RUN that is known to work on files alone"),
    "copy": Kind(0.1, "a COPY, or an ADD of files"),
    "folder": Kind(0.1, "a WORKDIR"),
    "metadata": Kind(0.1, "an instruction that sets configuration only: a step for the classic builder"),
})  # fmt: skip
"""The kinds by slug, the most expensive first.

The numbers are round, since only their order of magnitude holds anywhere. Measured on Docker 26.1 with two cores: npm
install of nine packages 22 s, pip of five 11 s, apt of a compiler, git and curl 12 s, a RUN of a file command 0.1 s, a
COPY of 2 MB below 0.1 s; hosted CI and larger projects take longer.
"""

_ROLES = {Role.INSTALL: "install", Role.SYSTEM: "system-packages", Role.DOWNLOAD: "download"}


class Weighed(NamedTuple):
    """What a run costs: the slug of its ``kind`` that costs most by default, and its ``seconds``.

    ``guess``: the seconds by the kinds alone; ``is_measured``: ``seconds`` come from a real build.
    """

    kind: str
    seconds: float
    guess: float
    is_measured: bool


@dataclass(frozen=True, slots=True)
class Costs:
    """``seconds``: the user's own number for a kind, by slug; ``measured``: the times of a real build."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    measured: Timings = field(default_factory=Timings)

    def seconds_of(self, step: Step, earlier: Sequence[Step] = ()) -> float:
        """Seconds of one run of ``step``; ``earlier`` are the steps before it in its stage, and its parent stages'.

        A RUN that does work of several kinds costs their sum, each kind once: divided in two, it costs what it did.
        An install whose dependencies an earlier step has brought only builds the project.
        """
        return self.weigh(step, earlier).seconds

    def weigh(self, step: Step, earlier: Sequence[Step] = ()) -> Weighed:
        """All that is told of a run of ``step``, as `seconds_of` has it."""
        kinds, found = _kinds_of(step, earlier), self.measured.find(step)
        guess = sum(map(self.of_kind, kinds))
        return Weighed(kinds[0], guess if found is None else found, guess, found is not None)

    def of_kind(self, kind: str) -> float:
        """Seconds of a step of that kind."""
        return self.seconds.get(kind, KINDS[kind].seconds)


def _kinds_of(step: Step, earlier: Sequence[Step]) -> tuple[str, ...]:
    """Slugs, the most expensive first."""
    if step.effects is not None:
        return _kinds_of_run(step, step.effects, earlier)
    if step.copy is not None:
        return ("download",) if step.copy.origin == "url" else ("copy",)
    return ("folder",) if step.instruction.keyword == "WORKDIR" else ("metadata",)


def _kinds_of_run(step: Step, effects: Effects, earlier: Sequence[Step]) -> tuple[str, ...]:
    found: set[str] = set()
    ran = [call.argv for step in earlier for traced in step.trace for call in traced.calls]
    for traced in step.trace:
        kinds = set(map(_kind_of_effects, traced.parts))
        if forms := _dependency_forms(traced):
            kinds |= {"install", "build"}
        if "install" in kinds and _are_dependencies_there(traced, forms, ran):
            kinds = kinds - {"install"} | {"build"}
        found |= kinds
    found = found or {_kind_of_effects(effects)}
    return tuple(kind for kind in KINDS if kind in found and (kind != "local" or len(found) == 1))


def _kind_of_effects(effects: Effects) -> str:
    is_build = any(block.slug == "project-code" for block in effects.blocks)
    if effects.role in _ROLES and not is_build:
        return _ROLES[effects.role]
    return "build" if effects.blocks or effects.reads.everything else "local"


def _dependency_forms(traced: Traced) -> tuple[tuple[str, ...], ...]:
    """If it installs the dependencies and builds the project, too: how commands begin that do the former alone."""
    for call in traced.calls:
        manager = find_manager(call.argv[0])
        prefetch = manager.find_prefetch(call) if manager is not None and manager.find_prefetch is not None else None
        if prefetch is not None:
            return prefetch.done_by or (prefetch.argv[:2],)
    return ()


def _are_dependencies_there(traced: Traced, forms: tuple[tuple[str, ...], ...], ran: Sequence[tuple[str, ...]]) -> bool:
    """Whether an earlier command began like one of ``forms``, or was the same command with more flags."""
    if any(argv[: len(form)] == form for argv in ran for form in forms):
        return True
    own = {call.argv for call in traced.calls}
    return any(argv[:end] in own for argv in ran for end in range(1, len(argv)))
