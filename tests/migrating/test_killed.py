"""Killed at any moment, and run again, a migration ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from migrating.samples import command, contents, environment, make_repositories, migrate

REPOSITORIES = 30
KILLS = 7


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many")
    make_repositories(folder / "repos", REPOSITORIES)
    migrate("repos", "-o", "whole", cwd=folder, expect=2)
    return folder


def names_in_ledger(output: Path) -> set[str]:
    if not (output / "ledger.sqlite3").exists():
        return set()
    database = sqlite3.connect(output / "ledger.sqlite3")
    try:
        return {name for (name,) in database.execute("SELECT name FROM repositories")}
    except sqlite3.OperationalError:  # it was killed before there was a table
        return set()
    finally:
        database.close()


def run_and_kill(folder: Path, output: str, end: signal.Signals, chance: random.Random) -> tuple[int, list[str]]:
    """Its exit code, and the repositories that it told to be done; the end comes within moments of some line of it,
    perhaps before the first, perhaps after the last.
    """
    process = subprocess.Popen(
        command("repos", "-o", output, "-j", "2"), cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    talk = []
    until = chance.choice([0, 1, 2, 3, 4, 5, 6, REPOSITORIES])
    if not until:
        time.sleep(chance.uniform(0, 0.7))
    for _, line in zip(range(until), process.stderr, strict=False):
        talk.append(line)
    time.sleep(chance.uniform(0, 0.03))
    process.send_signal(end)
    talk += process.communicate()[1].splitlines()
    return process.returncode, re.findall(r"^\[\d+/30\] (r\d\d):", "\n".join(talk), re.MULTILINE)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments_it_ends_as_if_nothing_had_happened(
    repositories: Path, end: signal.Signals, seed: int
) -> None:
    chance = random.Random(f"{end.name} {seed}")
    output = repositories / f"{end.name}-{seed}"
    ends = [_one_run(output, end, chance) for _ in range(KILLS)]
    assert -end in ends or 128 + end in ends
    migrate("repos", "-o", output.name, cwd=repositories, expect=2)
    assert len(names_in_ledger(output)) == REPOSITORIES
    assert contents(output) == contents(repositories / "whole")


def _one_run(output: Path, end: signal.Signals, chance: random.Random) -> int:
    before = names_in_ledger(output)
    code, done = run_and_kill(output.parent, output.name, end, chance)
    after = names_in_ledger(output)
    assert code in (2, -end, 128 + end)
    assert not before & set(done), "what was done is done again"
    assert len(done) == len(set(done))
    assert before | set(done) <= after, "what was done is lost"
    return code


def test_a_second_migration_in_the_same_folder_is_refused(repositories: Path) -> None:
    from reorder.migrating.ledger import Ledger

    output = repositories / "busy"
    migrate("repos", "-o", output.name, cwd=repositories, expect=2)
    ledger = Ledger(str(output / "ledger.sqlite3"))
    before = contents(output)
    try:
        talk = migrate("repos/r00", "-o", output.name, cwd=repositories, expect=2)
    finally:
        ledger.close()
    assert f"another migration is at work in {output.name}" in talk
    assert contents(output) == before


def test_no_process_is_left_behind(repositories: Path) -> None:
    process = subprocess.Popen(
        command("repos", "-o", "left", "-j", "2"), cwd=repositories, env=environment(), stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()  # ends when the last process that has the pipe is gone
    assert process.returncode == -signal.SIGKILL
    assert os.path.exists(repositories / "left")
