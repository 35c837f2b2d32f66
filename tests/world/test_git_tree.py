"""A commit's files on disk, written without any program that the repository may name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus import run_git
from reorder.world.git import GitError
from reorder.world.git_tree import CommitFolder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    run_git(folder, "init", "-q")
    return folder


def commit(repository: Path, message: str) -> str:
    run_git(repository, "add", "--all")
    run_git(repository, "commit", "-q", "-m", message)
    return run_git(repository, "rev-parse", "HEAD").decode().strip()


def test_one_commit_after_the_other(repository: Path, tmp_path: Path) -> None:
    (repository / "a").mkdir()
    (repository / "a/x").write_text("1")
    (repository / "run").write_text("#!")
    (repository / "run").chmod(0o755)
    (repository / "link").symlink_to("a")
    (repository / "odd\n\udcff").write_text("odd")
    first = commit(repository, "one")
    (repository / "a/x").unlink()
    (repository / "a").rmdir()
    (repository / "a").write_text("now a file")
    (repository / "run").chmod(0o644)
    (repository / "link").unlink()
    (repository / "large").write_bytes(os.urandom(3 * 1024 * 1024))
    second = commit(repository, "two")
    target = tmp_path / "target"
    target.mkdir()
    folder = CommitFolder(str(repository), str(target))
    for _ in range(2):
        folder.show(first)
        assert (target / "a/x").read_text() == "1"
        assert os.access(target / "run", os.X_OK)
        assert os.readlink(target / "link") == "a"
        assert (target / "odd\n\udcff").read_text() == "odd"
        assert not (target / "large").exists()
        folder.show(second)
        assert (target / "a").read_text() == "now a file"
        assert not (target / "run").stat().st_mode & 0o111
        assert not (target / "link").is_symlink()
        assert (target / "large").read_bytes() == (repository / "large").read_bytes()


def test_only_what_differs_is_written(repository: Path, tmp_path: Path) -> None:
    (repository / "same").write_text("1")
    (repository / "other").write_text("1")
    first = commit(repository, "one")
    (repository / "other").write_text("2")
    second = commit(repository, "two")
    target = tmp_path / "target"
    target.mkdir()
    folder = CommitFolder(str(repository), str(target))
    folder.show(first)
    node = (target / "same").stat().st_ino
    folder.show(second)
    assert (target / "same").stat().st_ino == node
    assert (target / "other").read_text() == "2"


def test_a_context_below_the_root(repository: Path, tmp_path: Path) -> None:
    (repository / "app").mkdir()
    (repository / "app/x").write_text("1")
    (repository / "outside").write_text("1")
    first = commit(repository, "one")
    target = tmp_path / "target"
    target.mkdir()
    CommitFolder(str(repository / "app"), str(target)).show(first)
    assert sorted(path.name for path in target.iterdir()) == ["x"]


def test_filters_and_hooks_of_the_repository_do_not_run(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    (repository / "x").write_text("1")
    first = commit(repository, "one")
    (repository / ".git/info/attributes").write_text("* filter=evil\n")
    run_git(repository, "config", "filter.evil.smudge", f"touch {mark}; cat")
    run_git(repository, "config", "core.fsmonitor", f"touch {mark}")
    target = tmp_path / "target"
    target.mkdir()
    CommitFolder(str(repository), str(target)).show(first)
    assert (target / "x").read_text() == "1"
    assert not mark.exists()


def test_what_cannot_be_read(repository: Path, tmp_path: Path) -> None:
    (repository / "x").write_text("1")
    first = commit(repository, "one")
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(GitError, match="cannot list commit 0000"):
        CommitFolder(str(repository), str(target)).show("0" * 40)
    blob = run_git(repository, "rev-parse", f"{first}:x").decode().strip()
    (repository / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(GitError, match="no object"):
        CommitFolder(str(repository), str(target)).show(first)
    with pytest.raises(GitError, match="not in a git repository"):
        CommitFolder("/", str(target))
