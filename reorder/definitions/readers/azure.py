"""Azure Pipelines: the Docker tasks, and scripts that call ``docker build``.

learn.microsoft.com/azure/devops/pipelines/tasks/reference/docker-v2 and docker-v1: the Dockerfile is searched for by
default, and its folder is the context.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from reorder.definitions.ci_scripts import builds_in_lines
from reorder.definitions.kind import Found, Place, define
from reorder.definitions.kinds.azure import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.shell_runs import go
from reorder.definitions.values import Items, Table, Text, Value
from reorder.definitions.yaml_files import read_yaml
from reorder.manager import UNKNOWN

_MACRO = re.compile(r"\$\(([\w.]+)\)|\$\{\{\s*(?:variables\.|parameters\.)?([\w.]+)\s*\}\}")
_ROOTS = ("Build.SourcesDirectory", "Build.Repository.LocalPath", "System.DefaultWorkingDirectory")
_SCRIPTS = ("script", "bash")


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of all steps, wherever in stages and jobs they stand."""
    table = read_yaml(repository.read(path), path)
    if isinstance(table, Table):
        variables = {**dict.fromkeys(_ROOTS, ROOT), **_variables(table.get("variables"))}
        yield from _walk(table, Place(repository, path, 1, KIND.name, ROOT, is_guess=True), variables)


def _variables(value: Value) -> dict[str, str]:
    if isinstance(value, Table):
        return {name: str(text) for name, text in value.items() if isinstance(text, Text)}
    entries = value.tables() if isinstance(value, Items) else []
    named = ((entry.text("name"), entry.text("value")) for entry in entries)
    return {str(name): str(text) for name, text in named if name is not None and text is not None}


def _walk(value: Value, place: Place, variables: Mapping[str, str]) -> Iterator[Found]:
    if isinstance(value, Table):
        inner = {**variables, **_variables(value.get("variables"))}
        for key, entry in value.items():
            if key == "steps" and isinstance(entry, Items):
                for step in entry.tables():
                    yield from _step(step, place, inner)
            if key != "variables":
                yield from _walk(entry, place, inner)
    elif isinstance(value, Items):
        for entry in value:
            yield from _walk(entry, place, variables)


def _step(step: Table, place: Place, variables: Mapping[str, str]) -> Iterator[Found]:
    task, inputs = step.text("task"), step.table("inputs")
    if task is not None and task.startswith("Docker@"):
        yield from _docker(task, inputs, place._replace(line=step.line_of("task")), variables)
        return
    script = next((text for key in _SCRIPTS if (text := step.text(key)) is not None), None)
    given = step.text("workingDirectory")
    if task is not None and task.startswith(("Bash@", "CmdLine@")):
        script, given = inputs.text("script"), inputs.text("workingDirectory")
    if script is not None:
        folder = ROOT if given is None else go(ROOT, _filled(given, variables))
        text = Text(_filled(script, variables).replace(UNKNOWN, "${_unknown_}"), script.line)
        environment = {name.upper().replace(".", "_"): value for name, value in variables.items()}
        yield from builds_in_lines([text], place._replace(folder=folder), environment)


def _docker(task: str, inputs: Table, place: Place, variables: Mapping[str, str]) -> Iterator[Found]:
    words = {key.lower(): _filled(value, variables) for key, value in inputs.items() if isinstance(value, Text)}
    is_first = task.startswith(("Docker@0", "Docker@1"))
    command = words.get("command", "build an image" if is_first else "buildandpush").lower()
    if "build" not in command:
        return
    pattern = words.get("dockerfile", "**/Dockerfile")
    file = next(_matching(place.repository, pattern), None) if "*" in pattern else pattern
    if file is None:
        yield place.skipped(f"no file is named {pattern}")
        return
    context = words.get("buildcontext", "**")
    if is_first and words.get("usedefaultcontext", "true").lower() != "false":
        context = "**"
    context = posixpath.dirname(file) or "." if context == "**" else context
    yield define(place, context, file, target=words.get("target"))


def _matching(repository: Repository, pattern: str) -> Iterator[str]:
    """Files that a pattern of Azure finds; ``**/`` stands for any folder, or none."""
    name = pattern.removeprefix(f"{ROOT}/")
    for path in repository.paths:
        if fnmatchcase(path, name) or (name.startswith("**/") and fnmatchcase(path, name[3:])):
            yield path


def _filled(text: str, variables: Mapping[str, str]) -> str:
    return _MACRO.sub(lambda found: variables.get(found[1] or found[2], found[0] if found[1] else UNKNOWN), text)
