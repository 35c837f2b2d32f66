"""``dockerfile-fix replay`` as a user meets it, on real repositories."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from repositories import Repository

from reorder.cli import main

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Ten commits after the first: nine edits of a source, one of the requirements."""
    made = Repository.make(tmp_path / "r")
    made.commit({"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": "0", ".dockerignore": ".git\n"})
    for number in range(9):
        made.commit({"app.py": f"{number + 1}"}, f"edit {number}")
    made.commit({"requirements.txt": "idna==3.8\n"}, "newer")
    monkeypatch.chdir(made.root)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["replay", *arguments], catch_exceptions=False)


TABLE = """\
Dockerfile: in the last 10 commits the install in line 4 ran 10 times; it would have run once

  line  step                                 seconds  before  after       saved
     2  WORKDIR /app                             0.1       0      0         0 s
     3  COPY . .                                 0.1      10     10         0 s
     4  RUN pip install -r requirements.txt     30.0      10      1  4 min 30 s
   new  COPY requirements.txt .                  0.1              1      −0.1 s

An average build: 30 s before, 3.1 s after. Saved in all: 4 min 30 s.
- seconds are what is usual for the kind of step (install 30 s): --timings and --cost know better
"""


def test_the_table(repository: Repository) -> None:
    result = run()
    assert (result.exit_code, result.stdout, result.stderr) == (0, TABLE, "")
    assert Path("Dockerfile").read_text() == BROAD, "nothing is written"
    assert repository.git("status", "--porcelain") == ""


def test_a_file_that_is_right(repository: Repository) -> None:
    CliRunner().invoke(main, ["fix"])
    result = run("Dockerfile", "--commits", "3")
    assert result.exit_code == 0
    head, _, table = result.stdout.partition("\n\n")
    assert head == "Dockerfile: in the last 3 commits the install in line 4 ran once; nothing is to be changed"
    assert table.splitlines()[0].split() == ["line", "step", "seconds", "ran"]
    assert "An average build: 10 s." in table


def test_json_holds_all_of_it(repository: Repository) -> None:
    (line,) = run("--format", "json").stdout.splitlines()
    record = json.loads(line)
    assert list(record) == [
        "schema", "path", "context", "status", "headline", "is_changed", "is_prior", "notes", "totals", "commits",
        "before", "after",
    ]  # fmt: skip
    assert (record["schema"], record["path"], record["context"], record["status"]) == (1, "Dockerfile", ".", "replayed")
    assert record["headline"] in TABLE
    assert record["totals"] == {
        "commits": 10,
        "before": {"installs": 10, "seconds_a_build": 30.1},
        "after": {"installs": 1, "seconds_a_build": 3.11},
    }
    assert [commit["subject"] for commit in record["commits"]] == [*(f"edit {n}" for n in range(9)), "newer"]
    assert record["commits"][0]["paths"] == ["app.py"]
    assert record["commits"][0]["when"] == 1_700_000_060
    install = record["after"][2]
    assert install["ran"] == [False] * 9 + [True]
    assert install["reasons"] == [""] * 9 + ["line 3 ran again"]
    assert record["before"][install["partner"]]["text"] == install["text"] == "RUN pip install -r requirements.txt"
    assert run("--format", "json").stdout.splitlines() == [line], "the same every time"


@pytest.mark.parametrize("format_", ["svg", "html"])
def test_pictures(repository: Repository, format_: str) -> None:
    result = run("--format", format_, "--output", "picture")
    assert (result.exit_code, result.stdout) == (0, "")
    text = Path("picture").read_text()
    assert "pip install" in text
    if format_ == "svg":
        assert ElementTree.fromstring(text).tag.endswith("svg")


def test_a_picture_is_of_one_dockerfile(repository: Repository) -> None:
    repository.write({"a/Dockerfile": BROAD})
    result = run("--format", "svg")
    assert result.exit_code == 2
    assert "--format svg takes one Dockerfile, and there are 2" in result.stderr
    assert len(run("--format", "json").stdout.splitlines()) == 2
    assert run("--format", "svg", "absent/Dockerfile").exit_code == 2


def test_seconds_from_the_command_line_and_from_a_log(repository: Repository) -> None:
    assert "An average build: 10 s before, 1.1 s after." in run("--cost", "install=10", "--cost", "copy=0.05").stdout
    Path("log").write_text("#7 [4/4] RUN pip install -r requirements.txt\n#7 DONE 95.5s\n")
    result = run("--timings", "log", "--cost", "install=10")
    assert "An average build: 96 s before, 9.7 s after." in result.stdout
    assert "1 of 3 steps are in the build log" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cost", "instal=3"], "there is no kind of step instal (did you mean install?): install, system-packages,"),
        (["--cost", "install"], "--cost install: nothing is no number of seconds"),
        (["--cost", "install=x"], "--cost install: x is no number of seconds"),
        (["--cost", "install=-1"], "--cost install: -1 is no number of seconds"),
        (["--cost", "install=nan"], "--cost install: nan is no number of seconds"),
        (["--cost", "install=inf"], "--cost install: inf is no number of seconds"),
        (["--timings", "absent"], "--timings: absent cannot be read: No such file or directory"),
        (["--timings", "app.py"], "--timings: app.py: no step of a build with its time"),
        (["--context", "absent"], "--context: there is no folder absent"),
        (["--select", "nothing"], "--select: no such slug: nothing"),
        (["--commits", "0"], "0 is not in the range"),
    ],
)
def test_wrong_usage(repository: Repository, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())


def test_failures_are_told_and_the_rest_goes_on(repository: Repository) -> None:
    repository.write({"bad/Dockerfile": "FROM x\nNOPE\n", "empty/x": ""})
    result = run("bad", "empty", "absent", "Dockerfile")
    assert result.exit_code == 2
    assert result.stdout == TABLE
    assert result.stderr.splitlines() == [
        "bad/Dockerfile:2: error: unknown instruction: NOPE", "empty: error: no Dockerfile in this folder",
        "absent: error: cannot be read: No such file or directory",
    ]  # fmt: skip
    records = [json.loads(line) for line in run("bad", "Dockerfile", "--format", "json").stdout.splitlines()]
    assert [record["status"] for record in records] == ["failed", "replayed"]
    assert records[0] == {
        "schema": 1, "path": "bad/Dockerfile", "context": "", "status": "failed",
        "error": "line 2: unknown instruction: NOPE",
    }  # fmt: skip
    result = run("Dockerfile", "--target", "nowhere")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Dockerfile: error: --target: there is no stage nowhere" in result.stderr
    result = run("--output", "absent/file")
    assert result.exit_code == 2
    assert "absent/file: error: cannot be written" in result.stderr


def test_selected_changes_targets_and_the_classic_builder(repository: Repository) -> None:
    assert "nothing is to be changed" in run("--ignore", "broad-copy-before-install").stdout
    assert "it would have run once" in run("--select", "broad-copy-before-install").stdout
    repository.write({"Dockerfile": f"FROM debian AS first\nCOPY app.py /\nENV A=1\n{BROAD}"})
    assert "app.py" not in run().stdout, "the last stage does not need the first"
    assert "COPY app.py" in run("--target", "first").stdout
    assert "ENV A=1" not in run("--target", "first").stdout
    assert "ENV A=1" in run("--target", "first", "--builder", "classic").stdout


def test_no_history_is_said_and_typical_commits_are_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(BROAD)
    Path("requirements.txt").write_text("idna\n")
    Path("app.py").write_text("")
    result = run()
    assert result.exit_code == 0
    head, *rest = result.stdout.splitlines()
    assert head == "Dockerfile: in 100 typical commits the install in line 4 ran 100 times; it would have run 15 times"
    assert "- the build context is not in a git repository" in rest
    repository = Repository.make(tmp_path)
    repository.commit({})
    assert "- git knows no change of the build context after its first commit" in run().stdout.splitlines()


def test_a_copied_repository_is_mentioned(repository: Repository) -> None:
    assert ".git is copied" not in run().stdout
    repository.write({".dockerignore": "x\n"})
    assert ".git is copied, too" in run().stdout
    repository.write({"Dockerfile": BROAD.replace("COPY . .", "COPY app.py requirements.txt ./")})
    assert ".git is copied" not in run().stdout


def test_git_log_runs_once(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    real, folder = shutil.which("git"), repository.root.parent / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\necho "$*" >> {folder}/calls\nexec {real} "$@"\n')
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert run().stdout == TABLE
    assert (folder / "calls").read_text().count(" log ") == 1


def test_a_dockerfile_that_moved_and_a_context_elsewhere(repository: Repository) -> None:
    repository.commit({"docker/Dockerfile": BROAD, "Dockerfile": None}, "moved")
    repository.commit({"app.py": "last"}, "after")
    result = run("docker/Dockerfile")
    assert "in the last 12 commits the install in line 4 ran 12 times; it would have run once" in result.stdout
    since = repository.git("rev-parse", "HEAD~1")[:12]
    note = f"docker/Dockerfile is there, under this name, since commit {since}; 10 commits are older"
    assert note in " ".join(result.stdout.split())
    (repository.root.parent / "other").mkdir()
    (repository.root.parent / "other/Dockerfile").write_text(BROAD)
    result = run("../other/Dockerfile", "--context", ".")
    assert "in the last 12 commits the install in line 4 ran 12 times" in result.stdout
    assert "under this name" not in result.stdout


def test_hostile_names_reach_no_terminal_raw(repository: Repository) -> None:
    Path("Dockerfile").write_text(BROAD.replace("COPY . .", "COPY . .\nCOPY \"\x1b[31m\u202ex\" y\nRUN echo \x07"))
    repository.commit({"\x1b[2J": "x", "\u202e": ""}, "\x1b[31m subject")
    result = run()
    assert result.exit_code == 0
    assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout)
    record = json.loads(run("--format", "json").stdout)
    assert record["commits"][-1]["subject"] == "\x1b[31m subject"
