"""What a builder is asked, and what it answers, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import IO, NamedTuple, Protocol

from reorder.verifying.build_log import StepRun


class BuilderError(Exception):
    """A builder that is not there, does not answer, or fails at anything but a build; the message says what to do."""


class BuildOptions(NamedTuple):
    """What is passed on to the builder as it is, and the seconds after which a build counts as hung."""

    build_args: tuple[str, ...] = ()
    target: str | None = None
    secrets: tuple[str, ...] = ()
    ssh: tuple[str, ...] = ()
    network: str | None = None
    platform: str | None = None
    timeout: float = 1800.0

    def words(self) -> list[str]:
        """The words of a command line: docker, podman and buildah spell them alike."""
        many = (("--build-arg", self.build_args), ("--secret", self.secrets), ("--ssh", self.ssh))
        one = (("--target", self.target), ("--network", self.network), ("--platform", self.platform))
        found = [word for name, values in many for value in values for word in (name, value)]
        return found + [word for name, value in one if value is not None for word in (name, value)]


class Job(NamedTuple):
    """One build: the Dockerfile and its ignore file (None: the context's own) lie outside the folder ``context``.

    ``key`` becomes part of the cache key of every RUN where the builder allows that, so that no other build's cache
    answers. ``use_cache`` False: every step runs.
    """

    tag: str
    context: str
    dockerfile: str
    ignore_file: str | None
    key: str
    use_cache: bool
    options: BuildOptions


class Build(NamedTuple):
    """A build that has ended. ``error``: what went wrong, in a line, with the end of the log in ``tail``."""

    tag: str
    seconds: float
    steps: tuple[StepRun, ...]
    error: str | None = None
    tail: tuple[str, ...] = ()


class CommandRun(NamedTuple):
    """A command that ran in an image: exit code, and what it wrote (the first megabyte)."""

    code: int
    output: bytes


class Builder(Protocol):
    """A program that builds images and hands them out."""

    name: str
    keeps_steps: bool
    """Whether a build without cache leaves its steps in the cache."""

    def find_problem(self) -> str | None:
        """Why it cannot be used; None if it answers."""

    def build(self, job: Job, watch: Callable[[str], None]) -> Build:
        """Build; ``watch`` is told of each step that begins."""

    def save(self, tags: Sequence[str]) -> Sequence[tuple[tuple[str, ...], AbstractContextManager[IO[bytes]]]]:
        """Archives that together hold these images, each once: the tags in it, in order, and its stream."""

    def run(self, tag: str, command: Sequence[str], network: str | None, timeout: float) -> CommandRun:
        """Run a command in the image, as its user and in its working directory, without its entrypoint."""

    def remove(self, tags: Sequence[str]) -> None:
        """Take these images away, and what of ours still runs; never raises."""
