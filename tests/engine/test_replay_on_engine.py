"""A real history, built commit by commit on a real engine: the RUNs that run again are those of the replay."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine import builds
from repositories import Repository

from reorder.analysis.steps import analyze
from reorder.context.context import open_context
from reorder.dockerfile.parse import parse
from reorder.replay.model import Replay, Side
from reorder.replay.play import play
from reorder.source import Source
from reorder.world.disk import DiskTree
from reorder.world.git_log import read_history

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

BEFORE = """\
FROM debian:bookworm-slim AS build
WORKDIR /app
COPY . .
RUN cat requirements.txt > /installed
RUN cat /proc/sys/kernel/random/uuid > /built
FROM debian:bookworm-slim
COPY conf /etc/conf
RUN ls /etc/conf
COPY --from=build /installed /built /
RUN cat /installed
"""
AFTER = BEFORE.replace("COPY . .", "COPY requirements.txt ./").replace("RUN cat /", "COPY . .\nRUN cat /", 1)
STAGES = ("build", None)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One commit of each kind; the last one of all is the newest."""
    made = Repository.make(tmp_path / "context")
    made.commit({
        "requirements.txt": f"{builds.RUN_ID}\n", "src/a.py": "0", "docs/x.md": "0", "conf/c": "0", "old": "0",
        ".dockerignore": ".git\ndocs\n",
    })  # fmt: skip
    made.commit({"src/a.py": "1"}, "a source is edited")
    made.commit({"docs/x.md": "1"}, "an ignored file")
    made.commit({"requirements.txt": f"{builds.RUN_ID} 2\n"}, "the requirements")
    made.commit({"old": None, "new": "0"}, "a rename")
    (made.root / "src/a.py").chmod(0o755)
    made.commit({}, "a mode")
    (made.root / "link").symlink_to("new")
    made.commit({}, "a link")
    made.git("checkout", "--quiet", "-b", "side")
    made.commit({"conf/c": "1"}, "on a branch")
    made.commit({"docs/y.md": "1"}, "on a branch, too")
    made.git("checkout", "--quiet", "main")
    made.git("merge", "--quiet", "--no-ff", "--message", "a merge", "side")
    made.commit({"docs/x.md": "2", "conf/d": "1", "src/b.py": "1"}, "several")
    return made


@pytest.mark.parametrize("text", [BEFORE, AFTER], ids=["before", "after"])
def test_the_engine_runs_what_the_replay_says(repository: Repository, tmp_path: Path, text: str) -> None:
    if problem := builds.find_problem():
        pytest.skip(f"no engine: {problem}")
    replay = _play(repository, text)
    assert [commit.subject for commit in replay.commits] == [
        "a source is edited", "an ignored file", "the requirements", "a rename", "a mode", "a link", "a merge",
        "several",
    ]  # fmt: skip
    runs = [row for row in replay.before if row.text.startswith("RUN")]
    numbers = [(0, 0), (0, 1), (1, 0), (1, 1)]
    tag = f"dockerfile-fix-test:{builds.RUN_ID}-{tmp_path.name.replace('_', '-')}"[:120]
    tags: list[str] = []
    repository.git("checkout", "--quiet", replay.commits[0].id + "^")
    try:
        done = builds.build(f"{tag}-0", repository.root, text, stages=STAGES, use_cache=True)
        tags.append(f"{tag}-0")
        assert done.error is None
        assert set(done.was_run) == set(numbers)
        for number, commit in enumerate(replay.commits):
            repository.git("checkout", "--quiet", commit.id)
            done = builds.build(f"{tag}-{number + 1}", repository.root, text, stages=STAGES, use_cache=True)
            tags.append(f"{tag}-{number + 1}")
            assert done.error is None
            expected = {place: row.ran[number] for place, row in zip(numbers, runs, strict=True)}
            assert done.was_run == expected, commit.subject
    finally:
        builds.remove(tags)


def _play(repository: Repository, text: str) -> Replay:
    context = open_context(DiskTree(str(repository.root)), None)
    dockerfile = parse(Source("Dockerfile", text))
    side = Side(dockerfile, analyze(dockerfile, context), context)
    return play("Dockerfile", ".", read_history(str(repository.root)), side, side)
