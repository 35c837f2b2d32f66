"""The files of a repository as build definitions see them: bounded, and never outside of its root.

A path in here is relative to the root (``""`` is the root itself). While a definition is worked out, a path may also be
absolute: `ROOT` stands for the folder into which the repository is checked out, whatever its name is.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace

from reorder.context.model import Kind, Tree, UnreadableError
from reorder.definitions.effort import Effort
from reorder.definitions.error import DefinitionError
from reorder.manager import UNKNOWN, is_known

ROOT = "/\x01"
"""The repository's root as an absolute path; no real path begins like that."""

_SIZE_LIMIT = 1024 * 1024
"""Bytes; files that people write by hand are far smaller."""
_BYTES_A_UNIT = 2000
_MOST_LINKS = 40
"""As Linux has it (path_resolution(7))."""


LONGEST = 4096
"""Characters of a path or of a value that becomes part of one; Linux takes no longer path."""


def bounded(text: str) -> str:
    """``text``, or `UNKNOWN` if it is longer than a path can be: variables that refer to others grow without end."""
    return text if len(text) <= LONGEST else UNKNOWN


def joined(folder: str, path: str) -> str:
    """``path`` as seen from ``folder``; both may be absolute."""
    return posixpath.normpath(posixpath.join(folder, path))


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository's files. ``paths``: those that may define builds or be Dockerfiles; there may be more of them.

    ``mounts``: where in a workspace repositories are checked out, and whether it is this one that lies there; without
    any, the workspace is the repository. ``effort``: what reading may still cost.
    """

    tree: Tree
    paths: tuple[str, ...] = ()
    mounts: tuple[tuple[str, bool], ...] = ()
    effort: Effort = field(default_factory=Effort, compare=False, repr=False)

    def without_mounts(self) -> Repository:
        """The repository by itself, whatever a workspace holds."""
        return replace(self, mounts=())

    def inside(self, path: str) -> str:
        """``path`` (relative to the workspace, or below `ROOT`) from the repository's root, its links followed.

        Raises `DefinitionError`. What lies outside the root is never looked at.
        """
        if not is_known(path):
            raise DefinitionError("a path that only a run can tell")
        path = self._in_repository(joined(ROOT, path))
        for _ in range(_MOST_LINKS):
            if path != ROOT and not path.startswith(ROOT + "/"):
                raise DefinitionError("a path outside of the repository")
            relative = path[len(ROOT) + 1 :]
            link = self._first_link(relative)
            if link is None:
                return relative
            target = self.tree.link(link) or ""
            path = joined(joined(ROOT, posixpath.dirname(link)), target) + relative[len(link) :]
        raise DefinitionError("too many symbolic links", is_warning=True)

    def inside_as_written(self, path: str) -> str:
        """As `inside`, for a path of which only a run can tell some parts: links are not followed."""
        path = self._in_repository(joined(ROOT, path))
        if not path.startswith(ROOT + "/"):
            raise DefinitionError("a path outside of the repository")
        return path[len(ROOT) + 1 :]

    def _in_repository(self, path: str) -> str:
        if not self.mounts:
            return path
        for mount, is_own in sorted(self.mounts, key=lambda mount: -len(mount[0])):
            place = joined(ROOT, mount)
            if path == place or path.startswith(place + "/"):
                if not is_own:
                    raise DefinitionError("the build context comes from another repository")
                return ROOT + path[len(place) :]
        raise DefinitionError("a path outside of the repository")

    def _first_link(self, path: str) -> str | None:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            part = "/".join(parts[:depth])
            if self.kind(part) is Kind.SYMLINK:
                return part
        return None

    def kind(self, path: str) -> Kind | None:
        """What lies at a path that `inside` gave; raises `DefinitionError`."""
        try:
            return self.tree.kind(path)
        except UnreadableError as error:
            raise DefinitionError(str(error), is_warning=True) from None

    def is_file(self, path: str) -> bool:
        """Whether a file of the repository lies at ``path``, perhaps behind links."""
        return self._is(path, Kind.FILE)

    def is_folder(self, path: str) -> bool:
        """Whether a folder of the repository lies at ``path``, perhaps behind links."""
        return self._is(path, Kind.DIRECTORY)

    def _is(self, path: str, kind: Kind) -> bool:
        try:
            return self.kind(self.inside(path)) is kind
        except DefinitionError:
            return False

    def read(self, path: str) -> str:
        """The text of a file; raises `DefinitionError` if there is none, or it is too large or no text."""
        place = self.inside(path)
        if self.kind(place) is not Kind.FILE:
            raise DefinitionError(f"there is no file {place}", is_warning=True)
        try:
            data = self.tree.read(place)
            self.effort.spend(1 + len(data) // _BYTES_A_UNIT)
        except UnreadableError as error:
            raise DefinitionError(str(error), is_warning=True) from None
        if len(data) > _SIZE_LIMIT:
            raise DefinitionError(f"{place} is larger than 1 MiB")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise DefinitionError(f"{place} is not UTF-8", is_warning=True) from None
