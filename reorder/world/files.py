"""Dockerfiles on disk: finding, reading, and replacing them whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from reorder.dockerfile.names import is_dockerfile_name as is_dockerfile_name

READ_LIMIT = 32 * 1024 * 1024
"""Bytes; no Dockerfile, and nothing that an install reads from its project, comes near it."""

SKIPPED_FOLDERS = frozenset((".git", "node_modules", "vendor", ".venv"))


def is_in_skipped_folder(path: str) -> bool:
    """Whether a relative path leads through a folder that holds other projects."""
    return not SKIPPED_FOLDERS.isdisjoint(path.split("/")[:-1])


def find_dockerfiles(path: str) -> Iterator[str]:
    """The Dockerfiles in the folder ``path`` and below, sorted folder by folder; raises OSError for ``path`` itself.

    Links to folders are not followed, so that there are no loops; a link to a file counts if the file lies inside
    ``path`` and would not be found by its own name. Folders below that may not be listed are passed over.
    """
    prefix = "" if os.path.normpath(path) == "." else path
    yield from _find_in(path, prefix, os.path.realpath(path))


def _find_in(folder: str, shown: str, root: str) -> Iterator[str]:
    with os.scandir(folder) as listing:
        wanted = (e for e in listing if e.is_dir(follow_symlinks=False) or is_dockerfile_name(e.name))
        entries = sorted(wanted, key=lambda entry: entry.name)
    for entry in entries:
        name = os.path.join(shown, entry.name)
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED_FOLDERS:
                with suppress(PermissionError, FileNotFoundError):
                    yield from _find_in(entry.path, name, root)
        elif _is_own_file(entry, root):
            yield name


def _is_own_file(entry: os.DirEntry[str], root: str) -> bool:
    if not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    target = os.path.realpath(entry.path)
    is_inside = target.startswith(os.path.join(root, ""))
    return is_inside and os.path.isfile(target) and not is_dockerfile_name(os.path.basename(target))


def read_bytes(path: str) -> bytes:
    """The content of the file ``path`` (links are followed: the user named it); raises OSError.

    A FIFO, a device or a file above `READ_LIMIT` is an error, not a wait.
    """
    return read_regular(path, flags=0)


def read_regular(path: str, *, flags: int) -> bytes:
    """As `read_bytes`, opened with more ``flags`` (of `os.open`)."""
    # without O_NONBLOCK, to open a FIFO would wait for a writer
    flags |= os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(READ_LIMIT + 1)
    finally:
        os.close(descriptor)
    if len(data) > READ_LIMIT:
        raise OSError(errno.EFBIG, f"larger than {READ_LIMIT // (1024 * 1024)} MiB", path)
    return data


class _Prepared(NamedTuple):
    """A finished temporary file beside its ``target``; ``before`` is what the target holds (None: it is new)."""

    temporary: str
    target: str
    before: bytes | None


def write_atomic(path: str, data: bytes) -> None:
    """Replace the file ``path`` whole, or raise OSError and leave it as it was.

    Mode and (where permitted) owner stay; a link stays a link, and its target is replaced. A hard link to the same file
    elsewhere keeps the old content.
    """
    write_all([(path, data)])


def write_all(files: Iterable[tuple[str, bytes]]) -> None:
    """Replace several files, or raise OSError and leave all as they were.

    Everything that can fail for want of space or permission is done beforehand; should a rename fail even so, the files
    already replaced get their old content back. What is no regular file (``/dev/stdout``) is written to last.
    """
    prepared: list[_Prepared] = []
    streams: list[tuple[str, bytes]] = []
    try:
        for path, data in files:
            if _is_stream(path):
                streams.append((path, data))
            else:
                prepared.append(_prepare(os.path.realpath(path), data))
        _replace_all(prepared)
        for path, data in streams:
            with open(path, "wb") as file:
                file.write(data)
    finally:
        for temporary, _, _ in prepared:
            with suppress(OSError):
                os.unlink(temporary)


def _is_stream(path: str) -> bool:
    """Whether ``path`` is a device or a pipe, which a rename would destroy; raises IsADirectoryError."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    return not stat.S_ISREG(mode)


def _prepare(target: str, data: bytes) -> _Prepared:
    """Write ``data`` to a temporary file beside ``target``, with the target's mode and owner."""
    import tempfile

    before = _content(target)
    status = os.stat(target) if before is not None else None
    if status is not None and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
    descriptor, temporary = tempfile.mkstemp(prefix=".dockerfile-fix-", dir=os.path.dirname(target))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if status is not None:
                _give(file.fileno(), status)
            os.chmod(temporary, stat.S_IMODE(status.st_mode) if status is not None else 0o666 & ~_umask())
            os.fsync(file.fileno())
    except BaseException:
        os.unlink(temporary)
        raise
    return _Prepared(temporary, target, before)


def _content(target: str) -> bytes | None:
    try:
        return read_bytes(target)
    except FileNotFoundError:
        return None


def _give(descriptor: int, status: os.stat_result) -> None:
    own = os.fstat(descriptor)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid) and hasattr(os, "fchown"):
        with suppress(PermissionError):
            os.fchown(descriptor, status.st_uid, status.st_gid)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _replace_all(prepared: list[_Prepared]) -> None:
    replaced: list[_Prepared] = []
    try:
        for item in prepared:
            os.replace(item.temporary, item.target)
            replaced.append(item)
    except BaseException:
        for item in replaced:
            _restore(item)
        raise


def _restore(item: _Prepared) -> None:
    if item.before is None:
        os.unlink(item.target)
        return
    again = _prepare(item.target, item.before)
    try:
        os.replace(again.temporary, again.target)
    except BaseException:
        os.unlink(again.temporary)
        raise
