"""The simulator's rules about stages, mounts and configuration against a real engine."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import builds

from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.simulator import make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

FILES = ["a.txt", "src/main.py", "lib/y.py", "lib/z.py", "unused.txt"]
STAGE_NAMES = ("base", "child", "other", None)
TEXT = """\
FROM debian:bookworm-slim AS base
LABEL one=1
COPY src /src
RUN cat /src/main.py > /made
FROM base AS child
RUN cat /made > /child
FROM debian:bookworm-slim AS other
COPY lib /taken
COPY a.txt /elsewhere/
RUN --mount=type=bind,source=lib/z.py,target=/z.py cat /z.py
FROM debian:bookworm-slim
COPY --from=base /made /made
ENV X=1
RUN cat /made
COPY --from=child /child /child
RUN cat /child
RUN --mount=type=bind,from=other,source=/elsewhere,target=/x cat /x/a.txt
"""


class Bench:
    """The file built once, and again after each edit."""

    def __init__(self, folder: Path) -> None:
        self.id = uuid.uuid4().hex[:8]
        self.context = folder / "context"
        self.tags: list[str] = []
        for path in FILES:
            (self.context / path).parent.mkdir(parents=True, exist_ok=True)
            (self.context / path).write_text(f"{self.id}\n")

    def build(self) -> set[tuple[int, int]]:
        tag = f"dockerfile-fix-simulator:{self.id}-{len(self.tags)}"
        done = builds.build(tag, self.context, TEXT, stages=STAGE_NAMES, use_cache=True)
        assert done.error is None, done.error
        self.tags.append(tag)
        return {run for run, was_run in done.was_run.items() if was_run}

    def simulated(self, path: str) -> set[tuple[int, int]]:
        """The RUN steps that should run again, numbered within their stage."""
        context = open_context(MemoryTree(dict.fromkeys(FILES, "")), "Dockerfile")
        dockerfile = parse(Source("Dockerfile", TEXT))
        stages = analyze(dockerfile, context)
        again = make_program(dockerfile, stages, context).rerun(Delta(paths=frozenset((path,))))
        found = set()
        for stage in stages:
            runs = [i for i, step in enumerate(stage.steps) if step.instruction.keyword == "RUN"]
            found |= {(stage.stage.index, n) for n, i in enumerate(runs) if (stage.stage.index, i) in again}
        return found


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    if problem := builds.find_problem():
        pytest.skip(f"no engine: {problem}")
    bench = Bench(tmp_path_factory.mktemp("simulator"))
    try:
        assert len(bench.build()) == 6
        yield bench
    finally:
        builds.remove(bench.tags)


@pytest.mark.parametrize("path", ["a.txt", "src/main.py", "lib/z.py", "unused.txt"])
def test_the_engine_runs_again_what_the_simulator_says(path: str, bench: Bench) -> None:
    (bench.context / path).write_text(f"{path} {bench.id}\n")
    assert bench.build() <= bench.simulated(path)


def test_the_simulator_is_exact_where_no_content_is_in_doubt(bench: Bench) -> None:
    for path in ("src/main.py", "unused.txt"):
        (bench.context / path).write_text(f"again {path} {bench.id}\n")
        assert bench.build() == bench.simulated(path), path
