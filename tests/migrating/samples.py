"""Small repositories of several ecosystems, and the command run on them as users run it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from repositories import Repository

ROOT = Path(__file__).parents[2]

NPM = {
    "Dockerfile": "FROM node:20-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\n",
    "package.json": '{"name": "a", "version": "1.0.0"}\n',
    "package-lock.json": '{"name": "a", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {}}\n',
    "index.js": "1\n",
}
PIP = {
    "Dockerfile": "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n",
    "requirements.txt": "six==1.16.0\n",
    "app.py": "1\n",
}
GO = {
    "build/Dockerfile": "FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go mod download\nRUN go build ./...\n",
    "go.mod": "module example.org/a\n\ngo 1.22\n",
    "main.go": "package main\n\nfunc main() {}\n",
}
NARROW = {"Dockerfile": "FROM debian:12\nCOPY a /a\n", "a": "1\n"}
NONE = {"README": "nothing to build\n"}
BROKEN = {"Dockerfile": "FROM debian:12\nRUNN true\n"}
KINDS: tuple[Mapping[str, str], ...] = (NPM, PIP, GO, NARROW, NONE, BROKEN)


def make_repositories(folder: Path, count: int) -> None:
    """Repositories ``r00``, ``r01``, ... of all `KINDS` in turn; no two are alike."""
    for number in range(count):
        repository = Repository.make(folder / f"r{number:02}")
        repository.commit({**KINDS[number % len(KINDS)], "number": f"{number}\n"})


def environment() -> dict[str, str]:
    """For the command, whose import path must not depend on the folder that it runs in."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return plain | {"PYTHONPATH": str(ROOT), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def command(*words: str) -> list[str]:
    """The words that run ``migrate``."""
    return [sys.executable, "-m", "reorder", "migrate", *words]


def migrate(*words: str, cwd: Path, expect: int = 0) -> str:
    """Its standard error."""
    done = subprocess.run(command(*words), cwd=cwd, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def contents(folder: Path) -> dict[str, str]:
    """All files of an output folder but the ledger's: path to digest."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("ledger.sqlite3") and "clones" not in path.parts
    }
