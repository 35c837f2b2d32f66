"""Branches with a patch, made beside whatever is checked out."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repository

from corpus import run_git
from reorder.outcome import FileChange
from reorder.world.commits import CommitWishes, Person, commit_patch, find_author
from reorder.world.git import GitError
from reorder.world.repositories import find_git_dir, find_head

OLD, NEW = "FROM a\nCOPY . .\nRUN b\n", "FROM a\nRUN b\nCOPY . .\n"
PATCH = (FileChange("app/Dockerfile", OLD, NEW), FileChange("app/.dockerignore", None, "x\n"))
BOT = Person("A Bot", "bot@example.org")
WISHES = CommitWishes("fix/docker", "Faster builds\n\nWhy.", BOT)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository.make(tmp_path / "r")
    (made.root / "app").mkdir()
    (made.root / "app/Dockerfile").write_text(OLD)
    (made.root / "app/Dockerfile").chmod(0o755)
    made.commit({"other/deep/file": "x", "app/main.c": ""})
    return made


def commit(repository: Repository, wishes: CommitWishes = WISHES, patch: tuple[FileChange, ...] = PATCH) -> str:
    git_dir = find_git_dir(str(repository.root))
    return commit_patch(git_dir, find_head(git_dir, "main").commit, patch, wishes).commit


def test_what_is_in_it(repository: Repository) -> None:
    made = commit(repository)
    assert repository.git("rev-parse", "fix/docker").strip() == made
    assert repository.git("rev-parse", "fix/docker^") == repository.git("rev-parse", "main")
    raw = repository.git("diff-tree", "-r", "--name-status", "main", "fix/docker")
    assert raw == "A\tapp/.dockerignore\nM\tapp/Dockerfile\n"
    assert repository.git("show", "fix/docker:app/Dockerfile") == NEW
    modes = [line.split()[0] for line in repository.git("ls-tree", "-r", "fix/docker", "app/").splitlines()]
    assert modes == ["100644", "100755", "100644"]
    head = repository.git("log", "-1", "--format=%an %ae %cn %ce%n%B", "fix/docker")
    assert head.strip() == "A Bot bot@example.org A Bot bot@example.org\nFaster builds\n\nWhy."
    assert repository.git("log", "-1", "--format=%ad %cd", "--date=raw", made) == "1700000000 +0000 1700000000 +0000\n"
    repository.git("fsck", "--strict")


def test_what_is_checked_out_stays(repository: Repository) -> None:
    repository.write({"app/Dockerfile": "being edited\n", "new": ""})
    repository.git("add", "new")
    places = (".git/index", ".git/HEAD", ".git/logs/HEAD", "app/Dockerfile")
    before = [(repository.root / place).read_bytes() for place in places]
    status = repository.git("status", "--porcelain")
    commit(repository)
    assert [(repository.root / place).read_bytes() for place in places] == before
    assert repository.git("status", "--porcelain") == status


def test_the_same_again_is_the_same_commit(repository: Repository, tmp_path: Path) -> None:
    repository.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    made = commit(repository)
    git_dir = find_git_dir(str(repository.root))
    again = commit_patch(git_dir, find_head(git_dir).commit, PATCH, WISHES)
    assert (again.status, again.commit, again.replaced) == ("present", made, None)
    assert commit(Repository(tmp_path / "bare.git")) == made


def test_our_older_commit_is_replaced(repository: Repository) -> None:
    first = commit(repository)
    git_dir = find_git_dir(str(repository.root))
    second = commit_patch(git_dir, find_head(git_dir).commit, PATCH, WISHES._replace(message="Other words"))
    assert (second.status, second.replaced) == ("committed", first)
    repository.commit({"app/main.c": "the project goes on"})
    third = commit_patch(git_dir, find_head(git_dir).commit, PATCH, WISHES)
    assert third.replaced == second.commit


def test_a_branch_that_was_merged_is_used_again(repository: Repository) -> None:
    commit(repository)
    repository.git("reset", "--quiet", "--hard")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "fix/docker")
    repository.git("branch", "--force", "fix/docker", "main^")
    commit(repository, patch=(FileChange("app/Dockerfile", NEW, OLD),))
    assert repository.git("show", "fix/docker:app/Dockerfile") == OLD


@pytest.mark.parametrize("way", ["on top", "amended", "other root", "other bot", "tag"])
def test_nobody_elses_commit_is_lost(way: str, repository: Repository) -> None:
    if way != "other root":
        commit(repository, WISHES._replace(author=Person("Other", "x@y") if way == "other bot" else BOT))
        repository.git("checkout", "--quiet", "fix/docker")
    if way == "on top":
        repository.commit({"review": "please"})
    elif way == "amended":
        repository.git("commit", "--quiet", "--amend", "--message", "Better words", when=1_700_000_001)
    elif way == "other root":
        repository.git("checkout", "--quiet", "--orphan", "fix/docker")
        repository.commit({"x": ""})
    elif way == "tag":
        repository.git("commit", "--quiet", "--amend", "--message", "Same time, other committer")
    tip = repository.git("rev-parse", "fix/docker").strip()
    repository.git("checkout", "--quiet", "main")
    with pytest.raises(GitError, match="commits that are not ours"):
        commit(repository, WISHES._replace(message="New words"))
    assert repository.git("rev-parse", "fix/docker").strip() == tip


def test_a_branch_that_is_checked_out_is_left_alone(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="checked out"):
        commit(repository, WISHES._replace(branch="main"))
    repository.git("branch", "in-a-work-tree")
    repository.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "in-a-work-tree")
    with pytest.raises(GitError, match="checked out"):
        commit(repository, WISHES._replace(branch="in-a-work-tree"))
    repository.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    with pytest.raises(GitError, match="checked out"):
        commit(Repository(tmp_path / "bare.git"), WISHES._replace(branch="main"))


@pytest.mark.parametrize("target", ["main", "other", "not-there"])
def test_a_symbolic_reference_is_no_branch(repository: Repository, target: str) -> None:
    repository.git("branch", "other")
    repository.git("symbolic-ref", "refs/heads/fix/docker", f"refs/heads/{target}")
    before = repository.git("for-each-ref")
    with pytest.raises(GitError, match=f"symbolic reference to refs/heads/{target}"):
        commit(repository, WISHES)
    assert repository.git("for-each-ref") == before


def test_from_a_linked_work_tree_and_a_submodule(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "tree"))
    git_dir = find_git_dir(str(tmp_path / "tree"))
    assert find_head(git_dir).branch == "side"
    made = commit_patch(git_dir, find_head(git_dir).commit, PATCH, WISHES).commit
    assert repository.git("rev-parse", "fix/docker").strip() == made
    outer = Repository.make(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repository.root), "sub")
    inner = find_git_dir(str(outer.root / "sub"))
    assert inner == str(outer.root / ".git/modules/sub")
    assert commit_patch(inner, find_head(inner).commit, PATCH, WISHES).commit == made


def test_bytes_stay_what_they_are(repository: Repository) -> None:
    name = 'odd\n"\\\t\udcff é'
    old = b"FROM a\r\nRUN \xff"
    (repository.root / name).write_bytes(old)
    repository.commit({".gitattributes": "* text eol=crlf\n"})
    before = run_git(repository.root, "cat-file", "blob", f"HEAD:{name}")
    text = before.decode("utf-8", "surrogateescape")
    commit(repository, patch=(FileChange(name, text, text + "\r\n# \udcfe"),))
    assert run_git(repository.root, "cat-file", "blob", f"fix/docker:{name}") == before + b"\r\n# \xfe"


SIGNED = "Signed-off-by: A Bot <bot@example.org>"


@pytest.mark.parametrize(("message", "whole"), [
    ("Short", f"Short\n\n{SIGNED}"), ("A\n\nB\n\n", f"A\n\nB\n\n{SIGNED}"), ("fix: short", f"fix: short\n\n{SIGNED}"),
    ("A\n\nRefs: #1\nCo-authored-by: X <x@y>", f"A\n\nRefs: #1\nCo-authored-by: X <x@y>\n{SIGNED}"),
    (f"A\n\n{SIGNED}\n", f"A\n\n{SIGNED}"),
])  # fmt: skip
def test_a_sign_off(message: str, whole: str, repository: Repository) -> None:
    made = commit(repository, WISHES._replace(message=message, sign_off=True))
    assert repository.git("log", "-1", "--format=%B", made).strip("\n") == whole
    assert repository.git("log", "-1", "--format=%(trailers:key=Signed-off-by,valueonly)", made).strip() == SIGNED[15:]


@pytest.mark.parametrize("wrong", [
    *(WISHES._replace(branch=branch) for branch in ("a..b", "-x", "", "HEAD", "main/x", "a b", "x.lock", "x/", "@",
                                                    "refs/heads/x", "a\0b")),
    *(WISHES._replace(message=message) for message in ("", " \n", "a\0b")),
    *(WISHES._replace(author=Person(name, "a@b")) for name in ("A <x>", "", "A\nB")),
])  # fmt: skip
def test_wishes_that_cannot_be(wrong: CommitWishes, repository: Repository) -> None:
    before = repository.git("for-each-ref")
    with pytest.raises(GitError):
        commit(repository, wrong)
    assert repository.git("for-each-ref") == before


def test_the_author_is_who_git_says(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    git_dir = find_git_dir(str(repository.root))
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(GitError, match="does not know who"):
        find_author(git_dir)
    (tmp_path / "config").write_text("[user]\n\tname = Jö\n\temail = j@example.org\n")
    assert find_author(git_dir) == Person("Jö", "j@example.org")
    repository.git("config", "user.email", "j@work.example.org")
    made = commit(repository, WISHES._replace(author=None))
    assert repository.git("log", "-1", "--format=%an <%ae>", made).strip() == "Jö <j@work.example.org>"
    monkeypatch.setenv("GIT_AUTHOR_NAME", "CI")
    assert find_author(git_dir) == Person("CI", "j@work.example.org")
