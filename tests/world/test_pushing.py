"""Branches on a server: new ones, our own older ones, and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repository

from reorder.outcome import FileChange
from reorder.world import pushing
from reorder.world.commits import CommitWishes, Person, commit_patch
from reorder.world.fetching import fetch_repository
from reorder.world.git import GitError
from reorder.world.pushing import Pushed, find_push_url, push_branch
from reorder.world.remotes import Remote, RemoteHeads
from reorder.world.repositories import find_git_dir, find_head

PATCH = (FileChange("Dockerfile", "FROM a\n", "FROM b\n"),)
BOT = Person("A Bot", "bot@example.org")
WISHES = CommitWishes("fix", "Faster builds", BOT)


class Pair:
    """A server and a checkout of it."""

    def __init__(self, top: Path) -> None:
        self.server = Repository.make(top / "server")
        self.base = self.server.commit({"Dockerfile": "FROM a\n", "other": "x"})
        self.server.git("clone", "--quiet", ".", str(top / "own"))
        self.own = Repository(top / "own")
        self.remote = Remote(str(self.server.root), allows_files=True, seconds=60)
        self.git_dir = find_git_dir(str(self.own.root))

    def commit(self, message: str = "Faster builds") -> str:
        head = find_head(self.git_dir, "main").commit
        return commit_patch(self.git_dir, head, PATCH, WISHES._replace(message=message)).commit

    def push(self, commit: str, branch: str = "fix", default: str | None = None) -> Pushed:
        return push_branch(self.git_dir, self.remote, branch, commit, BOT, default)

    def tip(self, branch: str = "fix") -> str:
        return self.server.git("rev-parse", "--verify", "--quiet", branch, expect=None).strip()


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_new_then_there_then_replaced(pair: Pair) -> None:
    first = pair.commit()
    assert pair.push(first) == Pushed("pushed", "fix", first)
    assert pair.push(first) == Pushed("present", "fix", first)
    second = pair.commit("Other words")
    assert pair.push(second) == Pushed("pushed", "fix", second, first)
    assert pair.tip() == second
    pair.server.git("fsck", "--strict")


def test_our_own_older_commit_is_known_without_any_memory(pair: Pair, tmp_path: Path) -> None:
    """As in CI, where each run begins with a new clone."""
    first = pair.commit()
    pair.push(first)
    fresh = tmp_path / "fresh.git"
    head = fetch_repository(pair.remote, str(fresh))
    second = commit_patch(str(fresh), head.commit, PATCH, WISHES._replace(message="Other words")).commit
    assert push_branch(str(fresh), pair.remote, "fix", second, BOT).replaced == first
    assert pair.tip() == second


@pytest.mark.parametrize("way", ["on top", "amended", "theirs", "other bot"])
def test_nobody_elses_commit_is_lost(way: str, pair: Pair) -> None:
    pair.push(pair.commit())
    pair.server.git("checkout", "--quiet", "fix")
    if way == "on top":
        pair.server.commit({"review": "please"})
    elif way == "amended":
        pair.server.git("commit", "--quiet", "--amend", "--message", "Better words")
    elif way == "theirs":
        pair.server.git("reset", "--quiet", "--hard", "main")
        pair.server.commit({"Dockerfile": "FROM c\n"})
    tip = pair.tip()
    pair.server.git("checkout", "--quiet", "main")
    author = Person("Other", "x@y") if way == "other bot" else BOT
    with pytest.raises(GitError, match="not ours"):
        push_branch(pair.git_dir, pair.remote, "fix", pair.commit("New words"), author)
    assert pair.tip() == tip


def test_somebody_was_faster(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our look at the server and our push: the lease is void."""
    first = pair.commit()
    pair.push(first)
    pair.server.git("checkout", "--quiet", "fix")
    theirs = pair.server.commit({"review": "please"})
    pair.server.git("checkout", "--quiet", "main")
    for seen in ({"refs/heads/fix": first}, {}):
        monkeypatch.setattr(pushing, "list_remote", lambda *_, seen=seen: RemoteHeads(seen, "main"))
        with pytest.raises(GitError):
            pair.push(pair.commit("New words"))
        assert pair.tip() == theirs


def test_never_to_the_default_branch(pair: Pair) -> None:
    made = pair.commit()
    with pytest.raises(GitError, match="default branch"):
        pair.push(made, "main")
    with pytest.raises(GitError, match="default branch"):
        pair.push(made, "develop", "develop")
    assert (pair.tip("main"), pair.tip("develop")) == (pair.base, "")


def test_a_server_that_says_no(pair: Pair) -> None:
    hook = pair.server.root / ".git/hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no such names here' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitError, match="pre-receive hook declined"):
        pair.push(pair.commit())
    assert pair.tip() == ""


def test_nothing_is_left_behind(pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    before = sorted(path for path in pair.own.root.rglob("*") if "objects" not in path.parts)
    made = pair.commit()
    pair.push(made)
    assert not list((tmp_path / "temporary").iterdir())
    after = sorted(path for path in pair.own.root.rglob("*") if "objects" not in path.parts)
    assert set(after) - set(before) == {pair.own.root / ".git/refs/heads/fix"}


def test_the_address_to_push_to(pair: Pair) -> None:
    pair.own.git("config", "remote.origin.url", "https://host/x.git")
    assert find_push_url(pair.git_dir) == "https://host/x.git"
    pair.own.git("config", "remote.origin.pushurl", "git@host:x.git")
    assert find_push_url(pair.git_dir) == "git@host:x.git"
    with pytest.raises(GitError, match="no remote upstream"):
        find_push_url(pair.git_dir, "upstream")


def test_what_nobody_published_is_not_pushed(pair: Pair) -> None:
    pair.own.commit({"draft": "my secret"})
    with pytest.raises(GitError, match="not ours to publish"):
        pair.push(pair.commit())
    assert pair.tip() == ""


def test_what_was_published_may_be_known_in_several_ways(pair: Pair) -> None:
    older = pair.base
    pair.server.commit({"other": "y"})  # the server has moved on, and the checkout does not know
    assert pair.push(pair.commit()).status == "pushed"
    pair.server.git("branch", "--quiet", "--delete", "--force", "fix")
    pair.own.git("fetch", "--quiet", "origin")
    pair.own.git("update-ref", "-d", "refs/remotes/origin/main")
    pair.own.git("update-ref", "-d", "refs/remotes/origin/HEAD", expect=None)
    assert pair.own.git("for-each-ref", "refs/remotes") == ""
    assert pair.own.git("rev-parse", "main").strip() == older
    assert pair.push(pair.commit()).status == "pushed"  # the tip of the server is here, and holds it
