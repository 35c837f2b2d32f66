"""How fast and how large: a table of ratios against the targets. Run it: ``python tests/benchmarks/bench.py``.

Everything is measured in one run on one machine, so that the ratios mean something: the median and the best of several
rounds, our turn and the other's in alternation. hadolint and tally come from PyPI and use their own defaults.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from generate import add_source_files, generate_dockerfiles

COUNT = 200
MORE_FILES = 200_000
BIN = Path(sysconfig.get_path("scripts"))
OURS = str(BIN / "dockerfile-fix")


@dataclass(frozen=True, slots=True)
class Run:
    """Wall time in seconds and peak memory in MB of one command."""

    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; ``ratio`` must be at least or at most ``target``."""

    name: str
    ours: str
    other: str
    ratio: float
    target: str
    is_met: bool


def run(command: list[str], folder: Path) -> Run:
    """Run it to the end; a linter that finds something exits with 1."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )  # fmt: skip
    assert process.stderr is not None
    talk = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1) or b"Traceback" in talk:
        raise SystemExit(f"{' '.join(command)[:200]} failed: {talk.decode(errors='replace')[-2000:]}")
    return Run(seconds, usage.ru_maxrss / 1024)


def alternate(rounds: int, *commands: Callable[[], Run]) -> list[list[Run]]:
    """Each command so many times, taking turns, after one unmeasured round (which also writes the .pyc files)."""
    for command in commands:
        command()
    results: list[list[Run]] = [[] for _ in commands]
    for _ in range(rounds):
        for result, command in zip(results, commands, strict=True):
            result.append(command())
    return results


def best(runs: list[Run]) -> float:
    return min(run.seconds for run in runs)


def show(runs: list[Run]) -> str:
    return f"{best(runs) * 1000:.0f} ms (median {statistics.median(r.seconds for r in runs) * 1000:.0f})"


def measure_throughput(root: Path, rounds: int) -> tuple[list[Row], float]:
    """Files a second over the folder, and the peak memory of the largest run."""
    folder = root / "many"
    files = [str(path) for path in generate_dockerfiles(folder, COUNT)]
    commands = {"hadolint": [str(BIN / "hadolint"), *files], "tally lint": [str(BIN / "tally"), "lint", *files]}
    ours, *others = alternate(
        rounds, partial(run, [OURS, "--check", str(folder)], root),
        *(partial(run, command, root) for command in commands.values()),
    )  # fmt: skip
    rows = []
    for name, runs in zip(commands, others, strict=True):
        ratio = best(runs) / best(ours)
        target, is_met = (">= 3", ratio >= 3) if name == "hadolint" else ("-", True)
        speed = f"{COUNT / best(ours):.0f}/s", f"{COUNT / best(runs):.0f}/s"
        rows.append(Row(f"{COUNT} files against {name}", *speed, ratio, target, is_met))
    return rows, max(r.megabytes for r in ours)


def measure_on_one_core(root: Path, rounds: int) -> list[Row]:
    """The same folder with both held to one core; needs Linux."""
    if not hasattr(os, "sched_setaffinity"):
        return []
    folder = root / "many"
    files = [str(path) for path in sorted(folder.rglob("Dockerfile*")) if path.suffix != ".dockerignore"]
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        ours, theirs = alternate(
            rounds,
            partial(run, [OURS, "--check", str(folder)], root),
            partial(run, [str(BIN / "hadolint"), *files], root),
        )
    finally:
        os.sched_setaffinity(0, cores)
    ratio = best(theirs) / best(ours)
    rates = (f"{COUNT / best(runs):.0f}/s" for runs in (ours, theirs))
    return [Row("200 files, hadolint on one core", *rates, ratio, ">= 3", ratio >= 3)]


def measure_cold_start(root: Path, rounds: int) -> list[Row]:
    """One Dockerfile against `import click`."""
    rows = []
    for number, kind in enumerate(("pip", "npm")):
        dockerfile = root / "many" / f"service-{number:03}" / "Dockerfile"
        ours, click = alternate(
            rounds, partial(run, [OURS, "--check", str(dockerfile)], root),
            partial(run, [sys.executable, "-c", "import click"], root),
        )  # fmt: skip
        ratio = best(ours) / best(click)
        rows.append(
            Row(f"one {kind} Dockerfile, cold", show(ours), f"import click {show(click)}", ratio, "<= 3", ratio <= 3)
        )
    return rows


def measure_large_context(root: Path, rounds: int) -> tuple[list[Row], float]:
    """The same Dockerfile with and without a great many source files beside it."""
    rows, memory = [], 0.0
    for number, kind in enumerate(("pip", "npm")):
        small = root / "many" / f"service-{number:03}"
        large = root / f"large-{kind}"
        shutil.copytree(small, large)
        add_source_files(large, MORE_FILES)
        with_many, without = alternate(
            rounds, partial(run, [OURS, "--check", str(large / "Dockerfile")], root),
            partial(run, [OURS, "--check", str(small / "Dockerfile")], root),
        )  # fmt: skip
        ratio = best(with_many) / best(without)
        name = f"{kind}: {MORE_FILES:,} more files"
        rows.append(Row(name, show(with_many), show(without), ratio, "<= 1.2", ratio <= 1.2))
        memory = max(memory, *(r.megabytes for r in with_many))
        shutil.rmtree(large)
    return rows, memory


def main() -> int:
    """Print the table; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", metavar="DIR", help="work in this new folder, and leave it there")
    options = parser.parse_args()
    root = Path(options.keep or tempfile.mkdtemp(prefix="dockerfile-fix-bench-"))
    root.mkdir(exist_ok=True)
    try:
        rows, many = measure_throughput(root, options.rounds)
        rows += measure_on_one_core(root, options.rounds)
        rows += measure_cold_start(root, options.rounds * 2)
        large_rows, large = measure_large_context(root, options.rounds * 2)
    finally:
        if not options.keep:
            shutil.rmtree(root)
    peak = max(many, large)
    rows += [*large_rows, Row("peak memory", f"{peak:.0f} MB", "-", peak, "< 150", peak < 150)]
    lines = [f"{'':34} {'ours':28} {'other':38} {'ratio':>7}  target"]
    for row in rows:
        mark = "" if row.is_met else "  MISSED"
        lines.append(f"{row.name:34} {row.ours:28} {row.other:38} {row.ratio:7.2f}  {row.target}{mark}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
