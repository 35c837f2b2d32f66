"""A temporary folder and a temporary database, gone at the end whatever happens; and signals that end us in order."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A new folder outside of the user's tree; raises OSError where none can be made."""
    import tempfile

    folder = tempfile.mkdtemp(prefix="dockerfile-fix-")
    try:
        yield folder
    finally:
        with uninterrupted():
            _remove(folder)


def _remove(folder: str) -> None:
    """Take it away, with what was copied from folders that may not be written to."""
    for parent, names, _ in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with suppress(OSError):
                if not os.path.islink(path):
                    os.chmod(path, 0o700)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_database() -> Iterator[sqlite3.Connection]:
    """A database in a nameless temporary file, which ends with the process at the latest."""
    database = sqlite3.connect("")
    try:
        yield database
    finally:
        database.close()


class Terminated(BaseException):
    """The process was told to end (SIGTERM, SIGHUP); ``code`` is the exit code that says so."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def orderly_end() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into `Terminated`, so that what must be taken away is."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Terminated(number)

    with _handled("SIGTERM", "SIGHUP", by=stop):
        yield


@contextmanager
def interrupted_at_pauses() -> Iterator[Callable[[], None]]:
    """Signals wait until what is given is called, which raises `KeyboardInterrupt` or `Terminated`; the second one ends
    the process at once.

    For code that takes locks: an exception from a signal may come between two of them. So `concurrent.futures.wait`,
    interrupted, was seen to leave locks of futures behind, for which the threads that fill them then waited forever.
    """
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        signal.signal(number, signal.SIG_DFL)

    def pause() -> None:
        if came:
            raise KeyboardInterrupt if came[0] == signal.SIGINT else Terminated(came[0])

    with _handled("SIGINT", "SIGTERM", "SIGHUP", by=note):
        yield pause
        pause()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Signals wait: what is taken away is taken away, however often Ctrl-C is pressed."""
    with _handled("SIGINT", "SIGTERM", "SIGHUP", by=signal.SIG_IGN):
        yield


@contextmanager
def _handled(*names: str, by: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """Those of the signals that the system has go to ``by``, and afterwards where they went before."""
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, by) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
