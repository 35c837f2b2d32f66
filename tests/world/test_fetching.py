"""Clones that hold as little as they can, from real servers (git's own, on a folder)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from repositories import Repository

from reorder.repository import fix_commit
from reorder.world.commit_tree import open_commit
from reorder.world.fetching import DEPTH, fetch_blobs, fetch_repository
from reorder.world.git import GitError
from reorder.world.git_log import read_history_of_commit
from reorder.world.remotes import Remote, find_remote_head, talk, without_credentials
from reorder.world.repositories import Head

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
FILES = {"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": "", "large.bin": "x" * 100_000}


@pytest.fixture
def server(tmp_path: Path) -> Repository:
    made = Repository.make(tmp_path / "server")
    made.git("config", "uploadpack.allowFilter", "true")
    made.commit(FILES)
    return made


def remote_of(server: Repository, seconds: float = 60.0) -> Remote:
    return Remote(f"file://{server.root}", allows_files=True, seconds=seconds)


def objects_in(folder: Path) -> set[str]:
    words = ("cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)")
    return set(Repository(folder).git(*words).splitlines())


def test_a_clone_holds_no_file_that_is_not_read(server: Repository, tmp_path: Path) -> None:
    commit = server.commit({"app.py": "1"})
    folder = tmp_path / "clones/x.git"
    remote = remote_of(server)
    assert fetch_repository(remote, str(folder)) == Head(commit, "main") == find_remote_head(remote)
    assert not any(line.startswith("blob") for line in objects_in(folder))
    fix = fix_commit(str(folder), commit, fetch=partial(fetch_blobs, remote, str(folder)))
    assert [outcome.status for outcome in fix.outcomes] == ["changed"]
    assert fix == fix_commit(str(server.root / ".git"), commit)
    blobs = {name: server.git("rev-parse", f"HEAD:{name}").strip() for name in FILES}
    assert {name for name, blob in blobs.items() if f"blob {blob}" in objects_in(folder)} == {
        "Dockerfile", "requirements.txt",
    }  # fmt: skip
    assert not (tmp_path / "clones/x.git.new").exists()


def test_the_next_run_brings_it_up_to_date(server: Repository, tmp_path: Path) -> None:
    folder, remote = str(tmp_path / "x.git"), remote_of(server)
    first = fetch_repository(remote, folder)
    mark = tmp_path / "x.git/mark"
    mark.write_text("the same folder")
    assert fetch_repository(remote, folder) == first
    second = server.commit({"app.py": "2"})
    assert fetch_repository(remote, folder).commit == second
    with open_commit(folder, second) as tree:
        assert "app.py" in tree.paths
    server.git("reset", "--quiet", "--hard", first.commit)
    third = server.commit({"other.py": "3"})  # somebody pushed by force
    assert fetch_repository(remote, folder).commit == third
    assert mark.exists()


def test_a_branch_and_the_default_branch(server: Repository, tmp_path: Path) -> None:
    first = server.git("rev-parse", "HEAD").strip()
    server.git("checkout", "--quiet", "-b", "feature/x")
    second = server.commit({"app.py": "2"})
    remote = remote_of(server)
    assert fetch_repository(remote, str(tmp_path / "a.git"), "main") == Head(first, "main")
    assert fetch_repository(remote, str(tmp_path / "a.git")) == Head(second, "feature/x")
    with pytest.raises(GitError, match="no branch gone"):
        fetch_repository(remote, str(tmp_path / "a.git"), "gone")
    server.git("checkout", "--quiet", "--detach")
    assert fetch_repository(remote, str(tmp_path / "b.git")) == Head(second, None)


def test_a_branch_that_moves_on_meanwhile(
    server: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = find_remote_head(remote_of(server))
    second = server.commit({"app.py": "2"})
    monkeypatch.setattr("reorder.world.fetching.find_remote_head", lambda *_: first)
    for _ in range(2):
        assert fetch_repository(remote_of(server), str(tmp_path / "x.git")) == Head(second, "main")


def test_as_much_history_as_a_plan_is_weighed_with(server: Repository, tmp_path: Path) -> None:
    stream = ""
    for number in range(DEPTH + 20):
        stream += f"commit refs/heads/main\ncommitter A <a@b> {1_800_000_000 + number} +0000\ndata 0\n"
        stream += f"from {'refs/heads/main^0' if number == 0 else ''}\n" if number == 0 else ""
        stream += f"M 100644 inline app.py\ndata {len(str(number))}\n{number}\n"
    subprocess.run(["git", "-C", server.root, "fast-import", "--quiet"], input=stream.encode(), check=True)
    folder = str(tmp_path / "x.git")
    head = fetch_repository(remote_of(server), folder)
    history = read_history_of_commit(folder, head.commit, "", 200)
    assert history == read_history_of_commit(str(server.root / ".git"), head.commit, "", 200)
    assert len(history.commits) == 200
    assert sum(line.startswith("commit") for line in objects_in(tmp_path / "x.git")) == DEPTH


def test_a_server_that_cannot_leave_files_out(server: Repository, tmp_path: Path) -> None:
    server.git("config", "uploadpack.allowFilter", "false")
    head = fetch_repository(remote_of(server), str(tmp_path / "x.git"))
    fetched: list[object] = []
    assert fix_commit(str(tmp_path / "x.git"), head.commit, fetch=fetched.append).patch
    assert fetched == []


def test_a_server_with_longer_names(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    server = Repository(tmp_path / "server")
    server.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    commit = server.commit(FILES)
    assert len(commit) == 64
    assert fetch_repository(remote_of(server), str(tmp_path / "x.git")) == Head(commit, "main")
    assert fix_commit(str(tmp_path / "x.git"), commit).outcomes


def test_what_a_killed_run_left(server: Repository, tmp_path: Path) -> None:
    folder, remote = tmp_path / "x.git", remote_of(server)
    (tmp_path / "x.git.new/objects").mkdir(parents=True)
    (tmp_path / "x.git.new/HEAD").write_text("half")
    head = fetch_repository(remote, str(folder))
    left = ("shallow.lock", "config.lock", "packed-refs.lock", "refs/fetched/head.lock", "objects/pack/tmp_pack_x")
    for name in left:
        (folder / name).write_text("")
    commit = server.commit({"app.py": "2"})
    assert fetch_repository(remote, str(folder)).commit == commit != head.commit
    assert not list(folder.rglob("*.lock")) + list(folder.rglob("tmp_pack*"))


@pytest.mark.parametrize("damage", ["HEAD", "config", "objects", "refs"])
def test_a_broken_clone_is_made_anew(damage: str, server: Repository, tmp_path: Path) -> None:
    folder, remote = tmp_path / "x.git", remote_of(server)
    fetch_repository(remote, str(folder))
    commit = server.commit({"app.py": "2"})
    subprocess.run(["rm", "-rf", folder / damage], check=True)
    if damage == "config":
        (folder / "config").write_text("[broken")
    assert fetch_repository(remote, str(folder)).commit == commit
    with open_commit(str(folder), commit) as tree:
        assert "Dockerfile" in tree.paths


def test_a_clone_of_many_packs_is_made_anew(
    server: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, remote = tmp_path / "x.git", remote_of(server)
    monkeypatch.setattr("reorder.world.fetching._MOST_PACKS", 1)
    for number in range(4):
        server.commit({"app.py": str(number)})
        fetch_repository(remote, str(folder))
        assert len(list(folder.rglob("*.pack"))) <= 2


def test_killed_in_the_middle(server: Repository, tmp_path: Path) -> None:
    """Whatever moment it is: the next run ends as if nothing had been."""
    script = """if True:
        import sys
        from reorder.world.fetching import fetch_repository
        from reorder.world.remotes import Remote
        print(flush=True)
        fetch_repository(Remote(sys.argv[1], allows_files=True), sys.argv[2])"""
    folder, remote = tmp_path / "x.git", remote_of(server)
    for number in range(8):
        commit = server.commit({"app.py": str(number)})
        command = [sys.executable, "-c", script, remote.url, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.015 * number)
            process.send_signal(signal.SIGKILL)
        if number % 2:
            assert fetch_repository(remote, str(folder)).commit == commit
            with open_commit(str(folder), commit) as tree:
                assert "Dockerfile" in tree.paths


def test_servers_that_are_no_repository(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="does not appear to be a git repository"):
        fetch_repository(Remote(f"file://{tmp_path}/none", allows_files=True), str(tmp_path / "x.git"))
    Repository.make(tmp_path / "empty")
    with pytest.raises(GitError, match="no commit yet"):
        fetch_repository(Remote(f"file://{tmp_path}/empty", allows_files=True), str(tmp_path / "x.git"))
    assert not list(tmp_path.glob("x.git*"))


def test_a_server_that_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for protocol in ("git", "https"):
            remote = Remote(f"{protocol}://127.0.0.1:{port}/never-{os.getpid()}.git", seconds=0.7)
            with pytest.raises(GitError, match=r"longer than 0\.7 s"):
                fetch_repository(remote, str(tmp_path / "x.git"))
            assert not _processes_with(remote.url)


def _processes_with(word: str) -> list[str]:
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes()
        except OSError:
            continue
        if word.encode() in words:
            found.append(words.decode(errors="replace"))
    return found


def test_passwords_are_neither_shown_nor_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for git keeps its words; its variables alone hold the password."""
    stand_in = tmp_path / "bin/git"
    stand_in.parent.mkdir()
    stand_in.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/words\nenv | grep ^GIT_CONFIG >> {tmp_path}/variables\n'
        "echo \"fatal: unable to access 'https://me:s3cr%65t@host.invalid/x/': s3cret\" >&2\nexit 128\n"
    )
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")
    remote = Remote("https://me:s3cr%65t@host.invalid/x/")
    with pytest.raises(GitError) as error:
        find_remote_head(remote)
    assert "s3cr" not in str(error.value)
    assert "host.invalid" in str(error.value)
    words = (tmp_path / "words").read_text()
    assert "https://host.invalid/x/" in words
    assert "s3cr" not in words
    assert "credential.helper=" in words
    variables = (tmp_path / "variables").read_text()
    assert "GIT_CONFIG_KEY_0=url.https://me:s3cr%65t@host.invalid/x/.insteadOf" in variables
    assert "GIT_CONFIG_VALUE_0=https://host.invalid/x/" in variables


@pytest.mark.parametrize(("url", "shown"), [
    ("https://me:pw@host/x.git", "https://host/x.git"), ("https://token@host/x", "https://host/x"),
    ("https://a@b:c@host:8443/x@y", "https://host:8443/x@y"), ("ssh://git@host/x", "ssh://git@host/x"),
    ("ssh://git:pw@host:22/x", "ssh://git@host:22/x"), ("git@host:x/y.git", "git@host:x/y.git"),
    ("https://host/a@b", "https://host/a@b"), ("/srv/a@b", "/srv/a@b"), ("HTTPS://me:pw@host", "HTTPS://host"),
])  # fmt: skip
def test_addresses_without_passwords(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


def test_the_configuration_of_the_user_counts(
    server: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "global.config"
    config.write_text(f'[url "file://{server.root}"]\n\tinsteadOf = https://company.invalid/x\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    answer = talk(Remote("https://company.invalid/x", allows_files=True), None, "ls-remote", "https://company.invalid/x")
    assert server.git("rev-parse", "HEAD").strip() in answer.decode()
    with pytest.raises(GitError, match="transport 'file' not allowed"):
        talk(Remote("https://company.invalid/x"), None, "ls-remote", "https://company.invalid/x")


def test_a_server_that_sends_too_much(server: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.git("config", "uploadpack.allowFilter", "false")
    with open(server.root / "noise", "wb") as file:
        file.write(os.urandom(30_000_000))
    server.commit({})
    monkeypatch.setattr("reorder.world.remotes._LOOK", 0.01)
    remote = remote_of(server)._replace(most_bytes=1 << 20)
    with pytest.raises(GitError, match="more than 1 MiB"):
        fetch_repository(remote, str(tmp_path / "x.git"))
    assert not (tmp_path / "x.git").exists()


@pytest.mark.parametrize(("own", "words"), [(None, "-oBatchMode=yes"), ("GIT_SSH_COMMAND", "--mine")])
def test_ssh_asks_nobody(own: str | None, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "bin/ssh"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/words\nexit 255\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("GIT_SSH", "GIT_SSH_COMMAND", "GIT_CONFIG_GLOBAL"):
        monkeypatch.delenv(name, raising=False)
    if own is not None:
        monkeypatch.setenv(own, f"{stand_in} --mine")
    for url in ("git@host.invalid:team/app.git", "ssh://git@host.invalid/team/app.git"):
        with pytest.raises(GitError):
            find_remote_head(Remote(url, seconds=20))
    lines = (tmp_path / "words").read_text().splitlines()
    assert len(lines) >= 2
    assert all(words in line and "git@host.invalid" in line for line in lines)
