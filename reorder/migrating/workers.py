"""Processes that are given one call at a time, and are ended with all that they started if it takes too long."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from reorder.migrating.fork_server import END, FORK, REPLY, REQUEST, STILL_THERE, Task
from reorder.migrating.model import Limits
from reorder.repository_outcome import Trouble

_CALLS = 100
"""After so many a worker is replaced: what its caches gathered goes with it."""


class WorkerEnded(Exception):
    """A call did not come back; ``trouble`` says in which of the ways, ``reason`` tells it in words."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(trouble, reason)
        self.trouble, self.reason = trouble, reason


class ForkServer:
    """The process that all workers are forked from; ``modules`` are those that it imports beforehand.

    It, and every worker, ends with this process, however that ends. It is started when the first worker is wanted.
    """

    def __init__(self, modules: tuple[str, ...]) -> None:
        self._modules = modules
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as this does)
        self._is_closed = False

    def fork(self) -> Worker:
        """A new worker; raises OSError where none can be had."""
        ours, its = socket.socketpair()
        try:
            pid = self._ask(FORK, 0, its.fileno())
        except BaseException:
            ours.close()
            raise
        finally:
            its.close()
        return Worker(self, pid, Connection(ours.detach()))

    def end(self, pid: int) -> int:
        """End a worker if it has not ended itself; its exit code, negative for a signal."""
        return self._ask(END, pid, None)

    def close(self) -> None:
        """End it, and all workers."""
        with self._lock:
            self._is_closed = True
            self._stop()
            self._errors.close()

    def _ask(self, kind: bytes, pid: int, descriptor: int | None) -> int:
        """Its answer; raises OSError if it is gone, and then the next question starts it again."""
        with self._lock:
            if self._is_closed:
                raise OSError("no more work is taken")
            control = self._control or self._start()
            try:
                socket.send_fds(control, [REQUEST.pack(kind, pid)], [] if descriptor is None else [descriptor])
                reply = control.recv(REPLY.size, socket.MSG_WAITALL)
            except OSError:
                reply = b""
            if len(reply) != REPLY.size:
                self._stop()
                raise OSError(f"the process that starts all others is gone{self._complaint()}")
        number: int = REPLY.unpack(reply)[0]
        return number

    def _stop(self) -> None:
        if self._control is not None and self._process is not None:
            self._control.close()
            self._process.wait()
        self._control = None

    def _complaint(self) -> str:
        """The last line that it wrote."""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f": {lines[-1][:300]}" if lines else ""

    def _start(self) -> socket.socket:
        ours, its = socket.socketpair()
        # -P: the folder that we are called in may hold a stranger's modules; with -m its classes would be __main__'s
        code = "from reorder.migrating.fork_server import main; main()"
        command = [sys.executable, "-P", "-c", code, str(its.fileno()), *self._modules]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            self._process = subprocess.Popen(
                command, env=environment, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=self._errors, start_new_session=True,
            )  # fmt: skip
        finally:
            its.close()
        self._control = ours
        return ours


class Worker:
    """A forked process; the calls that it is given are made one after the other."""

    def __init__(self, server: ForkServer, pid: int, connection: Connection[Any, Any]) -> None:
        self._server, self._connection = server, connection
        self.pid = pid
        self.calls = 0

    def call(self, function: Callable[..., Any], arguments: tuple[Any, ...], limits: Limits) -> Any:
        """What the function returns or raises; raises `WorkerEnded`, and after that there is no worker any more."""
        self.calls += 1
        data = pickle.dumps(Task(function, arguments, limits.memory))
        try:
            self._connection.send_bytes(data)
            if not self._connection.poll(limits.seconds):
                self.end()
                raise WorkerEnded("timeout", f"took longer than {limits.seconds:g} seconds")
            is_good, answer = pickle.loads(self._connection.recv_bytes())
        except (EOFError, OSError):
            raise WorkerEnded("crash", _last_words(self.end())) from None
        if isinstance(answer, MemoryError) and not is_good:
            self.end()
            raise WorkerEnded("memory", f"took more than {limits.memory // 2**20} MiB of memory")
        if is_good:
            return answer
        raise answer

    def end(self) -> int:
        """End it; its exit code, or `STILL_THERE` if nobody can tell it. To end it twice does nothing."""
        if self._connection.closed:
            return STILL_THERE
        self._connection.close()
        try:
            return self._server.end(self.pid)
        except OSError:
            return STILL_THERE


def _last_words(code: int) -> str:
    if code >= 0:
        return "its process was lost" if code == STILL_THERE else f"its process ended with exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else ""
    hint = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
    return f"its process was ended by signal {-code} ({name}){hint}"


class IsolatedExecutor(Executor):
    """``jobs`` calls at a time, each in a process that no other call shares while it runs.

    A call that takes more than its ``limits``, or whose process dies, raises `WorkerEnded` from its future; all the
    others go on.
    """

    def __init__(self, jobs: int, limits: Limits, modules: tuple[str, ...] = ()) -> None:
        self._server, self._limits = ForkServer(modules), limits
        self._calls: SimpleQueue[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]] | None] = SimpleQueue()
        self._threads = [threading.Thread(target=self._keep_busy, daemon=True) for _ in range(jobs)]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of the call; the function must be one of a module, and takes no keywords."""
        if kwargs:
            raise TypeError("keyword arguments are not supported")
        future: Future[Any] = Future()
        self._calls.put((future, fn, args))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End; with ``cancel_futures`` what runs is ended, too, and what waits never begins."""
        if cancel_futures:
            while not self._calls.empty():
                if (call := self._calls.get()) is not None:
                    call[0].cancel()
        for _ in self._threads:
            self._calls.put(None)
        if cancel_futures:
            self._server.close()
        if wait:
            for thread in self._threads:
                thread.join()
            self._server.close()

    def _keep_busy(self) -> None:
        worker: Worker | None = None
        while (call := self._calls.get()) is not None:
            future, function, arguments = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                worker = worker or self._server.fork()
                future.set_result(worker.call(function, arguments, self._limits))
            except WorkerEnded as error:
                worker = None
                future.set_exception(error)
            except Exception as error:
                future.set_exception(error)
            if worker is not None and worker.calls >= _CALLS:
                worker.end()
                worker = None
        if worker is not None:
            worker.end()
