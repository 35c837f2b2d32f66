"""How fast a migration is, and how much memory it takes. Run it: ``python tests/benchmarks/bench_migrate.py``.

Repositories are generated: several ecosystems, each tenth with a history of 200 commits. Times are the best of several
rounds, one process and two in alternation. Memory is that of all processes together, git included; what several
of them share counts once (PSS). That needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from generate import generate_repositories

ROOT = Path(__file__).parents[2]
COUNT = 1_000
MORE = 5
RATIO = 1.7
MEMORY_LIMIT = 400.0
GROWTH = 1.1
"""Of the peak, with `MORE` times as many repositories: no more than chance brings about."""


class Run(NamedTuple):
    """Seconds, and the peak memory in MB (0: nobody looked)."""

    seconds: float
    megabytes: float


def migrate(repositories: Path, jobs: int, *, samples: bool) -> Run:
    """One migration from the beginning; its outcomes are counted."""
    output = repositories.parent / "out"
    shutil.rmtree(output, ignore_errors=True)
    command = [sys.executable, "-m", "reorder", "migrate", "-q", "-j", str(jobs), "-o", str(output), str(repositories)]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
    peak = _watch(process) if samples else 0.0
    _, talk = process.communicate()
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed: {talk.decode(errors='replace')[-2000:]}")
    return Run(seconds, peak)


def _watch(process: subprocess.Popen[bytes]) -> float:
    """The peak memory of the process and all below it, in MB, until it ends."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_proportional, _family(process.pid))))
        time.sleep(0.1)
    return peak / 1024


def _family(root: int) -> set[int]:
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            parents[int(name)] = int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1])
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _proportional(pid: int) -> int:
    """KiB; 0 for a process that is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def count_statuses(output: Path) -> dict[str, int]:
    """How many outcomes of each kind the last migration had."""
    counts: dict[str, int] = {}
    with (output / "outcomes.jsonl").open() as lines:
        for line in lines:
            status = json.loads(line)["status"]
            counts[status] = counts.get(status, 0) + 1
    return counts


def main() -> int:
    """Print the table; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--keep", metavar="DIR", help="work in this new folder, and leave it there")
    options = parser.parse_args()
    root = Path(options.keep or tempfile.mkdtemp(prefix="dockerfile-fix-bench-"))
    root.mkdir(exist_ok=True)
    try:
        return _measure(root, options.count, options.rounds)
    finally:
        if not options.keep:
            shutil.rmtree(root)


def _measure(root: Path, count: int, rounds: int) -> int:
    few, many = root / "few", root / "many"
    generate_repositories(few, count)
    migrate(few, 2, samples=False)  # writes the .pyc files, fills the disk cache
    kinds = ", ".join(f"{number} {status}" for status, number in sorted(count_statuses(root / "out").items()))
    runs = [(migrate(few, 1, samples=False), migrate(few, 2, samples=False)) for _ in range(rounds)]
    one, two = (min(run.seconds for run in side) for side in zip(*runs, strict=True))
    small = migrate(few, 2, samples=True).megabytes
    generate_repositories(many, MORE * count)
    large = migrate(many, 2, samples=True).megabytes
    rows = [
        (f"{count:,} repositories ({kinds}), 1 job", f"{count / one:.1f}/s", "-", True),
        ("the same, 2 jobs", f"{count / two:.1f}/s", "-", True),
        ("2 jobs against 1", f"{one / two:.2f}", f">= {RATIO}", one / two >= RATIO),
        (f"memory of all processes, {count:,}", f"{small:.0f} MB", f"< {MEMORY_LIMIT:.0f}", small < MEMORY_LIMIT),
        (f"the same, {MORE * count:,}", f"{large:.0f} MB", f"<= {GROWTH} times", large <= GROWTH * small),
    ]  # fmt: skip
    for name, value, target, is_met in rows:
        sys.stdout.write(f"{name:70} {value:>10}  {target}{'' if is_met else '  MISSED'}\n")
    return 0 if all(is_met for *_, is_met in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
