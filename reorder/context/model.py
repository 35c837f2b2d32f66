"""The files of a build context, however they are stored."""

from __future__ import annotations

from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What lies at a path, without following a symbolic link."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    OTHER = "other"


class UnreadableError(Exception):
    """A file of the context that cannot be read; the message names it."""


class Tree(Protocol):
    """A file tree, asked path by path and never walked.

    Paths are relative, with ``/`` between parts, never ``.`` or ``..`` inside; ``""`` is the root.
    """

    def kind(self, path: str) -> Kind | None:
        """What lies at ``path`` (lstat), or None."""

    def names(self, path: str) -> tuple[str, ...]:
        """The sorted names in the directory ``path``; empty if it is none."""

    def holds_more(self, path: str, limit: int) -> bool:
        """Whether the directory ``path`` has more than ``limit`` entries; looks at no more than that."""

    def read(self, path: str) -> bytes:
        """The content of the file ``path``; raises UnreadableError."""

    def link(self, path: str) -> str | None:
        """The text of the symbolic link ``path``, or None if it is none."""

    def is_executable(self, path: str) -> bool:
        """Whether the owner may execute the file."""

    def is_tracked(self, path: str) -> bool | None:
        """Whether version control holds anything at or under ``path``; None if that is unknown."""

    def is_vcs_ignored(self, path: str) -> bool | None:
        """Whether version control is told to ignore ``path``; None if that is unknown."""
