"""Builds of which a part of the Dockerfile's name is known: ``docker build -f services/$1/Dockerfile .``

They stand for the Dockerfiles that fit the name, that no other definition names, and whose copied files are all there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from reorder.context.context import clean_source
from reorder.definitions.error import DefinitionError
from reorder.definitions.model import Definition, Skipped
from reorder.definitions.repository import Repository
from reorder.dockerfile.model import Dockerfile, DockerfileError
from reorder.dockerfile.names import is_dockerfile_name
from reorder.dockerfile.parse import parse
from reorder.manager import UNKNOWN, is_known
from reorder.source import Source

_MOST = 500
_NAMED = re.compile(r"ockerfile|ontainerfile")
_NOT_PLAIN = re.compile(r"[$*?\[\]<\\]|://")


class Likely(NamedTuple):
    """A definition whose ``dockerfile`` has parts that only a run can tell, each of them in one name."""

    definition: Definition

    @property
    def line(self) -> int:
        """Where it stands."""
        return self.definition.line

    @property
    def skipped(self) -> Skipped:
        """What it is if no file fits."""
        why = "only a run can tell the build context or the Dockerfile"
        return Skipped(self.definition.source, self.definition.line, why)


def is_told_in_part(dockerfile: str) -> bool:
    """Whether enough of the name of a Dockerfile is known to look for it."""
    return not is_known(dockerfile) and _NAMED.search(posixpath.basename(dockerfile)) is not None


def find_likely(repository: Repository, likely: list[Likely], named: set[str]) -> Iterator[Definition | Skipped]:
    """The definitions of Dockerfiles that fit, and what fits none."""
    for each in dict.fromkeys(likely):
        parts = re.split(f"{UNKNOWN}+", each.definition.dockerfile)
        # as a shell's patterns: no hidden names
        pattern = re.compile(r"(?:(?<!/)(?<!\A)|(?!\.))[^/]+".join(map(re.escape, parts)))
        fitting = [p for p in repository.paths if pattern.fullmatch(p) and is_dockerfile_name(posixpath.basename(p))]
        made = False
        for path in fitting[:_MOST]:
            made = made or path in named
            if path not in named and finds_its_files(repository, path, each.definition.context):
                made = True
                yield each.definition._replace(dockerfile=path)
        if not made:
            yield each.skipped


def finds_its_files(repository: Repository, path: str, context: str) -> bool:
    """Whether all that the Dockerfile at ``path`` copies by plain names is in the context."""
    try:
        repository.effort.spend(20)
        dockerfile = parse(Source(path, repository.read(path)))
        sources = [source for source in _copied(dockerfile) if not _NOT_PLAIN.search(source)]
        repository.effort.spend(len(sources))
        places = (repository.inside(posixpath.join(context, clean_source(source))) for source in sources)
        return all(repository.kind(place) is not None for place in places)
    except (DefinitionError, DockerfileError):
        return False


def _copied(dockerfile: Dockerfile) -> Iterator[str]:
    for instruction in dockerfile.instructions:
        if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None:
            yield from instruction.words[:-1]
