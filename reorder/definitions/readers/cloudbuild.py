"""Google Cloud Build: steps that run ``docker build`` or the executor of kaniko.

cloud.google.com/build/docs/build-config-file-schema: a step runs in ``/workspace``, or in its ``dir`` there; ``$_NAME``
is a substitution.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from reorder.definitions.ci_scripts import variables_of
from reorder.definitions.docker_words import builds_in_script
from reorder.definitions.kind import Found, Place
from reorder.definitions.kinds.cloudbuild import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.shell_runs import go
from reorder.definitions.values import Table, Text
from reorder.definitions.yaml_files import read_json, read_yaml

_BUILDER = re.compile(r"(?:.*/)?(docker|kaniko-project/executor|podman|buildah)(?:[:@].*)?")
_WORKSPACE = re.compile(r"(?<![\w.-])/workspace(?![\w.-])")
_SHELLS = frozenset(("sh", "bash", "/bin/sh", "/bin/bash"))


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of all steps of one file."""
    config = (read_json if path.endswith(".json") else read_yaml)(repository.read(path), path)
    if not isinstance(config, Table):
        return
    variables = variables_of(config.get("substitutions"), {})
    for step in config.items_at("steps").tables():
        folder = go(ROOT, _filled(step.text("dir") or ".", variables))
        place = Place(repository, path, step.line, KIND.name, folder, is_guess=True)
        text, line = _script(step)
        if text:
            yield from builds_in_script(_WORKSPACE.sub(ROOT, text), place, variables=variables, first_line=line)


def _script(step: Table) -> tuple[str, int]:
    """What a step runs as a shell would, and where it stands."""
    name, entrypoint, script = step.text("name") or "", step.text("entrypoint"), step.text("script")
    args = step.items_at("args").texts()
    if script is not None:
        return script, script.line
    if entrypoint in _SHELLS and "-c" in args and args[-1] != "-c":
        return args[-1], args[-1].line
    found = _BUILDER.fullmatch(name)
    if found is None or not args or (entrypoint is not None and entrypoint != found[1]):
        return "", step.line
    program = "/kaniko/executor" if found[1].startswith("kaniko") else found[1]
    return " ".join((program, *map(_quoted, args))), step.line


def _quoted(word: Text) -> str:
    """A word for a shell, its substitutions left as variables."""
    return f'"{word}"' if "$" in word and '"' not in word else shlex.quote(word)


def _filled(text: str, variables: Mapping[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda found: variables.get(found[1], found[0]), text)
