"""Shell scripts of the project: their commands stand for them, or they are a barrier."""

from __future__ import annotations

import pytest
from run_effects import run_effects, slugs

from reorder.effects import Effects


def effects_of(run: str, script: bytes | str = "", *, head: str = "", files: dict[str, str] | None = None) -> Effects:
    """What ``RUN run`` does below ``COPY . .`` of a context with ``x.sh`` (and ``in/y.sh``, the same)."""
    context = {"requirements.txt": "six\n", "x.sh": script, "in/y.sh": script, "a b.sh": script, **(files or {})}
    return run_effects(run, context, head=("WORKDIR /app", *head.splitlines()), base="python:3.11-slim")


@pytest.mark.parametrize(
    "run",
    [
        "./x.sh", "sh x.sh", "bash -e x.sh", "sh -eux ./x.sh", "bash -euo pipefail x.sh", "/app/x.sh", "in/y.sh",
        "cd in && ../x.sh", '["./x.sh"]', '["/bin/sh", "x.sh"]', "sudo -E ./x.sh", "sh -c ./x.sh", "exec ./x.sh",
        "if true; then ./x.sh; fi", "(sh x.sh)", "FOO=1 ./x.sh", ". ./x.sh", "source /app/x.sh", "true && . ./x.sh",
        "./x.sh | cat",
    ],
)  # fmt: skip
def test_a_script_does_what_its_commands_do(run: str) -> None:
    effects = effects_of(run, "#!/bin/sh\nset -e\ntouch /opt/made\n")
    assert effects.blocks == ()
    assert effects.writes.files == ("/opt/made",)
    assert {"/app/x.sh", "/app/in/y.sh"} & set(effects.reads.files)


@pytest.mark.parametrize(
    ("run", "script", "written"),
    [
        ("./x.sh /d", "mkdir $1", {"/d"}),
        ("sh x.sh /d", 'mkdir "${1}"', {"/d"}),
        ("./x.sh /d /e", 'mkdir "$@"', {"/d", "/e"}),
        ("./x.sh", 'mkdir /c "$@"', {"/c"}),
        ("./x.sh", "mkdir ${1:-/d}", {"/d"}),
        ("./x.sh /e", "mkdir ${1:-/d}", {"/e"}),
        ("./x.sh /a /b", "shift; mkdir $1", {"/b"}),
        ("./x.sh /a", "mkdir /n$#", {"/n1"}),
        ("./x.sh", "set -- /a /b; mkdir $2", {"/b"}),
        ("V=/v ./x.sh", "mkdir $V", {"/v"}),
        ("export V=/v; ./x.sh", "mkdir $V", {"/v"}),
        ("cd in && ./y.sh", "touch f", {"/app/in/f"}),
        ("./x.sh && touch g", "cd /srv\ntouch f", {"/srv/f", "/app/g"}),
        ("in/y.sh", 'cd "$(dirname "$0")"\ntouch f', {"/app/in/f"}),
        ("in/y.sh", "cd `dirname $0`\ntouch f", {"/app/in/f"}),
        ("in/y.sh", "cd $(dirname $0)/..\ntouch f", {"/app/f"}),
        ("in/y.sh", 'cd "${0%/*}"\ntouch f', {"/app/in/f"}),
        ("sh x.sh", 'cd "$(dirname "$0")"\ntouch f', {"/app/f"}),
        ("cd in && sh y.sh", 'D=$(dirname "$(readlink -f "$0")")\ntouch $D/f', {"/app/in/f"}),
        (
            "bash in/y.sh",
            'D="$(cd "$(dirname "${BASH_SOURCE[0]}")" >/dev/null 2>&1 && pwd)"\ntouch $D/f',
            {"/app/in/f"},
        ),
        ("sh in/y.sh", 'D="$(cd -- "$(dirname -- "$0")/.." && pwd -P)"\ntouch "$D/f"', {"/app/f"}),
        ("sh x.sh", "D=$(pwd)\ntouch $D/f", {"/app/f"}),
        ("sh x.sh", "touch /a\nexit 0\n", {"/a"}),
        (". ./x.sh && touch $D/f", "D=/d", {"/d/f"}),
        (". ./x.sh && touch f", "cd /srv", {"/srv/f"}),
        (". ./x.sh; touch $D/f", "D=/d\nreturn 0\n", {"/d/f"}),
    ],
)
def test_the_shell_of_a_script(run: str, script: str, written: set[str]) -> None:
    effects = effects_of(run, script)
    assert effects.blocks == ()
    assert set(effects.writes.files) == written


@pytest.mark.parametrize(
    ("run", "script"),
    [
        ("./x.sh $A", "touch $1"),
        ("./x.sh a $A", "touch $1"),
        ("./x.sh 'a b'", "touch $1"),
        ("./x.sh '*'", "touch $1"),
        ("./x.sh", "touch $1"),
        ("./x.sh a b", 'while [ $# -gt 0 ]; do touch "$1"; shift; done'),
        ("./x.sh a b", "if test -e /x; then shift; fi; touch $1"),
        ("D=/v; ./x.sh", "touch $D/f"),
        ("sh x.sh", "D=/a; f() { D=/b; }; if test -e /x; then f; else touch $D; fi"),
        ("sh x.sh", "D=/a; f() { local D=/b; }; f; touch $D"),
        ("sh x.sh", "f() { local D; touch $D; }; f"),
        ("sh x.sh", "f() { if test -e /x; then D=/a; return; fi; D=/b; }; f; touch $D"),
        ("sh x.sh", "f() { touch $1; }; f $(cat /x)"),
        (". ./x.sh; touch $D/f", "test -e /x && return 0\nD=/d"),
        ("sh x.sh", "touch ${BASH_SOURCE[0]}"),
        ("sh -c 'touch $1'", ""),
        ("touch $1", ""),
    ],
)
def test_values_that_a_script_does_not_have(run: str, script: str) -> None:
    assert "path-unknown" in slugs(effects_of(run, script))


@pytest.mark.parametrize(
    ("script", "written"),
    [
        ("f() { touch /a; }\nf", {"/a"}),
        ("function f { touch /a; }\nf", {"/a"}),
        ("f() { touch $1; }\nf /a\nf /b", {"/a", "/b"}),
        ("f() { touch /a; }\n", set()),
        ("f() { touch /a; } > /log\nf", {"/a", "/log"}),
        ("f() { touch $1; }\ng() { f /g$1; }\ng 1", {"/g1"}),
        ("f() { cd /srv; }\nf\ntouch a", {"/srv/a"}),
        ("f() ( cd /srv; )\nf\ntouch a", {"/app/a"}),
        ("f() { D=/d; }\nf\ntouch $D", {"/d"}),
        ("die() { echo $1 >&2; exit 1; }\ntest -e /x || { cd /srv; die no; }\ntouch a", {"/app/a"}),
        ("die() { exit 1; }\ntest -e /x || die no\ntouch a", {"/app/a"}),
        ("f() { return 1; touch /never; }\nf || touch /a", {"/a", "/never"}),
        ("touch() { mkdir $1; }\ntouch /a/b", {"/a/b"}),
        ("f() { touch /a; }\nif test -e /x; then f; fi", {"/a"}),
        ("f() { touch $2; }\nmain() { f x $1; }\nmain /m", {"/m"}),
        ("main() { touch $1; }\nmain \"$@\"", {"/arg"}),
    ],
)  # fmt: skip
def test_functions_of_a_script(script: str, written: set[str]) -> None:
    effects = effects_of("bash x.sh /arg", script)
    assert effects.blocks == ()
    assert set(effects.writes.files) == written


@pytest.mark.parametrize(
    ("script", "slug"),
    [
        ("if test -e /x; then f() { touch /a; }; fi\nf", "shell-function"),
        ("test -e /x && f() { touch /a; }\nf", "shell-function"),
        ("f() { f; }\nf", "shell-function"),
        ("f() { touch $D; }\nD=/a f", "shell-function"),
        ("cd() { touch /a; }\ncd /b", "shell-function"),
        ("f() { local PATH=/app; }\nf", "shell-function"),
        ("f() { declare X=1; }\nf", "shell-function"),
        ("f() { touch /a; }\nunset -f f", "shell-function"),
        ("f() { cd /srv; }\nif test -e /x; then f; fi\ntouch a", "working-directory-unknown"),
        ("f() { test -e /x && { cd /srv; return; }; cd /opt; }\nf\ntouch a", "working-directory-unknown"),
        ("sudo f\nf() { touch /a; }", "unknown-command"),
        ("f\nf() { touch /a; }", "unknown-command"),
        ("(f() { touch /a; })\nf", "unknown-command"),
        ("trap 'rm -f /tmp/x' EXIT", "shell-state"),
        ("if test -e /x; then . ./in/y.sh; fi", "shell-state"),
        ("python build.py", "project-code"),
        ("./x.sh", "runs-project-code"),
        ("make all", "unknown-command"),
        ("if", "runs-project-code"),
        ("touch $(cat", "runs-project-code"),
    ],
)
def test_what_is_not_followed(script: str, slug: str) -> None:
    effects = effects_of("bash x.sh", script)
    assert slug in slugs(effects)
    assert effects.writes.everything


@pytest.mark.parametrize(
    "script",
    [
        "#!/usr/bin/env python\nprint(1)\n", "#!/bin/sh -l\ntrue\n", "#!/bin/zsh\ntrue\n", "#!/bin/sh\r\ntrue\r\n",
        b"\x7fELF\0\0", b"touch \xff\n", "#!/opt/bin/sh\ntrue\n", "true\n" * 500, "#" * 70_000,
        "#!/usr/bin/env -S bash -e\ntrue\n", "\ufefftrue\n",
    ],
)  # fmt: skip
def test_files_that_are_no_plain_script(script: bytes | str) -> None:
    effects = effects_of("./x.sh", script)
    assert slugs(effects) == {"runs-project-code"}


@pytest.mark.parametrize(
    "run",
    [
        "echo true > x.sh && ./x.sh", "sed -i s/a/b/ x.sh && sh x.sh", "cp in/y.sh z.sh && ./z.sh", "sh $X.sh",
        "bash -Z x.sh", "sh +e x.sh", "bash --rcfile x.sh", "./none.sh", "bash none.sh", "cat x.sh | sh -s a",
    ],
)  # fmt: skip
def test_scripts_that_are_not_known(run: str) -> None:
    assert slugs(effects_of(run, "true\n")) & {"runs-project-code", "runs-downloaded-script"}


@pytest.mark.parametrize(
    "run", [". x.sh", ". ./x.sh a", "set -e; if true; then . ./x.sh; fi", ". $X/x.sh", ". ./none.sh"]
)
def test_files_that_are_not_sourced(run: str) -> None:
    assert slugs(effects_of(run, "true\n")) == {"shell-state"}


def test_a_mode_does_not_change_what_a_script_does() -> None:
    effects = effects_of("chmod +x x.sh && ./x.sh", "touch /made\n")
    assert effects.blocks == ()
    assert set(effects.writes.files) == {"/app/x.sh", "/made"}


def test_a_script_on_the_search_path() -> None:
    files = {"x.sh": "touch /made\n"}
    effects = effects_of("x.sh", head="COPY x.sh /usr/local/bin/", files=files)
    assert effects.blocks == ()
    assert effects.writes.files == ("/made",)
    assert {"/usr/local/sbin/x.sh", "/usr/local/bin/x.sh"} <= set(effects.reads.files)


def test_an_interpreter_of_the_project() -> None:
    effects = effects_of("./x.sh", "#!/bin/bash\ntouch /made\n", head="COPY x.sh /bin/bash")
    assert slugs(effects) == {"runs-project-code"}


def test_a_script_that_calls_scripts() -> None:
    files = {"in/one.sh": "#!/bin/sh\n. ./in/lib.sh\nput /one\n", "in/lib.sh": "put() { touch $1; }\n"}
    effects = effects_of("./x.sh", "#!/bin/bash\nsh in/one.sh\n", files=files)
    assert effects.blocks == ()
    assert effects.writes.files == ("/one",)
    assert {"/app/x.sh", "/app/in/one.sh", "/app/in/lib.sh"} <= set(effects.reads.files)


def test_reasons_name_the_script() -> None:
    effects = effects_of("./x.sh", "npm run build\n")
    assert all(block.why.startswith("./x.sh: ") for block in effects.blocks)
    assert effects.blocks


def test_very_many_calls_end() -> None:
    script = "f() { " + "true; " * 30 + "}\ng() { " + "f; " * 30 + "}\nh() { " + "g; " * 30 + "}\nh\nh\nh\n"
    assert "shell-function" in slugs(effects_of("./x.sh", script))


def test_a_script_of_the_project_in_the_place_of_a_program() -> None:
    effects = effects_of("pip install six", "exec /opt/pip -v $@", head="COPY x.sh /usr/local/bin/pip")
    assert slugs(effects) == {"runs-project-code"}
