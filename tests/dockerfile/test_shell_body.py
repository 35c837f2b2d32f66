"""The script of an instruction, with every character where it stands in the file."""

import subprocess

import pytest

from reorder.dockerfile.parse import parse
from reorder.dockerfile.shell_body import ShellBody, shell_body
from reorder.source import Source


def body(text: str, *, above: str = "FROM a\n") -> ShellBody | None:
    dockerfile = parse(Source("Dockerfile", above + text))
    found = shell_body(dockerfile, dockerfile.instructions[1])
    return found and ShellBody(found.text, found.offset - len(above))


@pytest.mark.parametrize(
    ("text", "script", "offset"),
    [
        ("RUN a b", "a b", 4),
        ("RUN --network=none  a", "a", 20),
        ("RUN a \\\n b", "a \\\n b", 4),
        ("RUN a \\  \n b", "a   \\\n b", 4),
        ("RUN a \\\r\n b\r\n", "a  \\\n b", 4),
        ("RUN a \\\n# c\n\n b", "a      \\\n b", 4),
        ("RUN a\\\nb", "a\\\nb", 4),
        ("RUN a\\\n#c\n\nb", "a" + "\\\n" * 3 + "b", 4),
        ("RUN a\\\n\\\nb", "a\\\n\\\nb", 4),
        ("RUN a \\\n b \\\n# end", "a \\\n b", 4),
        ("RUN #a", "#a", 4),
        ("CMD a", "a", 4),
        ("HEALTHCHECK CMD a", "    a", 12),
        ("RUN <<EOF\na\nb\nEOF", "a\nb\n", 10),
        ("RUN <<-EOF\n\ta\n\tEOF", "\ta\n", 11),
        ("RUN <<EOF\n#!/bin/bash -e\na\nEOF", "#!/bin/bash -e\na\n", 10),
        ("RUN <<EOF\n#!/usr/bin/env sh\na\nEOF", "#!/usr/bin/env sh\na\n", 10),
        ("RUN a <<EOF && \\\n b\nx\nEOF\n", "a <<EOF && \\\n b\nx\nEOF\n", 4),
        ("RUN a <<EOF \r\nx\r\nEOF\r\n", "a <<EOF  \nx\r\nEOF\n\n", 4),
    ],
)
def test_bodies(text: str, script: str, offset: int) -> None:
    assert body(text) == ShellBody(script, offset)


@pytest.mark.parametrize(
    "text",
    [
        'RUN ["a"]',
        "ENV a=b",
        "ONBUILD RUN a",
        "HEALTHCHECK NONE",
        "RUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF",
        "RUN <<EOF\n#!/usr/bin/fish\nEOF",
        "RUN a\\\r\nb",
        "RUN a\\\n\\ \nb",
    ],
)
def test_no_body(text: str) -> None:
    assert body(text) is None


def test_a_backtick_is_no_shell_escape() -> None:
    dockerfile = parse(Source("Dockerfile", "# escape=`\nFROM a\nRUN a `\n b"))
    assert shell_body(dockerfile, dockerfile.instructions[1]) is None


def test_bash_runs_the_body_as_the_logical_line() -> None:
    found = body("RUN echo one\\\n# c\n\n\ntwo \\ \n\n  # d\n three &&\\\n  printf '%s,' x \\\n\n y <<EOF\nbody\nEOF\n")
    assert found is not None
    run = subprocess.run(["bash", "-c", found.text], capture_output=True, text=True, check=True)
    assert run.stdout == "onetwo three\nx,y,"
    assert run.stderr == ""
