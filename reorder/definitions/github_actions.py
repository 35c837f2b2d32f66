"""The actions of GitHub's marketplace that build images: which of their inputs is the context, and which the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reorder.definitions.kind import Found, Invocation, Place, define
from reorder.definitions.model import Definition
from reorder.definitions.repository import ROOT
from reorder.manager import is_known


class Action(NamedTuple):
    """An action by its inputs. ``default``: its context without one, None: the repository itself, whatever the
    workspace holds. ``is_beside``: the file is relative to the context. ``file``: the file's default.
    """

    context: str
    dockerfile: str
    default: str | None = "."
    is_beside: bool = False
    file: str | None = None
    target: str = "target"


ACTIONS = {
    "docker/build-push-action": Action("context", "file", None),
    "depot/build-push-action": Action("context", "file"),
    "useblacksmith/build-push-action": Action("context", "file"),
    "namespacelabs/build-push-action": Action("context", "file"),
    "redhat-actions/buildah-build": Action("context", "containerfiles"),
    "int128/kaniko-action": Action("context", "file", is_beside=True),
    "mr-smithers-excellent/docker-build-push": Action("directory", "dockerfile", file="Dockerfile"),
    "elgohr/Publish-Docker-Github-Action": Action("context", "dockerfile", file="Dockerfile"),
    "whoan/docker-build-with-cache-action": Action("context", "dockerfile", is_beside=True),
}
"""From the README of each; the first from github.com/docker/build-push-action, “Git context”."""
_CONTEXT_INPUTS = ("context", "build-context", "docker-context", "docker-build-context", "context-path")
_FILE_INPUTS = ("dockerfile", "dockerfile-path", "docker-file", "path-to-dockerfile", "file")
_BUILDER, _NO_BUILDER = re.compile(r"docker|publish|build|push|kaniko|image"), re.compile(r"lint|scan|snyk|trivy|check")
BAKES = frozenset(("docker/bake-action", "depot/bake-action"))
_DEFAULT_CONTEXT = re.compile(r"\{\{\s*defaultContext\s*\}\}(?::(.*))?")


def builds_in_action(name: str, version: str, given: Mapping[str, str], place: Place) -> Iterator[Found]:
    """What a step that uses an action builds; ``given`` are its inputs."""
    if name in BAKES:
        files = tuple(line.strip() for line in re.split(r"[\n,]", given.get("files", "")) if line.strip())
        workdir = given.get("workdir") or "."
        if all(map(is_known, (*files, workdir))):
            settings = tuple(("set", line.strip()) for line in given.get("set", "").splitlines() if line.strip())
            yield Invocation(place._replace(folder=f"{ROOT}/{workdir}"), "bake", files, settings)
        return
    action = ACTIONS.get(name)
    if action is None:
        yield from builds_by_inputs(name, given, place)
        return
    if name == "docker/build-push-action" and version.startswith("v1"):
        action = Action("path", "dockerfile")
    context, file = given.get(action.context, ""), given.get(action.dockerfile, "") or action.file
    own = _DEFAULT_CONTEXT.fullmatch(context) if context else None
    if own is not None or (not context and action.default is None):
        # a git context: the repository itself, with the file seen from its (sub)folder
        place = place._replace(repository=place.repository.without_mounts(), folder=(own and own[1]) or "")
        context = "."
    args = pairs_of(given.get("build-args", ""))
    contexts = {key: value or "" for key, value in pairs_of(given.get("build-contexts", "")).items()}
    yield define(
        place, context or action.default or ".", file, target=given.get(action.target) or None, args=args,
        contexts=contexts, is_beside=action.is_beside,
    )  # fmt: skip


def builds_by_inputs(name: str, given: Mapping[str, str], place: Place) -> Iterator[Found]:
    """What an action or a workflow of somebody else builds, if its inputs are called as those of builders are.

    Only believed where both exist: the Dockerfile by its own path, or as seen from the context. That is the workspace
    by default, if the name is that of a builder.
    """
    words = {name.lower().replace("_", "-"): value for name, value in given.items()}
    context = next((words[name] for name in _CONTEXT_INPUTS if words.get(name)), None)
    file = next((words[name] for name in _FILE_INPUTS if words.get(name)), None)
    if context is None and file is not None and _BUILDER.search(name) and not _NO_BUILDER.search(name):
        context = "."
    if context is None:
        return
    target = words.get("target") or words.get("docker-target") or None
    args = pairs_of(words.get("build-args", ""))
    ways = [define(place, context, file, target=target, args=args, is_beside=beside) for beside in (False, True)]
    found = dict.fromkeys(way for way in ways if isinstance(way, Definition))
    if len(found) == 1:
        yield from found


def pairs_of(text: str) -> dict[str, str | None]:
    """Lines of ``NAME=value``."""
    taken = (line.strip().partition("=") for line in text.splitlines())
    return {name: (value if equals else None) for name, equals, value in taken if name and is_known(name)}


