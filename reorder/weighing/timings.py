"""Seconds of steps from the progress log of a real build, as a terminal or a CI service has kept it.

Understood are BuildKit's ``--progress=plain`` and ``--progress=rawjson``, whatever time stamps, job names and colours
GitHub Actions, GitLab, Jenkins or ``gh run view --log`` put in front. Tried on logs of Docker 26.1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reorder.analysis.steps import Step
from reorder.lazy_patterns import lazy_pattern

_COLOURS = lazy_pattern(r"\x1b\[[0-9;?]*[A-Za-z]")
_STAMP = lazy_pattern(r"""
    (?:[^\t\n]*\t){0,2}                                                   # job and step
    (?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?:[ ]\d\d[OE]\+?)?   # date and time
      |\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?)[ ]+                              # time alone
""", re.VERBOSE)  # fmt: skip
_VERTEX = r"\[(?:[^\[\]]* )?\d+/\d+\] +(?P<text>[A-Za-z]+ .*)"
_PLAIN = lazy_pattern(rf"[^#\n]{{0,80}}#(?P<number>\d+) +(?:{_VERTEX}|DONE +(?P<seconds>\d+(?:\.\d+)?)s\s*$)")
_NAME = lazy_pattern(_VERTEX, re.DOTALL)
_VARIABLE = lazy_pattern(r"\$\{[^}]*\}|\$\w+")


class TimingsError(ValueError):
    """A file that is no progress log of a build; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds by what the log calls a step, on one line (`log_key`)."""

    seconds: Mapping[str, float] = field(default_factory=dict)

    def find(self, step: Step) -> float | None:
        """The measured seconds of a step, None if the log does not have it.

        The log shows the values of variables where the Dockerfile has their names, and of a heredoc the first line.
        """
        key = step_key(step)
        found = self.seconds.get(key)
        if found is not None or not self.seconds:
            return found
        heredocs = step.instruction.heredocs
        if not heredocs and "$" not in key:
            return None
        pattern = re.compile(".*?".join(map(re.escape, _VARIABLE.split(key))) + r"(?: \((?P<body>.*?)(?:\.\.\.)?\))?")
        body = _plain_words(heredocs[0].content) if heredocs else ""
        for text, seconds in self.seconds.items():
            match = pattern.fullmatch(text)
            if match and body.startswith(match["body"] or ""):
                return seconds
        return None


def step_key(step: Step) -> str:
    """The step's text as `Timings` has it, with its variables unexpanded."""
    instruction = step.instruction
    return log_key(" ".join((instruction.keyword, *(flag.raw for flag in instruction.flags), instruction.args)))


def log_key(text: str) -> str:
    """On one line, without the backslashes that BuildKit takes away, keyword in upper case."""
    keyword, _, rest = text.strip().partition(" ")
    return f"{keyword.upper()} {_plain_words(rest)}"


def _plain_words(text: str) -> str:
    return " ".join(text.replace("\\", "").split())


def parse_timings(data: bytes) -> Timings:
    """The seconds of each step that the log saw run; the longest where it ran more than once.

    Steps that came from the cache took no time and are left out. Raises `TimingsError`.
    """
    text = _decode(data)
    lines = [_STAMP.sub("", line, count=1) if _STAMP.match(line) else line for line in text.splitlines()]
    found: dict[str, float] = {}
    for name, seconds in _raw_json(lines) if '"vertexes"' in text else _plain(lines):
        key = log_key(name)
        found[key] = max(seconds, found.get(key, 0.0))
    if not found:
        hint = "; the classic builder's log has no times" if re.search(r"^Step \d+/\d+ :", text, re.M) else ""
        raise TimingsError(f"no step of a build with its time: --progress=plain or rawjson writes such a log{hint}")
    return Timings(found)


def _decode(data: bytes) -> str:
    # PowerShell's > writes UTF-16 with a mark
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    return _COLOURS.sub("", data.decode(encoding, "replace").removeprefix("\ufeff"))


def _plain(lines: list[str]) -> Iterator[tuple[str, float]]:
    names: dict[str, str] = {}
    for line in lines:
        match = _PLAIN.match(line)
        if match is None:
            continue
        number = match["number"]
        if match["text"] is not None:
            names[number] = match["text"]
        elif number in names:
            yield names[number], float(match["seconds"])


def _raw_json(lines: list[str]) -> Iterator[tuple[str, float]]:
    """Documents on one line each, or over many lines (Docker 26.1)."""
    vertices: dict[str, dict[str, Any]] = {}
    for document in _documents("\n".join(lines)):
        for vertex in document.get("vertexes") or ():
            if isinstance(vertex, dict):
                vertices.setdefault(str(vertex.get("digest")), {}).update(vertex)
    for vertex in vertices.values():
        match = _NAME.fullmatch(str(vertex.get("name")))
        if match is not None and not vertex.get("cached") and not vertex.get("error"):
            yield from ((match["text"], seconds) for seconds in _duration(vertex))


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, position = json.JSONDecoder(), text.find("{")
    while position >= 0:
        try:
            document, end = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            end = position + 1
        else:
            if isinstance(document, dict):
                yield document
        position = text.find("{", end)


def _duration(vertex: dict[str, Any]) -> Iterator[float]:
    try:
        start, end = (datetime.fromisoformat(str(vertex[name])) for name in ("started", "completed"))
        yield max(0.0, (end - start).total_seconds())
    except (KeyError, ValueError, TypeError):
        return
