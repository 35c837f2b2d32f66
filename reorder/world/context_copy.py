"""A second build context on disk that holds what a first one does, made cheaply, so that one file of it can be edited.

Files are hard links where both folders lie on one file system, and copies elsewhere; a link shares owner, mode, times
and content with the user's file. It is never written to: an edited file is a new one.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress


def copy_context(source: str, destination: str, is_excluded: Callable[[str], bool]) -> None:
    """Make the new folder ``destination`` like ``source``, without what ``is_excluded`` says of a context path.

    Modes and, where permitted, owners stay. Sockets, pipes and devices are left out, as no image can hold those of a
    context. Raises OSError.
    """
    os.mkdir(destination)
    _copy_folder(source, destination, "", is_excluded)


def _copy_folder(source: str, destination: str, prefix: str, is_excluded: Callable[[str], bool]) -> None:
    with os.scandir(source) as entries:
        for entry in entries:
            path = prefix + entry.name
            if is_excluded(path):
                continue
            target = os.path.join(destination, entry.name)
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), target)
                _own(target, entry.stat(follow_symlinks=False))
            elif entry.is_dir(follow_symlinks=False):
                os.mkdir(target)
                _copy_folder(entry.path, target, path + "/", is_excluded)
            elif entry.is_file(follow_symlinks=False):
                _copy_file(entry.path, target)
    # last of all: the folder itself may be read-only
    _own(destination, os.stat(source))
    shutil.copystat(source, destination)


def _copy_file(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another file system, a file system without links, or a file of another user (protected_hardlinks)
        shutil.copy2(source, target)
        _own(target, os.stat(source))


def _own(path: str, status: os.stat_result) -> None:
    own = os.lstat(path)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid) and hasattr(os, "lchown"):
        with suppress(PermissionError):
            os.lchown(path, status.st_uid, status.st_gid)


def replace_file(path: str, data: bytes) -> None:
    """Give the copied file ``path`` a new content, with its mode and owner, and leave the linked one alone."""
    status = os.lstat(path)
    os.unlink(path)
    with open(path, "xb") as file:
        file.write(data)
    _own(path, status)
    os.chmod(path, stat.S_IMODE(status.st_mode))
