"""Steps read from the logs of builders."""

from __future__ import annotations

from reorder.verifying.build_log import BuildahLog, BuildKitLog, StepRun

BUILDKIT = """\
#0 building with "default" instance using docker driver
#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s
#4 [base 1/2] FROM docker.io/library/debian:bookworm-slim
#4 CACHED
#6 [base 2/2] RUN echo one && sleep 1
#6 0.048 #7 [fake 1/1] RUN words of a program
#7 [linux/amd64 stage-1 1/2] COPY a /a
#7 CACHED
#6 [base 2/2] RUN echo one && sleep 1
#6 DONE 1.1s
#8 [stage-1 2/2] RUN npm ci
#8 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
"""
BUILDAH = """\
[1/2] STEP 1/2: FROM small AS one
[1/2] STEP 2/2: RUN echo 1 > /x
--> 9d03c00f7b2
[2/2] STEP 1/4: FROM 9d03c00f7b27
[2/2] STEP 2/4: ENV A=1
[2/2] STEP 3/4: COPY a /a
--> Using cache 0123
[2/2] STEP 4/4: RUN sleep 77
[2/2] COMMIT t:1
"""


def test_buildkit() -> None:
    log = BuildKitLog()
    told = [step for line in BUILDKIT.splitlines() if (step := log.feed(line, 0.0)) is not None]
    assert told == [
        "[1/2] FROM docker.io/library/debian:bookworm-slim", "[2/2] RUN echo one && sleep 1", "[1/2] COPY a /a",
        "[2/2] RUN npm ci",
    ]  # fmt: skip
    assert log.steps() == (
        StepRun("stage-1", 1, "COPY a /a", True, 0.0),
        StepRun("base", 2, "RUN echo one && sleep 1", False, 1.1),
    )


def test_one_stage_has_no_name() -> None:
    log = BuildKitLog()
    for line in ("#5 [2/4] WORKDIR /app", "#5 DONE 0.0s"):
        log.feed(line, 0.0)
    assert log.steps() == (StepRun("", 2, "WORKDIR /app", False, 0.0),)


def test_buildah() -> None:
    log = BuildahLog()
    for number, line in enumerate(BUILDAH.splitlines()):
        log.feed(line, float(number))
    assert log.steps() == (
        StepRun("stage-0", 2, "RUN echo 1 > /x", False, 2.0),
        StepRun("stage-1", 3, "COPY a /a", True, 0.0),
        StepRun("stage-1", 4, "RUN sleep 77", False, 1.0),
    )


def test_other_lines_say_nothing() -> None:
    for log in (BuildKitLog(), BuildahLog()):
        for line in ("", "#", "#x [1/2] RUN y", "STEP", "#9 DONE 1.0s", "COMMIT", "--> Using cache x"):
            log.feed(line, 0.0)
        assert log.steps() == ()
