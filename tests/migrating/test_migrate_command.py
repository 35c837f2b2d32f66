"""``dockerfile-fix migrate`` as users run it, on real repositories."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import shutil
import sqlite3
import struct
import subprocess
import termios
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from migrating.samples import NPM, PIP, command, contents, environment, make_repositories, migrate
from repositories import Repository

from reorder.migrating.model import Orders
from reorder.migrating.model import Repository as Migrated
from reorder.migrating.work import migrate_repository


def outcomes(folder: Path) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text().splitlines()]
    assert {line["schema"] for line in lines} <= {1}
    return {line["name"]: line for line in lines}


def statuses(folder: Path) -> dict[str, str]:
    return {name: line["status"] for name, line in outcomes(folder).items()}


def snapshot(folder: Path) -> dict[str, tuple[float, bytes]]:
    """Every file of a repository, with its time."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path): (path.stat().st_mtime, path.read_bytes()) for path in files}


def test_a_folder_of_checkouts_becomes_patches_bodies_and_outcomes(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 6)
    before = snapshot(tmp_path / "repos")
    talk = migrate("repos", "-o", "out", cwd=tmp_path, expect=2)
    assert statuses(tmp_path / "out") == {
        "r00": "changed", "r01": "changed", "r02": "changed", "r03": "unchanged", "r04": "no-dockerfile",
        "r05": "failed",
    }  # fmt: skip
    assert "6 repositories: 3 to change, 1 unchanged, 1 without a Dockerfile, 1 failed" in talk
    assert sorted(os.listdir(tmp_path / "out" / "patches")) == ["r00.patch", "r01.patch", "r02.patch"]
    assert sorted(os.listdir(tmp_path / "out" / "bodies")) == ["r00.md", "r01.md", "r02.md"]
    assert snapshot(tmp_path / "repos") == before
    page = (tmp_path / "out" / "report.html").read_text()
    assert all(name in page for name in ("r00", "r03", "r05"))
    body = (tmp_path / "out" / "bodies" / "r02.md").read_text()
    assert "dockerfile-fix verify build/Dockerfile" in body
    for name, line in outcomes(tmp_path / "out").items():
        repository = Repository(tmp_path / "repos" / name)
        assert line["commit"] == repository.git("rev-parse", "HEAD").strip()
        assert line["default_branch"] == "main"
        if line["patch"]:
            repository.git("apply", "--check", str(tmp_path / "out" / line["patch"]))
            assert (tmp_path / "out" / line["body"]).read_text()


def test_patches_make_what_fix_makes(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 3)
    migrate("repos", "-o", "out", cwd=tmp_path)
    for number in range(3):
        by_patch, by_fix = (tmp_path / kind / f"r{number:02}" for kind in ("patched", "fixed"))
        for copy in (by_patch, by_fix):
            shutil.copytree(tmp_path / "repos" / f"r{number:02}", copy)
        Repository(by_patch).git("apply", str(tmp_path / "out" / "patches" / f"r{number:02}.patch"))
        words = [*command()[:3], "fix"]
        subprocess.run(words, cwd=by_fix, env=environment(), capture_output=True, check=True)
        assert Repository(by_fix).git("diff") == Repository(by_patch).git("diff") != ""


def new_lines(talk: str) -> list[str]:
    return sorted(re.findall(r"^\[\d+/\d+\] (\S+?):", talk, re.MULTILINE))


def test_what_is_done_is_done_again_only_for_a_reason(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 4)
    migrate("repos", "-o", "out", cwd=tmp_path)
    before = contents(tmp_path / "out")
    assert new_lines(migrate("repos", "-o", "out", cwd=tmp_path)) == []
    assert contents(tmp_path / "out") == before
    Repository(tmp_path / "repos" / "r03").commit(PIP)
    assert new_lines(migrate("repos", "-o", "out", cwd=tmp_path)) == ["r03"]
    assert statuses(tmp_path / "out")["r03"] == "changed"
    assert len(new_lines(migrate("repos", "-o", "out", "--ignore", "broad-copy-before-install", cwd=tmp_path))) == 4
    assert set(statuses(tmp_path / "out").values()) == {"unchanged"}
    assert os.listdir(tmp_path / "out" / "patches") == []


def test_our_own_output_is_no_source(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 2)
    (tmp_path / "list").write_text(f"file://{tmp_path}/repos/r00\n")
    migrate("list", cwd=tmp_path)
    assert os.listdir(tmp_path / "migration" / "clones")
    migrate(".", cwd=tmp_path)
    assert sorted(statuses(tmp_path / "migration")) == ["repos/r00", "repos/r01"]


def test_files_that_were_deleted_come_again_and_others_go(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 3)
    migrate("repos", "-o", "out", cwd=tmp_path)
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "patches" / "r00.patch").unlink()
    (tmp_path / "out" / "patches" / "r01.patch").write_text("edited")
    (tmp_path / "out" / "bodies" / "gone.md").write_text("of a repository that was there once")
    migrate("repos", "-o", "out", cwd=tmp_path)
    assert contents(tmp_path / "out") == before
    migrate("repos/r02", "-o", "out", cwd=tmp_path)
    assert os.listdir(tmp_path / "out" / "patches") == ["r02.patch"]


def test_failures_are_tried_again_only_if_that_is_wanted(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 1)
    (tmp_path / "list").write_text("repos/r00\nrepos/late\nbroken\n")
    (tmp_path / "broken" / ".git").mkdir(parents=True)
    talk = migrate("list", "-o", "out", cwd=tmp_path, expect=2)
    assert "late: failed: there is no such folder" in talk
    found = outcomes(tmp_path / "out")
    assert [found[name]["trouble"] for name in ("r00", "late", "broken")] == [None, "source", "repository"]
    Repository.make(tmp_path / "repos" / "late").commit(NPM)
    assert new_lines(migrate("list", "-o", "out", cwd=tmp_path, expect=2)) == []
    assert new_lines(migrate("list", "-o", "out", "--retry-failed", cwd=tmp_path, expect=2)) == ["broken", "late"]
    assert statuses(tmp_path / "out") == {"r00": "changed", "late": "changed", "broken": "failed"}


def test_a_url_is_cloned_and_fetched_again(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 2)
    (tmp_path / "list.jsonl").write_text(
        "".join(
            json.dumps({"url": f"file://{tmp_path}/repos/r0{n}", "name": f"team/r{n}", "owner": "team"}) + "\n"
            for n in range(2)
        )
    )
    migrate("list.jsonl", "-o", "out", cwd=tmp_path)
    first = outcomes(tmp_path / "out")
    assert {name: line["status"] for name, line in first.items()} == {"team/r0": "changed", "team/r1": "changed"}
    assert sorted(os.listdir(tmp_path / "out" / "patches")) == ["team__r0.patch", "team__r1.patch"]
    assert first["team/r0"]["owner"] == "team"
    assert first["team/r0"]["default_branch"] == "main"
    assert new_lines(migrate("list.jsonl", "-o", "out", cwd=tmp_path)) == []
    commit = Repository(tmp_path / "repos" / "r00").commit(PIP)
    assert new_lines(migrate("list.jsonl", "-o", "out", cwd=tmp_path)) == ["team/r0"]
    assert outcomes(tmp_path / "out")["team/r0"]["commit"] == commit


def test_commits_go_to_a_branch_and_the_checkout_stays(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 4)
    migrate("repos", "-o", "out", cwd=tmp_path)
    words = ("repos", "-o", "out", "--commit", "--author", "Bot <bot@example.org>", "--sign-off",
             "--message", "Faster $repository\n\n$count:\n$files")  # fmt: skip
    talk = migrate(*words, cwd=tmp_path)
    assert "3 with a branch, 0 refused one" in talk
    for name in ("r00", "r01", "r02"):
        repository = Repository(tmp_path / "repos" / name)
        landing = outcomes(tmp_path / "out")[name]["landing"]
        assert landing == {
            "status": "committed", "branch": "dockerfile-fix", "error": None,
            "commit": repository.git("rev-parse", "dockerfile-fix").strip(),
        }  # fmt: skip
        file = "build/Dockerfile" if name == "r02" else "Dockerfile"
        assert repository.git("log", "-1", "--format=%an <%ae>%n%B", "dockerfile-fix").strip() == (
            f"Bot <bot@example.org>\nFaster {name}\n\n1:\n- {file}\n\nSigned-off-by: Bot <bot@example.org>"
        )
        assert repository.git("status", "--porcelain") == ""
        assert repository.git("branch", "--show-current").strip() == "main"
        repository.git("apply", "--index", str(tmp_path / "out" / "patches" / f"{name}.patch"))
        assert repository.git("diff", "--cached", "dockerfile-fix") == ""
    assert outcomes(tmp_path / "out")["r03"]["landing"] is None
    assert new_lines(migrate(*words, cwd=tmp_path)) == []


def test_a_branch_with_other_work_is_an_outcome(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 2)
    repository = Repository(tmp_path / "repos" / "r00")
    repository.git("checkout", "--quiet", "-b", "dockerfile-fix")
    theirs = repository.commit({"theirs": "1"})
    repository.git("checkout", "--quiet", "main")
    words = ("repos", "-o", "out", "--commit", "--author", "Bot <bot@example.org>")
    talk = migrate(*words, cwd=tmp_path, expect=2)
    assert "r00: 1 Dockerfile: 1 changed; failed: the branch dockerfile-fix holds commits that are not ours" in talk
    assert repository.git("rev-parse", "dockerfile-fix").strip() == theirs
    assert outcomes(tmp_path / "out")["r01"]["landing"]["status"] == "committed"
    repository.git("branch", "-D", "dockerfile-fix")
    assert new_lines(migrate(*words, cwd=tmp_path, expect=2)) == []
    assert new_lines(migrate(*words, "--retry-failed", cwd=tmp_path)) == ["r00"]
    assert outcomes(tmp_path / "out")["r00"]["landing"]["status"] == "committed"


def test_branches_are_pushed_to_where_the_repository_was_cloned_from(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 2)
    (tmp_path / "list").write_text(f"file://{tmp_path}/repos/r00\nfile://{tmp_path}/repos/r01\n")
    words = ("list", "-o", "out", "--push", "--author", "Bot <bot@example.org>")
    migrate(*words, cwd=tmp_path)
    for line in outcomes(tmp_path / "out").values():
        repository = Repository(tmp_path / "repos" / Path(line["source"]).name)
        assert line["landing"]["status"] == "pushed"
        assert repository.git("rev-parse", "dockerfile-fix").strip() == line["landing"]["commit"]
        assert repository.git("branch", "--show-current").strip() == "main"
    talk = migrate("list", "-o", "out2", "--push", "--branch", "main", "--author", "a <b>", cwd=tmp_path, expect=2)
    assert talk.count("main is the default branch") == 2


def test_nothing_is_committed_to_a_default_branch(tmp_path: Path) -> None:
    make_repositories(tmp_path / "server", 1)
    repository = Repository(tmp_path / "server" / "r00")
    repository.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    clone.git("checkout", "--quiet", "-b", "work")
    before = clone.git("for-each-ref")
    words = ("--commit", "--branch", "main", "--author", "Bot <bot@example.org>")
    talk = migrate("clone", "-o", "out", *words, cwd=tmp_path, expect=2)
    assert "main is the default branch" in talk
    assert clone.git("for-each-ref") == before


def hang(folder: Path) -> None:
    """A repository whose HEAD takes forever to read."""
    Repository.make(folder).commit(NPM)
    (folder / ".git" / "HEAD").unlink()
    os.mkfifo(folder / ".git" / "HEAD")


def test_a_repository_that_hangs_fails_alone(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 3)
    hang(tmp_path / "repos" / "r01x")
    migrate("repos", "-o", "out", "--timeout", "3", cwd=tmp_path, expect=2)
    found = outcomes(tmp_path / "out")
    assert (found["r01x"]["trouble"], found["r01x"]["error"]) == ("timeout", "took longer than 3 seconds")
    assert [found[name]["status"] for name in ("r00", "r01", "r02")] == ["changed"] * 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Missing argument 'SOURCE...'"),
        (("nowhere", "-o", "out"), "nowhere: there is no such folder or file, and it is no URL"),
        (("repos", "-o", "."), ".: is not empty and not the output of a migration"),
        (("repos", "-o", "list"), "list: cannot be written to"),
        (("list", "-o", "out"), "list:2: "),
        (("repos", "--commit", "--author", "nobody"), "--author: nobody is not of the form NAME <ADDRESS>"),
        (("repos", "--commit", "--message", "$who"), "--message: no such placeholder: 'who'"),
        (("repos", "--commit", "--message", " "), "--message: a commit needs one"),
        (("repos", "--message-file", "none"), "--message-file: none cannot be read: No such file"),
        (("repos", "--commit", "--branch", "a b"), "git takes no such name for a branch: a b"),
        (("repos", "--jobs", "0"), "Invalid value for '-j'"),
        (("repos", "--timeout", "inf"), "Invalid value for '--timeout'"),
        (("repos", "--memory", "9" * 20), "Invalid value for '--memory'"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_written(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    make_repositories(tmp_path / "repos", 1)
    (tmp_path / "list").write_text('{"path": "repos"}\n{"path": \n')
    assert told in migrate(*words, cwd=tmp_path, expect=2)
    assert sorted(os.listdir(tmp_path)) == ["list", "repos"]


def test_a_migration_that_was_killed_before_it_had_a_ledger_goes_on(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 1)
    for name in ("patches", "bodies"):
        (tmp_path / "out" / name).mkdir(parents=True)
    migrate("repos", "-o", "out", cwd=tmp_path)
    (tmp_path / "mine" / "patches").mkdir(parents=True)
    (tmp_path / "mine" / "patches" / "a.patch").write_text("mine\n")
    assert "is not empty" in migrate("repos", "-o", "mine", cwd=tmp_path, expect=2)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE repositories SET record = x'00'", "is damaged: no record"),
        ("UPDATE repositories SET landing = 'x'", "is damaged: no record of a branch"),
        ("DROP TABLE repositories; CREATE TABLE repositories (a)", "cannot be used as a ledger: no such column"),
        ("PRAGMA user_version = 9", "was written by another version"),
    ],
)
def test_a_damaged_ledger_is_told(tmp_path: Path, damage: str, told: str) -> None:
    make_repositories(tmp_path / "repos", 1)
    words = ("repos", "-o", "out", "--commit", "--author", "a <b@c>")
    migrate(*words, cwd=tmp_path)
    with closing(sqlite3.connect(tmp_path / "out" / "ledger.sqlite3")) as database:
        database.executescript(damage)
    talk = migrate(*words, cwd=tmp_path, expect=2)
    assert told in talk
    assert talk.endswith("take another output folder\n")


def test_a_folder_for_clones_that_cannot_be_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    talk = migrate("https://127.0.0.1:1/a/b", "-o", "out", "--clones", "file", cwd=tmp_path, expect=2)
    assert f"{tmp_path}/file: no clone can be made there: File exists" in talk
    assert "1 failed" in migrate("https://127.0.0.1:1/a/b", "-o", "out", cwd=tmp_path, expect=2)


def test_what_the_disk_says_is_no_defect_of_ours(tmp_path: Path) -> None:
    make_repositories(tmp_path / "server", 1)
    (tmp_path / "file").write_text("")
    url = f"file://{tmp_path}/server/r00"
    done = migrate_repository(Migrated("a", url, url, "url"), Orders(str(tmp_path / "file")))
    assert done is not None
    assert done.outcome.error == f"File exists: {tmp_path}/file"


def on_terminal(words: list[str], folder: Path) -> tuple[int, str]:
    """The exit code and what a terminal of 120 columns would have got."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    variables = environment() | {"TERM": "xterm"}
    process = subprocess.Popen(words, cwd=folder, env=variables, stdin=child, stdout=child, stderr=child)
    os.close(child)
    pieces = []
    try:
        while piece := os.read(parent, 65536):
            pieces.append(piece)
    except OSError:  # as Linux says that the other end is closed
        pass
    os.close(parent)
    return process.wait(), b"".join(pieces).decode()


def test_a_terminal_shows_a_bar_with_rate_time_left_and_counts(tmp_path: Path) -> None:
    make_repositories(tmp_path / "repos", 12)
    code, talk = on_terminal(command("repos", "-o", "out"), tmp_path)
    assert code == 2
    assert "12/12" in talk
    assert "repo/s" in talk or "s/repo" in talk
    assert "<" in talk
    assert "6 changed, 2 unchanged, 2 no-dockerfile, 2 failed" in talk
    assert "r05: 1 Dockerfile: 1 failed" in talk


def with_escape(folder: Path) -> None:
    files = {"\x1b]0;evil\x07.Dockerfile": "RUNN\n", "\x1b[31m/Dockerfile": NPM["Dockerfile"]}
    Repository.make(folder / "esc").commit(files)


def test_escapes_never_reach_a_terminal(tmp_path: Path) -> None:
    with_escape(tmp_path / "repos")
    (tmp_path / "list").write_text("repos/esc\n/no\x1b[31mwhere\n")
    _, talk = on_terminal(command("list", "-o", "out"), tmp_path)
    assert "\x1b]0" not in talk
    assert "\x1b[31m" not in talk
    assert "\x1b" not in migrate("list", "-o", "out2", cwd=tmp_path, expect=2)
    for path in (tmp_path / "out2").rglob("*.jsonl"):
        assert b"\x1b" not in path.read_bytes()
