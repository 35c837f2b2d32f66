"""How a long piece of work goes on: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

from reorder.output.text import printable

_WIDTH = 20
_CLEAR = "\r\033[K"


class PlainProgress:
    """A line for each piece of work and each step, for logs of CI."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._label = ""

    def begin(self, label: str) -> None:
        """A piece of work begins."""
        self._label = label
        self._say("begins")

    def step(self, text: str) -> None:
        """A step of it begins."""
        self._say(text)

    def end(self, note: str = "") -> None:
        """It is done."""
        self._say(f"done {note}".rstrip())

    def _say(self, text: str) -> None:
        self._stream.write(f"verify: {self._label}: {printable(text)[:200]}\n")
        self._stream.flush()


class BarProgress:
    """One line of a terminal, written over and over; ``total``: how many pieces of work there will be at least."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._total, self._done, self._label, self._began = total, 0, "", 0.0

    def begin(self, label: str) -> None:
        """A piece of work begins."""
        self._label, self._began = label, time.monotonic()
        self._total = max(self._total, self._done + 1)
        self.step("")

    def step(self, text: str) -> None:
        """A step of it begins."""
        filled = _WIDTH * self._done // self._total
        bar = "#" * filled + "-" * (_WIDTH - filled)
        seconds = time.monotonic() - self._began
        line = f"[{bar}] {self._label} {seconds:.0f} s {printable(text)}"
        columns = _columns(self._stream)
        self._stream.write(_CLEAR + line[: columns - 1])
        self._stream.flush()

    def end(self, note: str = "") -> None:
        """It is done; the bar leaves nothing behind."""
        self._done += 1
        self._stream.write(_CLEAR)
        self._stream.flush()


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def make_progress(quiet: bool) -> PlainProgress | BarProgress | NoProgress:
    """A bar if standard error is a terminal, lines if it is none."""
    if quiet:
        return NoProgress()
    return BarProgress(total=5) if sys.stderr.isatty() else PlainProgress()


class NoProgress:
    """Says nothing."""

    def begin(self, label: str) -> None:
        """See `PlainProgress`."""

    def step(self, text: str) -> None:
        """See `PlainProgress`."""

    def end(self, note: str = "") -> None:
        """See `PlainProgress`."""
