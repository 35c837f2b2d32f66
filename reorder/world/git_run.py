"""Runs git and takes its answer, bounded in size and time."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from threading import Timer
from typing import IO

from reorder.world.git import GitError, git_dir_command, git_environment

_SECONDS = 60.0
_CHUNK = 1 << 16
_MOST = 1 << 20
_MOST_WORDS = 300
_SAYS_NOTHING = (
    "fatal: Could not read from remote repository", "Please make sure you have the correct access rights",
    "and the repository exists.", "error: failed to push some refs", "hint:", "remote:",
)  # fmt: skip
"""Lines around the one with the reason."""


def ask_git(
    git_dir: str, *command: str, stdin: bytes = b"", most: int = _MOST, seconds: float = _SECONDS,
    more: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    """The answer of a git command in the repository in the folder ``git_dir``; ``more``: variables for it.

    Raises `GitError` if it fails, says more than ``most`` bytes, or takes longer than ``seconds``.
    """
    environment = {**git_environment(git_dir), **(more or {})}
    return run_bounded(git_dir_command(git_dir, *command), environment, stdin=stdin, most=most, seconds=seconds)


def run_bounded(
    command: Sequence[str], environment: Mapping[str, str], *, stdin: bytes, most: int, seconds: float
) -> bytes:  # fmt: skip
    """As `ask_git`, for any command; what it reads is small enough for a pipe, or it reads before it answers."""
    import tempfile

    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command, env=environment, stdin=given if stdin else subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=errors,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise GitError(f"git cannot be run: {getattr(error, 'strerror', None) or error}") from None
        timer = Timer(seconds, process.kill)
        timer.start()
        try:
            assert process.stdout is not None
            with process.stdout:
                data = _read(process.stdout, most)
            is_late = not timer.is_alive()
            if len(data) > most:
                process.kill()
            code = process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:
                process.kill()
                process.wait()
        if len(data) > most:
            raise GitError(f"the answer of git is larger than {most >> 20} MiB")
        if code:
            raise GitError(f"git took longer than {seconds:g} s" if is_late else complaint(errors, code))
        return data


def _read(stream: IO[bytes], most: int) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while total <= most and (piece := stream.read(_CHUNK)):
        pieces.append(piece)
        total += len(piece)
    return b"".join(pieces)


def complaint(errors: IO[bytes], code: int) -> str:
    """What matters of what git wrote to standard error: the last "fatal" line, or the last one at all."""
    errors.seek(0)
    lines = [line.strip() for line in errors.read(_CHUNK).decode("utf-8", "replace").splitlines()]
    telling = [line for line in lines if line and not line.startswith(_SAYS_NOTHING)] or lines
    said = next((line for line in reversed(telling) if line.startswith("fatal: ")), telling[-1] if telling else "")
    return said.removeprefix("fatal: ")[:_MOST_WORDS] or f"git ended with code {code}"
