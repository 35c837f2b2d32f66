"""What is run again: (Dockerfile, edited file) and the lines of the steps that miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.simulator import Program, TargetError, make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source
from reorder.world.disk import DiskTree

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


def compiled(text: str, *, ignore: str = "", target: str | None = None) -> Program:
    tree = MemoryTree(dict.fromkeys(FILES, "") | ({".dockerignore": ignore} if ignore else {}))
    context, dockerfile = open_context(tree, "Dockerfile"), parse(Source("Dockerfile", text))
    return make_program(dockerfile, analyze(dockerfile, context), context, target=target)


def reasons(program: Program, delta: Delta) -> dict[int, tuple[str, str]]:
    """Why the step in each line runs again."""
    lines = {step.id: step.line for stage in program.stages for step in stage.steps}
    return {lines[id_]: tuple(reason) for id_, reason in program.rerun(delta).items()}


def missed_lines(text: str, path: str) -> list[int]:
    return sorted(reasons(compiled(text), Delta(paths=frozenset((path,)))))


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


WHY = """\
ARG TAG=12
FROM debian:$TAG AS one
COPY src /src
RUN make
COPY lib/*.py /lib/
FROM one AS two
ARG V
RUN test
FROM scratch
COPY --from=two /out /
ADD https://example.com/x /x
COPY --from=helper:1 /y /y
COPY a.txt conf /texts/
"""


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        (Delta(), {}),
        (
            Delta(paths=frozenset(["src/main.py", "lib/y.py", "src/a.py"])),
            {
                3: ("content", "src/a.py"), 4: ("above", "line 3"), 5: ("content", "lib/y.py"), 8: ("stage", "one"),
                10: ("stage", "two"), 11: ("above", "line 10"), 12: ("above", "line 10"), 13: ("above", "line 10"),
            },
        ),
        (Delta(modes=frozenset(["conf"])), {13: ("mode", "conf")}),
        (Delta(modes=frozenset(["lib"])), {}),
        (Delta(paths=frozenset(["https://example.com/x"])), {11: ("address", "https://example.com/x")}),
        (Delta(images=frozenset(["helper:1"])), {12: ("image", "helper:1"), 13: ("above", "line 12")}),
        (Delta(images=frozenset(["debian:12"])), {3: ("image", "debian:12"), 4: ("above", "line 3")}),
        (Delta(arguments=frozenset("V")), {8: ("argument", "V"), 10: ("stage", "two")}),
        (Delta(arguments=frozenset(["TAG"])), {3: ("argument", "TAG"), 8: ("stage", "one")}),
        (Delta(everything=True), {3: ("content", "any path"), 5: ("content", "any path"), 13: ("content", "any path")}),
        (Delta(paths=frozenset([".dockerignore"])), {3: ("ignore", ".dockerignore"), 13: ("ignore", ".dockerignore")}),
    ],
)  # fmt: skip
def test_reasons(delta: Delta, expected: dict[int, tuple[str, str]]) -> None:
    found = reasons(compiled(WHY), delta)
    assert {line: found.get(line) for line in expected} == expected
    assert bool(found) == bool(expected)


def test_a_path_that_the_ignore_file_excludes_counts_only_if_the_file_itself_changes() -> None:
    program = compiled("FROM debian\nCOPY a.txt lib/ /x/\nRUN one\nCOPY conf /c\n", ignore="lib\n")
    assert reasons(program, Delta(paths=frozenset(["lib/y.py"]))) == {}
    assert reasons(program, Delta(modes=frozenset(["lib/y.py"]))) == {}
    changed = reasons(program, Delta(paths=frozenset(["lib/y.py", ".dockerignore"])))
    assert set(changed) == {2, 3, 4}


def test_a_submodule_is_a_path_above_what_is_copied() -> None:
    text = "FROM debian\nCOPY src/deep/x.py /x\nCOPY */*.ini /ini/\n"
    assert missed_lines(text, "src") == [2, 3]
    assert missed_lines(text, "conf") == [3]
    assert missed_lines(text, "a.txt") == []


@pytest.mark.parametrize(("target", "lines"), [("one", [3]), ("ONE", [3]), ("two", [3, 6]), (None, [3, 6, 8])])
def test_a_target_needs_what_it_starts_from_and_copies(target: str | None, lines: list[int]) -> None:
    text = "FROM debian AS one\nLABEL a=b\nCOPY src /src\nFROM debian AS other\nFROM one AS two\nRUN x\n"
    text += "FROM debian\nCOPY --from=two /x /x\n"
    program = compiled(text, target=target)
    assert [step.line for stage in program.stages for step in stage.steps] == lines
    assert sorted(reasons(program, Delta(paths=frozenset(["src/main.py"])))) == lines


@pytest.mark.parametrize("target", ["three", "0", ""])
def test_a_target_that_is_no_stage(target: str) -> None:
    with pytest.raises(TargetError, match=r"there is no stage .*\(one, two\)"):
        compiled("FROM debian AS one\nFROM debian AS two\n", target=target)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    context, dockerfile = open_context(DiskTree(str(tmp_path)), None), parse(Source("", "FROM debian\nCOPY a /a\n"))
    program = make_program(dockerfile, analyze(dockerfile, context), context)
    assert program.rerun(Delta(paths=frozenset(["b"])))
