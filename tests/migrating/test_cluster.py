"""A real Dask cluster, scheduler and workers as processes; a worker killed in the middle changes nothing."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from migrating.samples import ROOT, command, contents, environment, make_repositories, migrate

pytest.importorskip("distributed")
REPOSITORIES = 30


class Cluster:
    """A scheduler and its workers, each with a nanny that starts it again, and one thread."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.processes = folder, list[subprocess.Popen[bytes]]()
        self.file = folder / "scheduler.json"

    @property
    def address(self) -> str:
        return re.findall(r'"address": "(tcp://[^"]+)"', self.file.read_text())[0]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        # tests' own modules are importable there, too
        variables = environment() | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *words, "--no-dashboard"], cwd=self._folder, env=variables,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def start_worker(self) -> subprocess.Popen[bytes]:
        return self.start("worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--host", "127.0.0.1")

    def stop(self) -> None:
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    try:
        made.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(made.file))
        until = time.monotonic() + 60
        while not made.file.exists() or not made.file.read_text().endswith("}"):
            assert time.monotonic() < until
            time.sleep(0.1)
        yield made
    finally:
        made.stop()


def test_a_worker_killed_in_the_middle_loses_nothing_and_doubles_nothing(cluster: Cluster, tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", REPOSITORIES)
    migrate("repos", "-o", "alone", cwd=tmp_path, expect=2)
    workers = [cluster.start_worker() for _ in range(2)]
    process = subprocess.Popen(
        command("repos", "-o", "together", "--dask", cluster.address), cwd=tmp_path, env=environment(),
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    talk = [line for _, line in zip(range(REPOSITORIES // 3), process.stderr, strict=False)]
    os.killpg(workers[0].pid, signal.SIGKILL)  # the nanny with it: nobody starts it again
    talk += process.communicate()[1].splitlines()
    assert process.returncode == 2, talk
    names = re.findall(r"^\[\d+/30\] (r\d\d):", "\n".join(line.rstrip() for line in talk), re.MULTILINE)
    assert sorted(names) == [f"r{number:02}" for number in range(REPOSITORIES)]
    assert contents(tmp_path / "together") == contents(tmp_path / "alone")
    again = migrate("repos", "-o", "together", "--dask", cluster.address, cwd=tmp_path, expect=2)
    assert "[" not in again, "what was done is done again"


def test_if_the_scheduler_ends_the_next_run_goes_on(cluster: Cluster, tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", REPOSITORIES)
    migrate("repos", "-o", "alone", cwd=tmp_path, expect=2)
    cluster.start_worker()
    process = subprocess.Popen(
        command("repos", "-o", "together", "--dask", cluster.address), cwd=tmp_path, env=environment(),
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    for _ in range(10):
        process.stderr.readline()
    cluster.stop()
    talk = process.communicate()[1]
    assert process.returncode == 2
    assert "error: no more work can be done" in talk
    assert "Traceback" not in talk
    migrate("repos", "-o", "together", cwd=tmp_path, expect=2)
    assert contents(tmp_path / "together") == contents(tmp_path / "alone")


def test_a_cluster_may_get_its_workers_later(cluster: Cluster, tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 2)
    process = subprocess.Popen(
        command("repos", "-o", "out", "--dask", cluster.address), cwd=tmp_path, env=environment(),
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert "the cluster has no worker yet" in process.stderr.readline()
    cluster.start_worker()
    assert "2 repositories: 2 to change" in process.communicate(timeout=120)[1]
    assert process.returncode == 0


def test_who_never_answers_is_no_scheduler(tmp_path: Path) -> None:
    code = (
        "import sys; from reorder.migrating import cluster; cluster._SECONDS = 0.5\n"
        "try:\n    with cluster.connect(sys.argv[1]): pass\n"
        "except cluster.ClusterError as error: print(error)"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        done = subprocess.run(
            [sys.executable, "-c", code, address], env=environment(), capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    assert f"at {address}" in done.stdout, done.stderr


def test_what_is_no_address_is_told_at_once(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 1)
    for address in ("nonsense://x", "host", "tcp://host"):
        talk = migrate("repos", "-o", "out", "--dask", address, cwd=tmp_path, expect=2)
        assert f"--dask: {address} is no address of a scheduler" in talk
