"""The fork server: a process with everything imported, which forks a worker from itself whenever it is asked to.

A worker made that way costs milliseconds and shares its memory with the others; and since the server has one thread
and no state of its own, forking is safe, as it would not be in a program with a progress bar and a database. At the
other end of its socket is `reorder.migrating.workers`.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import pickle
import signal
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from reorder.world.scratch import temporary_folder

REQUEST = struct.Struct("!cq")
"""What is asked for: `FORK` with a socket's file descriptor for the new worker, or `END` with a worker's process id."""

REPLY = struct.Struct("!q")
"""`FORK`: the process id; `END`: how it ended (`os.waitstatus_to_exitcode`), or `STILL_THERE`."""

FORK, END = b"f", b"e"
STILL_THERE = 2**32
RESULT_LIMIT = 64 * 1024 * 1024
"""Bytes of a result; the process that takes them must not be filled by one repository."""

_PR_SET_CHILD_SUBREAPER = 36
_NO_MEMORY = pickle.dumps((False, MemoryError()))
_PATIENCE = 5.0
"""Seconds. A killed process that hangs in the kernel (a dead network drive) is left behind."""


class Task(NamedTuple):
    """A call, pickled, and the bytes of memory that it may take; 0: as many as there are."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    memory: int


class ResultTooLargeError(Exception):
    """What a call returned is above `RESULT_LIMIT`."""


def main() -> None:
    """Serve until the other end of the socket is closed; then every worker is ended, whatever it does.

    Arguments: the socket's file descriptor, and the modules to import.
    """
    control = socket.socket(fileno=int(sys.argv[1]))
    for name in sys.argv[2:]:
        importlib.import_module(name)
    _adopt_orphans()
    gc.set_threshold(100_000, 30, 30)  # our values hold no cycles; as mypy does, look for garbage less often
    gc.collect()
    gc.freeze()  # the garbage collector of a worker would write to, and so copy, each page that it shares
    children: set[int] = set()
    with temporary_folder() as folder:  # of all workers: what a killed one leaves goes with it
        tempfile.tempdir = os.environ["TMPDIR"] = folder
        try:
            _serve(control, children)
        finally:
            for pid in children:
                _kill(pid)
            children.clear()
            _end_orphans(children)


def _serve(control: socket.socket, children: set[int]) -> None:
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 1)
        if not request:
            return
        kind, pid = REQUEST.unpack(request)
        if kind == FORK:
            pid = os.fork()
            if pid == 0:
                _become_worker(control, descriptors[0])
            os.close(descriptors[0])
            _make_group(pid)
            children.add(pid)
            control.sendall(REPLY.pack(pid))
        else:
            _kill(pid)
            code = _await_end(pid)
            _end_orphans(children)
            children.discard(pid)
            control.sendall(REPLY.pack(code))


def _make_group(pid: int) -> None:
    """Of its own, so that what it starts can be ended with it."""
    with suppress(OSError):  # server and worker both do it, so that it is done before either goes on
        os.setpgid(pid, pid)


def _kill(pid: int) -> None:
    with suppress(OSError):
        os.killpg(pid, signal.SIGKILL)


def _adopt_orphans() -> None:
    """On Linux, make this process the parent of whatever a worker leaves behind (prctl(2))."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_orphans(workers: set[int]) -> None:
    """End what dead workers started in process groups of its own; each end may bring up more of them."""
    until = time.monotonic() + _PATIENCE
    while (orphans := _children() - workers) and time.monotonic() < until:
        for pid in orphans:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)


def _children() -> set[int]:
    """The process ids of our children; none where there is no ``/proc``."""
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else ()):
        with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                found.add(int(name))
    return found


def _await_end(pid: int) -> int:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            done, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            break
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    return STILL_THERE


def _become_worker(control: socket.socket, descriptor: int) -> None:
    try:
        _make_group(os.getpid())
        control.close()
        _work(Connection(descriptor))
    finally:
        os._exit(0)


def _work(connection: Connection[Any, Any]) -> None:
    """Do one call after the other, until there are no more or memory was not enough."""
    while True:
        try:
            task: Task = pickle.loads(connection.recv_bytes())
        except EOFError:
            return
        _limit_memory(task.memory)
        answer = _NO_MEMORY
        try:
            answer = _pickled((True, task.function(*task.arguments)))
        except MemoryError:
            pass  # what filled the memory is let go of with the exception, at the end of this clause
        except Exception as error:
            answer = _pickled_error(error)
        connection.send_bytes(answer)
        if answer is _NO_MEMORY:
            return


def _pickled(answer: tuple[bool, Any]) -> bytes:
    data = pickle.dumps(answer)
    if len(data) > RESULT_LIMIT:
        raise ResultTooLargeError(f"the outcome takes more than {RESULT_LIMIT // 2**20} MiB")
    return data


def _pickled_error(error: Exception) -> bytes:
    """The exception, or what can be said of it; there are some that cannot be pickled, or cannot be made again."""
    try:
        data = pickle.dumps((False, error))
        pickle.loads(data)
    except Exception:
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}"[:1000])))
    return data


def _limit_memory(size: int) -> None:
    """Of this process and, each for itself, of those that it starts. Not of the address space: git maps whole packs."""
    if size:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        soft = size if hard == resource.RLIM_INFINITY else min(size, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
