"""What is put to the test, and the verdict on it."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from reorder.verifying.build_log import StepRun
from reorder.verifying.model import Comparison


class Variant(NamedTuple):
    """A Dockerfile's content, and that of its ignore file; None: the one in the build context holds."""

    text: bytes
    ignore: bytes | None = None


class Pair(NamedTuple):
    """Two Dockerfiles for one build context. ``path`` names the first one to people; ``context`` is a folder.

    ``notes``: what to say of the pair, whatever becomes of it.
    """

    path: str
    context: str
    before: Variant
    after: Variant
    notes: tuple[str, ...] = ()


class Watch(Protocol):
    """Is told how it goes on."""

    def begin(self, label: str) -> None:
        """A piece of work begins, such as ``original``."""

    def step(self, text: str) -> None:
        """A step of it begins."""

    def end(self, note: str = "") -> None:
        """It is done."""


class Timing(NamedTuple):
    """A build without cache: which, and how long it took."""

    label: str
    seconds: float


class Smoke(NamedTuple):
    """A command run in both images. ``problem``: it is not the same, or says nothing; None: it is the same."""

    command: str
    code_before: int | None
    code_after: int | None
    problem: str | None


class Rebuild(NamedTuple):
    """A build from the cache after a change of the context."""

    seconds: float
    steps: tuple[StepRun, ...]

    @property
    def ran(self) -> tuple[StepRun, ...]:
        """The steps that were not in the cache."""
        return tuple(step for step in self.steps if not step.cached)


class Gain(NamedTuple):
    """Both built again after an edit of the file ``touched``; ``chosen``: why this one."""

    touched: str
    chosen: str
    before: Rebuild
    after: Rebuild


class Played(NamedTuple):
    """A commit built with one of the Dockerfiles. ``expected``: how many steps run, says the simulator; ``wrong``:
    steps of which it says the opposite of what happened. ``error``: it does not build at this commit.
    """

    rebuild: Rebuild
    expected: int
    wrong: tuple[str, ...]
    error: str | None


class Replayed(NamedTuple):
    """A commit, which changed so many ``paths`` of the context, built with both Dockerfiles."""

    commit: str
    subject: str
    paths: int
    before: Played
    after: Played


Status = Literal["equal", "differs", "patch-fails", "original-fails", "error", "unchanged"]


class Verdict(NamedTuple):
    """How it ended. ``reason`` and ``log`` (the end of a build's log) tell of anything but ``equal``."""

    path: str
    context: str
    status: Status
    builder: str = ""
    reason: str = ""
    log: tuple[str, ...] = ()
    comparison: Comparison | None = None
    timings: tuple[Timing, ...] = ()
    smokes: tuple[Smoke, ...] = ()
    gain: Gain | None = None
    commits: tuple[Replayed, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The exit code: 0 equal or nothing to compare, 1 the patch is wrong, 2 nothing can be said."""
        return {"equal": 0, "unchanged": 0, "differs": 1, "patch-fails": 1}.get(self.status, 2)
