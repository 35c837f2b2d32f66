"""What of a builder stage the shipped image can show."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import StageAnalysis, analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.effects import PathSet
from reorder.planning.exposure import is_hidden, is_shipped
from reorder.source import Source

CACHE = PathSet.of(trees=("/go/pkg/mod",))
BUILD = "FROM golang:1.22 AS build\nRUN go build -o /out/app .\n"


def stages(text: str) -> tuple[StageAnalysis, ...]:
    return analyze(parse(Source("Dockerfile", text)), open_context(MemoryTree({}), None))


@pytest.mark.parametrize(
    ("rest", "hidden"),
    [
        ("FROM debian\nCOPY --from=build /out/app /app\n", True),
        ("FROM debian\nCOPY --from=0 /out/app /app\n", True),
        ("FROM debian\nCOPY --from=build /out/ /app/\nCOPY --from=build /etc/passwd /etc/\n", True),
        ("FROM debian\nCOPY --from=build /out/ap* /app/\n", True),
        ("FROM debian\nCOPY --from=BUILD /go/pkg /go/pkg\n", False),
        ("FROM debian\nCOPY --from=build /go /go\n", False),
        ("FROM debian\nCOPY --from=build / /root\n", False),
        ("FROM debian\nCOPY --from=build /go/pkg/mod/cache/x /x\n", False),
        ("FROM debian\nCOPY --from=build /go/p*/ /x/\n", False),
        ("FROM debian\nCOPY --from=build $WHERE /x/\n", False),
        ("FROM build\n", False),
        ("FROM build AS more\nFROM more\n", False),
        ("FROM build AS more\nRUN x\nFROM debian\nCOPY --from=more /out/app /app\n", True),
        ("FROM build AS more\nRUN x\nFROM debian\nCOPY --from=more /go /go\n", False),
        ("FROM debian\nRUN --mount=type=bind,from=build,target=/b cp /b/out/app /\n", False),
        ("FROM debian AS unrelated\nCOPY --from=other /x /x\nFROM debian\n", False),
        ("FROM debian\n", False),
    ],
)
def test_what_is_copied_out_decides(rest: str, hidden: bool) -> None:
    found = stages(BUILD + rest)
    assert is_hidden(found[0], CACHE, found) is hidden


@pytest.mark.parametrize(
    ("run", "hidden"),
    [
        ("ls -R / > /list", False),
        ("cp -r / /copy", False),
        ("cp -r /go /out", False),
        ("ln -s /go /src", False),
        ("cd /go && ls -R .", False),
        ("curl -L https://example.com/a.tgz | tar -C / -xz", True),
        ("ls /out", True),
    ],
)
def test_a_command_that_looks_at_the_cache_shows_it(run: str, hidden: bool) -> None:
    found = stages(f"{BUILD}RUN {run}\nFROM debian\nCOPY --from=build /out/app /app\n")
    assert is_hidden(found[0], CACHE, found) is hidden


def test_the_last_stage_and_those_below_it_are_shipped() -> None:
    found = stages("FROM debian AS a\nFROM a AS b\nFROM debian AS c\nFROM b\nCOPY --from=c /x /x\n")
    assert [is_shipped(stage, found) for stage in found] == [True, True, False, True]
