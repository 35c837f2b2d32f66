"""The course of a trial, held against a stand-in for docker that does what the Dockerfiles say."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reorder.commands.fix import FixOptions, Verification, run_fix
from reorder.commands.targets import UsageError
from reorder.commands.verify import VerifyOptions, run_verify
from reorder.configuration.model import Given, Origin, Values
from reorder.output.progress import NoProgress
from reorder.trial import bench
from reorder.trial.trial import Wishes, put_to_test
from reorder.verifying.verdict import Pair, Variant, Verdict
from reorder.world.builders.choice import choose_builder
from reorder.world.builders.model import BuilderError, BuildOptions

SCRIPT = Path(__file__).parent / "stand_in_docker.py"


class Table:
    """A build context, the stand-in, and what it was asked."""

    def __init__(self, root: Path) -> None:
        self.context, self.home = root / "context", root / "home"
        self.context.mkdir()
        self.home.mkdir()
        (self.context / "main.py").write_text("print()\n")

    def test(
        self, before: str, after: str, wishes: Wishes | None = None, options: BuildOptions | None = None
    ) -> Verdict:
        pair = Pair("Dockerfile", str(self.context), Variant(before.encode()), Variant(after.encode()))
        builder, wishes = choose_builder("docker"), wishes or Wishes(measures_gain=False)
        return put_to_test(pair, builder, options or BuildOptions(), wishes, NoProgress())

    def commands(self, *words: str) -> list[list[str]]:
        lines = (self.home / "commands").read_text().splitlines()
        return [command for line in lines if (command := json.loads(line))[: len(words)] == list(words)]

    def images(self) -> list[str]:
        return [path.name for path in self.home.iterdir() if path.name.startswith("dockerfile-fix-verify")]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """Nothing is left behind, whatever a test does."""
    table = Table(tmp_path)
    programs, temporary = tmp_path / "bin", tmp_path / "temporary"
    programs.mkdir()
    temporary.mkdir()
    program = programs / "docker"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} {SCRIPT} \"$@\"\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setenv("STAND_IN", str(table.home))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    yield table
    assert table.images() == []
    assert list(temporary.iterdir()) == []
    assert (table.context / "main.py").read_text() == "print()\n"


def test_equal_images_are_built_once_each_and_without_cache(table: Table) -> None:
    verdict = table.test("FROM x", "FROM x")
    assert (verdict.status, verdict.code) == ("equal", 0)
    built = table.commands("build")
    assert len(built) == 2
    assert all("--no-cache" in command for command in built)
    keys = {command[command.index("--add-host") + 1] for command in built}
    assert len(keys) == 2


def test_images_that_differ_are_held_against_a_second_original(table: Table) -> None:
    verdict = table.test("FROM x\n# is: one", "FROM x\n# is: two")
    assert (verdict.status, verdict.code) == ("differs", 1)
    assert [timing.label for timing in verdict.timings] == ["original", "patched", "original-again"]
    assert verdict.comparison is not None
    assert [item.path for group in verdict.comparison.groups for item in group.examples] == ["file"]


def test_a_broken_original(table: Table) -> None:
    verdict = table.test("FROM x\n# fails: no such package", "FROM x")
    assert (verdict.status, verdict.code) == ("original-fails", 2)
    assert "no such package" in verdict.reason
    assert verdict.log[-1] == "ERROR: failed to solve: no such package"
    assert len(table.commands("build")) == 1


def test_a_patch_is_wrong_only_if_the_original_still_builds(table: Table) -> None:
    verdict = table.test("FROM x", "FROM x\n# fails: no such file")
    assert (verdict.status, verdict.code) == ("patch-fails", 1)
    assert [command[command.index("--tag") + 1].rpartition("-")[2] for command in table.commands("build")] == [
        "original", "patched", "patched", "again",
    ]  # fmt: skip


def test_a_build_that_fails_once_is_no_wrong_patch(table: Table) -> None:
    verdict = table.test("FROM x", "FROM x\n# fails once: registry is down")
    assert verdict.status == "equal"
    assert any("failed to build once" in note for note in verdict.notes)


def test_a_registry_that_goes_down_between_the_builds(table: Table) -> None:
    verdict = table.test("FROM x\n# fails later: down", "FROM x\n# fails: down")
    assert (verdict.status, verdict.code) == ("error", 2)
    assert "now neither it nor the patched file does: down" in verdict.reason


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("write /x: no space left on device", "the disk is full"),
        ("Cannot connect to the Docker daemon at unix:///x", "the docker engine does not run"),
        ("error reading from server: EOF", "the engine broke the build off"),
    ],
)
def test_what_is_no_fault_of_a_dockerfile(table: Table, words: str, reason: str) -> None:
    for texts in (("FROM x\n# fails: " + words, "FROM x"), ("FROM x", "FROM x\n# fails: " + words)):
        verdict = table.test(*texts)
        assert (verdict.status, verdict.code) == ("error", 2)
        assert reason in verdict.reason


@pytest.mark.parametrize(
    "words", ["mkdir: cannot create directory: Permission denied", "curl: (6) no such host", "dial: connection refused"]
)
def test_words_of_a_program_are_not_those_of_the_engine(table: Table, words: str) -> None:
    verdict = table.test("FROM x", f"FROM x\n# fails: {words}")
    assert (verdict.status, verdict.code) == ("patch-fails", 1)
    assert words in verdict.reason


def test_a_build_that_hangs(table: Table) -> None:
    verdict = table.test("FROM x", "FROM x\n# hangs", options=BuildOptions(timeout=1))
    assert (verdict.status, verdict.code) == ("error", 2)
    assert verdict.reason == "the patched file: did not end within 1 s and was ended"


def test_an_image_that_cannot_be_saved(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_SAVE", "breaks")
    verdict = table.test("FROM x", "FROM x")
    assert verdict.status == "error"
    assert "docker save failed: Error response from daemon: the disk went away" in verdict.reason


def test_an_image_that_is_packed_in_a_way_that_cannot_be_read(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_SAVE", "zstd")
    assert "packed with zstd" in table.test("FROM x", "FROM x").reason


def test_no_room_for_temporary_files(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(table.home / "nowhere"))
    verdict = table.test("FROM x", "FROM x")
    monkeypatch.undo()
    assert verdict.status == "error"
    assert "No such file" in verdict.reason


def test_no_room_for_the_list_of_files(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def small() -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect("")
        database.execute("PRAGMA max_page_count = 12")
        yield database
        database.close()

    monkeypatch.setattr(bench, "temporary_database", small)
    long = "x" * 100_000
    verdict = table.test(f"FROM x\n# is: {long}", "FROM x", options=BuildOptions())
    assert verdict.status == "error"
    assert "no room for the list of files" in verdict.reason


def test_a_disk_that_is_full(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(table.home)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=0))
    verdict = table.test("FROM x\n# fails: read/write on closed pipe", "FROM x")
    assert (verdict.status, verdict.reason) == ("error", "the original: the disk is full")


def test_options_reach_the_builder(table: Table) -> None:
    options = BuildOptions(("A=1", "B=2"), "last", ("id=x",), ("default",), "host", "linux/amd64", 60)
    table.test("FROM x", "FROM x", options=options)
    for command in table.commands("build"):
        words = " ".join(command)
        for part in ("--build-arg A=1 --build-arg B=2", "--secret id=x", "--ssh default", "--target last",
                     "--network host", "--platform linux/amd64"):  # fmt: skip
            assert part in words
        assert command[-1] == str(table.context)


def test_the_gain_is_measured_in_a_copy_of_the_context(table: Table) -> None:
    verdict = table.test("FROM x", "FROM x", Wishes())
    assert verdict.gain is not None
    assert verdict.gain.touched == "main.py"
    rebuilt = table.commands("build")[2:]
    assert all("--no-cache" not in command and command[-1] != str(table.context) for command in rebuilt)
    keys = [command[command.index("--add-host") + 1] for command in table.commands("build")]
    assert keys[:2] == keys[2:]


@pytest.mark.parametrize(
    ("touch", "words"),
    [("gone.py", "no such file"), ("data.json", "JSON"), ("../main.py", "no such file"), ("hidden.py", "ignore file")],
)
def test_a_file_that_cannot_be_touched_is_told_first(table: Table, touch: str, words: str) -> None:
    for name in ("data.json", "hidden.py"):
        (table.context / name).write_text("{}")
    (table.context / ".dockerignore").write_text("hidden.py\n")
    verdict = table.test("FROM x", "FROM x", Wishes(touch=touch))
    assert (verdict.status, verdict.gain) == ("error", None)
    assert verdict.reason.startswith("--touch: ")
    assert words in verdict.reason
    assert not table.commands("build"), "told before anything is built"


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ("permission denied while trying to connect to the Docker daemon socket", "no permission"),
        ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", "does not run"),
        ("something else", "docker does not answer: something else"),
    ],
)
def test_an_engine_that_does_not_answer(
    table: Table, says: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_PROBLEM", says)
    with pytest.raises(BuilderError, match=words):
        choose_builder("docker")


def test_no_builder_at_all(table: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(table.home))
    (table.context / "Dockerfile").write_text("FROM x\n")
    paths = (str(table.context / "Dockerfile"),)
    options = VerifyOptions(paths, Given(), BuildOptions(), Wishes(), against=paths[0])
    assert run_verify(options) == 2
    told = capsys.readouterr().err
    assert "docker is not installed; podman is not installed; buildah is not installed" in told


def test_nothing_is_built_where_nothing_would_change(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    (table.context / "Dockerfile").write_text("FROM x\n")
    options = VerifyOptions((str(table.context / "Dockerfile"),), Given(), BuildOptions(), Wishes())
    assert run_verify(options) == 0
    assert "nothing would change" in capsys.readouterr().out
    assert not (table.home / "commands").exists()


def test_wrong_usage(table: Table) -> None:
    for options in (
        VerifyOptions((), Given(Values(context="/no/such/folder")), BuildOptions(), Wishes()),
        VerifyOptions((".",), Given(), BuildOptions(), Wishes(), against="x"),
        VerifyOptions(("x",), Given(), BuildOptions(), Wishes(touch=os.sep + "x")),
    ):
        with pytest.raises(UsageError):
            run_verify(options)


def test_files_that_cannot_be_read(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    (table.context / "Dockerfile").write_text("FROM x\n")
    real, gone = str(table.context / "Dockerfile"), str(table.context / "gone")
    for paths, against in (((gone,), None), ((real,), gone), ((gone,), real)):
        options = VerifyOptions(paths, Given(), BuildOptions(), Wishes(), against=against)
        assert run_verify(options) == 2
        assert "cannot be read" in capsys.readouterr().out


BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"


def two_contexts(table: Table, text: str) -> str:
    """A Dockerfile that is built in the folders ``a`` and ``b``."""
    (table.context / ".git").mkdir()
    builds = "".join(f"  {n}: {{build: {{context: {n}, dockerfile: ../Dockerfile}}}}\n" for n in "ab")
    (table.context / "compose.yaml").write_text("services:\n" + builds)
    for name in "ab":
        (table.context / name).mkdir()
        (table.context / name / "requirements.txt").write_text("idna==3.7\n")
        (table.context / name / "app.py").write_text("")
    path = table.context / "Dockerfile"
    path.write_text(text)
    return str(path)


def test_every_context_in_which_the_project_builds(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    path = two_contexts(table, BROAD)
    wishes = Wishes(measures_gain=False)
    assert run_verify(VerifyOptions((path,), Given(), BuildOptions(), wishes, quiet=True)) == 0
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if "build context" in line] == [
        f"  in the build context {table.context}/{n}" for n in "ab"
    ]
    assert told.count("the images are the same") == 2
    assert [command[-1] for command in table.commands("build")] == [f"{table.context}/{n}" for n in "aabb"]


def test_a_fix_that_does_not_build_in_the_second_context(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    path = two_contexts(table, BROAD + "# fails in b: no such file\n")
    options = FixOptions((path,), Given(), verification=Verification("docker", None, quiet=True))
    assert run_fix(options) == 2
    told = capsys.readouterr().err
    assert f"not verified, nothing was changed: in the build context {table.context}/b: the original does not" in told
    assert Path(path).read_text().startswith(BROAD)


@pytest.mark.parametrize(("target", "note"), [(None, True), ("Dev", False)])
def test_a_stage_that_the_project_builds_as_well(
    table: Table, capsys: pytest.CaptureFixture[str], target: str | None, note: bool
) -> None:
    (table.context / ".git").mkdir()
    (table.context / "compose.yaml").write_text("services: {a: {build: {context: ., target: dev}}}\n")
    (table.context / "requirements.txt").write_text("idna==3.7\n")
    path = table.context / "Dockerfile"
    path.write_text(BROAD.replace("slim", "slim AS dev") + "FROM dev\n")
    wishes = Wishes(measures_gain=False)
    given = Given(Values(target=target), {"target": Origin("flag", "--target")})
    assert run_verify(VerifyOptions((str(path),), given, BuildOptions(), wishes, quiet=True)) == 0
    told = "  the project builds the stage dev as well, which --target compares\n"
    assert (told in capsys.readouterr().out) is note
