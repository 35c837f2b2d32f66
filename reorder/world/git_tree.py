"""The files of a commit, written to a folder without a checkout: no filter, no hook and no attribute has a say."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from reorder.world.git import GitError, git_command, git_environment, repository_root

_SECONDS = 60.0
_LINK, _EXECUTABLE, _MODULE = "120000", "100755", "160000"
_PIECE = 1024 * 1024


class Blob(NamedTuple):
    """A file of a commit: git's mode and the name of its content."""

    mode: str
    id: str


class CommitFolder:
    """The folder ``target`` made like a context folder at one commit after the other; only what differs is written."""

    def __init__(self, context: str, target: str) -> None:
        place = os.path.realpath(context)
        root = repository_root(place)
        if root is None:
            raise GitError("the build context is not in a git repository")
        self._root, self._target = root, target
        inside = os.path.relpath(place, root).replace(os.sep, "/")
        self._inside = "" if inside == "." else inside
        self._now: Mapping[str, Blob] = {}

    def show(self, commit: str) -> None:
        """Make the folder what the context is at ``commit``. Raises `GitError` and OSError."""
        new = self._list(commit)
        for path in self._now.keys() - new.keys():
            self._remove(path)
        changed = {path: blob for path, blob in new.items() if self._now.get(path) != blob}
        with self._contents() as read:
            for path, blob in sorted(changed.items()):
                self._write(path, blob, read)
        self._now = new

    def _list(self, commit: str) -> dict[str, Blob]:
        command = git_command(self._root, "ls-tree", "-r", "-z", "--full-tree", f"{commit}:{self._inside}")
        try:
            done = subprocess.run(
                command, env=git_environment(self._root), timeout=_SECONDS, check=False, capture_output=True,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise GitError(f"git cannot list commit {commit[:12]}: {error}") from None
        if done.returncode:
            words = done.stderr.decode("utf-8", "replace").strip()
            raise GitError(f"git cannot list commit {commit[:12]}: {words[:200]}")
        found = {}
        for record in filter(None, done.stdout.split(b"\0")):
            head, _, name = record.partition(b"\t")
            mode, _, blob = head.decode("ascii").split()
            found[name.decode("utf-8", "surrogateescape")] = Blob(mode, blob)
        return found

    @contextmanager
    def _contents(self) -> Iterator[_Contents]:
        process = subprocess.Popen(
            git_command(self._root, "cat-file", "--batch"), env=git_environment(self._root), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield _Contents(process)
        finally:
            process.kill()
            process.communicate()

    def _write(self, path: str, blob: Blob, contents: _Contents) -> None:
        place = os.path.join(self._target, path)
        with suppress(FileNotFoundError, IsADirectoryError):
            os.unlink(place)
        if blob.mode == _MODULE:
            os.makedirs(place, exist_ok=True)
            return
        os.makedirs(os.path.dirname(place), exist_ok=True)
        size = contents.seek(blob.id)
        if blob.mode == _LINK:
            os.symlink(contents.read(size), os.fsencode(place))
            contents.read(1)
            return
        with open(place, "xb") as file:
            while size > 0:
                piece = contents.read(min(size, _PIECE))
                if not piece:
                    raise GitError(f"{path}: git broke off")
                file.write(piece)
                size -= len(piece)
        contents.read(1)
        os.chmod(place, 0o755 if blob.mode == _EXECUTABLE else 0o644)

    def _remove(self, path: str) -> None:
        place = os.path.join(self._target, path)
        with suppress(OSError):
            if os.path.isdir(place) and not os.path.islink(place):
                os.rmdir(place)
            else:
                os.unlink(place)
        folder = os.path.dirname(path)
        while folder:
            try:
                os.rmdir(os.path.join(self._target, folder))
            except OSError:
                return
            folder = os.path.dirname(folder)


class _Contents:
    """``git cat-file --batch``."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def seek(self, blob: str) -> int:
        """Ask for a blob; its size. Raises `GitError`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(blob.encode() + b"\n")
        self._process.stdin.flush()
        words = self._process.stdout.readline().split()
        if len(words) != 3:
            raise GitError(f"git has no object {blob[:12]}")
        return int(words[2])

    def read(self, size: int) -> bytes:
        """The next bytes of the blob."""
        assert self._process.stdout is not None
        return self._process.stdout.read(size)
