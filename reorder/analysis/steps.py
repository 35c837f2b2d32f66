"""A stage as a list of steps: each instruction with the state it sees and what it does."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from reorder.analysis.builds import NOTHING_KNOWN, Builds
from reorder.analysis.copies import Copy, resolve_copy
from reorder.analysis.runs import Surroundings, adds_programs, exec_effects, run_effects, start_effects
from reorder.analysis.shell_state import Traced
from reorder.analysis.state import BuildState, evolve, initial_state
from reorder.analysis.view import ContainerView, Layer, Mounted, layer_of
from reorder.analysis.volatility import is_volatile
from reorder.context.context import BuildContext, clean_source
from reorder.dockerfile.expand import ExpansionError
from reorder.dockerfile.model import Dockerfile, DockerfileError, Instruction, Stage
from reorder.dockerfile.shell_body import shell_body
from reorder.effects import Effects, PathSet, Role, is_within, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import UNKNOWN
from reorder.shell.parse import parse_script
from reorder.source import Opaque


class Step(NamedTuple):
    """One instruction of a stage; ``copy`` for COPY and ADD, ``effects`` for RUN.

    ``is_volatile``: it copies files that change with every edit of the sources. ``trace``: the pipelines of a RUN's
    script, where that is understood. ``view``: the files that a RUN finds.
    """

    instruction: Instruction
    state: BuildState
    copy: Copy | None = None
    effects: Effects | None = None
    is_volatile: bool = False
    trace: tuple[Traced, ...] = ()
    view: ContainerView | None = None

    @property
    def is_worth_caching(self) -> bool:
        """Whether it is a RUN that costs: an install, system packages, a download."""
        return self.effects is not None and self.effects.role > Role.LOCAL


class StageAnalysis(NamedTuple):
    """A stage and its steps.

    ``problem``: why nothing in it may move. ``end`` and ``layers``: the state and the files after its last step;
    ``inherited``: those of the stage that it starts from, which is ``parent``.
    ``is_base_known``: a build argument without a default does not decide which stage it starts from, if any.
    ``is_target``: it is known to be built for its own sake.
    """

    stage: Stage
    steps: tuple[Step, ...]
    end: BuildState
    layers: tuple[Layer, ...]
    inherited: tuple[Layer, ...]
    is_volatile: bool
    problem: Opaque | None = None
    parent: int | None = None
    is_base_known: bool = True
    is_target: bool = False


class Memory:
    """What RUNs do, for other versions of their file: most of its RUNs stay, and many find the same there."""

    def __init__(self, dockerfile: Dockerfile, stages: tuple[StageAnalysis, ...]) -> None:
        self._runs: dict[str, list[Step]] = {}
        for stage in stages:
            for step in stage.steps:
                if step.view is not None:
                    self.add(dockerfile, step)

    def add(self, dockerfile: Dockerfile, step: Step) -> None:
        """Remember a RUN of that file."""
        self._runs.setdefault(dockerfile.source.slice(step.instruction.span), []).append(step)

    def find(self, dockerfile: Dockerfile, run: Step) -> Step | None:
        """A RUN of the same text that found the same state and the same files."""
        known = self._runs.get(dockerfile.source.slice(run.instruction.span), ())
        return next((step for step in known if step.view == run.view and step.state == run.state), None)


def analyze(
    dockerfile: Dockerfile, context: BuildContext, memory: Memory | None = None, builds: Builds = NOTHING_KNOWN
) -> tuple[StageAnalysis, ...]:
    """Every stage of the file, each seen on top of the stage it starts from.

    ``memory`` is of other versions of the file, and is added to.
    """
    global_args = _global_args(dockerfile, dict(builds.given))
    done: dict[str, StageAnalysis] = {}
    result = []
    for stage in dockerfile.stages:
        analysis = _StageAnalyzer(dockerfile, context, global_args, done, memory, builds).analyze(stage)
        result.append(analysis)
        done[str(stage.index)] = analysis
        if stage.name:
            done[stage.name.lower()] = analysis
    return tuple(result)


def _global_args(dockerfile: Dockerfile, given: Mapping[str, str]) -> dict[str, str]:
    state = initial_state("", dockerfile.escape)
    for instruction in dockerfile.preamble:
        if instruction.keyword == "ARG":
            try:
                state = evolve(state, instruction, {}, given)
            except ExpansionError as error:
                raise DockerfileError(str(error), instruction.line) from None
    return dict(state.args)


@dataclass(slots=True)
class _StageAnalyzer:
    dockerfile: Dockerfile
    context: BuildContext
    global_args: Mapping[str, str]
    done: Mapping[str, StageAnalysis]
    memory: Memory | None
    builds: Builds

    def analyze(self, stage: Stage) -> StageAnalysis:
        try:
            base = self._base_name(stage)
        except ExpansionError as error:
            raise DockerfileError(str(error), stage.instructions[0].line) from None
        parent = self.done.get(base.lower())
        state = parent.end if parent else initial_state(base, self.dockerfile.escape)
        layers: list[Layer] = list(parent.layers) if parent else []
        steps: list[Step] = []
        for instruction in stage.instructions:
            try:
                step = self._step(instruction, state, tuple(layers))
                state = evolve(state, instruction, self.global_args, dict(self.builds.given))
            except ExpansionError as error:
                raise DockerfileError(str(error), instruction.line) from None
            steps.append(step)
            if step.copy is not None:
                layers.append(step.copy)
                state = state._replace(is_bare=state.is_bare and step.copy.origin in ("context", "heredoc"))
            elif step.effects is not None:
                layers += filter(None, (layer_of(step.effects),))
                is_bare = state.is_bare and not adds_programs(step.effects)
                state = state._replace(
                    is_bare=is_bare,
                    links=state.links | step.effects.links,
                    removed=state.removed | step.effects.removes,
                    homes=state.homes + step.effects.homes,
                )
        return StageAnalysis(
            stage=stage, steps=tuple(steps), end=state, layers=tuple(layers), problem=self._problem(base, parent),
            inherited=parent.layers if parent else (), parent=parent.stage.index if parent else None,
            is_base_known=_is_base_known(base), is_target=self.builds.aim_at(stage),
            is_volatile=bool(parent and parent.is_volatile) or any(step.is_volatile for step in steps),
        )  # fmt: skip

    def _base_name(self, stage: Stage) -> str:
        state = initial_state("", self.dockerfile.escape)._replace(args=self.global_args)
        return state.expand(stage.base)

    def _is_volatile(self, copy: Copy) -> bool:
        if copy.origin == "stage":
            return self.done[copy.stage].is_volatile
        return copy.origin == "context" and is_volatile(copy, self.context)

    def _problem(self, base: str, parent: StageAnalysis | None) -> Opaque | None:
        if self.builds.replace_image(base):
            return Opaque("named-context", f"a build of the project has a named context in the place of {base}")
        if parent is not None:
            triggers = any(step.instruction.keyword == "ONBUILD" for step in parent.steps)
            return Opaque("onbuild-base", f"the stage {base} has ONBUILD instructions") if triggers else parent.problem
        if self.dockerfile.escape == "`" or "windows" in base.lower() or "nanoserver" in base.lower():
            return Opaque("windows-stage", "a Windows image: its shells are not understood")
        syntax = dict(self.dockerfile.directives).get("syntax", "")
        if syntax and not _OFFICIAL_SYNTAX.search(syntax):
            return Opaque("custom-syntax", f"# syntax={syntax} is a frontend of its own, with rules of its own")
        if "onbuild" in base.lower():
            return Opaque("onbuild-base", f"the base image {base} may copy the context before the first line")
        return None

    def _step(self, instruction: Instruction, state: BuildState, layers: tuple[Layer, ...]) -> Step:
        if instruction.keyword in ("COPY", "ADD"):
            stages = frozenset(self.done)
            copy = resolve_copy(instruction, state, self.context, stages)
            return Step(instruction=instruction, state=state, copy=copy, is_volatile=self._is_volatile(copy))
        if instruction.keyword == "RUN":
            mounts = _Mounts.of(instruction, state)
            view = ContainerView((*layers, *mounts.layers), self.context)
            run = Step(instruction=instruction, state=state, view=view)
            if self.memory and (known := self.memory.find(self.dockerfile, run)):
                return known._replace(instruction=instruction)
            effects, trace = self._run(instruction, state, view)
            run = run._replace(effects=mounts.apply(effects), trace=trace)
            if self.memory:
                self.memory.add(self.dockerfile, run)
            return run
        return Step(instruction=instruction, state=state)

    def _run(
        self, instruction: Instruction, state: BuildState, view: ContainerView
    ) -> tuple[Effects, tuple[Traced, ...]]:
        around = Surroundings(
            workdir=state.workdir, env=state.run_env(), user=state.user, home=state.home, base=state.base,
            view=view, is_bare=state.is_bare,
        )  # fmt: skip
        return self._script_effects(instruction, state, around)

    def _script_effects(
        self, instruction: Instruction, state: BuildState, around: Surroundings
    ) -> tuple[Effects, tuple[Traced, ...]]:
        if instruction.json:
            return exec_effects(instruction.words, around) if instruction.words else Effects(), ()
        if not _is_posix(state.shell):
            return Effects.blocked("shell-not-understood", f"SHELL {list(state.shell)} is not a POSIX shell"), ()
        body = shell_body(self.dockerfile, instruction)
        if body is None:
            return Effects.blocked("shell-not-understood", "its script is not for a POSIX shell"), ()
        script = parse_script(body.text)
        if isinstance(script, Opaque):
            return Effects.blocked(script.slug, script.why), ()
        effects, trace = run_effects(script, around)
        return start_effects(state.shell[1:], state.home) | effects, trace


def _is_base_known(base: str) -> bool:
    """A name with a tag, a digest or a folder is that of an image, never of a stage."""
    return UNKNOWN not in base or re.match(rf"[^{UNKNOWN}]*[:/@]", base) is not None


_OFFICIAL_SYNTAX = lazy_pattern(r"(^|/)docker/dockerfile(-upstream)?(:|@|$)")


def _is_posix(shell: tuple[str, ...]) -> bool:
    return bool(shell) and posixpath.basename(shell[0]) in ("sh", "bash", "ash", "dash", "zsh")


_DEFAULT_TARGETS = {"secret": "/run/secrets", "ssh": "/run/buildkit"}


class _Mounts(NamedTuple):
    """The ``--mount`` flags of a RUN (Dockerfile reference, RUN --mount)."""

    layers: tuple[Mounted, ...]
    scratch: tuple[str, ...]
    whole_context: bool

    @classmethod
    def of(cls, instruction: Instruction, state: BuildState) -> _Mounts:
        layers: list[Mounted] = []
        scratch: list[str] = []
        whole = False
        for flag in instruction.flags:
            if flag.name != "mount":
                continue
            options, target = flag.options, flag.mount_target
            kind = options.get("type", "bind")
            if target is None and kind in _DEFAULT_TARGETS:
                target = _DEFAULT_TARGETS[kind]
            target = join(state.workdir, state.expand(target or ""))
            if kind == "bind":
                source = state.expand(options.get("source") or options.get("src") or "")
                is_context = "from" not in options and UNKNOWN not in source
                layers.append(Mounted(clean_source(source) if is_context else None, target))
                whole = whole or (is_context and clean_source(source) == "")
            else:
                scratch.append(target)
        return cls(tuple(layers), tuple(scratch), whole)

    def apply(self, effects: Effects) -> Effects:
        """Mounted paths are no part of the image: what is read and written there is no conflict with a copy."""
        if self.whole_context:
            effects = effects._replace(role=Role.LOCAL)
        targets = (*self.scratch, *(layer.target for layer in self.layers))
        if not targets or effects.reads.everything:
            return effects
        return effects._replace(
            reads=_without(effects.reads, targets), writes=_without(effects.writes, targets),
            outputs=tuple(o for o in effects.outputs if not any(is_within(o.path, t) for t in targets)),
        )  # fmt: skip


def _without(paths: PathSet, targets: tuple[str, ...]) -> PathSet:
    def is_kept(path: str) -> bool:
        return not any(is_within(path, target) for target in targets)

    return PathSet(tuple(filter(is_kept, paths.files)), tuple(filter(is_kept, paths.trees)), paths.everything)
