"""What is run again: (Dockerfile, edited file) and the lines of the steps that miss."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.simulator import make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source

FILES = ["a.txt", "src/main.py", "src/deep/x.py", "lib/y.py", "conf/z.ini"]

ONE_STAGE = """\
FROM debian
WORKDIR /app
COPY a.txt .
RUN one
ENV X=1
COPY src src
LABEL y=2
RUN two
"""

STAGES = """\
FROM debian AS base
COPY src /src
RUN one
FROM base AS child
RUN two
FROM debian AS other
COPY lib /lib
COPY a.txt /elsewhere/
FROM debian
COPY --from=base /made /made
RUN three
COPY --from=other /lib/y.py /y.py
RUN four
RUN --mount=type=bind,from=other,source=/elsewhere,target=/x five
"""


def missed_lines(text: str, path: str) -> list[int]:
    context = open_context(MemoryTree(dict.fromkeys(FILES, "")), "Dockerfile")
    dockerfile = parse(Source("Dockerfile", text))
    stages = analyze(dockerfile, context)
    again = make_program(dockerfile, stages, context).rerun(Delta(paths=frozenset((path,))))
    return sorted(stages[id_.stage].steps[id_.index].instruction.line for id_ in again)


@pytest.mark.parametrize(
    ("path", "lines"),
    [("a.txt", [3, 4, 6, 8]), ("src/deep/x.py", [6, 8]), ("lib/y.py", []), ("src/not-there-yet.py", [6, 8])],
)
def test_all_below_a_miss_misses_and_configuration_is_no_step(path: str, lines: list[int]) -> None:
    assert missed_lines(ONE_STAGE, path) == lines


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("src/main.py", [2, 3, 10, 11, 12, 13, 14]),  # /made may come from the RUN of base; nothing needs child
        ("lib/y.py", [7, 8, 12, 13, 14]),  # /y.py holds what is copied to /lib
        ("a.txt", [8, 14]),  # /elsewhere is not /lib, but it is mounted
    ],
)
def test_stages(path: str, lines: list[int]) -> None:
    assert missed_lines(STAGES, path) == lines


@pytest.mark.parametrize(
    ("line", "path", "misses"),
    [
        ("RUN --mount=type=bind,source=src,target=/s make", "src/main.py", True),
        ("RUN --mount=source=src,target=/s make", "lib/y.py", False),
        ("RUN --mount=target=/all make", "lib/y.py", True),
        ("RUN --mount=type=cache,target=/root/.cache make", "a.txt", False),
        ("RUN --mount=type=secret,id=a.txt make", "a.txt", False),
        ("COPY . /app", "conf/z.ini", True),
        ("COPY ./ /app", "conf/z.ini", True),
        ("COPY s*/ /app", "src/deep/x.py", True),
        ("COPY */*.ini /app/", "conf/z.ini", True),
        ("COPY *.ini /app/", "conf/z.ini", False),
        ("COPY a.txt lib/ /app/", "lib/y.py", True),
        ("ADD https://example.com/a.txt /app/", "a.txt", False),
        ("COPY --from=debian:12 /a.txt /app/", "a.txt", False),
        ("COPY <<EOF /app/a.txt\nhello\nEOF", "a.txt", False),
        ("ARG D=src\nCOPY $D /app", "lib/y.py", False),  # an argument has its default
        ("ARG D\nCOPY $D /app", "lib/y.py", True),  # or may name anything
        ("ENV D=src\nCOPY $D /app", "lib/y.py", False),
        ("ENV D=src\nCOPY $D /app", "src/main.py", True),
    ],
)
def test_what_a_step_selects(line: str, path: str, misses: bool) -> None:
    assert bool(missed_lines(f"FROM debian\n{line}\n", path)) == misses


@pytest.mark.parametrize("default", ["=one", ""])
def test_a_base_from_an_argument(default: str) -> None:
    text = f"ARG B{default}\nFROM debian AS one\nCOPY src /src\nFROM ${{B}}\nRUN x\n"
    assert missed_lines(text, "src/main.py") == [3, 5]
    assert missed_lines(text, "a.txt") == []


def test_a_file_from_a_stage_built_on_one_that_ran_again() -> None:
    stages = ("FROM debian AS a\nCOPY src /s\nRUN x\n", "FROM a AS b\nCOPY lib /l\n")
    text = "".join((*stages, "FROM debian\nCOPY --from=b /made /made\nRUN y\n"))
    assert missed_lines(text, "src/main.py") == [2, 3, 5, 7, 8]
    assert missed_lines(text, "lib/y.py") == [5, 7, 8]  # RUN x may have made a link into /l
