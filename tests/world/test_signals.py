"""Signals that wait: they come out where it is safe, and only there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from reorder.configuration.model import Given
from reorder.migrating.campaign import Campaign, Plan
from reorder.migrating.ledger import Ledger
from reorder.migrating.model import Orders, Repository
from reorder.migrating.outputs import OutputFolder
from reorder.world.scratch import Terminated, interrupted_at_pauses


@pytest.mark.parametrize(
    ("number", "kind"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated), (signal.SIGHUP, Terminated)]
)
def test_a_signal_waits_for_the_next_pause(number: signal.Signals, kind: type[BaseException]) -> None:
    before = signal.getsignal(number)
    reached: list[str] = []

    def work() -> None:
        with interrupted_at_pauses() as pause:
            pause()
            os.kill(os.getpid(), number)
            reached.append("the line below")
            pause()
            reached.append("nothing behind the pause")

    with pytest.raises(kind):
        work()
    assert reached == ["the line below"]
    assert signal.getsignal(number) is before


def test_one_that_came_behind_the_last_pause_is_not_lost() -> None:
    with pytest.raises(KeyboardInterrupt), interrupted_at_pauses():
        os.kill(os.getpid(), signal.SIGINT)


def test_the_second_one_ends_the_process_at_once() -> None:
    program = (
        "import os, signal\n"
        "from reorder.world.scratch import interrupted_at_pauses\n"
        "with interrupted_at_pauses():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('alive', flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    print('dead')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=False, text=True)
    assert (done.returncode, done.stdout) == (-signal.SIGINT, "alive\n")


class _Never(Executor):
    """Takes work, and never does it; the first call is answered with Ctrl-C."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        os.kill(os.getpid(), signal.SIGINT)
        return Future()


class _Silent:
    def tell(self, repository: Repository, row: Any, *, is_new: bool) -> None:
        raise AssertionError(f"{repository.name} is not done")


def test_a_migration_that_waits_is_interrupted_and_leaves_no_lock_behind(tmp_path: Path) -> None:
    repositories = [Repository(name, name, str(tmp_path / name), "path") for name in ("a", "b")]
    folder = OutputFolder(str(tmp_path / "out"))
    ledger = Ledger(folder.ledger)
    plan = Plan(Orders(clones=str(tmp_path), given=Given()), lambda *_: None, at_once=1)
    executor = _Never()
    submitted: list[Future[Any]] = []
    submit = executor.submit
    executor.submit = lambda *words: submitted.append(submit(*words)) or submitted[-1]  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt), interrupted_at_pauses() as pause:
        Campaign(repositories, plan, ledger, folder).run(executor, _Silent(), pause)
    ledger.close()
    submitted[0].set_exception(ValueError())  # would wait forever for a lock that was left behind
    assert len(submitted) == 1
