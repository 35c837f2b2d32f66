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


class Kind(NamedTuple):
    """A kind of step: what one run of it is taken to cost, and which steps are meant."""

    seconds: float
    text: str


KINDS: Mapping[str, Kind] = MappingProxyType({
    "install": Kind(30.0, "a RUN that installs the project's dependencies or a tool by a language's package manager"),
    "system-packages": Kind(20.0, "a RUN that installs packages of the distribution"),
    "build": Kind(10.0, "a RUN of commands that are not known, or that run the project's code"),
    "download": Kind(5.0, "a RUN or an ADD that fetches from the network"),
    "local": Kind(0.5, "a RUN of which it is known that it only works on files"),
    "copy": Kind(0.2, "a COPY, or an ADD from the build context"),
    "folder": Kind(0.1, "a WORKDIR"),
    "metadata": Kind(0.1, "an instruction that only sets the image's configuration (a step for the classic builder)"),
})  # fmt: skip
"""The kinds by slug.

Round numbers, because only their order of magnitude holds anywhere: they stand between the builds measured here
(Docker 26.1, two cores, packages from a near mirror) and what hosted CI takes for larger projects.
"""

_ROLES = {Role.INSTALL: "install", Role.SYSTEM: "system-packages", Role.DOWNLOAD: "download"}


@dataclass(frozen=True, slots=True)
class Costs:
    """``seconds``: the user's own number for a kind, by slug; ``measured``: seconds by the step's text (`step_key`)."""

    seconds: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, float] = field(default_factory=dict)

    def seconds_of(self, step: Step, earlier: Sequence[Step] = ()) -> float:
        """Seconds of one run of ``step``; ``earlier`` are the steps before it in its stage, and its parent stages'.

        A RUN that does work of several kinds costs their sum, each kind once: divided in two, it costs what it did.
        An install whose dependencies an earlier step has brought only builds the project.
        """
        found = self.measured.get(step_key(step))
        return found if found is not None else sum(map(self._default, _kinds_of(step, earlier)))

    def kind_of(self, step: Step, earlier: Sequence[Step] = ()) -> str:
        """The slug of the kind that costs most by default."""
        return _kinds_of(step, earlier)[0]

    def is_measured(self, step: Step) -> bool:
        """Whether the step's time comes from a real build."""
        return step_key(step) in self.measured

    def _default(self, kind: str) -> float:
        return self.seconds.get(kind, KINDS[kind].seconds)


def step_key(step: Step) -> str:
    """The step's text as builders show it: one line, flags first, blanks joined."""
    instruction = step.instruction
    return text_key(" ".join((instruction.keyword, *(flag.raw for flag in instruction.flags), instruction.args)))


def text_key(text: str) -> str:
    """The same of a line in a build's log."""
    return " ".join(text.split())


def _kinds_of(step: Step, earlier: Sequence[Step]) -> tuple[str, ...]:
    """Slugs, the most expensive first."""
    if step.effects is not None:
        return _kinds_of_run(step, step.effects, earlier)
    if step.copy is not None:
        return ("download",) if step.copy.origin == "url" else ("copy",)
    return ("folder",) if step.instruction.keyword == "WORKDIR" else ("metadata",)


def _kinds_of_run(step: Step, effects: Effects, earlier: Sequence[Step]) -> tuple[str, ...]:
    found = {
        "build" if _only_builds(traced, earlier) else _kind_of_effects(part)
        for traced in step.trace
        for part in traced.parts
    } or {_kind_of_effects(effects)}
    return tuple(kind for kind in KINDS if kind in found and (kind != "local" or len(found) == 1))


def _kind_of_effects(effects: Effects) -> str:
    if effects.role in _ROLES:
        return _ROLES[effects.role]
    return "build" if effects.blocks or effects.reads.everything else "local"


def _only_builds(traced: Traced, earlier: Sequence[Step]) -> bool:
    """Whether it is an install whose package manager's dependencies-only form ran in an ``earlier`` step."""
    for call in traced.calls:
        manager = find_manager(call.argv[0])
        prefetch = manager.find_prefetch(call) if manager is not None and manager.find_prefetch is not None else None
        if prefetch is None:
            continue
        forms = prefetch.done_by or ((prefetch.argv[:2],) if prefetch.argv else ())
        calls = (call for step in earlier for traced in step.trace for call in traced.calls)
        if any(call.argv[: len(form)] == form for call in calls for form in forms):
            return True
    return False
