"""Builds with podman or buildah, which share one library and most of their options.

Never from the cache where images are compared: buildah 1.28 answers from it with a stale configuration (RULEBOOK A6.3).
``--layers=false`` leaves no intermediate images; with ``--layers`` (to measure the gain) they go with their image.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import IO

from reorder.verifying.build_log import BuildahLog
from reorder.world.builders.failures import explain
from reorder.world.builders.model import Build, BuilderError, CommandRun, Job
from reorder.world.builders.process import run_bytes, run_lines, run_quietly, streamed

_ANSWER_SECONDS = 60.0
_REMOVE_SECONDS = 120.0
_SAVE_SECONDS = 1800.0
_OUTPUT_LIMIT = 1024 * 1024


class ContainersTool:
    """podman or buildah, by the name of the program."""

    keeps_steps = False

    def __init__(self, name: str) -> None:
        self.name = name
        self._containers: list[str] = []

    def find_problem(self) -> str | None:
        """Why it cannot be used; None if it answers."""
        try:
            done = run_lines((self.name, "info"), _ANSWER_SECONDS)
        except BuilderError:
            return f"{self.name} is not installed"
        if done.timed_out:
            return f"{self.name} does not answer"
        last = next((line for line in reversed(done.tail) if line.strip()), "it said nothing")
        return None if done.code == 0 else f"{self.name} does not work: {last.strip()[:300]}"

    def build(self, job: Job, watch: Callable[[str], None]) -> Build:
        """Build in Docker's image format, since that of OCI has no HEALTHCHECK and no SHELL."""
        log = BuildahLog()

        def on_line(line: str) -> None:
            if (step := log.feed(line, time.monotonic())) is not None:
                watch(step)

        done = run_lines(self._command(job), job.options.timeout, on_line)
        error = explain(done, job.options.timeout)
        return Build(job.tag, done.seconds, log.steps(), error, done.tail if error else ())

    def _command(self, job: Job) -> list[str]:
        command = [self.name, "build", "--format", "docker", "--tag", job.tag, "--file", job.dockerfile]
        command += ["--force-rm"]  # containers of a build that fails or is called off
        command += ["--layers"] if job.use_cache else ["--no-cache", "--layers=false"]
        command += [] if job.ignore_file is None else ["--ignorefile", job.ignore_file]
        return [*command, *job.options.words(), job.context]

    def save(self, tags: Sequence[str]) -> Sequence[tuple[tuple[str, ...], AbstractContextManager[IO[bytes]]]]:
        """An archive for each image; it goes through a pipe and never lies on disk."""
        return [((tag,), streamed(self._save_command(tag), _SAVE_SECONDS)) for tag in tags]

    def _save_command(self, tag: str) -> tuple[str, ...]:
        if self.name == "podman":
            return ("podman", "save", "--quiet", "--format", "docker-archive", tag)
        return ("buildah", "push", "--quiet", tag, f"docker-archive:/dev/stdout:{tag}")

    def run(self, tag: str, command: Sequence[str], network: str | None, timeout: float) -> CommandRun:
        """Run in a container that is removed at its end. Raises `BuilderError` if it cannot be started."""
        name = f"{tag.rpartition(':')[2]}-{len(self._containers)}"
        self._containers.append(name)
        if self.name == "podman":
            words = ["podman", "run", "--rm", "--no-healthcheck", "--name", name, "--network", network or "none"]
            words += ["--entrypoint", command[0], tag, *command[1:]]
        else:
            made = run_lines(("buildah", "from", "--pull-never", "--name", name, tag), timeout)
            if made.code:
                raise BuilderError(f"no container can be made: {' '.join(made.tail)[:300]}")
            words = ["buildah", "run", "--network", network or "none", name, "--", *command]
        code, output, timed_out = run_bytes(words, timeout, _OUTPUT_LIMIT)
        if timed_out:
            raise BuilderError(f"the command did not end within {timeout:.0f} s")
        if code in (125, 126, 127) or _NOT_STARTED in output:
            raise BuilderError(f"the command cannot be run: {output.decode('utf-8', 'replace').strip()[:300]}")
        return CommandRun(code, output)

    def remove(self, tags: Sequence[str]) -> None:
        """Take images and containers away; one that is not there is no error."""
        if self._containers:
            force = ("--force",) if self.name == "podman" else ()
            for container in self._containers:
                run_quietly((self.name, "rm", *force, container), _REMOVE_SECONDS)
            self._containers.clear()
        for tag in tags:
            run_quietly((self.name, "rmi", "--force", tag), _REMOVE_SECONDS)


_NOT_STARTED = b"executable file not found"
