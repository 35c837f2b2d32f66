"""Logs of real builds (Docker 26.1), shortened, and what CI services put in front of their lines."""

from __future__ import annotations

import json

import pytest

from reorder.analysis.steps import Step, analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source
from reorder.weighing.timings import Timings, TimingsError, parse_timings

PLAIN = """\
#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 500B done
#1 DONE 0.0s

#4 [base 1/9] FROM docker.io/library/debian:12
#4 CACHED

#7 [base 2/9] WORKDIR /app/1.2
#7 DONE 0.0s

#8 [stage-1 2/4] COPY . /f
#9 [base 3/9] RUN --mount=type=cache,target=/c1.2   echo "1.2" '${W}' $UNSET     && echo 1.2   two       done
#9 0.087 1.2 two done
#9 0.090 #8 DONE 77.0s
#9 DONE 22.5s

#10 [base 4/9] RUN npm ci
#10 CACHED

#8 DONE 0.4s
#18 exporting to image
#18 DONE 1.9s
"""
EXPECTED = {
    "WORKDIR /app/1.2": 0.0,
    "COPY . /f": 0.4,
    "RUN --mount=type=cache,target=/c1.2 echo \"1.2\" '${W}' $UNSET && echo 1.2 two done": 22.5,
}
PREFIXES = {
    "none": "",
    "GitHub Actions": "2024-05-01T12:00:00.1234567Z ",
    "gh run view": "build\tRun docker build\t2024-05-01T12:00:00.1234567Z ",
    "GitLab": "2024-05-01T12:00:00.123456Z 01O \x1b[0;m",
    "Jenkins": "[2024-05-01T12:00:00.123Z] ",
    "Jenkins, time alone": "12:00:00  ",
    "colours": "\x1b[34m",
}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_plain_logs_with_what_ci_services_put_in_front(prefix: str, end: str) -> None:
    log = "".join(prefix + line + end for line in PLAIN.splitlines())
    assert parse_timings(log.encode()).seconds == EXPECTED


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
@pytest.mark.parametrize("indent", [None, 2])
def test_raw_json_on_one_line_each_or_over_many(prefix: str, indent: int | None) -> None:
    run = {"digest": "sha256:1", "name": "[base 4/9] RUN npm ci"}
    documents = [
        {"vertexes": [{"digest": "sha256:0", "name": "[internal] load build context"}]},
        {"vertexes": [run]},
        {"vertexes": [run | {"started": "2026-11-28T18:30:19.294951717Z"}]},
        {"statuses": [{"id": "x", "vertex": "sha256:1", "name": "[base 9/9] RUN other"}]},
        {"logs": [{"vertex": "sha256:1", "data": "e30=", "timestamp": "2026-11-28T18:30:20Z"}]},
        {"vertexes": [run | {"started": "2026-11-28T18:30:19.294951717Z", "completed": "2026-11-28T18:30:41.5Z"}]},
        {"vertexes": [{"digest": "sha256:2", "name": "[2/2] COPY . .", "cached": True,
                       "started": "2026-11-28T18:30:19Z", "completed": "2026-11-28T18:30:19Z"}]},
        {"vertexes": [{"digest": "sha256:3", "name": "[2/2] RUN fails", "error": "exit code: 1",
                       "started": "2026-11-28T18:30:19Z", "completed": "2026-11-28T18:31:19Z"}]},
        {"vertexes": [{"digest": "sha256:4", "name": "[2/2] RUN odd", "started": 7, "completed": None}]},
    ]  # fmt: skip
    text = "\n".join(json.dumps(document, indent=indent) for document in documents)
    log = "".join(f"{prefix}{line}\n" for line in text.splitlines())
    seconds = parse_timings(log.encode()).seconds
    assert seconds.keys() == {"RUN npm ci"}
    assert round(seconds["RUN npm ci"], 3) == 22.205


def test_the_longest_time_counts_where_a_log_holds_several_builds() -> None:
    log = "#8 [2/2] RUN make\n#8 DONE 3.0s\n#8 [2/3] RUN make\n#8 DONE 9.5s\n#7 [2/2] RUN make\n#7 DONE 0.1s\n"
    assert parse_timings(log.encode()).seconds == {"RUN make": 9.5}


def test_more_than_one_platform_or_service() -> None:
    log = "#8 [linux/arm64 build 2/2] RUN make\n#8 DONE 3.0s\n#9 [web 2/2] RUN a [x] y\n#9 DONE 1.0s\n"
    assert parse_timings(log.encode()).seconds == {"RUN make": 3.0, "RUN a [x] y": 1.0}


def test_utf_16_from_powershell() -> None:
    assert parse_timings(PLAIN.encode("utf-16")).seconds == EXPECTED


@pytest.mark.parametrize(
    "log", ["", "hello", "#1 [internal] x\n#1 DONE 0.0s\n", "#2 DONE 1s", '{"vertexes": [', "\0\xff", "{" * 5000]
)
def test_what_is_no_log_is_refused(log: str) -> None:
    with pytest.raises(TimingsError, match="no step of a build"):
        parse_timings(log.encode("latin-1"))


def test_the_classic_builder_has_no_times() -> None:
    with pytest.raises(TimingsError, match="classic"):
        parse_timings(b"Step 1/2 : FROM x\n ---> 1\nStep 2/2 : RUN y\n")


DOCKERFILE = r"""
FROM debian:12 AS Base
ARG V=1.2
WORKDIR /app/$V
RUN --mount=type=cache,target=/c$V   echo "$V" '${W}' $UNSET \
    # a comment
    && echo ${V:-x}   two   \
    done
RUN <<EOF
echo one
EOF
RUN <<EOF
echo two
EOF
run   echo lower
RUN echo "# no comment" \# && echo 'a\
b'
COPY --chown=1:1 f f$V ./
RUN echo unknown
"""
LOG = """\
#7 [base 2/9] WORKDIR /app/1.2
#7 DONE 1.0s
#9 [base 3/9] RUN --mount=type=cache,target=/c1.2   echo "1.2" '${W}' $UNSET     && echo 1.2   two       done
#9 DONE 2.0s
#10 [base 4/9] RUN <<EOF (echo one...)
#10 DONE 3.0s
#11 [base 5/9] RUN <<EOF (echo two...)
#11 DONE 4.0s
#13 [base 7/9] RUN   echo lower
#13 DONE 5.0s
#17 [base 8/9] RUN echo "# no comment" # && echo 'ab'
#17 DONE 6.0s
#18 [base 9/9] COPY --chown=1:1 f f1.2 ./
#18 DONE 7.0s
"""


def _steps(text: str) -> list[Step]:
    context = open_context(MemoryTree({"f": "", "f1.2": ""}), None)
    return [step for stage in analyze(parse(Source("Dockerfile", text)), context) for step in stage.steps]


def test_steps_are_found_by_what_buildkit_calls_them() -> None:
    timings = parse_timings(LOG.encode())
    steps = [s for s in _steps(DOCKERFILE) if s.instruction.keyword in ("RUN", "COPY", "WORKDIR")]
    assert [timings.find(step) for step in steps] == [1, 2, 3, 4, 5, 6, 7, None]
    assert [Timings().find(step) for step in steps] == [None] * 8
