"""Shell scripts that call ``docker build`` and its like.

A script that does not go to a folder of its own accord is run from the repository's root or from where it lies; where
both would work, and differ, it is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.docker_words import builds_in_script
from reorder.definitions.kind import Found, Place, folder_of
from reorder.definitions.kinds.script import KIND
from reorder.definitions.likely import Likely
from reorder.definitions.model import Definition, Skipped
from reorder.definitions.repository import ROOT, Repository


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of one script."""
    text = repository.read(path)
    yield from in_either_folder(text, Place(repository, path, 1, KIND.name), {}, f"{ROOT}/{path}")


def in_either_folder(
    text: str, place: Place, variables: dict[str, str], own_path: str | None, *, prefers_own: bool = False
) -> Iterator[Found]:  # fmt: skip
    """The builds of a script that is run from the root, or from its own folder; ``prefers_own``: only from there."""
    first = place.line
    own = folder_of(place.source)
    ways = [
        list(builds_in_script(text, place._replace(folder=f), variables=variables, first_line=first, own_path=own_path))
        for f in dict.fromkeys((own,) if prefers_own else ("", own))
    ]
    if len(ways) == 1 or len(ways[0]) != len(ways[1]):
        yield from ways[0]
        return
    for from_root, from_own in zip(*ways, strict=True):
        yield from _settle(from_root, from_own, place)


def _settle(from_root: Found, from_own: Found, place: Place) -> Iterator[Found]:
    if isinstance(from_root, Skipped) or from_root == from_own:
        yield from_own if isinstance(from_own, Definition | Likely) else from_root
    elif isinstance(from_root, Likely):
        yield from dict.fromkeys((from_root, from_own))
    elif isinstance(from_root, Definition) and isinstance(from_own, Definition):
        yield place._replace(line=from_root.line).skipped("only a run can tell the working directory")
    else:
        yield from_root
