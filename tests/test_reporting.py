"""Reports on the command line: which artifact goes where, and what is refused before anything is written."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reorder.cli import main
from reorder.output.color import is_color_wanted
from reorder.output.formats import FORMATS

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
FIXED = "FROM python:3.11-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
GIT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "GIT_CEILING_DIRECTORIES": "/",
}  # fmt: skip
ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with three Dockerfiles: one to repair, one to leave alone, one that is broken."""
    for folder in ("app", "own", "bad", ".git"):
        (tmp_path / folder).mkdir()
    (tmp_path / "app/Dockerfile").write_text(BROAD)
    (tmp_path / "app/requirements.txt").write_text("idna==3.7\n")
    (tmp_path / "own/Dockerfile").write_text("FROM python:3.11\nCOPY . /app\nRUN pip install -e /app\n")
    (tmp_path / "own/setup.py").write_text("from setuptools import setup\nsetup()\n")
    (tmp_path / "bad/Dockerfile").write_text("FROM a\nFORM b\n")
    for variable in ("GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"text"}))
def test_a_report_is_the_only_artifact_on_standard_output(project: Path, name: str) -> None:
    result = run("--diff", "--format", name)
    assert result.exit_code == 2
    assert "--- a/app/Dockerfile\n+++" not in result.stdout or name in ("junit", "markdown")
    assert (result.stderr == "") == (name == "github")
    assert "broad-copy-before-install" not in result.stderr
    assert run("--check", "--format", name, "app", "own").exit_code == 1
    assert run("--check", "--format", name, "own").exit_code == 0
    assert (project / "app/Dockerfile").read_text() == BROAD


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"text"}))
def test_a_report_in_a_file_leaves_the_terminal_as_it_was(project: Path, name: str) -> None:
    plain, written = run("--diff", "-v"), run("--diff", "-v", "--format", name, "--report", "r")
    assert (plain.stdout, plain.stderr, plain.exit_code) == (written.stdout, written.stderr, written.exit_code)
    assert (project / "r").read_text() == run("--diff", "-v", "--format", name).stdout


def test_a_bot_repairs_in_place_and_gets_the_body_of_its_pull_request(project: Path) -> None:
    result = run("--format", "markdown", "--report", "body.md", "app")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (project / "app/Dockerfile").read_text() == FIXED
    assert "### `app/Dockerfile`" in (project / "body.md").read_text()


def test_after_a_repair_in_place_sarif_tells_what_is_left(project: Path) -> None:
    log = json.loads(run("--format", "sarif", "-v").stdout)
    [run_] = log["runs"]
    assert [result["ruleId"] for result in run_["results"]] == ["install-builds-project"]
    assert run_["invocations"][0]["executionSuccessful"] is False
    assert (project / "app/Dockerfile").read_text() == FIXED


def test_with_output_the_dockerfile_itself_is_as_it_was(project: Path) -> None:
    log = json.loads(run("--format", "sarif", "-o", "new", "app/Dockerfile").stdout)
    assert "fixes" in log["runs"][0]["results"][0]
    assert (project / "new").read_text() == FIXED


def test_standard_input(project: Path) -> None:
    arguments = ("--context", "app", "-")
    log = json.loads(run("--format", "sarif", *arguments, stdin=BROAD).stdout)
    assert "fixes" in log["runs"][0]["results"][0]
    both = run("--format", "sarif", "--report", "r", *arguments, stdin=BROAD)
    assert both.stdout == FIXED
    assert json.loads((project / "r").read_text()) == log


def test_a_report_on_standard_input_tells_the_whole_patch_since_nothing_is_written(project: Path) -> None:
    case = ROOT / "corpus/yarn-install-and-build"
    shutil.copytree(case / "context", "case")
    text = (case / "Dockerfile").read_text()
    for arguments in (("--context", "case", "-"), ("--stdin-filename", "case/Dockerfile")):
        [run_] = json.loads(run("--format", "sarif", *arguments, stdin=text).stdout)["runs"]
        [fix] = run_["results"][0]["fixes"]
        assert len(fix["artifactChanges"]) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "sarif", "-o", "-", "app"), "--format sarif and --output - both go to standard output"),
        (("--report", "r", "app"), "--report needs a --format other than text"),
        (("--format", "json", "--report", "-", "app"), "--report takes a file"),
        (("--format", "json", "--report", "no/such/r", "app"), "no/such/r cannot be written"),
        (("--format", "json", "--report", "own", "app"), "own cannot be written"),
        (("--format", "json", "--report", "x", "-o", "x", "app"), "name the same file"),
        (("--format", "json", "--report", "", "app"), "--report: the name is empty"),
        (("-o", "", "app"), "--output: the name is empty"),
        (("--stdin-filename", ""), "--stdin-filename: the name is empty"),
        (("--format", "json", "--report", "./x", "-o", "own/../x", "app"), "name the same file"),
        (("--format", "json", "--report", "app/Dockerfile"), "app/Dockerfile is a Dockerfile that is looked at"),
        (("--format", "json", "--report", "link", "app/Dockerfile"), "link is a Dockerfile that is looked at"),
        (("--diff", "-o", "x", "app"), "--diff and --check write nothing"),
        (("--check", "-o", "-", "app"), "--diff and --check write nothing"),
        (("--format", "yaml", "app"), "'yaml' is not one of"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    project: Path, arguments: tuple[str, ...], message: str
) -> None:
    (project / "link").symlink_to("app/Dockerfile")
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert (project / "app/Dockerfile").read_text() == BROAD
    assert not (project / "x").exists()


@pytest.mark.parametrize("ignored", [None, "/src\n", "/src"])
def test_patches_that_share_an_ignore_file_apply_together(project: Path, ignored: str | None) -> None:
    folder = project / "shared"
    for name, place in (("a.Dockerfile", "v"), ("b.Dockerfile", "v"), ("c.Dockerfile", "w")):
        install = f"RUN python -m venv {place} && {place}/bin/pip install -r requirements.txt\n"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n" + install)
    (folder / "requirements.txt").write_text("idna==3.7\n")
    if ignored is not None:
        (folder / ".dockerignore").write_text(ignored)
    patch = run("--diff", "shared").stdout
    subprocess.run(["git", "apply"], input=patch.encode(), cwd=project, env=GIT, check=True)
    applied = {path.name: path.read_text() for path in folder.iterdir()}
    assert applied[".dockerignore"].split() == [*(ignored or "").split(), "v", "w"]
    subprocess.run(["git", "apply", "--reverse"], input=patch.encode(), cwd=project, env=GIT, check=True)
    assert run("shared").exit_code == 0
    assert applied == {path.name: path.read_text() for path in folder.iterdir()}


def test_paths_are_seen_from_the_repository(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "app")
    assert run("--check", "--format", "github").stdout.startswith("::warning file=app/Dockerfile,line=3,")
    [issue] = json.loads(run("--check", "--format", "gitlab", "../app").stdout)
    assert issue["location"]["path"] == "app/Dockerfile"
    [issue] = json.loads(run("--check", "--format", "gitlab", str(project / "app")).stdout)
    assert issue["location"]["path"] == "app/Dockerfile"


def test_a_folder_without_dockerfiles(project: Path) -> None:
    (project / "empty").mkdir()
    for name in sorted(FORMATS.keys() - {"text"}):
        result = run("--check", "--format", name, "empty")
        assert result.exit_code == 2
        assert "no Dockerfile in this folder" in result.stdout


def test_the_step_summary_is_appended_for_github_only(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = project / "summary.md"
    summary.write_text("# before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run("--check", "--format", "json")
    assert summary.read_text() == "# before\n"
    result = run("--check", "--format", "github")
    assert result.exit_code == 2
    text = summary.read_text()
    assert text.startswith("# before\n")
    assert "### `app/Dockerfile`" in text
    assert "```diff\n--- a/app/Dockerfile" in text
    assert "`own/Dockerfile` line 3" in text
    assert "::warning file=app/Dockerfile" in result.stdout


def test_a_summary_never_grows_past_what_github_takes(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = project / "summary.md"
    summary.write_text("x" * (1024 * 1024 - 100))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert run("--check", "--format", "github", "app").exit_code == 1
    assert summary.stat().st_size == 1024 * 1024 - 100


def test_a_summary_that_cannot_be_written_is_told_and_no_failure(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project / "own"))
    result = run("--check", "--format", "github", "app")
    assert result.exit_code == 1
    assert "the summary cannot be written" in result.stderr


def test_no_line_of_text_is_a_command_to_the_runner_of_a_workflow(project: Path) -> None:
    (project / "::error::x").mkdir()
    (project / "::error::x/Dockerfile").write_text(BROAD + "FORM b\n")
    told = run("--check").stderr
    assert "./::error::x/Dockerfile:5: error: unknown instruction" in told
    assert "\n::" not in "\n" + told


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_a_report_that_cannot_be_written_is_a_failure(project: Path) -> None:
    result = run("--check", "--format", "gitlab", "--report", "/dev/full", "own")
    assert result.exit_code == 2
    assert "/dev/full: error: cannot be written: No space left on device" in result.stderr


def test_a_report_in_a_folder_of_others_is_refused_before_anything_is_written(project: Path) -> None:
    (project / "own").chmod(0o555)
    if os.access(project / "own", os.W_OK):
        pytest.skip("whoever may write everywhere, as root does, meets no such folder")
    result = run("--format", "json", "--report", "own/r", "app")
    assert result.exit_code == 2
    assert "own/r cannot be written: permission denied" in result.stderr
    assert (project / "app/Dockerfile").read_text() == BROAD


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_color_is_for_terminals_and_the_usual_variables_are_heeded() -> None:
    assert is_color_wanted(_Terminal(), {})
    assert not is_color_wanted(io.StringIO(), {})
    assert not is_color_wanted(_Terminal(), {"TERM": "dumb"})
    assert not is_color_wanted(_Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"})
    assert is_color_wanted(_Terminal(), {"NO_COLOR": ""})
    assert is_color_wanted(io.StringIO(), {"FORCE_COLOR": "1"})


def test_a_diff_in_a_pipe_is_never_colored(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run("--diff", "app")
    assert result.stdout.startswith("--- a/app/Dockerfile\n+++ b/app/Dockerfile\n")
    assert "\x1b[1mapp/Dockerfile:3\x1b[0m: \x1b[32mbroad-copy-before-install\x1b[0m: COPY" in result.stderr
    monkeypatch.delenv("FORCE_COLOR")
    assert "\x1b" not in run("--diff", "app").stderr


def test_on_a_terminal_the_diff_is_colored_and_holds_no_escapes_of_the_file(project: Path) -> None:
    pty = pytest.importorskip("pty")
    (project / "app/Dockerfile").write_text(f"# tab\there, \\t \x1b]0;evil\x07\n{BROAD}")
    master, slave = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    command = (sys.executable, "-m", "reorder", "--diff", "app")
    subprocess.run(command, stdout=slave, stderr=subprocess.DEVNULL, check=False, env=environment)
    os.close(slave)
    shown = os.read(master, 65_536).decode()
    os.close(master)
    assert "\x1b[32m+COPY requirements.txt .\x1b[0m\r\n" in shown
    assert " # tab\there, \\t \\x1b]0;evil\\x07\r\n" in shown
