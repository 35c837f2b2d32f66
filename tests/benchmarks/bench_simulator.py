"""How fast the simulator is: 1,000 commits over a Dockerfile of 31 steps, before and after a fix.

Run it: ``python tests/benchmarks/bench_simulator.py``. The target is 0.5 s for both versions together.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.regression import find_regression
from reorder.caching.simulator import Builder, Program, make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source

COMMITS = 1_000
PATHS_A_COMMIT = 5
FILES = 5_000
TARGET = 0.5

_BROAD = "COPY . .\n"
_NARROW = "COPY package.json package-lock.json ./\nCOPY packages/*/package.json packages/\n"
_SERVICES = "".join(f"COPY src/folder-{n} /app/src/{n}\nRUN make service-{n}\n" for n in range(12))
_IGNORE = "node_modules\n**/*.md\n!README.md\n.git\n*.log\ndocs/**\n**/__pycache__\n"


def dockerfile(above: str, below: str) -> str:
    """31 steps that BuildKit caches, in two stages."""
    last = "FROM node:20-slim\nCOPY --from=build /app/dist /srv\nRUN useradd app\n"
    return f"FROM node:20-slim AS build\nWORKDIR /app\n{above}RUN npm ci\n{below}{_SERVICES}RUN make\n{last}"


def commits(paths: list[str]) -> list[Delta]:
    """Most name a handful of files, a few a thousand."""
    chance = random.Random(4)
    sizes = [1_000 if chance.random() < 0.01 else chance.randint(1, 2 * PATHS_A_COMMIT) for _ in range(COMMITS)]
    return [Delta(paths=frozenset(chance.sample(paths, size))) for size in sizes]


def compiled(text: str, paths: list[str], builder: Builder) -> Program:
    """The program for a context of these files."""
    context = open_context(MemoryTree(dict.fromkeys(paths, "") | {".dockerignore": _IGNORE}), "Dockerfile")
    parsed = parse(Source("Dockerfile", text))
    return make_program(parsed, analyze(parsed, context), context, builder=builder)


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """The shortest time in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    """Print a line for each builder; 1 if the target is missed."""
    paths = ["package.json", "package-lock.json"]
    paths += [f"src/folder-{n % 40}/module-{n % 7}/file-{n}.js" for n in range(FILES)]
    history = commits(paths)
    is_met = True
    for builder in Builder:
        texts = dockerfile(_BROAD, ""), dockerfile(_NARROW, _BROAD)
        programs = [compiled(text, paths, builder) for text in texts]
        steps = len(programs[0].steps)

        def replay(texts: tuple[str, str] = texts, builder: Builder = builder) -> None:
            for text in texts:
                program = compiled(text, paths, builder)
                for delta in history:
                    program.rerun(delta)

        old, new = programs
        partner = dict(zip(old.steps[-20:], new.steps[-20:], strict=True))
        seconds = best_of(3, replay)
        judged = best_of(3, lambda old=old, new=new, partner=partner: find_regression(old, new, partner))  # type: ignore[misc]
        is_met = is_met and seconds <= TARGET
        sys.stdout.write(
            f"{builder.value:9} {COMMITS:,} commits, {steps} steps, before and after: {seconds * 1000:.0f} ms"
            f" (target {TARGET * 1000:.0f}); a regression judged in {judged * 1000:.1f} ms\n"
        )
    return 0 if is_met else 1


if __name__ == "__main__":
    raise SystemExit(main())
