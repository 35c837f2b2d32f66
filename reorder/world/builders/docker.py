"""Builds with docker and BuildKit (the classic builder is never used).

Docker 26.1 joins equal steps of builds that run at once, and does not always survive it; a host name that is part of
each RUN's cache key keeps builds apart (RULEBOOK A2). The name is in no image.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import IO

from reorder.verifying.build_log import BuildKitLog
from reorder.world.builders.failures import explain, explain_engine
from reorder.world.builders.model import Build, BuilderError, CommandRun, Job
from reorder.world.builders.process import run_bytes, run_lines, run_quietly, streamed

_ANSWER_SECONDS = 30.0
_REMOVE_SECONDS = 120.0
_OUTPUT_LIMIT = 1024 * 1024
_ENVIRONMENT = {
    "DOCKER_BUILDKIT": "1",
    "DOCKER_CLI_HINTS": "false",
    "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",  # they would make of the image a list of two
    "BUILDKIT_PROGRESS": "plain",
    "BUILDX_GIT_INFO": "false",
}


class Docker:
    """The Docker engine that ``DOCKER_HOST`` or the docker context names."""

    name = "docker"
    keeps_steps = True

    def __init__(self) -> None:
        self._containers: list[str] = []

    def find_problem(self) -> str | None:
        """Why it cannot be used; None if the engine answers."""
        try:
            done = run_lines(("docker", "version", "--format", "{{.Server.Version}}"), _ANSWER_SECONDS)
        except BuilderError:
            return "docker is not installed"
        if done.timed_out:
            return "the docker engine does not answer"
        return None if done.code == 0 else explain_engine("\n".join(done.tail))

    def build(self, job: Job, watch: Callable[[str], None]) -> Build:
        """Build with BuildKit; the image is loaded into the engine under ``job.tag``."""
        log = BuildKitLog()

        def on_line(line: str) -> None:
            if (step := log.feed(line, time.monotonic())) is not None:
                watch(step)

        done = run_lines(_command(job), job.options.timeout, on_line, _ENVIRONMENT)
        error = explain(done, job.options.timeout)
        return Build(job.tag, done.seconds, log.steps(), error, done.tail if error else ())

    def save(self, tags: Sequence[str]) -> Sequence[tuple[tuple[str, ...], AbstractContextManager[IO[bytes]]]]:
        """One archive: layers that the images share are sent once."""
        return [(tuple(tags), streamed(("docker", "save", *tags), _timeout(len(tags))))]

    def run(self, tag: str, command: Sequence[str], network: str | None, timeout: float) -> CommandRun:
        """Run in a container that is removed at its end. Raises `BuilderError` if it cannot be started."""
        name = f"{tag.partition(':')[2]}-{len(self._containers)}"
        self._containers.append(name)
        code, output, timed_out = run_bytes(
            ("docker", "run", "--rm", "--no-healthcheck", "--name", name, "--network", network or "none",
             "--entrypoint", command[0], tag, *command[1:]), timeout, _OUTPUT_LIMIT,
        )  # fmt: skip
        if timed_out:
            raise BuilderError(f"the command did not end within {timeout:.0f} s")
        if code in (125, 126, 127):
            raise BuilderError(f"the command cannot be run: {output.decode('utf-8', 'replace').strip()[:300]}")
        return CommandRun(code, output)

    def remove(self, tags: Sequence[str]) -> None:
        """Take images and containers away; one that is not there is no error."""
        if self._containers:
            run_quietly(("docker", "rm", "--force", "--volumes", *self._containers), _REMOVE_SECONDS)
            self._containers.clear()
        if tags:
            run_quietly(("docker", "image", "rm", "--force", *tags), _REMOVE_SECONDS)


def _timeout(images: int) -> float:
    return 1800.0 * images


def _command(job: Job) -> list[str]:
    # BuildKit finds the ignore file by its name beside the Dockerfile, wherever that lies
    command = ["docker", "build", "--progress", "plain", "--load", "--tag", job.tag, "--file", job.dockerfile]
    command += ["--add-host", f"{job.key}.invalid:127.0.0.1"]
    command += [] if job.use_cache else ["--no-cache"]
    return [*command, *job.options.words(), job.context]
