"""Which steps a build ran, read from its log while it is written: BuildKit's plain log, and that of buildah and podman.

BuildKit times each step itself; buildah only names the step that begins, so its times are those of the lines.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

_VERTEX = re.compile(r"#(?P<id>\d+) \[(?:(?P<stage>[^\]]*?) +)?(?P<number>\d+)/(?P<total>\d+)\] (?P<text>.*)")
_STATE = re.compile(r"#(?P<id>\d+) (?P<word>CACHED|DONE|ERROR|CANCELED)(?: (?P<seconds>[0-9.]+)s)?")
_STEP = re.compile(r"(?:\[(?P<stage>\d+)/\d+\] )?STEP (?P<number>\d+)/(?P<total>\d+): (?P<text>.*)")
_STEP_ENDS = re.compile(r"(?:\[\d+/\d+\] )?COMMIT\b")
_CACHED = re.compile(r"--> Using cache ")
_PREFIX = re.compile(r"\S+/\S+ +")
"""A platform in front of a stage's name, in builds for several."""


_WORKING = frozenset(("RUN", "COPY", "ADD", "WORKDIR"))
"""The rest is configuration, which takes no time."""


class StepRun(NamedTuple):
    """A step of a build: its stage (a name, ``stage-N``, or empty where there is one stage), its number in it, its
    text, whether it came from the cache, and its seconds.
    """

    stage: str
    number: int
    text: str
    cached: bool
    seconds: float

    @property
    def keyword(self) -> str:
        """The instruction, ``RUN``."""
        return self.text.partition(" ")[0].upper()


class BuildLog(Protocol):
    """Takes a log line by line."""

    def feed(self, line: str, now: float) -> str | None:
        """Take a line that came at ``now`` (seconds of any clock); the step that begins with it, in words."""

    def steps(self) -> tuple[StepRun, ...]:
        """The steps so far, in the order of the log, without FROM; one that failed or was called off is none."""


class BuildKitLog:
    """``docker build --progress plain``."""

    def __init__(self) -> None:
        self._steps: dict[str, tuple[str, int, str]] = {}
        self._ends: dict[str, StepRun] = {}

    def feed(self, line: str, now: float) -> str | None:
        """See `BuildLog`."""
        if not line.startswith("#"):
            return None
        if match := _VERTEX.match(line):
            stage, number, text = match["stage"] or "", int(match["number"]), match["text"].strip()
            is_new = match["id"] not in self._steps
            self._steps[match["id"]] = (_PREFIX.sub("", stage), number, text)
            return f"[{number}/{match['total']}] {text}" if is_new else None
        match = _STATE.match(line)
        if match and match["id"] in self._steps and match["word"] in ("CACHED", "DONE"):
            step = self._steps[match["id"]]
            self._ends[match["id"]] = StepRun(*step, match["word"] == "CACHED", float(match["seconds"] or 0))
        return None

    def steps(self) -> tuple[StepRun, ...]:
        """See `BuildLog`."""
        return tuple(step for step in self._ends.values() if step.keyword != "FROM")


class BuildahLog:
    """``buildah build`` and ``podman build``."""

    def __init__(self) -> None:
        self._done: list[StepRun] = []
        self._current: tuple[StepRun, float] | None = None

    def feed(self, line: str, now: float) -> str | None:
        """See `BuildLog`."""
        if match := _STEP.match(line):
            self._end(now)
            # a stage is only known by its place; the log says nothing of its name
            stage = f"stage-{int(match['stage']) - 1}" if match["stage"] else ""
            text = match["text"].strip()
            self._current = StepRun(stage, int(match["number"]), text, False, 0.0), now
            return f"[{match['number']}/{match['total']}] {text}"
        if _CACHED.match(line) and self._current is not None:
            step, began = self._current
            self._current = step._replace(cached=True), began
        elif _STEP_ENDS.match(line):
            self._end(now)
        return None

    def _end(self, now: float) -> None:
        if self._current is not None:
            step, began = self._current
            self._done.append(step._replace(seconds=0.0 if step.cached else round(now - began, 1)))
            self._current = None

    def steps(self) -> tuple[StepRun, ...]:
        """See `BuildLog`."""
        return tuple(step for step in self._done if step.keyword in _WORKING)
