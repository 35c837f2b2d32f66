"""GitHub workflows: steps that use a building action or run ``docker build``, in matrices, reusable workflows and
composite actions of the repository.

docs.github.com/actions/reference/workflows-and-actions/workflow-syntax.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from reorder.definitions.docker_words import builds_in_script
from reorder.definitions.error import DefinitionError
from reorder.definitions.github_actions import builds_by_inputs, builds_in_action
from reorder.definitions.github_expressions import Scope
from reorder.definitions.github_matrix import combinations
from reorder.definitions.kind import Found, Place
from reorder.definitions.kinds.github import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.values import Items, Table, Text, Value
from reorder.definitions.yaml_files import read_yaml
from reorder.manager import UNKNOWN, is_known

_MOST_DEPTH = 5
_MOST_STEPS = 20_000
_OTHER_SHELLS = ("pwsh", "powershell", "cmd", "python", "node")


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of one workflow, and of what it calls."""
    workflow = _table(repository, path)
    triggers = workflow.get("on")
    names = list(triggers) if isinstance(triggers, Table | Items) else [triggers]
    if names == ["workflow_call"] and any(path in text for text in _other_workflows(repository, path)):
        return  # each of its callers says with which inputs
    inputs = {**_inputs(workflow, "workflow_dispatch", ""), **_inputs(workflow, "workflow_call", UNKNOWN)}
    yield from _Reader(repository).workflow(workflow, path, inputs, 0)


def _other_workflows(repository: Repository, path: str) -> Iterator[str]:
    for other in repository.paths:
        if other != path and KIND.covers(other):
            try:
                yield repository.read(other)
            except DefinitionError:
                continue


def _table(repository: Repository, path: str) -> Table:
    value = read_yaml(repository.read(path), path)
    return value if isinstance(value, Table) else Table({}, 1, {})


def _inputs(workflow: Table, trigger: str, otherwise: str) -> dict[str, str]:
    return _defaults(workflow.table("on").table(trigger).table("inputs"), otherwise)


def _defaults(inputs: Table, otherwise: str) -> dict[str, str]:
    found = {}
    for name in inputs:
        default = inputs.table(name).text("default")
        found[name] = str(default) if default is not None else otherwise
    return found


@dataclass(slots=True)
class _Job:
    """One job, or one run of a composite action: what holds from step to step."""

    path: str
    scope: Scope
    folder: str
    repository: Repository
    shell: str = ""
    mounts: list[tuple[str, bool]] = field(default_factory=list)

    def place(self, line: int, folder: str | None = None) -> Place:
        mounted = replace(self.repository, mounts=tuple(self.mounts))
        # what is not there, an earlier step may make
        return Place(mounted, self.path, line, KIND.name, self.folder if folder is None else folder, is_guess=True)


@dataclass(slots=True)
class _Reader:
    repository: Repository
    count: int = 0

    def count_one(self) -> None:
        """A matrix, or workflows that call one another, make more of a file than its size tells."""
        self.count += 1
        self.repository.effort.spend(1)
        if self.count > _MOST_STEPS:
            raise DefinitionError("too many jobs and steps", is_warning=True)

    def workflow(self, workflow: Table, path: str, inputs: Mapping[str, str], depth: int) -> Iterator[Found]:
        scope = _with_env(Scope(inputs=inputs), workflow)
        jobs = workflow.table("jobs")
        for name in jobs:
            job = jobs.table(name)
            for combination in combinations(job.table("strategy").get("matrix"), scope):
                inner = _with_env(replace(scope, matrix=combination), job)
                yield from self.job(job, workflow, path, inner, depth)

    def job(self, job: Table, workflow: Table, path: str, scope: Scope, depth: int) -> Iterator[Found]:
        self.count_one()
        uses = job.text("uses")
        if uses is not None and uses.startswith("./") and depth < _MOST_DEPTH:
            other = uses[2:]
            called = _table(self.repository, other)
            given = {**_inputs(called, "workflow_call", ""), **_given(job, scope)}
            yield from self.workflow(called, other, given, depth + 1)
            return
        if uses is not None and not uses.startswith("./"):
            place = Place(self.repository, path, job.line_of("uses"), KIND.name, is_guess=True)
            yield from builds_by_inputs(uses, _given(job, scope), place)
            return
        defaults = [table.table("defaults").table("run") for table in (job, workflow)]
        folder = next((scope.value(f) for run in defaults if (f := run.text("working-directory")) is not None), "")
        shell = next((s for run in defaults if (s := run.text("shell")) is not None), "")
        yield from self.steps(job.items_at("steps"), _Job(path, scope, folder, self.repository, shell), depth)

    def steps(self, steps: Items, job: _Job, depth: int) -> Iterator[Found]:
        for step in steps.tables():
            self.count_one()
            scope = _with_env(job.scope, step)
            uses, run = step.text("uses"), step.text("run")
            if uses is not None:
                yield from self.use(uses, step, replace(job, scope=scope, mounts=job.mounts), depth)
            elif run is not None and not str(step.text("shell") or job.shell).startswith(_OTHER_SHELLS):
                given = step.text("working-directory")
                folder = job.folder if given is None else scope.value(given)
                variables = {**scope.env, "GITHUB_WORKSPACE": ROOT}
                place = job.place(run.line, folder)
                yield from builds_in_script(scope.for_shell(run), place, variables=variables, first_line=run.line)

    def use(self, uses: Text, step: Table, job: _Job, depth: int) -> Iterator[Found]:
        name, _, version = uses.partition("@")
        given = _given(step, job.scope)
        if name == "actions/checkout":
            _check_out(given, job.mounts)
        elif name.startswith("./") and depth < _MOST_DEPTH:
            yield from self.composite(name[2:].rstrip("/"), given, job, depth)
        else:
            yield from builds_in_action(name, version, given, job.place(step.line_of("uses"), ""))

    def composite(self, folder: str, given: Mapping[str, str], job: _Job, depth: int) -> Iterator[Found]:
        path = next((p for n in ("yml", "yaml") if self.repository.is_file(p := f"{folder}/action.{n}")), None)
        if path is None:
            return
        action = _table(self.repository, path)
        inputs = {**_defaults(action.table("inputs"), ""), **given}
        scope = Scope(env=job.scope.env, inputs=inputs, action_path=f"{ROOT}/{folder}")
        inner = replace(job, path=path, scope=scope, folder="", shell="")
        yield from self.steps(action.table("runs").items_at("steps"), inner, depth + 1)


def _check_out(given: Mapping[str, str], mounts: list[tuple[str, bool]]) -> None:
    """github.com/actions/checkout: ``repository`` is this one by default, ``path`` the workspace."""
    other, path = given.get("repository", ""), given.get("path", "") or "."
    is_own = not other or not is_known(other)
    if is_known(path):
        mounts[:] = [mount for mount in mounts if mount[0] != path] + [(path, is_own)]


def _with_env(scope: Scope, table: Table) -> Scope:
    env = table.get("env")
    if not isinstance(env, Table):
        return scope
    return replace(scope, env={**scope.env, **{key: scope.value(_text(value)) for key, value in env.items()}})


def _given(table: Table, scope: Scope) -> dict[str, str]:
    return {key: scope.value(_text(value)) for key, value in table.table("with").items()}


def _text(value: Value) -> str:
    return str(value) if isinstance(value, Text) else UNKNOWN if value is not None else ""
