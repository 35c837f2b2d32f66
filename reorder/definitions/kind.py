"""The protocol of a kind of build definition, and the registry of them.

A module in ``reorder/definitions/kinds`` makes one `Kind`, and the module of that name in ``readers`` reads such files.
The folder is walked at the first look-up, so that a new kind edits no existing code.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple, Protocol, Union, cast

from reorder.context.model import Kind as FileKind
from reorder.definitions.error import DefinitionError
from reorder.definitions.likely import Likely, is_told_in_part
from reorder.definitions.model import ANY_TARGET, Definition, Skipped
from reorder.definitions.repository import Repository, joined
from reorder.manager import UNKNOWN, is_known

_PACKAGE = "reorder.definitions.kinds"
_REMOTE = r"[a-z][a-z0-9+.-]*://|git@|github\.com/|[\w.-]+@[\w.-]+:"
"""A URL, or what the builder takes for one (docs.docker.com/build/concepts/context)."""


class Place(NamedTuple):
    """Where a definition stands; paths in it are relative to ``folder``.

    ``is_guess``: what it does not find may well come about in a run, for it is one step of several.
    """

    repository: Repository
    source: str
    line: int
    kind: str
    folder: str = ""
    is_guess: bool = False

    def skipped(self, why: str, *, is_warning: bool = False) -> Skipped:
        """A definition here that is left out."""
        return Skipped(self.source, self.line, why, is_warning)

    def inline(self, where: str) -> Skipped:
        """A Dockerfile that is part of the definition."""
        why = f"the Dockerfile is written in the {where}, and left untouched"
        return Skipped(self.source, self.line, why, is_note=True)


class Invocation(NamedTuple):
    """A command that has a tool read definitions from files: ``docker compose -f a.yml -f b.yml build``.

    ``tool`` is the kind that knows such files, ``folder`` the working directory, ``options`` what the command sets
    (each tool's own), ``variables`` what is known of the environment. ``is_default``: nobody calls the tool; this is
    how it would be called, and counts unless another invocation names one of the files.
    """

    place: Place
    tool: str
    files: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    is_default: bool = False


Found = Union[Definition, Likely, Skipped, Invocation]

IMAGE_BUILDERS = ("docker", "podman", "buildah", "nerdctl", "kaniko")
"""Programs that scripts call to build; a file that mentions none of them needs no reading."""


class Reader(Protocol):
    """A module in ``reorder/definitions/readers``."""

    def read(self, repository: Repository, path: str) -> Iterator[Found]:
        """What the file at ``path`` defines; raises `DefinitionError`."""

    def carry_out(self, invocation: Invocation) -> Iterator[Found]:
        """What the files that a command names define; only of kinds that are a tool. Raises `DefinitionError`."""


class Kind(NamedTuple):
    """A kind of file that defines builds.

    ``pattern`` is a regular expression for the whole path of such a file; ``hints``: a path must hold one of these to
    be looked at (patterns are costly to compile). ``mentions``: words of which the file must hold one to be read.
    """

    name: str
    hints: tuple[str, ...]
    pattern: str
    mentions: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether the file at ``path`` may be of this kind."""
        return any(hint in path for hint in self.hints) and re.fullmatch(self.pattern, path, re.ASCII) is not None

    @property
    def reader(self) -> Reader:
        """The module that reads such files, loaded now at the latest."""
        return cast(Reader, import_module(f"reorder.definitions.readers.{self.name}"))


@cache
def all_kinds() -> tuple[Kind, ...]:
    """Every kind, sorted by name."""
    modules = (import_module(f"{_PACKAGE}.{module.name}") for module in iter_modules(import_module(_PACKAGE).__path__))
    return tuple(sorted((module.KIND for module in modules), key=lambda kind: kind.name))


def is_remote(path: str) -> bool:
    """Whether a context is fetched by the builder (or comes from its standard input) rather than sent to it."""
    return path == "-" or re.match(_REMOTE, path, re.ASCII) is not None


def define(
    place: Place, context: str, dockerfile: str | None, *, target: str | None = None,
    args: Mapping[str, str | None] | None = None, contexts: Mapping[str, str] | None = None, is_beside: bool = False,
) -> Definition | Likely | Skipped:  # fmt: skip
    """The definition with its paths resolved, as far as they are known, or why it is left out.

    ``context`` is relative to the folder of ``place``; so is ``dockerfile``, unless ``is_beside``: then it is relative
    to the context. None is ``Dockerfile`` in the context.
    """
    if is_remote(context):
        return place.skipped("the build context is remote")
    if not is_known(context) or (not is_known(dockerfile or "") and not is_told_in_part(dockerfile or "")):
        return place.skipped("only a run can tell the build context or the Dockerfile")
    folder = joined(place.folder, context)
    name = joined(folder, "Dockerfile" if dockerfile is None else dockerfile)
    if dockerfile is not None and not is_beside:
        name = joined(place.folder, dockerfile)
    repository = place.repository
    try:
        inside = repository.inside(folder)
        file = repository.inside(name) if is_known(name) else repository.inside_as_written(name)
    except DefinitionError as error:
        return place.skipped(error.why, is_warning=error.is_warning)
    if repository.kind(inside) is not FileKind.DIRECTORY:
        return place.skipped(f"there is no folder {inside}", is_warning=not place.is_guess)
    if is_known(file) and repository.kind(file) is not FileKind.FILE:
        return place.skipped(f"there is no file {file}", is_warning=not place.is_guess)
    if target is not None and not is_known(target):
        target = ANY_TARGET
    # plain texts: those of a file remember their lines
    given = (args or {}).items()
    known = ((str(key), _text_or_unknown(value)) for key, value in given if is_known(key))
    named = ((str(key), str(value)) for key, value in (contexts or {}).items())
    made = Definition(
        place.source, place.line, place.kind, inside, file, str(target) if target else None, tuple(known), tuple(named)
    )
    return made if is_known(file) else Likely(made)


def _text_or_unknown(value: str | None) -> str | None:
    return value if value is None else str(value) if is_known(value) else UNKNOWN


def folder_of(path: str) -> str:
    """The folder that a file lies in."""
    return posixpath.dirname(path)
