"""Bake files, HCL and JSON: what ``docker buildx bake`` builds.

docs.docker.com/build/bake/reference. Contexts are relative to the folder that bake is called in, which is taken to be
the file's own unless a command of the repository shows another one.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from reorder.definitions.bake_files import Bake, BakeTarget, overridden
from reorder.definitions.error import DefinitionError
from reorder.definitions.kind import Found, Invocation, Place, define
from reorder.definitions.kinds.bake import KIND
from reorder.definitions.model import Definition
from reorder.definitions.repository import Repository, joined
from reorder.definitions.values import Text, pairs
from reorder.manager import is_known

_DEFAULTS = ("docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl")


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The call for one file in its own folder; default names are read one over the other."""
    folder, name = posixpath.split(path)
    files = [path]
    if name in _DEFAULTS:
        files = [p for n in _DEFAULTS if repository.is_file(p := posixpath.join(folder, n))]
        if not files or path != files[0]:
            return
    place = Place(repository, path, 1, KIND.name, folder, is_guess=True)
    yield Invocation(place, KIND.name, tuple(posixpath.basename(file) for file in files), is_default=True)


def carry_out(invocation: Invocation) -> Iterator[Found]:
    """What a command or an action bakes, in its own working directory."""
    place = invocation.place
    folder = place.repository.inside(place.folder)
    names = invocation.files or tuple(n for n in _DEFAULTS if place.repository.is_file(posixpath.join(folder, n)))
    files = tuple(place.repository.inside(joined(place.folder, name)) for name in names if "://" not in name)
    files = tuple(file for file in files if file.endswith((".hcl", ".json")))
    folders = (folder, "") if invocation.is_default and folder else (folder,)
    settings = [value for name, value in invocation.options if name == "set"]
    bake = Bake(place.repository, dict(invocation.variables))
    for file in files:
        bake.read(file)
    yield from _baked(bake, folders, settings)


def _baked(bake: Bake, folders: tuple[str, ...], settings: Sequence[str]) -> Iterator[Found]:
    """What the files define, in the first of the folders in which a target makes sense."""
    repository = bake.repository
    for target in bake.targets():
        if isinstance(target, DefinitionError):
            yield Place(repository, target.source or "", target.line or 1, KIND.name).skipped(
                target.why, is_warning=target.is_warning
            )
        elif not _is_abstract(target):
            place = Place(repository, target.source, target.line, KIND.name)
            target = overridden(target, settings)
            ways = [_defined(target, place._replace(folder=folder), bake.undefined) for folder in folders]
            yield next((way for way in ways if isinstance(way, Definition)), ways[0])


def _is_abstract(target: BakeTarget) -> bool:
    """A target that is there for others to inherit from, and says nothing of files of its own."""
    own = target.values.keys() & {"context", "dockerfile", "target", "dockerfile-inline"}
    return target.name.startswith("_") or (not own and (target.is_parent or not target.values))


def _defined(target: BakeTarget, place: Place, undefined: set[str]) -> Found:
    values = target.values
    if values.get("dockerfile-inline") is not None:
        return place.inline("bake file")
    words = {key: value for key in ("context", "dockerfile", "target") if isinstance(value := values.get(key), Text)}
    if undefined and not all(is_known(words.get(key, "")) for key in ("context", "dockerfile")):
        return place.skipped(f"there is no variable {', '.join(sorted(undefined))}", is_warning=True)
    context = words.get("context", Text(".", 0))
    if context.startswith("cwd://"):
        context = Text(context.removeprefix("cwd://") or ".", context.line)
    contexts = {name: value or "" for name, value in pairs(values.get("contexts")).items()}
    return define(
        place, context, words.get("dockerfile"), target=words.get("target"), args=pairs(values.get("args")),
        contexts=contexts, is_beside=True,
    )  # fmt: skip
