"""All that is done with a server, done over https with a password."""

from __future__ import annotations

import os
import shutil
from functools import partial
from pathlib import Path

import pytest
from repositories import Repository
from world.https_server import NAME, PASSWORD, serve_repositories

from reorder.repository import fix_commit
from reorder.world.commits import CommitWishes, Person, commit_patch
from reorder.world.fetching import fetch_blobs, fetch_repository
from reorder.world.git import GitError
from reorder.world.pushing import push_branch
from reorder.world.remotes import Remote

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
BOT = Person("A Bot", "bot@example.org")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl for a certificate")
def test_clone_fetch_commit_push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served = tmp_path / "served"
    server = Repository.make(served / "team/app")
    for key in ("uploadpack.allowFilter", "http.receivepack"):
        server.git("config", key, "true")
    commit = server.commit({"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": ""})
    store = tmp_path / "store"
    config = tmp_path / "global.config"
    config.write_text(f"[credential]\n\thelper = store --file {store}\n")
    for name, value in (("GIT_CONFIG_GLOBAL", config), ("GIT_SSL_CAINFO", served / "public.pem"), ("NO_PROXY", "*"),
                        ("no_proxy", "*")):  # fmt: skip
        monkeypatch.setenv(name, str(value))
    for name in ("GIT_ASKPASS", "SSH_ASKPASS"):
        monkeypatch.delenv(name, raising=False)
    with serve_repositories(served) as address:
        clean = f"{address}/team/app"
        folder = str(tmp_path / "clones/app.git")
        with pytest.raises(GitError, match="could not read Username"):
            fetch_repository(Remote(clean), folder)
        remote = Remote(clean.replace("https://", f"https://{NAME}:{PASSWORD}@"))
        head = fetch_repository(remote, folder)
        assert head == (commit, "main")
        fix = fix_commit(folder, commit, fetch=partial(fetch_blobs, remote, folder))
        made = commit_patch(folder, commit, fix.files, CommitWishes("fix", "Faster builds", BOT)).commit
        assert push_branch(folder, remote, "fix", made, BOT).status == "pushed"
        assert server.git("rev-parse", "fix").strip() == made
        second = server.commit({"app.py": "2"})
        assert fetch_repository(remote, folder).commit == second
        again = commit_patch(folder, second, fix.files, CommitWishes("fix", "Faster builds", BOT))
        assert push_branch(folder, remote, "fix", again.commit, BOT).replaced == made
        assert not store.exists()
        wrong = Remote(remote.url.replace(PASSWORD, "wr0ng"))
        with pytest.raises(GitError, match="Authentication failed") as error:
            fetch_repository(wrong, folder)
        assert "wr0ng" not in str(error.value)
        # the user's own helper is asked where the address says nothing
        store.write_text(remote.url.removesuffix("/team/app") + "\n")
        assert fetch_repository(Remote(clean), folder).commit == second
    files = [path for path in (tmp_path / "clones").rglob("*") if path.is_file()]
    assert not [path for path in files if PASSWORD.encode() in path.read_bytes()]
    assert clean in (tmp_path / "clones/app.git/config").read_text()
    assert not [name for name in os.listdir(tmp_path / "clones") if name != "app.git"]
