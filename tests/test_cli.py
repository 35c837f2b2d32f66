"""The command line as a user meets it: output, exit codes, files written, messages for bad input."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from reorder.cli import main
from reorder.output.explain_text import known_managers
from reorder.slugs import CHANGES, REFUSALS

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
FIXED = "FROM python:3.11-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Dockerfile").write_text(BROAD)
    (tmp_path / "requirements.txt").write_text("idna==3.7\n")
    (tmp_path / "app.py").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False)


def test_without_an_output_option_the_file_is_rewritten_and_keeps_its_mode(project: Path) -> None:
    os.chmod("Dockerfile", 0o640)
    result = run("Dockerfile")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Dockerfile:3: broad-copy-before-install" in result.stderr
    assert Path("Dockerfile").read_text() == FIXED
    assert stat.S_IMODE(Path("Dockerfile").stat().st_mode) == 0o640
    assert sorted(os.listdir()) == ["Dockerfile", "app.py", "requirements.txt"]
    assert run("Dockerfile").exit_code == 0
    assert Path("Dockerfile").read_text() == FIXED


@pytest.mark.parametrize("text", ["ARG A=${B:x}\nFROM debian\n", "FROM debian\nENV A=${B:x}\n", "FROM ${B:x}\n"])
def test_a_variable_that_cannot_be_expanded_is_a_failure_with_its_line(project: Path, text: str) -> None:
    Path("Dockerfile").write_text("# first\n" + text)
    result = run("--check")
    assert result.exit_code == 2
    line = 1 + next(n for n, words in enumerate(text.splitlines(), start=1) if "${" in words)
    assert result.stderr.startswith(f"Dockerfile:{line}: error: failed to process")


def test_standard_input_among_many_files_is_read(project: Path) -> None:
    names = [f"Dockerfile.{number}" for number in range(20)]
    for name in names:
        Path(name).write_text("FROM debian\n")
    command = (sys.executable, "-m", "reorder", "--check", "-", *names)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, input=BROAD, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert "-:3: broad-copy-before-install" in done.stderr


def test_line_endings_stay(project: Path) -> None:
    Path("Dockerfile").write_bytes(BROAD.replace("\n", "\r\n").encode())
    run()
    assert Path("Dockerfile").read_bytes() == FIXED.replace("\n", "\r\n").encode()


@pytest.mark.parametrize("words", [("fix",), ()], ids=["fix", "default-command"])
def test_diff_goes_to_standard_output_and_git_applies_it(project: Path, words: tuple[str, ...]) -> None:
    result = run(*words, "--diff")
    assert result.exit_code == 1
    assert Path("Dockerfile").read_text() == BROAD
    subprocess.run(["git", "apply", "-"], input=result.stdout.encode(), check=True)
    assert Path("Dockerfile").read_text() == FIXED


def test_check_names_what_would_change_and_writes_nothing(project: Path) -> None:
    result = run("--check", ".")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "would make 1 change" in result.stderr
    assert Path("Dockerfile").read_text() == BROAD


def test_output_file_gets_the_patched_text(project: Path) -> None:
    assert run("-o", "new", "Dockerfile").exit_code == 0
    assert (Path("Dockerfile").read_text(), Path("new").read_text()) == (BROAD, FIXED)


def test_output_gets_the_text_even_if_nothing_changes(project: Path) -> None:
    Path("Dockerfile").write_text(FIXED)
    assert run("-o", "new", "Dockerfile").exit_code == 0
    assert Path("new").read_text() == FIXED


def test_output_takes_one_dockerfile(project: Path) -> None:
    Path("Dockerfile.dev").write_text(BROAD)
    result = run("-o", "new", ".")
    assert result.exit_code == 2
    assert "one Dockerfile" in result.stderr
    assert not Path("new").exists()


def test_standard_input_to_standard_output(project: Path) -> None:
    result = run("-", stdin=BROAD)
    assert (result.exit_code, result.stdout) == (0, FIXED)


def test_standard_input_with_bytes_that_are_not_text(project: Path) -> None:
    result = run("-", stdin=b"# caf\xe9\n" + BROAD.encode())
    assert result.stdout_bytes == b"# caf\xe9\n" + FIXED.encode()


def test_json_has_the_promised_fields(project: Path) -> None:
    Path("other").mkdir()
    Path("other/Dockerfile").write_text("FROM python:3.11\nCOPY . /app\nRUN pip install -e /app\n")
    Path("other/setup.py").write_text("from setuptools import setup\nsetup()\n")
    Path("broken.Dockerfile").write_text("RUN true\n")
    result = run("--format", "json", "--diff", ".")
    assert result.exit_code == 2
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record["path"] for record in records] == ["Dockerfile", "broken.Dockerfile", "other/Dockerfile"]
    keys = "schema path context other_contexts context_from managers status changes gain refusals files diff error"
    assert all(list(record) == keys.split() and record["schema"] == 1 for record in records)
    changed, failed, unchanged = records
    assert [record["status"] for record in records] == ["changed", "failed", "unchanged"]
    assert changed["files"] == [{"path": "Dockerfile", "text": FIXED}]
    assert changed["diff"].startswith("--- a/Dockerfile\n+++ b/Dockerfile\n")
    [change] = changed["changes"]
    assert list(change) == ["slug", "line", "safety", "reason", "evidence"]
    assert (change["slug"], change["line"], change["safety"]) == ("broad-copy-before-install", 3, "safe")
    assert "requirements.txt" in change["evidence"][0]
    assert failed["error"].startswith("line 1: ")
    [refusal] = unchanged["refusals"]
    assert (refusal["slug"], refusal["line"], refusal["safety"]) == ("install-builds-project", 3, None)


def test_a_failed_file_does_not_stop_the_others(project: Path) -> None:
    Path("Broken.Dockerfile").write_text("FROM python\nRUN <<EOF\n")
    result = run(".")
    assert result.exit_code == 2
    assert "Broken.Dockerfile:2: error: " in result.stderr
    assert Path("Dockerfile").read_text() == FIXED


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing", None, "missing: error: cannot be read: No such file or directory"),
        ("empty", b"", "empty:1: error: "),
        ("no-from", b"RUN true\n", "no-from:1: error: "),
        ("unknown", b"FROM a\n\nFORM b\n", "unknown:3: error: unknown instruction: FORM"),
        ("heredoc", b"FROM a\nRUN <<EOF\nx\n", "heredoc:2: error: unterminated heredoc"),
        ("expansion", b"FROM a\nWORKDIR ${X\n", "expansion:2: error: "),
    ],
)
def test_bad_input_has_a_message_with_path_and_line(
    project: Path, name: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        Path(name).write_bytes(content)
    result = run(name)
    assert result.exit_code == 2
    assert message in result.stderr
    if content is not None:
        assert Path(name).read_bytes() == content


def test_a_folder_without_dockerfiles(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert "no Dockerfile in this folder" in result.stderr


def test_a_context_that_does_not_exist(project: Path) -> None:
    result = run("--context", "nowhere", "Dockerfile")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    assert Path("Dockerfile").read_text() == BROAD


def test_a_manifest_that_leaves_the_context_is_a_refusal_not_a_failure(project: Path) -> None:
    Path("requirements.txt").write_text("-r ../../x.txt\n")
    result = run("--diff", "Dockerfile")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Dockerfile:4: " in result.stderr


def test_five_megabytes(project: Path) -> None:
    text = BROAD + "# x\n" * 1_250_000
    Path("Dockerfile").write_text(text)
    for result in (run("Dockerfile"), run("-", stdin=text)):
        assert result.exit_code == 2
        assert "error: larger than 1 MiB" in result.stderr
    assert Path("Dockerfile").read_text() == text


def test_select_and_ignore(project: Path) -> None:
    assert run("--check", "--ignore", "broad-copy-before-install").exit_code == 0
    assert run("--check", "--select", "mixed-copy-before-install").exit_code == 0
    assert run("--check", "--select", "mixed-copy-before-install,broad-copy-before-install").exit_code == 1
    result = run("--check", "--select", "nonsense")
    assert result.exit_code == 2
    assert "nonsense" in result.stderr


def test_verbose_says_what_is_read_and_how_that_is_known(project: Path) -> None:
    result = run("--check", "-v")
    assert "    requirements.txt: -r at command line" in result.stderr


def test_control_characters_never_reach_the_terminal(project: Path) -> None:
    os.makedirs("\x1b[31mred")
    Path("\x1b[31mred/Dockerfile").write_text("FROM\n")
    result = run(".")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr + result.stdout


def test_the_module_runs(project: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "reorder", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("dockerfile-fix, version ")


def test_help_names_the_options() -> None:
    result = run("fix", "--help")
    for option in ("--diff", "--check", "--output", "--context", "--unsafe-fixes", "--select", "--ignore", "--format"):
        assert option in result.stdout


def test_explain_lists_every_manager_and_every_slug_with_its_safety() -> None:
    text = run("explain").stdout
    for manager in known_managers():
        assert f"\n{manager.name}: " in text
    for slug in CHANGES:
        assert f"  {slug} [safe or unsafe]: " in text
    for slug in REFUSALS:
        assert f"  {slug} [{'unsafe' if slug == 'not-proven' else 'display'}]: " in text


@pytest.mark.parametrize("name", ["pip", "pip3", "install-and-build-in-one-run", "not-proven"])
def test_explain_tells_one_thing_in_full(name: str) -> None:
    result = run("explain", name)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) >= 4


def test_explain_of_something_unknown() -> None:
    result = run("explain", "no-such-thing")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no-such-thing" in result.stderr


def test_a_split_run_and_its_reason(project: Path) -> None:
    Path("Dockerfile").write_text(BROAD.replace("requirements.txt", "requirements.txt && ./manage.sh"))
    result = run("--diff")
    assert result.exit_code == 1
    assert "+RUN ./manage.sh\n" in result.stdout
    assert "install-and-build-in-one-run: the RUN is split behind its install" in result.stderr


def test_an_expansion_that_docker_refuses_is_told_with_its_line(project: Path) -> None:
    Path("Dockerfile").write_text("ARG A=${b:inner}\nFROM debian\n")
    result = run("--check")
    assert result.exit_code == 2
    assert result.stderr.startswith("Dockerfile:1: error: failed to process '${b:inner}'")
