"""The objects of a repository, read without a checkout; a size is known before a content is loaded."""

from __future__ import annotations

import subprocess
from contextlib import suppress

from reorder.world.git import GitError, git_dir_command, git_environment


class Objects:
    """The blobs of the repository in the folder ``git_dir``; to be closed.

    ``git cat-file`` answers in two processes, started at the first question: one for sizes, which it knows from an
    object's head, and one for contents. A broken object ends git; the next question starts it again.
    """

    def __init__(self, git_dir: str) -> None:
        self._git_dir = git_dir
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def size(self, blob: str) -> int | None:
        """The bytes of a blob; None: the repository does not have it. Raises `GitError`."""
        words = self._ask("--batch-check", blob)
        return None if words is None else int(words[2])

    def read(self, blob: str) -> bytes:
        """The content of a blob that is there, whatever its size. Raises `GitError`."""
        words = self._ask("--batch", blob)
        if words is None:
            raise GitError(f"git has no object {blob[:12]}")
        stream, size = self._running["--batch"].stdout, int(words[2])
        assert stream is not None
        data = stream.read(size + 1)
        if len(data) <= size:
            raise self._broken("--batch", blob)
        return data[:size]

    def close(self) -> None:
        """End git."""
        for option in tuple(self._running):
            self._end(option)

    def _ask(self, option: str, blob: str) -> list[bytes] | None:
        """Name, type and size of a blob; None if it is missing."""
        process = self._process(option)
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError):  # git has died: the next line says so
            process.stdin.write(blob.encode("ascii") + b"\n")
            process.stdin.flush()
        words = process.stdout.readline().split()
        if words[1:] == [b"missing"]:
            return None
        if len(words) != 3:
            raise self._broken(option, blob)
        if words[1] != b"blob":
            self._end(option)
            raise GitError(f"the object {blob[:12]} is no file")
        return words

    def _broken(self, option: str, blob: str) -> GitError:
        self._end(option)
        return GitError(f"git cannot read the object {blob[:12]}")

    def _process(self, option: str) -> subprocess.Popen[bytes]:
        if option not in self._running:
            command = git_dir_command(self._git_dir, "cat-file", option)
            try:
                self._running[option] = subprocess.Popen(
                    command, env=git_environment(self._git_dir), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )  # fmt: skip
            except OSError as error:
                raise GitError(f"git cannot be run: {error.strerror or error}") from None
        return self._running[option]

    def _end(self, option: str) -> None:
        process = self._running.pop(option)
        process.kill()
        with suppress(OSError):
            process.communicate()
