"""Compose files: what ``docker compose build`` builds.

docs.docker.com/reference/compose-file/build and docs.docker.com/compose/how-tos/multiple-compose-files. A file with a
default name is a project of its own, alone and together with its override file; another file beside it is taken alone,
or over the default one for those services to which it only adds.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from reorder.definitions.compose_project import Build, Loader, Services
from reorder.definitions.kind import Found, Invocation, Place, define, folder_of
from reorder.definitions.kinds.compose import KIND
from reorder.definitions.model import Definition
from reorder.definitions.repository import ROOT, Repository, joined
from reorder.manager import is_known

_DEFAULTS = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDES = tuple(f"{name}.override{end}" for name in ("compose", "docker-compose") for end in (".yml", ".yaml"))


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of one file: alone, or over the default file beside it."""
    folder, name = posixpath.split(path)
    base = next((b for n in _DEFAULTS if repository.is_file(b := posixpath.join(folder, n))), None)
    loader = Loader(repository, {})
    if base is None and folder:
        yield from _from_either(repository, path, folder)
        return
    if name in _DEFAULTS or base is None:
        services = loader.load((path,), folder)
    elif name in _OVERRIDES:
        services = loader.load((base, path), folder)
    else:
        alone, over = loader.load((path,), folder), loader.load((base, path), folder)
        services = {n: over[n] if build and _only_adds(build) else build for n, build in alone.items()}
    yield from _defined(repository, loader, services, path)


def _from_either(repository: Repository, path: str, folder: str) -> Iterator[Found]:
    """A file that is no project by its name, seen from its folder, or from the root where only that makes sense."""
    ways = []
    for project in (folder, ""):
        loader = Loader(repository, {})
        ways.append(list(_defined(repository, loader, loader.load((path,), project), path)))
    own, root = ways
    for number, found in enumerate(own):
        other = root[number] if len(root) == len(own) else found
        yield found if isinstance(found, Definition) or not isinstance(other, Definition) else other


def _only_adds(build: Build) -> bool:
    return build.context is None and not build.is_inline


def carry_out(invocation: Invocation) -> Iterator[Found]:
    """The files that ``docker compose -f … -f …`` names, merged; a project by default is found by its name."""
    if not invocation.files:
        return
    place, options = invocation.place, dict(invocation.options)
    files = tuple(place.repository.inside(joined(place.folder, file)) for file in invocation.files)
    folder = folder_of(files[0])
    if "project-directory" in options:
        folder = place.repository.inside(joined(place.folder, options["project-directory"]))
    loader = Loader(place.repository, dict(invocation.variables))
    given = [value for name, value in invocation.options if name == "env-file"]
    env_files = tuple(joined(place.folder, name) for name in given) if all(map(is_known, given)) else ()
    yield from _defined(place.repository, loader, loader.load(files, folder, env_files or None), None)


def _defined(repository: Repository, loader: Loader, services: Services, wanted: str | None) -> Iterator[Found]:
    """What the services build; with ``wanted``, only where a line of that file has a part in it."""
    for error in loader.problems:
        yield Place(repository, error.source or wanted or "", error.line or 1, KIND.name).skipped(
            error.why, is_warning=error.is_warning
        )
    for build in services.values():
        if build is None or (wanted is not None and build.source != wanted and _is_candidate(build.source)):
            continue
        place = Place(repository, build.source, build.line, KIND.name)
        if build.is_inline:
            yield place.inline("compose file")
            continue
        if not is_known(build.context or "") or not is_known(build.dockerfile or ""):
            yield place.skipped("a variable without a value decides the context or the Dockerfile", is_warning=True)
            continue
        contexts = {name: value or "" for name, value in build.contexts.items()}
        yield define(
            place, joined(ROOT, build.folder) if build.context is None else build.context, build.dockerfile,
            target=build.target, args=build.args, contexts=contexts, is_beside=True,
        )  # fmt: skip


def _is_candidate(path: str) -> bool:
    return KIND.covers(path)
