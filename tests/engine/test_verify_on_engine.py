"""``verify`` on a real Docker engine: what is equal, what is not, what fails, and that nothing is left behind."""

from __future__ import annotations

import json
import shutil
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import builds
from engine.small_image import lay_out_small
from engine.verify_command import Desk, running

from corpus import lay_out, load_case, run_git

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

SMALL = f"dockerfile-fix-test:{builds.RUN_ID}-small"
BASE = f"FROM {SMALL}\n"
HOST = ("--network", "host")


@pytest.fixture(scope="module", autouse=True)
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    if problem := builds.find_problem():
        pytest.skip(f"no engine: {problem}")
    folder = lay_out_small(tmp_path_factory.mktemp("small"))
    done = builds.docker("build", *HOST, "--tag", SMALL, str(folder))
    assert done.returncode == 0, done.stderr.decode()
    yield
    builds.remove([SMALL])


def our_images() -> set[str]:
    """Those that have our name, and those that have none any more."""
    asked = (["dockerfile-fix-verify"], ["--filter", "dangling=true"])
    return {name for words in asked for name in builds.docker("images", "--quiet", *words).stdout.decode().split()}


def our_containers() -> str:
    return builds.docker("ps", "--all", "--filter", "ancestor=dockerfile-fix-verify", "--quiet").stdout.decode()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Whatever a test does: no image, no container, no file, and a context as it was."""
    before = our_images()
    desk = Desk(tmp_path, {})
    yield desk
    assert our_images() <= before
    assert not our_containers()
    assert desk.left_behind() == []
    written = {"Dockerfile", "patched", "a", "b"}
    assert {path.name for path in desk.context.iterdir() if path.is_file()} - written == set()


def test_an_equal_pair(desk: Desk) -> None:
    desk.write(a="1", b="2")
    one = BASE + "COPY a b /x/\nRUN cp /x/a /y\n"
    other = BASE + "COPY a /x/\nRUN cp /x/a /y\nCOPY a b /x/\n"
    run = desk.compare(one, other)
    assert (run.code, run.record["status"]) == (0, "equal"), run
    assert [build["label"] for build in run.record["builds"]] == ["original", "patched"]
    assert run.record["comparison"]["paths"] > 30


@pytest.mark.parametrize(
    ("line", "aspect"),
    [
        ("RUN echo 2 > /x", "content"),
        ("RUN chmod 600 /x", "mode"),
        ("RUN chown 5:6 /x", "owner"),
        ("RUN rm /x", "only before"),
        ("RUN ln -sf /etc /x", "type"),
        ("RUN touch /new", "only after"),
    ],
)
def test_a_pair_that_differs_in_one_path(desk: Desk, line: str, aspect: str) -> None:
    text = BASE + "RUN echo 1 > /x\n"
    run = desk.compare(text, text + line + "\n")
    assert (run.code, run.record["status"]) == (1, "differs"), run
    (group,) = run.record["comparison"]["groups"]
    assert group["aspects"] == {aspect: 1}
    assert [item["path"] for item in group["examples"]] == ["new" if aspect == "only after" else "x"]
    assert [build["label"] for build in run.record["builds"]] == ["original", "patched", "original-again"]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("ENV A=1", "Env"), ("USER nobody", "User"), ('CMD ["x"]', "Cmd"), ("EXPOSE 80", "ExposedPorts"),
        ("LABEL a=b", "Labels"), ("VOLUME /v", "Volumes"), ("HEALTHCHECK CMD x", "Healthcheck"),
        ('SHELL ["/bin/bash", "-c"]', "Shell"), ("STOPSIGNAL 9", "StopSignal"), ("ONBUILD RUN x", "OnBuild"),
        ('ENTRYPOINT ["x"]', "Entrypoint"), ("WORKDIR /etc", "WorkingDir"),
    ],
)  # fmt: skip
def test_a_pair_that_differs_in_the_configuration(desk: Desk, line: str, field: str) -> None:
    run = desk.compare(BASE, f"{BASE}{line}\n")
    assert run.code == 1, run
    fields = [item["field"] for item in run.record["comparison"]["configuration"]]
    assert field in fields
    assert len(fields) <= 2  # SHELL changes the default command, too


def test_an_original_that_is_never_the_same_twice(desk: Desk) -> None:
    text = BASE + "RUN date +%N > /stamp && mktemp -d /var/tmp/XXXXXXXX && mktemp /srv/XXXXXXXX\nRUN echo 1 > /x\n"
    run = desk.compare(text, text)
    assert (run.code, run.record["status"]) == (0, "equal"), run
    assert run.record["comparison"]["measured"] >= 3
    run = desk.compare(text, text + "RUN echo 2 > /x\n")
    assert [item["path"] for g in run.record["comparison"]["groups"] for item in g["examples"]] == ["x"]


def test_only_the_target_is_compared(desk: Desk) -> None:
    one = f"FROM {SMALL} AS first\nRUN echo 1 > /x\n{BASE}LABEL a=b\n"
    other = one.replace("echo 1", "echo 2")
    assert desk.compare(one, other).code == 0
    assert desk.compare(one, other, "--target", "first").code == 1


def test_build_arguments_are_passed_on(desk: Desk) -> None:
    text = BASE + "ARG A=1\nRUN test $A = 7\n"
    assert desk.compare(text, text).record["status"] == "original-fails"
    assert desk.compare(text, text, "--build-arg", "A=7").record["status"] == "equal"


def test_a_secret_is_passed_on(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hidden")
    text = BASE + "RUN --mount=type=secret,id=t test hidden = $(cat /run/secrets/t)\n"
    run = desk.compare(text, text, "--secret", f"id=t,src={tmp_path / 'token'}")
    assert run.record["status"] == "equal", run


def test_an_original_that_does_not_build(desk: Desk) -> None:
    text = BASE + "RUN echo words of the build; exit 3\n"
    run = desk.compare(text, BASE)
    assert (run.code, run.record["status"]) == (2, "original-fails"), run
    assert "the original does not build" in run.record["reason"]
    assert any("words of the build" in line for line in run.record["log"])


def test_a_patch_that_does_not_build(desk: Desk) -> None:
    run = desk.compare(BASE, BASE + "RUN echo words of the build; exit 3\n")
    assert (run.code, run.record["status"]) == (1, "patch-fails"), run
    assert any("words of the build" in line for line in run.record["log"])
    text = desk.run("verify", "Dockerfile", "--against", "patched", "--no-gain", "--quiet", *HOST)
    assert "the patched file does not build, the original does" in text.out
    assert "words of the build" in text.out
    assert text.err == ""


def test_a_build_that_hangs_is_ended(desk: Desk) -> None:
    mark = f"7{uuid.uuid4().int % 10**8}"
    run = desk.compare(BASE, BASE + f"RUN sleep {mark}\n", "--timeout", "8")
    assert (run.code, run.record["status"]) == (2, "error"), run
    assert "did not end within 8 s" in run.record["reason"]
    assert running(f"sleep {mark}") == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_in_the_middle_leaves_nothing(desk: Desk, number: signal.Signals) -> None:
    mark = f"8{uuid.uuid4().int % 10**8}"
    desk.write(Dockerfile=BASE, patched=BASE + f"RUN sleep {mark}\n")
    run = desk.interrupt(number, "RUN sleep", "verify", "Dockerfile", "--against", "patched", *HOST)
    assert run.code == (130 if number == signal.SIGINT else 128 + number), run
    assert "Traceback" not in run.err
    assert running(f"sleep {mark}") == []


def test_smoke_commands(desk: Desk) -> None:
    one, other = BASE + "RUN echo 1 > /x\n", BASE + "RUN echo 1 > /x\n"
    run = desk.compare(one, other, "--smoke", "cat /x", "--smoke", "exit 3", "--smoke", '["cat", "/x"]',
                       "--smoke", "date +%N")  # fmt: skip
    assert run.record["status"] == "equal", run
    assert [smoke["code_before"] for smoke in run.record["smoke"]] == [0, 3, 0, 0]


def test_a_smoke_command_that_says_nothing_is_an_error(desk: Desk) -> None:
    desk.write(a="1")
    text = "FROM scratch\nCOPY a /a\n"
    run = desk.compare(text, text, "--smoke", "true")
    assert (run.code, run.record["status"]) == (2, "error"), run
    assert "cannot be run" in run.record["reason"]
    run = desk.compare(BASE, BASE, "--smoke", "no-such-program")
    assert (run.code, run.record["status"]) == (2, "error"), run


def test_a_smoke_command_sees_what_is_excused(desk: Desk) -> None:
    one, other = (BASE + f"RUN echo {text} > /var/log/dpkg.log\n" for text in ("one", "two"))
    run = desk.compare(one, other, "--smoke", "cat /var/log/dpkg.log")
    assert (run.code, run.record["status"]) == (1, "differs"), run
    assert "the output differs" in run.record["reason"]


def test_a_real_patch_with_its_gain(tmp_path: Path) -> None:
    before = our_images()
    desk = Desk(tmp_path, {})
    shutil.rmtree(desk.context)
    context = lay_out(load_case("npm-ci-broad-copy"), desk.context)
    files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in context.rglob("*") if path.is_file()}
    run = desk.run("verify", "Dockerfile", *HOST, "--format", "json", "--smoke", "node -v")
    assert (run.code, run.record["status"]) == (0, "equal"), run
    gain = run.record["gain"]
    cached = {side: {s["text"]: s["cached"] for s in gain[side]["steps"]} for side in ("before", "after")}
    assert cached["before"]["RUN npm ci"] is False
    assert cached["after"]["RUN npm ci"] is True
    assert cached["before"]["COPY . ."] is cached["after"]["COPY . ."] is False
    assert gain["touched"] == "src/index.js"
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files} == files
    assert our_images() <= before
    assert desk.left_behind() == []


def test_commits_are_played_beside_the_prediction(tmp_path: Path) -> None:
    before = our_images()
    desk = Desk(tmp_path, {})
    desk.write(Dockerfile=BASE + "WORKDIR /app\nCOPY . .\nRUN cat lock > /installed\n", lock="0", main_dot_py="0\n",
               _dot_dockerignore="Dockerfile\npatched\n", _dot_gitignore="patched\n")  # fmt: skip
    desk.write(patched=BASE + "WORKDIR /app\nCOPY lock ./\nRUN cat lock > /installed\nCOPY . .\n")
    run_git(desk.context, "init", "-q")
    for number, name in enumerate(("main.py", "main.py", "lock", "main.py", "gone")):
        (desk.context / name).write_text(f"{number} {builds.RUN_ID}\n")
        run_git(desk.context, "add", "--all")
        run_git(desk.context, "commit", "-q", "-m", f"edit {name}")
    words = ("verify", "Dockerfile", "--against", "patched", *HOST, "--format", "json", "--no-gain")
    run = desk.run(*words, "--commits", "4")
    assert run.record["status"] == "equal", run
    played = run.record["commits"]
    assert [item["subject"] for item in played] == ["edit main.py", "edit lock", "edit main.py", "edit gone"]
    for side in ("before", "after"):
        assert [item[side]["error"] for item in played] == [None] * 4
        assert [item[side]["wrong"] for item in played] == [[]] * 4
    ran = [
        [not step["cached"] for step in item["after"]["steps"] if step["text"].startswith("RUN")] for item in played
    ]
    assert ran == [[False], [True], [False], [False]]
    assert [item["before"]["expected"] for item in played] == [2, 2, 2, 2]
    assert our_images() <= before
    assert desk.left_behind() == []


def test_fix_writes_only_what_verified_as_equal(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    shutil.rmtree(desk.context)
    context = lay_out(load_case("npm-ci-broad-copy"), desk.context)
    old = (context / "Dockerfile").read_text()
    (context / "Dockerfile").write_text(old + "RUN exit 1\n")
    run = desk.run("fix", "--verify", *HOST, "Dockerfile")
    assert run.code == 2, run
    assert "not verified, nothing was changed: the original does not build" in run.err
    assert (context / "Dockerfile").read_text() == old + "RUN exit 1\n"
    (context / "Dockerfile").write_text(old)
    run = desk.run("fix", "--verify", *HOST, "Dockerfile")
    assert run.code == 0, run
    assert (context / "Dockerfile").read_text() == load_case("npm-ci-broad-copy").expected
    assert desk.left_behind() == []


def test_an_ignore_file_that_the_patch_extends(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    desk.write(Dockerfile=BASE + "COPY . /x\n", _dot_dockerignore="a\n", a="1", b="2")
    desk.write(patched=BASE + "COPY . /x\n", patched_dot_dockerignore="a\nb\n")
    run = desk.run("verify", "Dockerfile", "--against", "patched", "--no-gain", "--format", "json")
    (group,) = run.record["comparison"]["groups"]
    assert {item["path"] for item in group["examples"]} == {"x/b"}
    assert json.loads(run.out)["comparison"]["differing"] == 1
