"""The last gate catches planted breakages of metadata that sinks, whatever the planner believes."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.rewriting.check import CheckError, check_rewrite
from reorder.source import Source

FILES = {"requirements.txt": "idna\n", "app.py": "", "old/x": ""}
OLD = """\
ARG VERSION=0
FROM python:3.11
ARG GIT_SHA=none
ARG BUILD_DATE
ARG VERSION
LABEL a=$GIT_SHA b=1
LABEL c=$BUILD_DATE
ENV OTHER=1
WORKDIR /app
RUN pip install idna
COPY app.py /app/
RUN echo $GIT_SHA > /sha
RUN pip install six && python app.py
LABEL b=2
CMD ["x"]
"""
GOOD = """\
ARG VERSION=0
FROM python:3.11
ARG VERSION
ENV OTHER=1
WORKDIR /app
RUN pip install idna
COPY app.py /app/
ARG GIT_SHA=none
LABEL a=$GIT_SHA b=1
RUN echo $GIT_SHA > /sha
ARG BUILD_DATE
RUN pip install six && python app.py
LABEL b=2
CMD ["x"]
LABEL c=$BUILD_DATE
"""


def check(new_text: str, old_text: str = OLD) -> None:
    context = open_context(MemoryTree(FILES), None)
    old, new = parse(Source("Dockerfile", old_text)), parse(Source("Dockerfile", new_text))
    check_rewrite(old, analyze(old, context), new, analyze(new, context))


def test_a_right_rewrite_passes() -> None:
    check(GOOD)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ARG GIT_SHA=none\n", ""),
        ("ARG GIT_SHA=none\n", "ARG GIT_SHA=some\n"),
        ("ARG GIT_SHA=none\n", "ARG GIT_SHA\n"),
        ("ARG VERSION\n", "ARG VERSION=0\n"),
        ("ARG VERSION\n", "ARG VERSION\nARG GIT_REF\n"),
        ("ARG VERSION=0\nFROM", "FROM"),
        ("LABEL c=$BUILD_DATE\n", ""),
        ("LABEL c=$BUILD_DATE\n", "LABEL c=${BUILD_DATE}\n"),
        # another value where it stands
        ("LABEL c=$BUILD_DATE\n", "ARG BUILD_DATE\nLABEL c=$BUILD_DATE\n"),
        ("ARG GIT_SHA=none\nLABEL a=$GIT_SHA b=1\n", "LABEL a=$GIT_SHA b=1\nARG GIT_SHA=none\n"),
        # below a step that uses the variable, or may
        ("ARG GIT_SHA=none\nLABEL a=$GIT_SHA b=1\nRUN echo $GIT_SHA > /sha\n",
         "RUN echo $GIT_SHA > /sha\nARG GIT_SHA=none\nLABEL a=$GIT_SHA b=1\n"),
        ("ARG BUILD_DATE\nRUN pip install six && python app.py\n",
         "RUN pip install six && python app.py\nARG BUILD_DATE\n"),
        # a LABEL that another one replaces, and one that does
        ("LABEL b=2\n", ""),
        (GOOD[GOOD.index("LABEL a") :], GOOD[GOOD.index("RUN echo") :] + "LABEL a=$GIT_SHA b=1\n"),
        # what is no metadata
        ("ENV OTHER=1\nWORKDIR /app\n", "WORKDIR /app\nENV OTHER=1\n"),
        ('LABEL b=2\nCMD ["x"]\n', 'CMD ["x"]\nLABEL b=2\n'),
        # the other way round: what comes earlier is seen by more
        ("WORKDIR /app\nRUN pip install idna\n", "ARG BUILD_NUMBER\nWORKDIR /app\nRUN pip install idna\n"),
    ],
)  # fmt: skip
def test_a_tampered_rewrite_is_refused(before: str, after: str) -> None:
    assert GOOD.count(before) == 1
    with pytest.raises(CheckError):
        check(GOOD.replace(before, after))


def test_metadata_never_rises() -> None:
    low = "FROM python:3.11\nRUN pip install idna\nARG GIT_SHA\nLABEL a=$GIT_SHA\n"
    high = "FROM python:3.11\nARG GIT_SHA\nRUN pip install idna\nLABEL a=$GIT_SHA\n"
    check(low, high)
    with pytest.raises(CheckError, match="new variable"):
        check(high, low)


@pytest.mark.parametrize(
    "step",
    [
        "COPY $GIT_SHA/x /app/",
        "COPY --chown=$GIT_SHA app.py /app/",
        "WORKDIR /srv/$GIT_SHA",
        "USER $GIT_SHA",
        "ENV A=$GIT_SHA",
        "ARG REF=$GIT_SHA",
        "EXPOSE $GIT_SHA",
        "VOLUME /$GIT_SHA",
        "STOPSIGNAL $GIT_SHA",
        "HEALTHCHECK CMD echo $GIT_SHA",
        'ONBUILD LABEL x=$GIT_SHA',
        "RUN --mount=type=cache,target=/$GIT_SHA true",
        "RUN <<EOF\necho $GIT_SHA\nEOF",
        "COPY <<EOF /x\n$GIT_SHA\nEOF",
        "RUN env",
        "RUN unknown-program",
        "RUN make",
    ],
)
def test_no_step_loses_a_variable_that_it_may_use(step: str) -> None:
    start, end = "FROM python:3.11\n", "RUN pip install idna\n"
    old = f"{start}ARG GIT_SHA=old\n{step}\n{end}"
    check(old, old)
    with pytest.raises(CheckError):
        check(f"{start}{step}\n{end}ARG GIT_SHA=old\n", old)


def test_an_env_keeps_its_last_word() -> None:
    old = "FROM python:3.11\nARG GIT_SHA\nENV GIT_SHA=$GIT_SHA\nRUN pip install idna\nENV GIT_SHA=x\n"
    new = "FROM python:3.11\nRUN pip install idna\nENV GIT_SHA=x\nARG GIT_SHA\nENV GIT_SHA=$GIT_SHA\n"
    with pytest.raises(CheckError):
        check(new, old)


def test_a_stage_on_top_sees_what_it_saw() -> None:
    old = "FROM python:3.11 AS a\nARG GIT_SHA\nRUN pip install idna\nFROM a\nRUN env\n"
    check("FROM python:3.11 AS a\nRUN pip install idna\nARG GIT_SHA\nFROM a\nRUN env\n", old)
    with pytest.raises(CheckError):
        check("FROM python:3.11 AS a\nRUN pip install idna\nFROM a\nARG GIT_SHA\nRUN env\n", old)
