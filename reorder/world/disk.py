"""A folder on disk as a `Tree`."""

from __future__ import annotations

import os
import stat

from reorder.context.model import Kind, UnreadableError


class DiskTree:
    def __init__(self, root: str) -> None:
        self.root = root

    def _path(self, path: str) -> str:
        return os.path.join(self.root, path) if path else self.root

    def kind(self, path: str) -> Kind | None:
        try:
            mode = (os.stat if not path else os.lstat)(self._path(path)).st_mode
        except OSError:
            return None
        if stat.S_ISREG(mode):
            return Kind.FILE
        if stat.S_ISDIR(mode):
            return Kind.DIRECTORY
        return Kind.SYMLINK if stat.S_ISLNK(mode) else Kind.OTHER

    def names(self, path: str) -> tuple[str, ...]:
        try:
            return tuple(sorted(os.listdir(self._path(path))))
        except OSError:
            return ()

    def read(self, path: str) -> bytes:
        try:
            with open(self._path(path), "rb") as f:
                return f.read()
        except OSError as e:
            raise UnreadableError(f"{path}: {e.strerror}") from None

    def is_executable(self, path: str) -> bool:
        try:
            return bool(os.stat(self._path(path)).st_mode & 0o100)
        except OSError:
            return False

    def is_tracked(self, path: str) -> bool | None:
        return None

    def is_vcs_ignored(self, path: str) -> bool | None:
        return None
