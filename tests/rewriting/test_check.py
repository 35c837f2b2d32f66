"""The last gate catches planted breakages: each tampered result must be refused, whatever the planner believes."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import analyze
from reorder.context.context import BuildContext, open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.rewriting.check import CheckError, check_rewrite
from reorder.source import Source

FILES = {"requirements.txt": "idna\n", "app.py": "", "src/a.py": "", "src/b.py": ""}
OLD = """\
# syntax=docker/dockerfile:1
ARG TAG=3
FROM python:${TAG}
ARG A=1
ENV B=2
WORKDIR /app
USER app
# sources
COPY --chown=app . .
COPY src /srv/
RUN one
RUN two
CMD ["x"]
"""
GOOD = """\
# syntax=docker/dockerfile:1
ARG TAG=3
FROM python:${TAG}
ARG A=1
ENV B=2
WORKDIR /app
USER app
COPY --chown=app requirements.txt .
RUN one
# sources
COPY --chown=app . .
COPY src /srv/
RUN two
CMD ["x"]
"""


def check(new_text: str) -> None:
    context: BuildContext = open_context(MemoryTree(FILES), None)
    old, new = parse(Source("Dockerfile", OLD)), parse(Source("Dockerfile", new_text))
    check_rewrite(old, analyze(old, context), new, analyze(new, context))


def test_a_right_rewrite_passes() -> None:
    check(GOOD)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN one\n", ""),
        ("RUN one\n", "RUN  one\n"),
        ("RUN two\n", "RUN two\nRUN three\n"),
        ("ENV B=2\nWORKDIR /app\n", "WORKDIR /app\nENV B=2\n"),
        ("ARG A=1\n", ""),
        ("USER app\n", ""),
        ("# sources\n", ""),
        ("# syntax=docker/dockerfile:1\n", ""),
        ("COPY src /srv/\n", ""),
        ("COPY src /srv/\n", "COPY src /srv\nCOPY app.py /opt/\n"),
        ("COPY --chown=app . .\n", "COPY . .\n"),
        ("COPY --chown=app . .\n", "COPY --chown=app . /app/sub\n"),
        ("RUN two\nCMD", "CMD"),
        ('CMD ["x"]\n', 'RUN two\nCMD ["x"]\n'),
        ("FROM python:${TAG}\n", "FROM python:${TAG}\nFROM python\n"),
    ],
)
def test_a_tampered_rewrite_is_refused(before: str, after: str) -> None:
    assert GOOD.count(before) == 1
    with pytest.raises(CheckError):
        check(GOOD.replace(before, after))


def test_runs_that_change_places_are_refused() -> None:
    with pytest.raises(CheckError, match="from nowhere"):
        check(GOOD.replace("RUN one", "RUN x").replace("RUN two", "RUN one").replace("RUN x", "RUN two"))
