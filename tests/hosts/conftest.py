"""A runner with the action in it, and a checkout with a bare remote for it to work on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.builds import Trouble, find_trouble
from hosts.github import Api, context, pull_request, serve
from hosts.runner import Runner, plant
from repositories import Repository
from test_cli import BROAD

FILES = {"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": "", "good/Dockerfile": "FROM debian\n"}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A runner's folder for temporary files in which the action has installed itself once."""
    temp = tmp_path_factory.mktemp("runner")
    folder = tmp_path_factory.mktemp("empty") / "hostile"
    folder.mkdir()
    canary = plant(folder)
    job = Runner(folder, temp, context(), {}).run(paths="none.Dockerfile")
    assert not canary.exists()
    if not (temp / "dockerfile-fix/requirement").exists():
        if find_trouble(job.log) is Trouble.NETWORK:
            pytest.skip("the action could not install itself: the index does not answer")
        pytest.fail(job.log)
    return temp


@pytest.fixture
def remote(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "remote")
    made.root.mkdir()
    made.git("init", "--quiet", "--bare", "--initial-branch=main")
    return made


@pytest.fixture
def checkout(tmp_path: Path, remote: Repository) -> Repository:
    made = Repository.make(tmp_path / "work")
    made.git("remote", "add", "origin", str(remote.root))
    made.commit(FILES)
    made.git("push", "--quiet", "origin", "main", "main:topic")
    made.git("switch", "--quiet", "--detach")
    return made


@pytest.fixture
def push(checkout: Repository, installed: Path) -> Runner:
    """A run for a push to the branch topic."""
    return Runner(checkout.root, installed, context())


@pytest.fixture
def api(push: Runner, checkout: Repository) -> Iterator[Api]:
    """The run is for a pull request, and GitHub answers."""
    made = Api()
    with serve(made) as address:
        pull_request(push, checkout)
        push.github["api_url"] = address
        yield made
