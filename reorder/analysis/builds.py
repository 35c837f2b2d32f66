"""What is known of the builds of a Dockerfile, besides the file itself."""

from __future__ import annotations

from typing import NamedTuple

from reorder.dockerfile.model import Stage

ANY = "*"
"""In the place of a name: one that is not known."""


class Builds(NamedTuple):
    """All builds of one Dockerfile taken together, or those with the same build arguments; names are in lower case.

    ``targets``: names or numbers of stages that are built for their own sake (`ANY`: perhaps each). ``replaced``: names
    of images and stages in whose place a build puts a named context
    (docs.docker.com/reference/cli/docker/buildx/build, --build-context). ``given``: build arguments with their values,
    which take the place of the defaults in the file.
    """

    targets: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    given: tuple[tuple[str, str], ...] = ()

    def aim_at(self, stage: Stage) -> bool:
        """Whether a build ends with the stage."""
        names = {ANY, (stage.name or "").lower(), str(stage.index)}
        return bool(self.targets) and not self.targets.isdisjoint(names)

    def replace_image(self, name: str) -> bool:
        """Whether something else may stand for the image or stage ``name`` of a FROM."""
        return _plain(name) in map(_plain, self.replaced)


def _plain(name: str) -> str:
    """The name of an image as it is mostly written."""
    return name.lower().removeprefix("docker.io/").removeprefix("library/").removesuffix(":latest")


NOTHING_KNOWN = Builds()
