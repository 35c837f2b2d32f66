"""Killed at any moment, and run again, a migration ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from migrating.samples import command, contents, environment, make_repositories, migrate
from repositories import Repository

REPOSITORIES = 30
KILLS = 5


COMMIT = ("--commit", "--author", "Bot <bot@example.org>")
WORDS = {"paths": ("repos",), "commits": ("repos", *COMMIT), "urls": ("urls",)}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repositories, a list of their addresses, and what uninterrupted migrations make of them."""
    folder = tmp_path_factory.mktemp("many")
    make_repositories(folder / "repos", REPOSITORIES)
    names = sorted(os.listdir(folder / "repos"))
    (folder / "urls").write_text("".join(f"file://{folder}/repos/{name}\n" for name in names))
    for kind, words in WORDS.items():
        copy = copy_of(folder, f"for-{kind}")
        migrate(*words, "-o", "out", cwd=copy, expect=2)
    return folder


def copy_of(origin: Path, name: str) -> Path:
    """A folder with repositories that are like those of the origin."""
    copy = origin / name
    copy.mkdir()
    shutil.copytree(origin / "repos", copy / "repos")
    shutil.copy(origin / "urls", copy / "urls")
    return copy


def names_in_ledger(output: Path) -> set[str]:
    if not (output / "ledger.sqlite3").exists():
        return set()
    database = sqlite3.connect(output / "ledger.sqlite3")
    try:
        return {name.rpartition("/")[2] for (name,) in database.execute("SELECT name FROM repositories")}
    except sqlite3.OperationalError:  # it was killed before there was a table
        return set()
    finally:
        database.close()


def run_and_kill(
    folder: Path, words: tuple[str, ...], end: signal.Signals, chance: random.Random
) -> tuple[int, list[str]]:
    """Its exit code, and the repositories that it told to be done; the end comes within moments of some line of it,
    perhaps before the first, perhaps after the last.
    """
    process = subprocess.Popen(
        command(*words, "-o", "out", "-j", "2"), cwd=folder, env=environment(), stderr=subprocess.PIPE, text=True
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
    told = re.findall(r"^\[\d+/30\] (?:repos/)?(r\d\d):", "\n".join(line.rstrip() for line in talk), re.MULTILINE)
    return process.returncode, told


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (signal.SIGKILL, "paths"), (signal.SIGKILL, "commits"), (signal.SIGKILL, "urls"),
        (signal.SIGINT, "paths"), (signal.SIGINT, "urls"), (signal.SIGTERM, "commits"),
    ],
)  # fmt: skip
def test_killed_at_random_moments_it_ends_as_if_nothing_had_happened(
    origin: Path, end: signal.Signals, kind: str
) -> None:
    chance = random.Random(f"{end.name} {kind}")
    folder = copy_of(origin, f"{kind}-{end.name}")
    ends = [_one_run(folder, WORDS[kind], end, chance) for _ in range(KILLS)]
    assert -end in ends or 128 + end in ends
    migrate(*WORDS[kind], "-o", "out", cwd=folder, expect=2)
    assert len(names_in_ledger(folder / "out")) == REPOSITORIES
    assert contents(folder / "out") == contents(origin / f"for-{kind}" / "out")
    assert branches(folder) == branches(origin / f"for-{kind}")


def branches(folder: Path) -> dict[str, str]:
    return {path.name: Repository(path).git("for-each-ref") for path in sorted((folder / "repos").iterdir())}


def _one_run(folder: Path, words: tuple[str, ...], end: signal.Signals, chance: random.Random) -> int:
    before = names_in_ledger(folder / "out")
    code, done = run_and_kill(folder, words, end, chance)
    after = names_in_ledger(folder / "out")
    assert code in (2, -end, 128 + end)
    assert not before & set(done), "what was done is done again"
    assert len(done) == len(set(done))
    assert before | set(done) <= after, "what was done is lost"
    return code


def test_a_second_migration_in_the_same_folder_is_refused(origin: Path) -> None:
    from reorder.migrating.ledger import Ledger

    output = origin / "busy"
    migrate("repos", "-o", output.name, cwd=origin, expect=2)
    ledger = Ledger(str(output / "ledger.sqlite3"))
    (output / ".writing-a.patch").write_text("what the first one is about to write\n")
    before = contents(output)
    try:
        talk = migrate("repos/r00", "-o", output.name, cwd=origin, expect=2)
    finally:
        ledger.close()
    assert f"another migration is at work in {output.name}" in talk
    assert contents(output) == before


def test_no_process_is_left_behind(origin: Path) -> None:
    process = subprocess.Popen(
        command("repos", "-o", "left", "-j", "2"), cwd=origin, env=environment(), stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    process.stderr.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()  # ends when the last process that has the pipe is gone
    assert process.returncode == -signal.SIGKILL
    assert os.path.exists(origin / "left")
