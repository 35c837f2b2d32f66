"""Against real repositories, among them hostile ones whose configuration would run a program."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from reorder.world import git
from reorder.world.git import is_tracked, is_vcs_ignored, repository_root

_CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def _git(folder: Path, *args: str, expect: int | None = 0) -> None:
    done = subprocess.run(
        ["git", "-C", str(folder), "-c", "user.name=T", "-c", "user.email=t@example.org", *args],
        capture_output=True, env=_CLEAN, check=False, text=True,
    )  # fmt: skip
    assert expect is None or done.returncode == expect, done.stderr


def _repository(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    _git(folder, "init", "--quiet")
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "one")
    return folder


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Callable[[], bool]]:
    """A program, and whether it ran since the last time that was asked."""
    mark, program = tmp_path / "mark", tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\n: > '{mark}'\nexit 1\n")
    program.chmod(0o755)

    def has_run() -> bool:
        is_there = mark.exists()
        mark.unlink(missing_ok=True)
        return is_there

    return program, has_run


def test_the_root_is_the_nearest_folder_with_dot_git(tmp_path: Path) -> None:
    (tmp_path / "outer/inner/deep/er").mkdir(parents=True)
    (tmp_path / "outer/.git").mkdir()
    (tmp_path / "outer/inner/deep/.git").write_text("gitdir: elsewhere\n")
    assert repository_root(str(tmp_path / "outer")) == str(tmp_path / "outer")
    assert repository_root(str(tmp_path / "outer/inner")) == str(tmp_path / "outer")
    assert repository_root(str(tmp_path / "outer/inner/deep/er")) == str(tmp_path / "outer/inner/deep")
    assert repository_root(str(tmp_path)) is None


def test_tracked_and_ignored(tmp_path: Path) -> None:
    root = _repository(
        tmp_path / "r",
        {"vendor/a/b": "1", "src/main.py": "2", ":(glob)x/y": "3", ".gitignore": "node_modules/\n*.log\n"},
    )
    (root / "node_modules/m").mkdir(parents=True)
    (root / "node_modules/m/index.js").write_text("")
    (root / "fresh.txt").write_text("")

    def ask(path: str) -> tuple[bool | None, bool | None]:
        return is_tracked(str(root), path), is_vcs_ignored(str(root), path)

    assert ask("vendor") == (True, False)
    assert ask("vendor/a/b") == (True, False)
    assert ask("node_modules") == (False, True)
    assert ask("node_modules/m/index.js") == (False, True)
    assert ask("a.log") == (False, True)
    assert ask("fresh.txt") == (False, False)
    assert ask("absent") == (False, False)
    assert ask("") == (True, False)
    assert ask(":(glob)x") == (True, False), "a path is never a pattern"
    assert ask("sr*") == (False, False)
    assert ask("-v") == (False, False)
    assert ask("../elsewhere") == (None, None)


def test_variables_of_a_surrounding_git_hook_do_not_mislead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, other = _repository(tmp_path / "r", {"a": ""}), _repository(tmp_path / "o", {"b": ""})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_GLOB_PATHSPECS", "1")
    assert is_tracked(str(root), "a") is True
    assert is_tracked(str(root), "b") is False


def test_a_broken_repository_does_not_stand_for_the_one_around_it(tmp_path: Path) -> None:
    root = _repository(tmp_path / "r", {"sub/a": ""})
    (root / "sub/.git").mkdir()
    assert repository_root(str(root / "sub")) == str(root / "sub")
    assert is_tracked(str(root / "sub"), "a") is None
    assert is_vcs_ignored(str(root / "sub"), "a") is None


def test_a_planted_fsmonitor_does_not_run(tmp_path: Path, trap: tuple[Path, Callable[[], bool]]) -> None:
    program, has_run = trap
    root = _repository(tmp_path / "r", {"a": ""})
    _git(root, "config", "core.fsmonitor", str(program))
    _git(root, "ls-files")
    assert has_run(), "or else this test proves nothing"
    assert is_tracked(str(root), "a") is True
    assert is_vcs_ignored(str(root), "a") is False
    assert not has_run()


def test_planted_hooks_and_filters_do_not_run(tmp_path: Path, trap: tuple[Path, Callable[[], bool]]) -> None:
    program, has_run = trap
    root = _repository(tmp_path / "r", {"a": "", ".gitattributes": "* filter=f diff=f\n"})
    for hook in ("post-index-change", "pre-commit", "post-checkout", "fsmonitor-watchman", "query-watchman"):
        (root / ".git/hooks" / hook).write_text(program.read_text())
        (root / ".git/hooks" / hook).chmod(0o755)
    for name in (
        "filter.f.clean",
        "filter.f.smudge",
        "filter.f.process",
        "diff.f.textconv",
        "core.pager",
        "core.editor",
    ):
        _git(root, "config", name, str(program))
    _git(root, "config", "alias.ls-files", f"!{program}")
    os.utime(root / "a", (1, 1))
    has_run()
    assert is_tracked(str(root), "a") is True
    assert is_vcs_ignored(str(root), "a") is False
    assert not has_run()


@pytest.mark.parametrize("address", ["ssh://host.invalid/x", "ext::{trap}", "{origin}"])
def test_a_partial_clone_fetches_nothing(tmp_path: Path, trap: tuple[Path, Callable[[], bool]], address: str) -> None:
    program, has_run = trap
    origin = _repository(tmp_path / "o", {"out/.gitignore": "*.log\n", "in/f": ""})
    _git(origin, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "c"
    _git(tmp_path, "clone", "--quiet", "--filter=blob:none", "--no-checkout", origin.as_uri(), str(clone))
    _git(clone, "sparse-checkout", "set", "--cone", "in")
    _git(clone, "checkout", "--quiet", expect=None)
    for name, value in (
        ("core.sshCommand", str(program)), ("remote.origin.uploadpack", str(program)), ("protocol.allow", "always"),
        ("remote.origin.url", address.format(trap=program, origin=origin)),
    ):  # fmt: skip
        _git(clone, "config", name, value)
    _git(clone, "check-ignore", "out/x.log", expect=None)
    assert has_run(), "or else this test proves nothing"
    assert is_vcs_ignored(str(clone), "out/x.log") is None
    assert is_tracked(str(clone), "in") is True
    assert not has_run()


def test_no_git_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _repository(tmp_path / "r", {"a": ""})
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert is_tracked(str(root), "a") is None
    assert is_vcs_ignored(str(root), "a") is None


def test_a_git_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin/git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexec sleep 60\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git, "_SECONDS", 0.2)
    assert is_tracked(str(tmp_path), "a") is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a repository away")
def test_a_repository_of_somebody_else_is_distrusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = _repository(tmp_path / "r", {"a": ""})
    for path in (root, root / ".git"):
        os.chown(path, 12345, 12345)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.delenv("SUDO_UID", raising=False)
    assert is_tracked(str(root), "a") is None
