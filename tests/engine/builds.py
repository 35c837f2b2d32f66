"""Builds images on the Docker engine that the environment names, and tells which steps came from the cache."""

from __future__ import annotations

import json
import re
import subprocess
import uuid
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

RUN_ID = uuid.uuid4().hex[:8]
"""Part of every tag, of every edit, and of every cache key."""

_TIMEOUT = 600
_STEP = re.compile(r"\[ *(?:(?P<stage>\S+) +)?(?P<number>\d+)/\d+\] (?P<keyword>[A-Z]+)")


def find_problem() -> str | None:
    """Why nothing can be built here; None if an engine with BuildKit answers."""
    try:
        done = docker("info", "--format", "{{.ServerVersion}}", timeout=20)
    except FileNotFoundError:
        return "there is no docker command"
    except subprocess.TimeoutExpired:
        return "docker info does not answer"
    if done.returncode or not done.stdout.strip():
        return f"docker info does not answer: {done.stderr.decode(errors='replace').strip()[:200]}"
    return None


def docker(*arguments: str, stdin: bytes = b"", timeout: int = _TIMEOUT) -> subprocess.CompletedProcess[bytes]:
    """The finished docker command, whatever its exit code."""
    return subprocess.run(("docker", *arguments), input=stdin, capture_output=True, check=False, timeout=timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """A finished build. ``was_run``: for each RUN (stage, number in the stage) that was needed; False: cached."""

    tag: str
    error: str | None
    was_run: dict[tuple[int, int], bool]


def build(
    tag: str,
    context: Path,
    text: str,
    *,
    stages: tuple[str | None, ...],
    use_cache: bool,
    arguments: Mapping[str, str] | None = None,
) -> Build:
    """Build ``text``, which lies outside the context, so that it is no part of what COPY brings.

    ``stages`` are the stages' names in the order of the file: the engine names steps by them; ``arguments`` are the
    build's. The tag up to its last
    part becomes a host name that is part of every RUN's cache key (RULEBOOK A2) and of no image: so neither can an
    earlier run's cache answer, nor does the engine join the steps of two builds that run at once, which Docker 26.1
    does not always survive.
    """
    host = f"{zlib.crc32(tag.rpartition('-')[0].encode()):08x}"
    dockerfile = context.parent / f"{tag.rpartition(':')[2]}.Dockerfile"
    dockerfile.write_bytes(text.encode("utf-8", "surrogateescape"))
    options = [] if use_cache else ["--no-cache"]
    options += (f"--build-arg={name}={value}" for name, value in (arguments or {}).items())
    done = docker(
        "build", "--network", "host", "--add-host", f"{host}.invalid:127.0.0.1", "--progress", "rawjson",
        "--tag", tag, "--file", str(dockerfile), *options, str(context),
    )  # fmt: skip
    log = done.stderr.decode(errors="replace")
    error = None if done.returncode == 0 else f"{tag} does not build: {_last_words(log)}"
    return Build(tag=tag, error=error, was_run=_runs(log, stages))


def _documents(log: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of the log, which may stand on one line or on many."""
    decoder, position = json.JSONDecoder(), log.find("{")
    while position >= 0:
        try:
            document, end = decoder.raw_decode(log, position)
        except json.JSONDecodeError:
            return
        yield document
        position = log.find("{", end)


def vertices(log: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for document in _documents(log):
        for vertex in document.get("vertexes") or ():
            found.setdefault(vertex["digest"], {}).update(vertex)
    return found


def _last_words(log: str) -> str:
    errors = [vertex["error"] for vertex in vertices(log).values() if vertex.get("error")]
    return "; ".join(errors) or log[-2000:]


def _runs(log: str, stages: tuple[str | None, ...]) -> dict[tuple[int, int], bool]:
    """BuildKit numbers the steps of each stage, and names stages ``NAME`` or ``stage-N``, or not if there is one."""
    labels = {(name or f"stage-{index}").lower(): index for index, name in enumerate(stages)}
    steps: dict[int, list[tuple[int, bool]]] = {}
    for vertex in vertices(log).values():
        match = _STEP.match(vertex["name"])
        if match and match["keyword"] == "RUN":
            index = labels[match["stage"].lower()] if match["stage"] else len(stages) - 1
            steps.setdefault(index, []).append((int(match["number"]), not vertex.get("cached", False)))
    return {
        (index, number): was_run
        for index, found in steps.items()
        for number, (_, was_run) in enumerate(sorted(found))
    }  # fmt: skip


def save(tags: list[str]) -> subprocess.Popen[bytes]:
    """A running ``docker save`` of these images; layers that they share are sent once."""
    return subprocess.Popen(("docker", "save", *tags), stdout=subprocess.PIPE)


def stream_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    """What the process sends."""
    assert process.stdout is not None
    return process.stdout


def inspect(tag: str) -> dict[str, Any]:
    """The engine's description of an image."""
    found: list[dict[str, Any]] = json.loads(docker("image", "inspect", tag).stdout)
    return found[0]


def remove(tags: list[str]) -> None:
    """Forget these images."""
    if tags:
        docker("image", "rm", "--force", *tags)
