"""One call's failure, hang, memory or crash is its own: the others go on."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from migrating import misbehaviour

from reorder.migrating.fork_server import ResultTooLargeError
from reorder.migrating.isolation import MODULES, call_in_isolation
from reorder.migrating.model import Limits
from reorder.migrating.workers import IsolatedExecutor, WorkerEnded

MEMORY = 300 * 1024 * 1024


@contextmanager
def executor(jobs: int = 2, seconds: float = 60) -> Iterator[IsolatedExecutor]:
    made = IsolatedExecutor(jobs, Limits(seconds, MEMORY), ("migrating.misbehaviour",))
    try:
        yield made
    finally:
        made.shutdown(cancel_futures=True)


def is_alive(pid: int) -> bool:
    """Zombies do not count: who reaps orphans may take its time."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def await_end(pid: int) -> None:
    until = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < until, f"process {pid} still runs"
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("function", "trouble", "words"),
    [
        (misbehaviour.segfault, "crash", "ended by signal 11 (SIGSEGV)"),
        (misbehaviour.kill_itself, "crash", "ended by signal 9 (SIGKILL), perhaps for want of memory"),
        (misbehaviour.leave, "crash", "ended with exit code 3"),
        (misbehaviour.fill_memory, "memory", "took more than 300 MiB of memory"),
        (misbehaviour.fill_memory_in_pieces, "memory", "took more than 300 MiB of memory"),
    ],
)
def test_what_ends_a_worker_is_told_and_the_others_go_on(function, trouble, words) -> None:
    with executor() as pool:
        bad = [pool.submit(function) for _ in range(3)]
        good = [pool.submit(misbehaviour.double, number) for number in range(20)]
        assert [future.result() for future in good] == [2 * number for number in range(20)]
        for future in bad:
            with pytest.raises(WorkerEnded) as error:
                future.result()
            assert error.value.trouble == trouble
            assert words in error.value.reason


def test_a_hang_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    with executor(jobs=1, seconds=2) as pool:
        hang = pool.submit(misbehaviour.hang_with_child, str(note))
        after = pool.submit(misbehaviour.double, 4)
        with pytest.raises(WorkerEnded, match="took longer than 2 seconds") as error:
            hang.result()
        assert error.value.trouble == "timeout"
        assert after.result() == 8
        for pid in map(int, note.read_text().split()):
            await_end(pid)


def test_exceptions_come_back_even_those_that_cannot_be_pickled() -> None:
    with executor() as pool:
        with pytest.raises(ZeroDivisionError):
            pool.submit(misbehaviour.divide_by_zero).result()
        with pytest.raises(RuntimeError, match="Stubborn"):
            pool.submit(misbehaviour.raise_stubbornly).result()
        with pytest.raises(ResultTooLargeError):
            pool.submit(misbehaviour.return_much).result()
        assert pool.submit(misbehaviour.double, 1).result() == 2


def test_a_worker_is_replaced_after_many_calls() -> None:
    with executor(jobs=1) as pool:
        pids = [pool.submit(os.getpid).result() for _ in range(250)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [100, 100, 50]


def test_the_server_is_started_again_if_it_is_killed() -> None:
    with executor(jobs=1) as pool:
        server = pool.submit(os.getppid).result()
        os.kill(server, signal.SIGKILL)
        with pytest.raises(WorkerEnded, match="its process was lost"):
            pool.submit(misbehaviour.segfault).result()
        assert pool.submit(misbehaviour.double, 1).result() == 2
        assert pool.submit(os.getppid).result() != server


def test_no_process_and_no_temporary_file_outlives_a_killed_parent(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    code = (
        "from migrating import misbehaviour; from reorder.migrating.workers import *\n"
        f"pool = IsolatedExecutor(1, Limits(), ()); pool.submit(misbehaviour.hang_with_child, {str(note)!r}).result()"
    )
    tests, root = Path(__file__).parents[1], Path(__file__).parents[2]
    (tmp_path / "temporary").mkdir()
    environment = os.environ | {"PYTHONPATH": f"{tests}:{root}", "TMPDIR": str(tmp_path / "temporary")}
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment)
    until = time.monotonic() + 30
    while not note.exists():
        assert parent.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    assert os.listdir(tmp_path / "temporary")
    for pid in map(int, note.read_text().split()):
        await_end(pid)
    while os.listdir(tmp_path / "temporary"):
        assert time.monotonic() < until, "temporary files are left"
        time.sleep(0.02)


def test_modules_of_the_folder_it_is_called_in_are_not_imported(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "struct.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w')")
    (tmp_path / "reorder").mkdir()
    (tmp_path / "reorder" / "__init__.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    with executor(jobs=1) as pool:
        assert pool.submit(misbehaviour.double, 1).result() == 2
    assert not (tmp_path / "canary").exists()


def test_threads_of_another_process_get_the_same_isolation() -> None:
    """As a worker of a cluster calls it: from several threads, and what is raised travels on, pickled."""
    limits = Limits(2, MEMORY)
    with ThreadPoolExecutor(3) as threads:
        good = [threads.submit(call_in_isolation, misbehaviour.double, (n,), limits) for n in range(6)]
        bad = [
            threads.submit(call_in_isolation, function, (), limits)
            for function in (misbehaviour.segfault, misbehaviour.fill_memory, misbehaviour.sleep_long)
        ]
        assert [future.result() for future in good] == [2 * n for n in range(6)]
        errors = [pickle.loads(pickle.dumps(future.exception())) for future in bad]
    assert [error.trouble for error in errors] == ["crash", "memory", "timeout"]
    assert call_in_isolation(misbehaviour.double, (4,), limits) == 8


def test_the_server_can_fork_since_nothing_that_it_imports_starts_a_thread() -> None:
    pool = IsolatedExecutor(1, Limits(), MODULES)
    try:
        server = pool.submit(os.getppid).result()
        assert len(os.listdir(f"/proc/{server}/task")) == 1
    finally:
        pool.shutdown(cancel_futures=True)


def test_a_server_that_cannot_start_says_why() -> None:
    pool = IsolatedExecutor(1, Limits(), ("no_such_module",))
    try:
        with pytest.raises(OSError, match="is gone: ModuleNotFoundError: No module named 'no_such_module'"):
            pool.submit(os.getppid).result()
    finally:
        pool.shutdown(cancel_futures=True)
