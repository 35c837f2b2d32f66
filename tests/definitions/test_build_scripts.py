"""Builds in shell scripts, makefiles and package.json: what constants tell, and nothing more."""

from __future__ import annotations

import pytest
from told import definitions_of, found_in, skipped_in

from reorder.manager import UNKNOWN

FILES = dict.fromkeys(("Dockerfile", "app/Dockerfile", "app/Other", "web/Dockerfile", "ci/x"), "")

COMMANDS = {
    "plain": ("docker build app", "app/Dockerfile in app"),
    "all options": (
        "docker build --pull --no-cache -q -t a:b --label x=y --platform linux/amd64 --progress=plain -f app/Other app",
        "app/Other in app",
    ),
    "the file is seen from the working directory": ("docker build -f app/Other .", "app/Other in ."),
    "options behind the context": ("docker build app -t x -fapp/Other", "app/Other in app"),
    "buildx": ("docker buildx build --push --builder b app", "app/Dockerfile in app"),
    "image build": ("docker image build app", "app/Dockerfile in app"),
    "global options": ("docker --context remote --debug -H tcp://x build app", "app/Dockerfile in app"),
    "podman looks for the file in the context, too": ("podman build --format docker -f Other app", "app/Other in app"),
    "docker does not": ("docker build -f Other app", None),
    "buildah": ("buildah bud -f app/Other app", "app/Other in app"),
    "kaniko's file is seen from the context": ("/kaniko/executor --context=dir://app --dockerfile Other -d x",
                                               "app/Other in app"),
    "kaniko's file by its own path": ("/kaniko/executor -c app -f app/Other", "app/Other in app"),
    "sudo and variables": ("sudo -E DOCKER_BUILDKIT=1 docker build app", "app/Dockerfile in app"),
    "a runner": ("node ./env.js docker build app", "app/Dockerfile in app"),
    "nothing but a tag is unknown": ("docker build -t $TAG app", "app/Dockerfile in app"),
    "unknown options": ("docker build $OPTIONS app", "app/Dockerfile in app"),
    "all arguments": ('docker build "$@" app', "app/Dockerfile in app"),
    "a folder": ("cd app && docker build .", "app/Dockerfile in app"),
    "a folder and back": ("pushd app; docker build -f Other .; popd", "app/Other in app"),
    "a subshell": ("(cd app; docker build .)", "app/Dockerfile in app"),
    "a variable": ("D=app\ndocker build $D", "app/Dockerfile in app"),
    "a default": ("docker build ${D:-app}", "app/Dockerfile in app"),
    "several words in a variable": ('O="-f app/Other --pull"\ndocker build $O app', "app/Other in app"),
    "the root by git": ("cd web\ndocker build $(git rev-parse --show-toplevel)/app", "app/Dockerfile in app"),
    "the working directory": ("docker build $PWD/app", "app/Dockerfile in app"),
    "the working directory by a command": ('docker build "$(pwd)/app"', "app/Dockerfile in app"),
    "the script's own folder": ('cd "$(dirname "$0")/.."\ndocker build app', "app/Dockerfile in app"),
    "the script's own folder, resolved": (
        'R="$(cd "$(dirname "${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd -P)"\ndocker build "$R/../app"',
        "app/Dockerfile in app",
    ),
    "the script's own folder, cut": ('cd "${0%/*}/../app"\ndocker build .', "app/Dockerfile in app"),
    "a function": ('b() {\n local d="$1"; docker build -f "$d/$2" $d; }\nb app Other', "app/Other in app"),
    "a function that is not called": ("b() { docker build app; }", "app/Dockerfile in app"),
    "a target": ("docker build --target t app", "app/Dockerfile in app for t"),
    "inside a test": ("if ! docker build app; then exit 1; fi", "app/Dockerfile in app"),
    "inside a substitution": ("ID=$(docker build -q app)", "app/Dockerfile in app"),
    "the same in both branches": ("if x; then D=app; else D=app; fi\ndocker build app", "app/Dockerfile in app"),
    "no bash": ("function a b c {{\ndocker build app\n", "app/Dockerfile in app"),
}  # fmt: skip


@pytest.mark.parametrize(("command", "expected"), COMMANDS.values(), ids=COMMANDS)
def test_a_command(command: str, expected: str | None) -> None:
    found = [line.split(" ", 1)[1] for line in found_in(FILES | {"ci/build.sh": f"#!/bin/bash\n{command}\n"})]
    assert found == ([] if expected is None else [expected])


REMOTE, UNSURE = "the build context is remote", "only a run can tell the build context"
NEITHER = UNSURE + " or the Dockerfile"
LEFT_OUT = {
    "remote": ("docker build https://github.com/a/b.git", REMOTE),
    "standard input": ("docker build - < app/Dockerfile", REMOTE),
    "a Dockerfile from standard input": ("docker build -f - app <<X\nFROM x\nX",
                                         "the Dockerfile comes from standard input"),
    "an unknown context": ('docker build "$D"', NEITHER),
    "an unknown context, bare": ("docker build $D", UNSURE),
    "an unknown file": ("docker build -f $F app", NEITHER),
    "an unknown folder": ("cd $D; docker build .", "only a run can tell the working directory"),
    "a variable of one branch": ('if x; then D=app; fi\ndocker build "$D"', NEITHER),
    "a loop over files": ('for d in */; do docker build "$d"; done', NEITHER),
    "a folder that is made": ("docker build dist", "there is no folder dist"),
    "outside": ("docker build ../../..", "a path outside of the repository"),
    "home": ("cd ~; docker build .", "only a run can tell the working directory"),
}  # fmt: skip


@pytest.mark.parametrize(("command", "why"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_command_that_is_left_out(command: str, why: str) -> None:
    files = FILES | {"ci/build.sh": f"{command}\n"}
    assert found_in(files) == []
    assert [line.split(" ", 1)[1] for line in skipped_in(files)] == [why]


@pytest.mark.parametrize("command", ["docker run app", "docker build --help", "docker builder prune", "echo docker"])
def test_what_builds_nothing(command: str) -> None:
    files = FILES | {"build.sh": f"{command}\n"}
    assert (found_in(files), skipped_in(files)) == ([], [])


def test_loops_and_lines() -> None:
    text = "for d in app web; do\n  docker build \\\n    -t $d \\\n    $d\ndone\n"
    assert found_in(FILES | {"build.sh": text}) == [
        "build.sh:2 app/Dockerfile in app", "build.sh:2 web/Dockerfile in web",
    ]  # fmt: skip


def test_where_a_script_runs_is_not_known_if_both_ways_make_sense() -> None:
    assert found_in(FILES | {"web/build.sh": "docker build ."}) == []
    assert skipped_in(FILES | {"web/build.sh": "docker build ."}) == [
        "web/build.sh:1 only a run can tell the working directory"
    ]
    assert found_in(FILES | {"ci/build.sh": "docker build ."}) == ["ci/build.sh:1 Dockerfile in ."]
    assert found_in(FILES | {"web/build.sh": "docker build ../app"}) == ["web/build.sh:1 app/Dockerfile in app"]


def test_build_arguments() -> None:
    text = "docker build --build-arg A=1 --build-arg=B --build-arg C=$NO --build-context d=../d app\n"
    (found,) = definitions_of(FILES | {"build.sh": text}).found
    assert found.args == (("A", "1"), ("B", None), ("C", UNKNOWN))
    assert found.contexts == (("d", "../d"),)


def test_a_script_that_calls_itself_ends() -> None:
    assert found_in(FILES | {"build.sh": "a() { docker build app; a; b; }\nb() { a; a; }\na\n"}) != []


MAKE = {
    "plain": ("a:\n\tdocker build app", "app/Dockerfile in app"),
    "silent, and its errors ignored": ("a:\n\t-@docker build app", "app/Dockerfile in app"),
    "variables": ("D = $(E)\nE := app\na:\n\tdocker build $(D)", "app/Dockerfile in app"),
    "a tool in a variable": ("TOOL ?= docker\na:\n\t$(TOOL) build ${X} app", "app/Dockerfile in app"),
    "one that grows": ("O = --pull\nO += -f app/Other\na:\n\tdocker build $(O) app", "app/Other in app"),
    "the folder of make": ("a:\n\tdocker build $(CURDIR)/app", "app/Dockerfile in app"),
    "the folder by the shell": ("R := $(shell pwd)\na:\n\tdocker build $(R)/app", "app/Dockerfile in app"),
    "the folder of the file": (
        "R := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))\na:\n\tdocker build $(R)/app", "app/Dockerfile in app"),
    "a dollar for the shell": ("a:\n\tfor d in app; do docker build $$d; done", "app/Dockerfile in app"),
    "a recipe in the line of its rule": ("a: b; docker build app", "app/Dockerfile in app"),
    "a condition": ("ifdef X\na:\n\tdocker build app\nendif", "app/Dockerfile in app"),
    "continued": ("a:\n\tdocker build \\\n\t  -f app/Other \\\n\t  app", "app/Other in app"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MAKE.values(), ids=MAKE)
def test_a_makefile(text: str, expected: str) -> None:
    assert [line.split(" ", 1)[1] for line in found_in(FILES | {"Makefile": text + "\n"})] == [expected]


def test_a_makefile_runs_where_it_lies_and_each_line_in_a_shell_of_its_own() -> None:
    files = FILES | {"app/Makefile": "a:\n\tcd ../web\n\tdocker build .\n"}
    assert found_in(files) == ["app/Makefile:3 app/Dockerfile in app"]


MAKE_LEFT_OUT = {
    "a pattern": "a-%:\n\tdocker build $*",
    "a function": "a:\n\tdocker build $(firstword app web)",
    "two of two values": "ifdef X\nD := a\nE := p\nelse\nD := w\nE := e\nendif\na:\n\tdocker build $(D)$(E)",
    "a value of one target": "D := app\na: D := web\na:\n\tdocker build $(D)",
    "a command": "D != echo app\na:\n\tdocker build $(D)",
    "itself": "D = $(D)x\na:\n\tdocker build $(D)",
}


@pytest.mark.parametrize("text", MAKE_LEFT_OUT.values(), ids=MAKE_LEFT_OUT)
def test_a_makefile_that_only_a_run_understands(text: str) -> None:
    files = FILES | {"Makefile": text + "\n"}
    assert found_in(files) == []
    assert [line.split(" ", 1)[1][:37] for line in skipped_in(files)] == ["only a run can tell the build context"]


def test_a_makefile_in_which_a_condition_decides() -> None:
    text = "ifdef X\nD := app\nelse\nD := web\nendif\nW = ./$(D)/\na:\n\tdocker build $(W)\n"
    assert found_in(FILES | {"Makefile": text}) == [
        "Makefile:8 app/Dockerfile in app", "Makefile:8 web/Dockerfile in web",
    ]  # fmt: skip


def test_a_makefile_with_tabs_before_its_first_rule() -> None:
    text = "ifdef X\n\tI = docker run a:b\nelse\n\tD = app\nendif\na:\n\tdocker build $(D)\n"
    assert found_in(FILES | {"Makefile": text}) == ["Makefile:7 app/Dockerfile in app"]


def test_scripts_of_a_package() -> None:
    text = '{\n "scripts": {\n  "a": "npm test && docker build -f Other -t x .",\n  "b": "vite build"}\n}\n'
    assert found_in(FILES | {"app/package.json": text}) == ["app/package.json:3 app/Other in app"]


TASKS = """version: '3'
vars:
  DIR: app
  FILE: '{{.DIR}}/Other'
  SHA: {sh: git rev-parse HEAD}
tasks:
  one:
    cmds:
      - echo docker
      - docker build -f {{.FILE}} .
      - cmd: docker build --build-arg A={{.SHA}} "{{.ROOT_DIR}}/web"
      - task: two
  two: docker build {{.DIR | lower}}
  three:
    dir: web
    vars: {DIR: .}
    cmd: docker build {{.DIR}}
  four:
    - docker build {{.TASKFILE_DIR}}/app {{.CLI_ARGS}}
  five:
"""


def test_taskfiles() -> None:
    assert found_in(FILES | {"Taskfile.yml": TASKS}) == [
        "Taskfile.yml:10 app/Other in .",
        "Taskfile.yml:11 web/Dockerfile in web",
        "Taskfile.yml:17 web/Dockerfile in web",
        "Taskfile.yml:19 app/Dockerfile in app",
    ]
    assert skipped_in(FILES | {"Taskfile.yml": TASKS}) == [
        "Taskfile.yml:13 only a run can tell the build context",
    ]
    inner = "tasks: {a: {cmds: [docker build app]}}"
    assert found_in(FILES | {"ci/Taskfile.docker.yaml": inner}) == ["ci/Taskfile.docker.yaml:1 app/Dockerfile in app"]


JUST = """set shell := ["bash", "-c"]
dir := "app" # c
export tag := `git describe`

# docker build web
build arg='x': (other 'a')
    @docker build \\
        --tag {{tag}} -f {{dir}}/Other {{ justfile_directory() }}
    -docker build {{arg}}

script:
    #!/usr/bin/env bash
    cd web
    docker build .
"""


def test_justfiles() -> None:
    assert found_in(FILES | {"justfile": JUST}) == ["justfile:7 app/Other in .", "justfile:14 web/Dockerfile in web"]
    assert skipped_in(FILES | {"justfile": JUST}) == ["justfile:9 only a run can tell the build context"]
    assert found_in(FILES | {"app/justfile": "a:\n  docker build .\n"}) == ["app/justfile:2 app/Dockerfile in app"]


IN_PART = {
    "a folder": (
        'docker build -f "services/$1/Dockerfile" .', ["services/a/Dockerfile in .", "services/b/Dockerfile in ."],
    ),
    "a part of a name": ("docker build -f ci/Dockerfile.$X.v1 .", ["ci/Dockerfile.x.v1 in ."]),
    "nothing of the name": ("docker build -f $X .", []),
    "nothing of the context": ("docker build -f services/$1/Dockerfile $1", []),
    "one that another line names": (
        "docker build services/a; docker build -f services/$1/Dockerfile .",
        ["services/a/Dockerfile in services/a", "services/b/Dockerfile in ."],
    ),
    "what is copied is not there": ("docker build -f services/$1/Dockerfile ci", []),
    "outside": ("docker build -f ../$1/Dockerfile .", []),
}
FITTING = {
    "services/a/Dockerfile": "FROM x\nCOPY services/a services/*/x $Y /\n",
    "services/b/Dockerfile": "FROM x\nCOPY services services\n",
    "services/c/Dockerfile": "FROM x\nCOPY gone .\n",
    "services/d/e/Dockerfile": "FROM x\n",
    "services/f/Dockerfile": "no Dockerfile\n",
    "services/g/Dockerfile.md": "FROM x\n",
    "services/.h/Dockerfile": "FROM x\n",
    "ci/Dockerfile.x.v1": "FROM x\n",
    "ci/Dockerfile.x.v2": "FROM x\n",
}


@pytest.mark.parametrize(("text", "expected"), IN_PART.values(), ids=IN_PART)
def test_a_dockerfile_of_which_a_part_is_known(text: str, expected: list[str]) -> None:
    files = FITTING | {"build.sh": text + "\n"}
    assert [line.split(" ", 1)[1] for line in found_in(files)] == expected
    assert (skipped_in(files) == []) == bool(expected)


@pytest.mark.parametrize(("text", "expected"), [
    ('"$ENGINE" $WORDS --tag x --file=app/my.dockerfile .', ["app/my.dockerfile in ."]),
    ("$ENGINE build -f app/Dockerfile .", ["app/Dockerfile in ."]),
    ("docker $WORDS -f app/Dockerfile .", ["app/Dockerfile in ."]),
    ("$ENGINE run -f app/values .", []),
    ("$ENGINE --file=app/Dockerfile", []),
])  # fmt: skip
def test_a_program_that_only_a_run_can_tell(text: str, expected: list[str]) -> None:
    files = {"app/my.dockerfile": "", "app/Dockerfile": "", "build.sh": f"# podman or docker\n{text}\n"}
    assert [line.split(" ", 1)[1] for line in found_in(files)] == expected
