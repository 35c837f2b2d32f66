"""CircleCI: ``run`` steps that call ``docker build``, and the jobs and commands of the docker and AWS ECR orbs.

circleci.com/docs/configuration-reference; circleci.com/developer/orbs/orb/circleci/docker and …/aws-ecr.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reorder.definitions.ci_scripts import builds_in_lines, variables_of
from reorder.definitions.kind import Found, Place, define
from reorder.definitions.kinds.circleci import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.shell_runs import go
from reorder.definitions.values import Table, Text, Value
from reorder.definitions.yaml_files import read_yaml
from reorder.manager import UNKNOWN

_PARAMETER = re.compile(r"<<\s*(?:parameters|pipeline)\.[\w.-]+\s*>>")
_ORB_STEPS = {
    "docker/build": ("docker-context", ".", "path"),
    "docker/publish": ("docker-context", ".", "path"),
    "aws-ecr/build-and-push-image": ("build_path", ".", "path"),
    "aws-ecr/build_and_push_image": ("build_path", ".", "path"),
}
"""The parameter that is the context, its default, and the folder of the Dockerfile."""


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of jobs and commands, and those that workflows have orbs do."""
    config = read_yaml(repository.read(path), path)
    if not isinstance(config, Table):
        return
    # a job's working directory is where the repository is checked out to, whatever its name
    place = Place(repository, path, 1, KIND.name, ROOT, is_guess=True)
    for section in ("jobs", "commands"):
        for name in config.table(section):
            job = config.table(section).table(name)
            variables = variables_of(job.get("environment"), {})
            for step in job.items_at("steps"):
                yield from _step(step, place, variables)
    workflows = config.table("workflows")
    for name in workflows:
        for job_value in workflows.table(name).items_at("jobs"):
            yield from _orb(job_value, place)


def _step(step: Value, place: Place, variables: Mapping[str, str]) -> Iterator[Found]:
    if not isinstance(step, Table):
        return
    run = step.get("run")
    if isinstance(run, Text):
        yield from builds_in_lines([_plain(run)], place, variables)
    elif isinstance(run, Table) and (command := run.text("command")) is not None:
        given = run.text("working_directory")
        folder = place.folder if given is None or given.startswith("~") else go(place.folder, _plain(given))
        own = variables_of(run.get("environment"), variables)
        yield from builds_in_lines([_plain(command)], place._replace(folder=folder), own)
    for condition in ("when", "unless"):
        for inner in step.table(condition).items_at("steps"):
            yield from _step(inner, place, variables)
    yield from _orb(step, place)


def _orb(step: Value, place: Place) -> Iterator[Found]:
    if not isinstance(step, Table):
        return
    for name in step:
        if name not in _ORB_STEPS:
            continue
        given = step.table(name)
        context, default, path = _ORB_STEPS[name]
        words = {key: _unknown(text) for key in (context, path, "dockerfile") if (text := given.text(key))}
        file = f"{words.get(path, '.')}/{words.get('dockerfile', 'Dockerfile')}"
        yield define(place._replace(line=step.line_of(name)), words.get(context, default), file)


def _plain(text: Text) -> Text:
    """A script with its parameters as variables without a value."""
    return Text(_PARAMETER.sub("${_unknown_}", text), text.line)


def _unknown(text: str) -> str:
    return _PARAMETER.sub(UNKNOWN, text)
