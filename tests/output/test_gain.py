"""What a fix is worth, in words and in json, on a real repository."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from repositories import Repository

from reorder.cli import main
from reorder.outcome import Changed, Gain
from reorder.output.text import render_text

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"


def line(gain: Gain) -> str:
    """The last line of the report."""
    outcome = Changed(path="Dockerfile", context="", files=(), diff="", changes=(), gain=gain)
    return list(render_text(outcome, verbose=False, would=True))[-1]


@pytest.mark.parametrize(
    ("gain", "text"),
    [
        (
            Gain("history", 200, 2, 188, 17, 43.4, 9.86),
            "Dockerfile: in the last 200 commits the installs ran 188 times; "
            "after this they would have run 17 times (43 s -> 9.9 s a build)",
        ),
        (
            Gain("history", 20, 1, 2, 0, 30, 0.04),
            "Dockerfile: in the last 20 commits the install ran twice; "
            "after this it would never have run (30 s -> 0.0 s a build)",
        ),
        (
            Gain("priors", 100, 1, 100, 1, 30, 1),
            "Dockerfile: in 100 typical commits the install would run 100 times; "
            "after this once (30 s -> 1.0 s a build)",
        ),
        (
            Gain("history", 200, 4, 360, 420, 64, 55),
            "Dockerfile: in the last 200 commits a part of the installs would have been spared (64 s -> 55 s a build)",
        ),
        (
            Gain("history", 30, 1, 30, 30, 30.2, 30.2),
            "Dockerfile: in the last 30 commits the install would have run as often (30 s -> 30 s a build)",
        ),
    ],
)
def test_in_words(gain: Gain, text: str) -> None:
    assert line(gain) == text


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Thirty commits, three of them of requirements."""
    repository = Repository.make(tmp_path)
    repository.commit({"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": ""})
    for number in range(30):
        name = "requirements.txt" if number % 10 == 0 else "app.py"
        repository.commit({name: f"idna==3.{number}\n" if number % 10 == 0 else f"# {number}\n"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_on_a_repository(project: Path) -> None:
    told = CliRunner().invoke(main, ["--check"]).stderr
    assert "in the last 30 commits the install ran 30 times; after this it would have run 3 times (30 s -> " in told
    assert told.count("a build") == 1


def test_in_json(project: Path) -> None:
    result = CliRunner().invoke(main, ["--check", "--format", "json"])
    gain = json.loads(result.stdout)["gain"]
    assert list(gain) == list(Gain._fields)
    assert (gain["source"], gain["commits"], gain["runs_before"], gain["runs_after"]) == ("history", 30, 30, 3)


def test_nothing_to_fix_gains_nothing(project: Path) -> None:
    CliRunner().invoke(main, [])
    result = CliRunner().invoke(main, ["--check", "--format", "json"])
    assert json.loads(result.stdout)["gain"] is None
