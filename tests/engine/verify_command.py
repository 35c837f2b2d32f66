"""Runs ``dockerfile-fix verify`` as a process of its own, and looks for what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
TIMEOUT = 600


class Run(NamedTuple):
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def record(self) -> dict[str, Any]:
        """What ``--format json`` printed."""
        found: dict[str, Any] = json.loads(self.out)
        return found


class Desk:
    """A folder with a build context in it, a temporary folder of its own, and the command."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self.context, self.temporary = root / "context", root / "temporary"
        self.context.mkdir()
        self.temporary.mkdir()
        self.environment = {
            **os.environ, **environment, "TMPDIR": str(self.temporary), "SQLITE_TMPDIR": str(self.temporary),
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip

    def write(self, **files: str | bytes) -> None:
        for name, content in files.items():
            path = self.context / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = (sys.executable, "-m", "reorder", *arguments)
        return subprocess.Popen(
            command, cwd=self.context, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str) -> Run:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=TIMEOUT)
        return Run(process.returncode, out, err)

    def compare(self, before: str, after: str, *arguments: str) -> Run:
        """``verify --against``: the two texts, in this context."""
        self.write(Dockerfile=before, patched=after)
        command = ("verify", "Dockerfile", "--against", "patched", "--network", "host", "--format", "json", "--no-gain")
        return self.run(*command, *arguments)

    def interrupt(self, number: signal.Signals, text: str, *arguments: str) -> Run:
        """Start the command, and send it a signal as soon as it says ``text``."""
        process = self.start(*arguments)
        assert process.stderr is not None
        seen = ""
        while text not in seen:
            line = process.stderr.readline()
            assert line, f"ended before it said {text!r}: {seen}"
            seen += line
        time.sleep(0.5)  # let the builder begin with the step that it has named
        process.send_signal(number)
        out, err = process.communicate(timeout=TIMEOUT)
        return Run(process.returncode, out, seen + err)

    def left_behind(self) -> list[str]:
        """Files in the temporary folder."""
        return sorted(str(path.relative_to(self.temporary)) for path in self.temporary.rglob("*"))


def running(mark: str) -> list[str]:
    """The command lines of processes that hold ``mark``."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if mark in words:
            found.append(words)
    return found
