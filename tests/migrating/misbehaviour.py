"""Calls that do what hostile or unlucky repositories may make a worker do."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def segfault() -> None:
    ctypes.string_at(0)


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    os._exit(3)


def fill_memory() -> int:
    return len(bytearray(2**30))


def fill_memory_in_pieces() -> int:
    pieces = []
    while len(pieces) < 2**20:
        pieces.append(os.urandom(1024))
    return len(pieces)


def hang_with_child(note: str) -> None:
    """Both refuse to end; their process ids are in the file ``note``."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stubborn = ["sh", "-c", "trap '' TERM; while :; do sleep 600; done"]
    children = [subprocess.Popen(stubborn), subprocess.Popen(stubborn, start_new_session=True)]
    part = Path(note + ".part")
    part.write_text(" ".join(str(pid) for pid in (os.getpid(), *(child.pid for child in children))))
    part.rename(note)
    time.sleep(600)


def divide_by_zero() -> float:
    return 1 / 0


class Stubborn(Exception):
    def __init__(self, first: int, second: int) -> None:
        super().__init__("Stubborn")


def raise_stubbornly() -> None:
    raise Stubborn(1, 2)


def return_much() -> bytes:
    return bytes(65 * 1024 * 1024)


def sleep_long() -> None:
    time.sleep(600)
