"""``verify`` with buildah, which shares no code with BuildKit; how builds end with podman, too."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.small_image import lay_out_small
from engine.verify_command import Desk, running

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

BASE = "FROM localhost/small\n"
BUILDER = ("--builder", "buildah")


class Store:
    """An image store of our own, so that the user's is left alone, and nobody else builds in it."""

    def __init__(self, root: Path) -> None:
        config = root / "storage.conf"
        config.write_text(
            f'[storage]\ndriver = "vfs"\nrunroot = "{root / "run"}"\ngraphroot = "{root / "graph"}"\n'
        )  # fmt: skip
        self.environment = {"CONTAINERS_STORAGE_CONF": str(config), "BUILDAH_ISOLATION": "chroot"}
        (root / "docker").mkdir()
        (root / "docker" / "config.json").write_text("{}")
        self.environment["DOCKER_CONFIG"] = str(root / "docker")

    def ask(self, *words: str) -> str:
        command = ("/usr/bin/env", *(f"{k}={v}" for k, v in self.environment.items()), "buildah", *words)
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout

    def content(self) -> tuple[list[str], list[str]]:
        return sorted(self.ask("images", "--all", "-q").split()), self.ask("containers", "--all", "-q").split()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if shutil.which("buildah") is None:
        pytest.skip("there is no buildah")
    store = Store(tmp_path_factory.mktemp("store"))
    try:
        store.ask("build", "--tag", "small", str(lay_out_small(tmp_path_factory.mktemp("small"))))
    except subprocess.CalledProcessError as error:
        pytest.skip(f"buildah does not build here: {error.stderr[-300:]}")
    yield store
    store.ask("rmi", "--all", "--force")


@pytest.fixture(params=["buildah", "podman"])
def builder(request: pytest.FixtureRequest) -> tuple[str, str]:
    """podman builds with buildah's library, but ends in its own way."""
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param}")
    return ("--builder", request.param)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Iterator[Desk]:
    """Whatever a test does: no image, no container, no file."""
    before = store.content()
    desk = Desk(tmp_path, store.environment)
    yield desk
    assert store.content() == before
    assert desk.left_behind() == []


def test_an_equal_pair(desk: Desk) -> None:
    desk.write(a="1", b="2")
    one, other = "COPY a b /x/\nRUN cp /x/a /y\n", "COPY a /x/\nRUN cp /x/a /y\nCOPY a b /x/\n"
    run = desk.compare(BASE + one, BASE + other, *BUILDER, "--smoke", "cat /y")
    assert (run.code, run.record["status"]) == (0, "equal"), run
    assert run.record["smoke"][0]["code_before"] == 0


@pytest.mark.parametrize(
    ("line", "aspect"),
    [("RUN echo 2 > /x", "content"), ("RUN chmod 600 /x", "mode"), ("RUN chown 5:6 /x", "owner"),
     ("RUN rm /x", "only before")],
)  # fmt: skip
def test_a_pair_that_differs(desk: Desk, line: str, aspect: str) -> None:
    text = BASE + "RUN echo 1 > /x\n"
    run = desk.compare(text, f"{text}{line}\n", *BUILDER)
    assert (run.code, run.record["status"]) == (1, "differs"), run
    (group,) = run.record["comparison"]["groups"]
    assert group["aspects"] == {aspect: 1}


@pytest.mark.parametrize(
    ("line", "field"),
    [("ENV A=1", "Env"), ("HEALTHCHECK CMD x", "Healthcheck"), ('SHELL ["/bin/x", "-c"]', "Shell")],
)
def test_a_pair_that_differs_in_the_configuration(desk: Desk, line: str, field: str) -> None:
    run = desk.compare(BASE, f"{BASE}{line}\n", *BUILDER)
    assert run.code == 1, run
    assert field in [item["field"] for item in run.record["comparison"]["configuration"]]


def test_an_original_that_is_never_the_same_twice(desk: Desk, builder: tuple[str, str]) -> None:
    text = BASE + "RUN date +%N > /stamp && mktemp /srv/XXXXXXXX\n"
    run = desk.compare(text, text, *builder)
    assert (run.code, run.record["status"]) == (0, "equal"), run
    assert run.record["comparison"]["measured"] >= 2


def test_builds_that_fail(desk: Desk, builder: tuple[str, str]) -> None:
    text = BASE + "RUN echo words of the build; exit 3\n"
    run = desk.compare(text, BASE, *builder)
    assert (run.code, run.record["status"]) == (2, "original-fails"), run
    run = desk.compare(BASE, text, *builder)
    assert (run.code, run.record["status"]) == (1, "patch-fails"), run
    assert any("words of the build" in line for line in run.record["log"])


def test_a_build_that_hangs_is_ended(desk: Desk, builder: tuple[str, str]) -> None:
    mark = f"7{uuid.uuid4().int % 10**8}"
    run = desk.compare(BASE, BASE + f"RUN sleep {mark}\n", "--timeout", "6", *builder)
    assert (run.code, run.record["status"]) == (2, "error"), run
    assert running(f"sleep {mark}") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_the_middle_leaves_nothing(
    desk: Desk, builder: tuple[str, str], number: signal.Signals
) -> None:
    mark = f"8{uuid.uuid4().int % 10**8}"
    desk.write(Dockerfile=BASE, patched=BASE + f"RUN sleep {mark}\n")
    run = desk.interrupt(number, "RUN sleep", "verify", "Dockerfile", "--against", "patched", *builder,
                         "--network", "host")  # fmt: skip
    assert run.code == (130 if number == signal.SIGINT else 128 + number), run
    assert running(f"sleep {mark}") == []


def test_an_ignore_file_that_the_patch_extends(desk: Desk) -> None:
    files = {"_dot_dockerignore": "a\n", "patched_dot_dockerignore": "a\nb\n", "patched": BASE + "COPY . /x\n"}
    desk.write(Dockerfile=BASE + "COPY . /x\n", a="1", b="2", **files)
    run = desk.run("verify", "Dockerfile", "--against", "patched", "--no-gain", "--format", "json", *BUILDER)
    (group,) = run.record["comparison"]["groups"]
    assert {item["path"] for item in group["examples"]} == {"x/b"}


def test_the_gain(desk: Desk) -> None:
    files = {"lock": "1", "main.py": "print()\n"}
    for name, text in files.items():
        (desk.context / name).write_text(text)
    run_line = "RUN cat /app/lock > /installed\n"
    desk.write(Dockerfile=BASE + "COPY . /app\n" + run_line, patched=BASE + "COPY lock /app/\n" + run_line +
               "COPY . /app\n", _dot_dockerignore="Dockerfile\npatched\n")  # fmt: skip
    run = desk.run("verify", "Dockerfile", "--against", "patched", "--format", "json", "--network", "host", *BUILDER)
    assert run.record["status"] == "equal", run
    cached = {
        side: {step["text"]: step["cached"] for step in run.record["gain"][side]["steps"]}
        for side in ("before", "after")
    }
    assert cached["before"][run_line.strip()] is False
    assert cached["after"][run_line.strip()] is True
    assert json.loads(run.out)["gain"]["touched"] == "main.py"
