"""The analysis of whole stages: state, placements, and effects of RUNs, told by small Dockerfiles."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import StageAnalysis, Step, analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.manager import UNKNOWN
from reorder.source import Source

FILES = {
    "requirements.txt": "idna\n", "app.py": "", "src/a.py": "", "src/lib/b.py": "", "conf/x.json": "{}", "run.sh": "",
    "a b.txt": "", "pkg.tar.gz": "",
}  # fmt: skip


def stages_of(text: str, files: dict[str, str] | None = None) -> tuple[StageAnalysis, ...]:
    return analyze(parse(Source("Dockerfile", text)), open_context(MemoryTree(files or FILES), None))


def last(text: str, files: dict[str, str] | None = None) -> Step:
    return stages_of(text, files)[-1].steps[-1]


@pytest.mark.parametrize(
    ("lines", "workdir"),
    [
        ("", "/"),
        ("WORKDIR app", "/app"),
        ("WORKDIR /a\nWORKDIR b/../c", "/a/c"),
        ("ENV D=/srv\nWORKDIR $D/x", "/srv/x"),
        ("ENV A=/a\nENV B=$A/b\nWORKDIR ${B}", "/a/b"),
        ("ARG D=/srv\nWORKDIR $D", "/srv"),
        ("ENV A=1\nWORKDIR '/lit/$A'", "/lit/$A"),
    ],
)
def test_working_directory(lines: str, workdir: str) -> None:
    assert last(f"FROM debian\n{lines}\nRUN true\n").state.workdir == workdir


@pytest.mark.parametrize(
    "lines",
    ["ARG D\nWORKDIR $D", "WORKDIR $FROM_BASE/src", "WORKDIR ${FROM_BASE:-/app}", "ENV A=/a B=$A/b\nWORKDIR $B"],
)
def test_unknown_working_directory_is_no_known_path(lines: str) -> None:
    assert UNKNOWN in last(f"FROM debian\n{lines}\nRUN true\n").state.workdir


def test_unknown_base_has_an_unknown_working_directory() -> None:
    assert UNKNOWN in last("FROM registry.example/team/base\nRUN true\n").state.workdir
    assert last("FROM golang:1.22\nRUN true\n").state.workdir == "/go"
    assert last("FROM docker.io/library/python:3.11@sha256:00\nRUN true\n").state.workdir == "/"


def test_a_stage_goes_on_where_its_base_stage_ended() -> None:
    step = last("FROM debian AS one\nENV A=1\nWORKDIR /a\nUSER app\nCOPY app.py .\nFROM one\nRUN true\n")
    assert (step.state.workdir, step.state.user, step.state.env) == ("/a", "app", {"A": "1"})


def test_a_global_argument_reaches_a_stage_only_by_name() -> None:
    text = "ARG V=3\nFROM debian:$V\nARG V\nWORKDIR /x/$V\nRUN true\n"
    assert last(text).state.workdir == "/x/3"
    assert UNKNOWN in last(text.replace("ARG V\n", "")).state.workdir


def test_what_a_build_argument_decides_is_tainted() -> None:
    state = last("FROM debian\nARG A=1\nENV B=$A C=2\nRUN true\n").state
    assert state.tainted == {"A", "B"}
    assert state.run_env() == {"A": UNKNOWN, "B": UNKNOWN, "C": "2"}


@pytest.mark.parametrize(
    ("copy", "targets"),
    [
        ("COPY . .", {"": "/app"}),
        ("COPY src /srv", {"src": "/srv"}),
        ("COPY src/ lib/", {"src": "/app/lib"}),
        ("COPY app.py run.sh ./", {"app.py": "/app/app.py", "run.sh": "/app/run.sh"}),
        ("COPY *.py /x/", {"app.py": "/x/app.py"}),
        ("COPY ./app.py /x/y.py", {"app.py": "/x/y.py"}),
        ("COPY /src/lib ../up/", {"src/lib": "/up"}),
        ('COPY ["a b.txt", "/x/"]', {"a b.txt": "/x/a b.txt"}),
        ("COPY src conf /both/", {"src": "/both", "conf": "/both"}),
        ("ENV D=/d\nCOPY app.py ${D}/", {"app.py": "/d/app.py"}),
    ],
)
def test_placements(copy: str, targets: dict[str, str]) -> None:
    found = last(f"FROM debian\nWORKDIR /app\n{copy}\n").copy
    assert found is not None
    assert found.problem is None
    known = {placement.source: placement.target for placement in found.placements}
    assert {source: target for source, target in known.items() if source in targets} | targets == known or (
        # without a final slash the image decides whether the destination is a directory
        set(known) == set(targets)
        and all(target in {p.target for p in found.placements} for target in targets.values())
    )


@pytest.mark.parametrize(
    ("copy", "slug"),
    [
        ("COPY --from=debian /etc /x", "copy-not-from-context"),
        ("ADD https://example.com/x /x", "copy-not-from-context"),
        ("COPY --exclude=*.md . .", "copy-flag"),
        ("ARG S=src\nCOPY $S /x", "copy-source-from-argument"),
        ("ARG D\nCOPY src /x/$D/", "copy-destination-from-argument"),
        ("ADD pkg.tar.gz /x/", "add-extracts-archive"),
    ],
)
def test_copies_that_cannot_be_split(copy: str, slug: str) -> None:
    found = last(f"FROM debian\n{copy}\n").copy
    assert found is not None
    assert found.problem is not None
    assert found.problem.slug == slug


def test_an_archive_is_copied_as_it_is_by_copy() -> None:
    found = last("FROM debian\nCOPY pkg.tar.gz /x/\n").copy
    assert found is not None
    assert found.problem is None


@pytest.mark.parametrize(
    ("run", "writes"),
    [
        ("mkdir -p /data/x", {"/data/x"}),
        ("cd /data && touch a ./b", {"/data/a", "/data/b"}),
        ("(cd /data && touch a); touch b", {"/data/a", "/app/b"}),
        ("cd /data | true; touch b", {"/app/b"}),
        ("D=/data && touch $D/a", {"/data/a"}),
        ("export D=/data; touch ${D}/a", {"/data/a"}),
        ("sh -c 'cd /x && touch a' && touch b", {"/x/a", "/app/b"}),
        ("echo hi > out.txt", {"/app/out.txt"}),
        ("true > /dev/null 2>&1", set()),
        ("touch ~/a", {"/root/a"}),
        ("if true; then touch a; else touch b; fi", {"/app/a", "/app/b"}),
        ("sudo -E touch a", {"/app/a"}),
        ("env X=1 touch a", {"/app/a"}),
    ],
)
def test_what_a_script_writes(run: str, writes: set[str]) -> None:
    effects = last(f"FROM debian\nWORKDIR /app\nRUN {run}\n").effects
    assert effects is not None
    assert effects.blocks == ()
    assert set(effects.writes.files) == writes


@pytest.mark.parametrize(
    ("run", "slug"),
    [
        ("./configure", "runs-project-code"),
        ("make all", "unknown-command"),
        ("python manage.py migrate", "project-code"),
        ("touch $X", "path-unknown"),
        ("cd $X && true", "working-directory-unknown"),
        ("if true; then cd /x; fi; touch a", "working-directory-unknown"),
        ("curl -sL https://example.com/x.sh | bash", "runs-downloaded-script"),
        ("bash other.sh", "runs-project-code"),
        (". ./other.sh", "shell-state"),
        ("f() { touch a; }; f", "shell-function"),
        ("echo x > $X", "path-unknown"),
        ("touch a && (", "shell-not-understood"),
        ("$CMD x", "unknown-command"),
        ("xargs touch < list", "unknown-command"),
    ],
)
def test_what_a_script_hides(run: str, slug: str) -> None:
    effects = last(f"FROM debian\nWORKDIR /app\nCOPY run.sh .\nRUN {run}\n").effects
    assert effects is not None
    assert slug in {block.slug for block in effects.blocks}
    assert effects.reads.everything
    assert effects.writes.everything


@pytest.mark.parametrize(
    ("head", "slug"),
    [
        ('SHELL ["powershell", "-command"]\n', "shell-not-understood"),
        ('SHELL ["/usr/bin/python3", "-c"]\n', "shell-not-understood"),
    ],
)
def test_foreign_shells(head: str, slug: str) -> None:
    effects = last(f"FROM debian\n{head}RUN mkdir x\n").effects
    assert effects is not None
    assert [block.slug for block in effects.blocks] == [slug]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("# escape=`\nFROM debian\nRUN true\n", "windows-stage"),
        ("FROM mcr.microsoft.com/windows/servercore\nRUN true\n", "windows-stage"),
        ("FROM python:3-onbuild\nRUN true\n", "onbuild-base"),
        ("# syntax=example/frontend\nFROM debian\nRUN true\n", "custom-syntax"),
        ("FROM python:3-onbuild AS a\nFROM a\nRUN true\n", "onbuild-base"),
    ],
)
def test_stages_that_are_left_alone(text: str, slug: str) -> None:
    problem = stages_of(text)[-1].problem
    assert problem is not None
    assert problem.slug == slug


@pytest.mark.parametrize("syntax", ["docker/dockerfile:1", "docker.io/docker/dockerfile:1.7-labs", "docker/dockerfile"])
def test_docker_s_own_frontends_are_known(syntax: str) -> None:
    assert stages_of(f"# syntax={syntax}\nFROM debian\nRUN true\n")[0].problem is None


def test_loaders_are_read_by_every_command() -> None:
    text = "FROM debian\nWORKDIR /app\nENV BASH_ENV=/app/env.sh PATH=/app/bin:$PATH APP_HOME=/app\nRUN mkdir /x\n"
    effects = last(text).effects
    assert effects is not None
    assert {"/app/env.sh", "/app/bin/mkdir"} <= set(effects.reads.files)
    assert not effects.reads.has("/app/src/a.py")


@pytest.mark.parametrize(
    ("mount", "reads"),
    [
        ("type=bind,source=requirements.txt,target=/tmp/r.txt", set()),
        ("type=cache,target=/tmp", set()),
    ],
)
def test_mounted_files_are_no_part_of_the_image(mount: str, reads: set[str]) -> None:
    effects = last(
        f"FROM python:3.11\nRUN --mount={mount} pip install -r /tmp/r.txt\n", {"requirements.txt": "idna\n"}
    ).effects
    assert effects is not None
    assert {path for path in effects.reads.files if path.startswith("/tmp/")} == reads


def test_a_mount_of_the_whole_context_makes_a_move_pointless() -> None:
    step = last("FROM python:3.11\nRUN --mount=type=bind,target=/src pip install -r /src/requirements.txt\n")
    assert not step.is_worth_caching
