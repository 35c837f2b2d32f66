"""Which folder is a repository, and which of its commits counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repository

from reorder.world.git import GitError
from reorder.world.repositories import find_common_dir, find_default_branch, find_git_dir, find_head, is_repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.make(tmp_path / "r")
    made.commit({"a/x": "1"})
    return made


def test_checkouts_and_bare_repositories(repository: Repository, tmp_path: Path) -> None:
    assert find_git_dir(str(repository.root)) == str(repository.root / ".git")
    bare = tmp_path / "bare.git"
    repository.git("clone", "--quiet", "--bare", ".", str(bare))
    assert find_git_dir(str(bare)) == find_common_dir(str(bare)) == str(bare)
    head = repository.git("rev-parse", "HEAD").strip()
    assert find_head(str(bare)) == find_head(str(repository.root / ".git")) == (head, "main")
    assert [is_repository(str(path)) for path in (repository.root, bare, repository.root / "a", tmp_path / "gone")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize("place", ["r/a", "gone", "r/a/x"])
def test_what_is_no_repository(place: str, repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(GitError):
        find_git_dir(str(tmp_path / place))


def test_a_folder_inside_of_a_repository_is_none(repository: Repository) -> None:
    """Whoever looks for repositories below a folder must not find the one around it, over and over."""
    with pytest.raises(GitError, match="no git repository"):
        find_git_dir(str(repository.root / "a"))


def test_heads(repository: Repository, tmp_path: Path) -> None:
    git_dir = str(repository.root / ".git")
    first = repository.git("rev-parse", "HEAD").strip()
    repository.git("checkout", "--quiet", "-b", "feature/é")
    second = repository.commit({"a/x": "2"})
    repository.git("tag", "main-tag", first)
    assert find_head(git_dir) == (second, "feature/é")
    assert find_head(git_dir, "main") == (first, "main")
    repository.git("checkout", "--quiet", "--detach")
    assert find_head(git_dir) == (second, None)
    for branch in ("gone", "main-tag", first, "HEAD", "-x", "a..b", "main^"):
        with pytest.raises(GitError, match="no branch"):
            find_head(git_dir, branch)
    Repository.make(tmp_path / "empty")
    with pytest.raises(GitError, match="no commit yet"):
        find_head(str(tmp_path / "empty/.git"))


def test_the_default_branch_is_that_of_origin(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    clone.git("checkout", "--quiet", "-b", "feature")
    git_dir = str(clone.root / ".git")
    assert find_default_branch(git_dir) == "main"
    assert find_default_branch(str(repository.root / ".git")) == "main"
    clone.git("branch", "--quiet", "--delete", "--force", "main")
    assert find_head(git_dir, "main") == (repository.git("rev-parse", "HEAD").strip(), "main")


def test_that_somebody_else_owns_it_is_no_hindrance(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert find_head(find_git_dir(str(repository.root))).branch == "main"


def test_a_branch_here_and_on_origin(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    git_dir = str(clone.root / ".git")
    newer = repository.commit({"a/x": "2"})
    clone.git("fetch", "--quiet", "origin")
    assert find_head(git_dir, "main") == (newer, "main")  # what is here is but older
    own = clone.commit({"mine": ""})
    assert find_head(git_dir, "main") == (own, "main")  # each has something of its own
    clone.git("reset", "--quiet", "--hard", newer)
    ahead = clone.commit({"mine": ""})
    assert find_head(git_dir, "main") == (ahead, "main")
