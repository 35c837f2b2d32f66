"""A build context on disk."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from reorder.context.model import Kind, UnreadableError
from reorder.world import git
from reorder.world.files import read_regular

_ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL))

Question = Literal["content", "ignored", "kind", "link", "mode", "names", "tracked"]


@dataclass(frozen=True, slots=True)
class DiskTree:
    """A `Tree` over the folder ``root``; nothing outside of it is read, not even through a symbolic link.

    ``asked`` is what its answers were wanted for, with the path: all that an analysis knows of the folder comes from
    these (but for `holds_more`, which bounds an effort).
    """

    root: str
    asked: set[tuple[Question, str]] = field(default_factory=set, compare=False, repr=False)
    _tracked: dict[str, bool | None] = field(default_factory=dict, compare=False, repr=False)
    _ignored: dict[str, bool | None] = field(default_factory=dict, compare=False, repr=False)

    def kind(self, path: str) -> Kind | None:
        """What lies at ``path``; raises `UnreadableError` where permissions hide that."""
        self.asked.add(("kind", path))
        status = self._status(path)
        return None if status is None else _kind_of(status.st_mode)

    def names(self, path: str) -> tuple[str, ...]:
        """The sorted names in a directory; raises `UnreadableError` where it may not be listed."""
        self.asked.add(("names", path))
        if self.kind(path) is not Kind.DIRECTORY:
            return ()
        try:
            return tuple(sorted(os.listdir(self._locate(path))))
        except OSError as error:
            raise _unreadable(path or self.root, error) from None

    def holds_more(self, path: str, limit: int) -> bool:
        """Whether the directory has more than ``limit`` entries; raises as `names`."""
        if self.kind(path) is not Kind.DIRECTORY:
            return False
        try:
            with os.scandir(self._locate(path)) as entries:
                return next(islice(entries, limit, None), None) is not None
        except OSError as error:
            raise _unreadable(path or self.root, error) from None

    def read(self, path: str) -> bytes:
        """The content of a regular file of at most `files.READ_LIMIT` bytes; raises `UnreadableError`."""
        self.asked.add(("content", path))
        self._refuse_links_above(path)
        try:
            return read_regular(self._locate(path), flags=getattr(os, "O_NOFOLLOW", 0))
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from None

    def link(self, path: str) -> str | None:
        """The text of the symbolic link ``path``, or None if it is none or cannot be read."""
        self.asked.add(("link", path))
        try:
            return os.readlink(self._locate(path))
        except (OSError, ValueError):
            return None

    def is_executable(self, path: str) -> bool:
        """Whether the owner may execute the file."""
        self.asked.add(("mode", path))
        status = self._status(path)
        return status is not None and stat.S_ISREG(status.st_mode) and bool(status.st_mode & stat.S_IXUSR)

    def is_tracked(self, path: str) -> bool | None:
        """Whether git's index holds anything at or under ``path``; None outside a repository or if git cannot tell."""
        self.asked.add(("tracked", path))
        if path not in self._tracked:
            place = self._place_in_repository(path)
            self._tracked[path] = None if place is None else git.is_tracked(*place)
        return self._tracked[path]

    def is_vcs_ignored(self, path: str) -> bool | None:
        """Whether git ignores ``path``; None outside a repository or if git cannot tell."""
        self.asked.add(("ignored", path))
        if path not in self._ignored:
            place = self._place_in_repository(path)
            self._ignored[path] = None if place is None else git.is_vcs_ignored(*place)
        return self._ignored[path]

    def _locate(self, path: str) -> str:
        return os.path.join(self.root, path) if path else self.root or os.curdir

    def _status(self, path: str) -> os.stat_result | None:
        try:
            # the root is what the user named, link or not
            return os.lstat(self._locate(path)) if path else os.stat(self._locate(""))
        except ValueError:  # a NUL in the name
            return None
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise _unreadable(path or self.root, error) from None

    def _refuse_links_above(self, path: str) -> None:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            parent = "/".join(parts[:depth])
            if self.kind(parent) is Kind.SYMLINK:
                raise UnreadableError(f"{path}: {parent} is a symbolic link")

    def _place_in_repository(self, path: str) -> tuple[str, str] | None:
        """The repository that would hold ``path`` (perhaps a submodule below the root), and the path in it."""
        whole = os.path.normpath(os.path.join(os.path.realpath(self.root), path))
        folder = os.path.realpath(os.path.dirname(whole) if path else whole)
        root = git.repository_root(folder)
        if root is None:
            return None
        inside = os.path.join(folder, os.path.basename(whole)) if path else folder
        return root, os.path.relpath(inside, root).replace(os.sep, "/")


def _kind_of(mode: int) -> Kind:
    if stat.S_ISREG(mode):
        return Kind.FILE
    if stat.S_ISDIR(mode):
        return Kind.DIRECTORY
    return Kind.SYMLINK if stat.S_ISLNK(mode) else Kind.OTHER


def _unreadable(path: str, error: OSError | ValueError) -> UnreadableError:
    reason = "a symbolic link" if isinstance(error, OSError) and error.errno == errno.ELOOP else None
    return UnreadableError(f"{path}: {reason or getattr(error, 'strerror', None) or error}")
