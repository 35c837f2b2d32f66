"""Builds images on the Docker engine that the environment names, and tells which steps came from the cache.

What is no fault of a Dockerfile does not fail a build at once: an engine that breaks off is waited for, and a registry
that does not answer is asked once more.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import tarfile
import time
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Any, TypeVar

RUN_ID = uuid.uuid4().hex[:8]
"""Part of every tag, of every edit, and of every cache key."""

Saved = TypeVar("Saved")

_TIMEOUT = 300
"""Seconds: the longest build takes one, on two busy cores."""

_WAIT_FOR_ENGINE = 120
"""Seconds for whoever started the engine to start it again (`.ci/run` does)."""

_STEP = re.compile(r"\[ *(?:(?P<stage>\S+) +)?(?P<number>\d+)/\d+\] (?P<keyword>[A-Z]+)")


class Trouble(Enum):
    """Why a build may be tried again, each with how often."""

    ENGINE = "the engine broke off"
    NETWORK = "a registry did not answer"

    @property
    def tries(self) -> int:
        return 3 if self is Trouble.ENGINE else 2


_TROUBLES = {
    # Docker 26.1 dies now and then of a nil pointer (walkProvenance), and all its builds with it
    Trouble.ENGINE: re.compile(
        r"Cannot connect to the Docker daemon|error during connect|error reading from server: EOF|code = Unavailable"
        r"|failed to solve: Unavailable|transport is closing|docker\.sock: connect: "
    ),
    # as pip, npm, yarn, pnpm, bun, uv, apt, gem, Composer and git say it
    Trouble.NETWORK: re.compile(
        r"ECONNRESET|ECONNREFUSED|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ERR_SOCKET|socket hang up|network timeout"
        r"|ConnectionClosed|IncompleteRead|RemoteDisconnected|Max retries exceeded|error sending request"
        r"|Temporary failure|Hash Sum mismatch|Failed to fetch|All attempts to connect"
        r"|(?i:could not resolve|unexpected eof|time(d[ -]?|-)out)"
        r"|(?i:connection (reset|aborted|refused|broken|closed|error))"
        r"|(?i:(http|status|error|code)\W{1,3}|\b)(429|50[0234])\b(?i:\W+(too|inter|bad|serv|gate|error))"
    ),
}


def find_problem() -> str | None:
    """Why nothing can be built here; None if an engine with BuildKit answers."""
    try:
        done = docker("info", "--format", "{{.ServerVersion}}", timeout=20)
        has_buildx = docker("buildx", "version", timeout=20).returncode == 0
    except FileNotFoundError:
        return "there is no docker command"
    except subprocess.TimeoutExpired:
        return "docker info does not answer"
    if done.returncode or not done.stdout.strip():
        return f"docker info does not answer: {done.stderr.decode(errors='replace').strip()[:200]}"
    return None if has_buildx else "docker has no buildx"


def docker(*arguments: str, stdin: bytes = b"", timeout: int = _TIMEOUT) -> subprocess.CompletedProcess[bytes]:
    """The finished docker command, whatever its exit code."""
    return subprocess.run(("docker", *arguments), input=stdin, capture_output=True, check=False, timeout=timeout)


def ask(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """As `docker`; asked again if the engine broke off meanwhile."""
    for _ in range(Trouble.ENGINE.tries):
        done = docker(*arguments)
        if done.returncode == 0 or find_trouble(done.stderr.decode(errors="replace")) is not Trouble.ENGINE:
            break
        _wait_for_engine()
    return done


def find_trouble(log: str) -> Trouble | None:
    """What a failed command's last words show to be no fault of its own."""
    return next((trouble for trouble, pattern in _TROUBLES.items() if pattern.search(log)), None)


def _wait_for_engine() -> None:
    end = time.monotonic() + _WAIT_FOR_ENGINE
    while find_problem() is not None and time.monotonic() < end:
        time.sleep(2)


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
    command = (
        "build", "--network", "host", "--add-host", f"{host}.invalid:127.0.0.1", "--progress", "rawjson",
        "--tag", tag, "--file", str(dockerfile), *options, str(context),
    )  # fmt: skip
    was_run: dict[tuple[int, int], bool] = {}
    troubles: list[Trouble] = []
    while True:
        log, succeeded = _try(command)
        found = _runs(log, stages)
        # what an attempt that broke off had run, the next one finds in the cache
        was_run = {run: found.get(run, False) or was_run.get(run, False) for run in {*found, *was_run}}
        if succeeded:
            return Build(tag=tag, error=None, was_run=was_run)
        words = _last_words(log)
        trouble = find_trouble(words)
        if trouble is None or troubles.count(trouble) + 1 >= trouble.tries:
            earlier = "".join(f"; tried before: {trouble.value}" for trouble in troubles)
            return Build(tag=tag, error=f"{tag} does not build: {words}{earlier}", was_run=was_run)
        troubles.append(trouble)
        if trouble is Trouble.ENGINE:
            _wait_for_engine()


def _try(command: tuple[str, ...]) -> tuple[str, bool]:
    """The log of one attempt, and whether it succeeded."""
    try:
        done = docker(*command)
    except subprocess.TimeoutExpired as error:
        return f"{(error.stderr or b'').decode(errors='replace')}\nno end within {_TIMEOUT} s", False
    return done.stderr.decode(errors="replace"), done.returncode == 0


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
    """What each failed step said last, or else the words of the command itself."""
    failed = {digest: vertex["error"] for digest, vertex in vertices(log).items() if vertex.get("error")}
    said = dict.fromkeys(failed, "")
    for document in _documents(log):
        for entry in document.get("logs") or ():
            if entry["vertex"] in said:
                said[entry["vertex"]] += base64.b64decode(entry["data"]).decode(errors="replace")
    _, _, plain = log.rpartition("\n}\n")
    return "\n".join([*(f"{error}\n{said[step][-1500:]}" for step, error in failed.items()), plain.strip()[-500:]])


def _runs(log: str, stages: tuple[str | None, ...]) -> dict[tuple[int, int], bool]:
    """BuildKit numbers the steps of each stage, and names stages ``NAME`` or ``stage-N``, or not if there is one."""
    labels = {(name or f"stage-{index}").lower(): index for index, name in enumerate(stages)}
    steps: dict[int, list[tuple[int, bool]]] = {}
    for vertex in vertices(log).values():
        match = _STEP.match(vertex["name"])
        if match and match["keyword"] == "RUN":
            index = labels[match["stage"].lower()] if match["stage"] else len(stages) - 1
            was_run = bool(vertex.get("completed")) and not vertex.get("cached", False)
            steps.setdefault(index, []).append((int(match["number"]), was_run))
    return {
        (index, number): was_run
        for index, found in steps.items()
        for number, (_, was_run) in enumerate(sorted(found))
    }  # fmt: skip


def read_saved(tags: list[str], read: Callable[[IO[bytes]], Saved]) -> Saved:
    """What ``read`` makes of the stream of ``docker save``; layers that images share are sent once."""
    for attempt in range(1, Trouble.ENGINE.tries + 1):
        with subprocess.Popen(("docker", "save", *tags), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            try:
                found = read(process.stdout)
            except (tarfile.ReadError, KeyError):  # cut off
                found = None
            process.stdout.close()
            said = process.stderr.read().decode(errors="replace")
        if process.returncode == 0 and found is not None:
            return found
        if attempt < Trouble.ENGINE.tries:
            _wait_for_engine()
    raise RuntimeError(f"docker save failed {attempt} times: {said}")


def inspect(tag: str) -> dict[str, Any]:
    """The engine's description of an image."""
    found: list[dict[str, Any]] = json.loads(ask("image", "inspect", tag).stdout)
    return found[0]


def has_image(name: str) -> bool:
    """Whether the engine holds an image of that name."""
    return ask("image", "inspect", name).returncode == 0


def remove(tags: list[str]) -> None:
    """Forget these images."""
    if tags:
        ask("image", "rm", "--force", *tags)
