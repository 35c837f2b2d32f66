"""The gate that no edit may cost more, held against patches that a wrong planner could make."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reorder.analysis.steps import analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.rewriting.check import CheckError
from reorder.rewriting.spared import Version, check_spared
from reorder.source import Source

FILES = {"requirements.txt": "", "lint.txt": "", "src/a.py": "", "app.py": ""}
PIP = "RUN pip install -r requirements.txt"


Line = str | tuple[int, str]


def version(original: tuple[str, ...], lines: tuple[Line, ...]) -> Version:
    """A Dockerfile of one instruction a line; each has its line in the original, or the number in front of it."""
    pairs = [line if isinstance(line, tuple) else (original.index(line) + 1, line) for line in lines]
    dockerfile = parse(Source("Dockerfile", "".join(text + "\n" for _, text in pairs)))
    known = {i.span: i._replace(line=number) for i, (number, _) in zip(dockerfile.instructions, pairs, strict=True)}
    stages = tuple(replace(s, instructions=tuple(known[i.span] for i in s.instructions)) for s in dockerfile.stages)
    dockerfile = dockerfile._replace(instructions=tuple(known.values()), stages=stages)
    context = open_context(MemoryTree(FILES), None)
    return Version(dockerfile, analyze(dockerfile, context), context)


OLD = ("FROM python:3", "WORKDIR /app", "COPY src src", PIP, "COPY . .", "RUN make")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (OLD, None),
        ((*OLD[:2], PIP, "COPY src src", *OLD[4:]), None),
        ((*OLD[:2], "COPY . .", "COPY src src", PIP, "RUN make"), "an edit of .* runs the RUN in line 4 again"),
        ((*OLD[:2], (3, "COPY src/a.py src/"), *OLD[3:]), None),
        ((*OLD[:2], (3, "COPY lint.txt ."), PIP, "COPY src src", *OLD[4:]), "edit of lint.txt .* line 4"),
        ((*OLD[:2], (3, "ARG SHA=1"), "COPY src src", *OLD[3:]), "new value of SHA .* line 4"),
        ((*OLD[:3], (4, PIP + " --user"), "COPY . .", PIP, "RUN make"), "edit of .* line 4"),
        ((*OLD[:2], (3, "COPY lint.txt ."), (4, PIP + " --user"), *OLD[2:]), "edit of lint.txt .* line 4"),
    ],
)
def test_what_a_patch_may_not_do(lines: tuple[Line, ...], fault: str | None) -> None:
    versions = version(OLD, OLD), version(OLD, lines)
    if fault is None:
        check_spared(*versions)
        return
    with pytest.raises(CheckError, match=fault):
        check_spared(*versions)


def test_a_stage_that_the_last_one_does_not_need_is_judged_too() -> None:
    old = ("FROM python:3 AS test", "COPY requirements.txt .", PIP, "COPY . .", "FROM debian", "RUN true")
    worse = (old[0], old[3], old[1], *old[2:3], *old[4:])
    with pytest.raises(CheckError, match="line 3 again"):
        check_spared(version(old, old), version(old, worse))
