"""Starts a builder's command so that it always ends: by itself, at its deadline, or with us."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import IO, NamedTuple

from reorder.world.builders.model import BuilderError

_GRACE = 10.0
_TAIL_LINES = 200
_LINE_LIMIT = 4000


class Finished(NamedTuple):
    """A command that has ended; ``tail``: the last lines that it wrote."""

    code: int
    seconds: float
    tail: tuple[str, ...]
    timed_out: bool


class _Deadline:
    """Ends a process, and all that it started, after so many seconds."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.is_over = False
        self._process = process
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self) -> None:
        self.is_over = True
        end(self._process)

    def cancel(self) -> None:
        self._timer.cancel()


def run_lines(
    command: Sequence[str], timeout: float, on_line: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Finished:  # fmt: skip
    """Run a command to its end, with its output and its errors taken line by line as they come.

    Raises `BuilderError` if it cannot be started. Whatever ends this function ends the command.
    """
    start = time.monotonic()
    tail: deque[str] = deque(maxlen=_TAIL_LINES)
    process = _start(command, subprocess.STDOUT, environment)
    deadline = _Deadline(process, timeout)
    try:
        assert process.stdout is not None
        while line := process.stdout.readline(_LINE_LIMIT):
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            tail.append(text)
            if on_line is not None:
                on_line(text)
        code = process.wait()
    finally:
        deadline.cancel()
        end(process)
    return Finished(code, time.monotonic() - start, tuple(tail), deadline.is_over)


def run_quietly(command: Sequence[str], timeout: float) -> Finished:
    """As `run_lines`; never raises."""
    try:
        return run_lines(command, timeout)
    except BuilderError as error:
        return Finished(127, 0.0, (str(error),), timed_out=False)


def run_bytes(command: Sequence[str], timeout: float, limit: int) -> tuple[int, bytes, bool]:
    """Run a command; its exit code, the first ``limit`` bytes of its output and errors, and whether time ran out."""
    process = _start(command, subprocess.STDOUT, None)
    deadline = _Deadline(process, timeout)
    try:
        assert process.stdout is not None
        data = process.stdout.read(limit)
        while process.stdout.read(limit):
            pass
        return process.wait(), data, deadline.is_over
    finally:
        deadline.cancel()
        end(process)


@contextmanager
def streamed(command: Sequence[str], timeout: float) -> Iterator[IO[bytes]]:
    """The output of a command while it runs; raises `BuilderError` if it fails or does not end in time."""
    with subprocess_errors(command) as errors:
        process = _start(command, errors, None)
        deadline = _Deadline(process, timeout)
        try:
            assert process.stdout is not None
            yield process.stdout
            while process.stdout.read(1024 * 1024):  # what follows the end of the tar
                pass
            code = process.wait()
        except BaseException:
            failed = _failed_by_itself(process)
            end(process)
            if deadline.is_over:
                raise BuilderError(f"{command[0]} did not hand out the image within {timeout:.0f} s") from None
            if failed:
                raise BuilderError(f"{' '.join(command[:2])} failed: {_text_of(errors)}") from None
            raise
        finally:
            deadline.cancel()
            end(process)
        if code:
            raise BuilderError(f"{' '.join(command[:2])} failed: {_text_of(errors)}")


def _children(group: int) -> list[int]:
    """The members of a process group beside its leader, as far as ``/proc`` tells."""
    found = []
    with suppress(OSError):
        for name in filter(str.isdigit, os.listdir("/proc")):
            with suppress(OSError, ProcessLookupError):
                if int(name) != group and os.getpgid(int(name)) == group:
                    found.append(int(name))
    return found


def _failed_by_itself(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended with an error before we ended it; a stream that broke off tells a moment too early."""
    try:
        return process.wait(1) != 0
    except subprocess.TimeoutExpired:
        return False


@contextmanager
def subprocess_errors(command: Sequence[str]) -> Iterator[IO[bytes]]:
    """A temporary file for what a command complains of."""
    import tempfile

    with tempfile.TemporaryFile(prefix="dockerfile-fix-") as file:
        yield file


def _text_of(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read(2000).decode("utf-8", "replace").strip() or "it said nothing"


def _start(
    command: Sequence[str], errors: int | IO[bytes], environment: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    """In a session of its own: a Ctrl-C reaches us alone, and we end it with all its children."""
    try:
        return subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
            env=None if environment is None else {**os.environ, **environment},
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise BuilderError(f"{command[0]} cannot be started: {getattr(error, 'strerror', None) or error}") from None


def end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children: asked first (a client then calls its build off), forced after a while.

    The children come first. podman 4.3 drops all when it is asked to end, and leaves the container of the step behind;
    when the step fails, it takes the container away.
    """
    if process.poll() is None and (children := _children(process.pid)):
        for child in children:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(child, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE / 2)
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
    # children that outlived it
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    is_ours = threading.current_thread() is threading.main_thread()  # the deadline's thread leaves it to the reader
    if is_ours and process.stdout is not None:
        process.stdout.close()
