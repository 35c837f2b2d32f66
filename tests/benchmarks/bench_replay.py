"""How fast a replay is, beside ``git log`` itself. Run it: ``python tests/benchmarks/bench_replay.py``.

A repository of 1,000 commits of 20 paths each and a Dockerfile of 31 instructions; then the same history on top of
100,000 files that it never touches.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from reorder.api import Comparison, compare_file
from reorder.replay.play import play
from reorder.world.git_log import read_history

COMMITS = 1_000
PATHS = 20
MORE_FILES = 100_000
PLAY_LIMIT = 1.0
"""Seconds for both versions."""
GROWTH_LIMIT = 1.25
"""By how much more files may slow that down."""

FILES = {
    "Dockerfile": "",
    "package.json": "{}",
    "package-lock.json": '{"lockfileVersion": 3, "packages": {"": {}}}',
    "requirements.txt": "idna==3.7\n",
    ".dockerignore": "docs\n",
}


def make_dockerfile() -> str:
    """31 instructions in two stages."""
    lines = ["FROM python:3.11-slim AS tools", "WORKDIR /t", "COPY . .", "RUN pip install -r requirements.txt"]
    lines += [f"RUN mkdir -p /t/{number}" for number in range(8)]
    lines += ["FROM node:20", "WORKDIR /app", "COPY . .", "RUN npm ci", "RUN apt-get update && apt-get install -y curl"]
    lines += [f"COPY src/p{number} /lib/p{number}" for number in range(8)]
    lines += ["COPY --from=tools /t /t", "RUN npm run build", "ENV A=1", "LABEL b=2", "EXPOSE 80", 'CMD ["node"]']
    assert len(lines) == 31
    return "\n".join(lines) + "\n"


def make_repository(folder: Path, more_files: int) -> None:
    """By ``git fast-import``; only the files that an analysis needs are checked out."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    stream = b"".join(fast_import(more_files))
    subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=stream, check=True)
    for name, text in FILES.items():
        (folder / name).write_text(text or make_dockerfile())
    for number in range(50):
        (folder / f"src/p{number}").mkdir(parents=True)
    for number in range(more_files):
        path = folder / f"data/{number % 400}/{number}.txt"
        if number < 400:
            path.parent.mkdir(parents=True)
        path.touch()


def fast_import(more_files: int) -> Iterator[bytes]:
    """The stream of all commits."""
    yield b"blob\nmark :1\ndata 0\n\n"
    for number in range(COMMITS + 1):
        text = "commit refs/heads/main\n"
        text += f"committer T <t@example.org> {1_600_000_000 + number} +0000\ndata 1\n{number % 10}\n"
        if number == 0:
            text += "".join(f"M 644 :1 data/{n % 400}/{n}.txt\n" for n in range(more_files))
            text += "".join(f"M 644 inline {name}\ndata 0\n\n" for name in FILES)
        else:
            names = [f"src/p{(number * 7 + n) % 50}/f{n}.js" for n in range(PATHS - 1)]
            names.append("package.json" if number % 20 == 0 else "docs/x.md")
            text += "".join(f"M 644 inline {name}\ndata {len(str(number))}\n{number}\n" for name in names)
        yield text.encode() + b"\n"


def git(folder: Path, *words: str) -> None:
    """Run it, for its time or its effect."""
    subprocess.run(["git", "-C", str(folder), *words], check=True, stdout=subprocess.DEVNULL)


def best(rounds: int, act: Callable[[], object]) -> tuple[float, float]:
    """The shortest and the median time in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        act()
        times.append(time.perf_counter() - start)
    return min(times), statistics.median(times)


def measure(folder: Path, rounds: int) -> dict[str, tuple[float, float]]:
    """Each part by itself, of both versions, and the command as a user runs it.

    The analysis asks for a history of its own, of 200 commits, to weigh the plan.
    """
    compared = compare_file(str(folder / "Dockerfile"))
    assert isinstance(compared, Comparison)
    history = read_history(str(folder), limit=COMMITS)
    assert len(history.commits) == COMMITS, history.notes
    played = play("Dockerfile", ".", history, compared.before, compared.after)
    assert played.is_changed
    command = [sys.executable, "-m", "reorder", "replay", "-n", str(COMMITS), str(folder / "Dockerfile")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}

    def run_command() -> None:
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)

    return {
        "git log --raw alone": best(rounds, lambda: git(
            folder, "log", "--first-parent", "--raw", "-z", "--no-renames", f"--max-count={COMMITS}", "--", "."
        )),
        "git log, read": best(rounds, lambda: read_history(str(folder), limit=COMMITS)),
        "analysis": best(rounds, lambda: compare_file(str(folder / "Dockerfile"))),
        "play": best(
            rounds, lambda: play("Dockerfile", ".", history, compared.before, compared.after)
        ),
        "the whole command": best(rounds, run_command),
    }  # fmt: skip


def main() -> int:
    """Print the table; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dockerfile-fix-replay-") as root:
        make_repository(Path(root, "small"), 0)
        make_repository(Path(root, "large"), MORE_FILES)
        small, large = (measure(Path(root, name), options.rounds) for name in ("small", "large"))
    lines = [f"{'best (median), ms':28} {f'{COMMITS:,} commits':>20} {f'and {MORE_FILES:,} files':>20}"]
    for name in small:
        cells = (f"{times[name][0] * 1000:.0f} ({times[name][1] * 1000:.0f})" for times in (small, large))
        lines.append(f"{name:28} " + " ".join(cell.rjust(20) for cell in cells))
    own = [sum(times[name][0] for name in ("analysis", "play")) for times in (small, large)]
    met = {
        f"analysis and play below {PLAY_LIMIT:g} s": max(own) < PLAY_LIMIT,
        f"more files: at most {GROWTH_LIMIT:g} times as long": own[1] <= GROWTH_LIMIT * own[0],
    }
    lines += [f"{name}: {'yes' if is_met else 'MISSED'}" for name, is_met in met.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(met.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
