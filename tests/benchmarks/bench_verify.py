"""How much memory the comparison of two images of 1 GB takes. Run it: ``python tests/benchmarks/bench_verify.py``.

The images are made by hand, as ``docker save`` would send them, and sent through pipes: once with the same files in
both, once with other content in each, once with other paths in each.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tarfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET = 200
"""Megabytes of resident memory at the peak."""

SCENARIOS = {"all equal": ("1", "1", ""), "all content differs": ("1", "2", ""), "all paths differ": ("1", "1", "x")}
COMPARE = """
import sqlite3, sys
from reorder.verifying.archive import read_archive
from reorder.verifying.compare import compare_files, measure_noise
from reorder.verifying.store import Store
from reorder.verifying.verdict import Verdict
from reorder.verifying.model import Comparison
from reorder.output.verify_text import render_verdict
store = Store(sqlite3.connect(""))
for number, name in enumerate(sys.argv[1:4]):
    with open(name, "rb") as stream:
        image, = read_archive(stream, store)
    store.merge(number, image.layers)
measure_noise(store, 0, 2)
found = compare_files(store, 0, 1)
comparison = Comparison(store.count(0), found.listed, found.measured, found.groups, ())
lines = list(render_verdict(Verdict("Dockerfile", ".", "differs", comparison=comparison)))
print(comparison.paths, comparison.differing, len(lines))
"""


def write_image(files: int, megabytes: int, seed: str, prefix: str) -> None:
    """Send an image of two layers to standard output; the manifest comes last."""
    size = megabytes * 1024 * 1024 // files
    noise = random.Random(seed).randbytes(size + 4096)
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        layers = []
        for number in range(2):
            name = f"blobs/{seed}{prefix}-{number}"
            layers.append(name)
            info = tarfile.TarInfo(name)
            count = files // 2
            info.size = (count * (512 + -(-size // 512) * 512)) + 1024
            archive.addfile(info, _Layer(range(number * count, (number + 1) * count), size, noise, prefix))
        manifest = [{"Config": "c.json", "RepoTags": ["x:1"], "Layers": layers}]
        for name, document in (("c.json", {"config": {}}), ("manifest.json", manifest)):
            data = json.dumps(document).encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


class _Layer(io.RawIOBase):
    """A layer that is made while it is read."""

    def __init__(self, numbers: range, size: int, noise: bytes, prefix: str) -> None:
        super().__init__()
        self._parts = self._make(numbers, size, noise, prefix)
        self._buffer = b""

    @staticmethod
    def _make(numbers: range, size: int, noise: bytes, prefix: str):  # type: ignore[no-untyped-def]
        for number in numbers:
            info = tarfile.TarInfo(f"srv/app/node_modules/pkg-{number // 40}{prefix}/lib/dist/module-{number}.js")
            info.size = size
            data = noise[number % 4096 : number % 4096 + size]
            yield info.tobuf() + data + bytes(-size % 512)
        yield bytes(1024)

    def read(self, size: int = -1) -> bytes:
        while len(self._buffer) < size and (part := next(self._parts, None)) is not None:
            self._buffer += part
        piece, self._buffer = self._buffer[:size], self._buffer[size:]
        return piece


def measure(files: int, megabytes: int, name: str) -> tuple[float, float, str]:
    """Peak memory in MB, seconds, and what the comparison printed."""
    one, other, prefix = SCENARIOS[name]
    pipes, makers = [], []
    for seed, front in ((one, ""), (other, prefix), (one, "")):
        reader, writer = os.pipe()
        command = [sys.executable, __file__, "--image", seed, "--prefix", front, "--files", str(files), "--megabytes",
                   str(megabytes)]  # fmt: skip
        makers.append(subprocess.Popen(command, stdout=writer))
        os.close(writer)
        pipes.append(reader)
    start = time.perf_counter()
    compare = subprocess.Popen(
        [sys.executable, "-c", COMPARE, *(f"/dev/fd/{pipe}" for pipe in pipes)], stdout=subprocess.PIPE, cwd=ROOT,
        pass_fds=pipes,
    )  # fmt: skip
    for pipe in pipes:
        os.close(pipe)
    assert compare.stdout is not None
    told = compare.stdout.read().decode().strip()
    _, status, usage = os.wait4(compare.pid, 0)
    compare.returncode = os.waitstatus_to_exitcode(status)
    for maker in makers:
        maker.wait()
    if compare.returncode:
        raise SystemExit(f"{name}: the comparison failed")
    return usage.ru_maxrss / 1024, time.perf_counter() - start, told


def main() -> int:
    """Print the table; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=300_000)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--image", help=argparse.SUPPRESS)
    parser.add_argument("--prefix", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.image:
        write_image(options.files, options.megabytes, options.image, options.prefix)
        return 0
    worst = 0.0
    for name in SCENARIOS:
        memory, seconds, told = measure(options.files, options.megabytes, name)
        worst = max(worst, memory)
        sys.stdout.write(f"{name:22} {memory:6.0f} MB {seconds:6.0f} s   (paths, differing, lines: {told})\n")
        sys.stdout.flush()
    sys.stdout.write(f"peak {worst:.0f} MB, target < {TARGET}{'' if worst < TARGET else '  MISSED'}\n")
    return 0 if worst < TARGET else 1


if __name__ == "__main__":
    raise SystemExit(main())
