"""Our own container image: it builds, and in it the tool works on a repository as it does outside."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.builds import RUN_ID, ask, docker, find_problem, find_trouble, has_image, inspect, remove
from hosts.readme import blocks
from repositories import Repository
from test_cli import BROAD, FIXED

ROOT = Path(__file__).parents[2]
DOCKERFILE = ".docker/Dockerfile"
TAG = f"dockerfile-fix-own:{RUN_ID}"
MEGABYTE = 1_000_000

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    if (problem := find_problem()) is not None:
        pytest.skip(problem)
    if not has_image("python:3.12-slim"):
        pytest.skip("the engine has no image python:3.12-slim")
    words = ("build", "--network", "host", "--add-host", f"{RUN_ID}.invalid:127.0.0.1", "--tag", TAG)
    for _ in range(3):
        done = docker(*words, "--file", str(ROOT / DOCKERFILE), str(ROOT))
        log = done.stderr.decode(errors="replace")
        if done.returncode == 0 or find_trouble(log) is None:
            break
    assert done.returncode == 0, log
    yield TAG
    for container in ask("ps", "--all", "--quiet", "--filter", f"ancestor={TAG}").stdout.decode().split():
        ask("rm", "--force", container)
    remove([TAG])


class Container:
    """A container that works on a folder, which is copied into it, for the engine may see no folder of ours."""

    def __init__(self, image: str, folder: Path, *words: str, user: str = "65532:65532") -> None:
        self.id = ask("create", "--network", "none", "--user", user, image, *words).stdout.decode().strip()
        docker("cp", f"{folder}/.", f"{self.id}:/work")
        done = docker("start", "--attach", self.id)
        self.code, self.out, self.talk = done.returncode, done.stdout.decode(), done.stderr.decode()

    def read(self, path: str, target: Path) -> str:
        docker("cp", f"{self.id}:/work/{path}", str(target))
        return target.read_text()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = Repository.make(tmp_path / "project")
    made.commit({"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": ""})
    return made.root


def test_the_exit_code_is_passed_on(image: str, project: Path) -> None:
    checked = Container(image, project, "--check")
    assert checked.code == 1, checked.talk
    assert "Dockerfile:3: broad-copy-before-install" in checked.talk
    assert Container(image, project, "--changed-since", "HEAD", "--check").code == 0
    assert Container(image, project, "--no-such-option").code == 2
    (project / "Dockerfile").write_text("FROM debian\n")
    assert Container(image, project, "--check").code == 0


def test_it_reads_the_history_of_a_repository_that_belongs_to_somebody_else(image: str, project: Path) -> None:
    for number in range(40):
        Repository(project).commit({"app.py": str(number)})
    found = Container(image, project, "--format", "json", "--check")
    assert json.loads(found.out)["gain"]["source"] == "history", found.talk


def test_it_writes_as_the_user_that_is_named(image: str, project: Path, tmp_path: Path) -> None:
    done = Container(image, project, user="0:0")
    assert (done.code, done.out) == (0, ""), done.talk
    assert done.read("Dockerfile", tmp_path / "read") == FIXED
    denied = Container(image, project)
    assert denied.code == 2
    assert "cannot be written, nothing was changed" in denied.talk


def test_it_is_small_and_nobody_in_particular(image: str) -> None:
    own, base = inspect(image), inspect("python:3.12-slim")
    assert own["Config"]["User"] == "65532:65532"
    layers = ask("history", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", image).stdout.decode().splitlines()
    (tool,) = (int(line.split()[0]) for line in layers if "COPY" in line)
    assert tool < 60 * MEGABYTE
    assert own["Size"] - base["Size"] < 300 * MEGABYTE


def test_the_readme_tells_how_to_run_it(image: str, project: Path) -> None:
    (block,) = (block for block in blocks() if "container" in block.heading)
    build, check, repair = (shlex.split(line) for line in block.text.splitlines())
    assert build == ["docker", "build", "-f", DOCKERFILE, "-t", "dockerfile-fix", "."]
    assert check[:4] == repair[:4] == ["docker", "run", "--rm", "-v"]
    assert repair[5:] == ["--user", "$(id -u):$(id -g)", "dockerfile-fix"]
    assert Container(image, project, *check[check.index("dockerfile-fix") + 1 :]).code == 1
