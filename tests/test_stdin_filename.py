"""``--stdin-filename``: an editor's buffer is judged as the file that it will become, and no file is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_cli import BROAD, FIXED, run

VENV = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN python -m venv v && v/bin/pip install -r requirements.txt\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in (".git", "api", "web"):
        (tmp_path / folder).mkdir()
    (tmp_path / "api/requirements.txt").write_text("idna==3.7\n")
    (tmp_path / "api/app.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("paths", [(), ("-",)])
def test_the_context_is_that_of_the_named_file(project: Path, paths: tuple[str, ...]) -> None:
    before = files(project)
    result = run("--stdin-filename", "api/Dockerfile", *paths, stdin=BROAD)
    assert (result.exit_code, result.stdout) == (0, FIXED)
    assert "api/Dockerfile:3: broad-copy-before-install" in result.stderr
    assert files(project) == before
    elsewhere = run("--stdin-filename", "web/Dockerfile", stdin=BROAD)
    assert (elsewhere.exit_code, elsewhere.stdout) == (0, BROAD)


def test_what_lies_on_disk_is_neither_read_nor_written(project: Path) -> None:
    (project / "api/Dockerfile").write_text("no Dockerfile at all\n")
    before = files(project)
    assert run("--stdin-filename", "api/Dockerfile", "-", stdin=BROAD).stdout == FIXED
    assert files(project) == before


def test_definitions_and_the_files_own_ignore_file_count(project: Path) -> None:
    build = "{context: api, dockerfile: ../docker/a.Dockerfile}"
    (project / "compose.yaml").write_text(f"services:\n  a:\n    build: {build}\n")
    (project / "docker").mkdir()
    (project / "docker/a.Dockerfile").write_text("FROM scratch\n")
    name = "docker/a.Dockerfile"
    assert run("--stdin-filename", name, "-", stdin=BROAD).stdout == FIXED
    (project / f"{name}.dockerignore").write_text("requirements.txt\n")
    assert run("--stdin-filename", name, "-", stdin=BROAD).stdout == BROAD


def test_a_file_that_the_configuration_leaves_out_stays_as_it_is(project: Path) -> None:
    (project / "api/.dockerfile-fix.toml").write_text('exclude = ["Dockerfile"]\n')
    result = run("--stdin-filename", "api/Dockerfile", stdin=BROAD)
    assert (result.exit_code, result.stdout) == (0, BROAD)
    assert run("--diff", "--stdin-filename", "api/Dockerfile", stdin=BROAD).stdout == ""


def test_the_settings_are_those_of_the_named_file(project: Path) -> None:
    (project / "api/.dockerfile-fix.toml").write_text('ignore = ["broad-copy-before-install"]\n')
    assert run("--stdin-filename", "api/Dockerfile", stdin=BROAD).stdout == BROAD


def test_the_diff_names_the_file(project: Path) -> None:
    result = run("--diff", "--stdin-filename", "api/Dockerfile", "-", stdin=BROAD)
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/api/Dockerfile\n+++ b/api/Dockerfile\n")
    assert run("--check", "--stdin-filename", "api/Dockerfile", "-", stdin=BROAD).exit_code == 1


def test_a_failure_names_file_and_line_and_prints_nothing(project: Path) -> None:
    result = run("--stdin-filename", "api/Dockerfile", "-", stdin="FROM debian\nCOPY\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("api/Dockerfile:2: error: ")


@pytest.mark.parametrize("way", ["stdin", "output"])
def test_a_patch_that_needs_two_files_is_not_written_by_halves(project: Path, way: str) -> None:
    whole = run("--diff", "--stdin-filename", "api/Dockerfile", stdin=VENV)
    assert "+++ b/api/.dockerignore" in whole.stdout
    if way == "stdin":
        result = run("-v", "--stdin-filename", "api/Dockerfile", stdin=VENV)
        printed = result.stdout
    else:
        (project / "api/Dockerfile").write_text(VENV)
        result = run("-v", "-o", "new", "api/Dockerfile")
        printed = (project / "new").read_text()
    assert (result.exit_code, printed) == (0, VENV)
    assert "ignore-file-must-change: left alone: api/.dockerignore would have to change with it" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--stdin-filename", "api/Dockerfile", "web"), "no other PATH than -"),
        (("--stdin-filename", "nowhere/Dockerfile", "-"), "there is no folder nowhere"),
        (("--stdin-filename", "api"), "api is a folder"),
    ],
)
def test_what_cannot_be_is_a_usage_error(project: Path, words: tuple[str, ...], message: str) -> None:
    result = run(*words, stdin=BROAD)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
