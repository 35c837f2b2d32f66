"""The judges are ``git apply`` and GNU patch; unidiff's opinion is tested in tests/rewriting/test_judge.py."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reorder.output.diff import split_lines, unified_diff
from reorder.rewriting.judge import judge_diff
from reorder.source import encode

_LINES = st.sampled_from(
    ["", "a", "RUN x", "COPY . .\r", " ", "\\", "-- a", "++ b", "\x0c", "a\x0cb", "a\u2028b", "a\x85", "\rmid\r",
     "\x1c", "\udcff"]
)  # fmt: skip
_TEXTS = st.tuples(st.lists(_LINES, max_size=14), st.sampled_from(["", "\n"])).map(lambda t: "\n".join(t[0]) + t[1])


@st.composite
def _edits(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts that share most of their lines."""
    lines = draw(st.lists(_LINES, max_size=30))
    after = list(lines)
    for is_move in draw(st.lists(st.booleans(), max_size=4)):
        place = draw(st.integers(0, len(after)))
        line = after.pop(min(place, len(after) - 1)) if is_move and after else draw(_LINES)
        after.insert(draw(st.integers(0, len(after))), line)
    ends = st.sampled_from(["", "\n"])
    return "\n".join(lines) + draw(ends), "\n".join(after) + draw(ends)


def _apply(command: list[str], old: str | None, diff: str, path: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if old is not None:
            target.write_bytes(encode(old))
        done = subprocess.run(command, cwd=folder, input=encode(diff), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode() + diff
        return target.read_bytes()


_GIT = ["git", "-c", "core.autocrlf=false", "apply", "-p1", "--whitespace=nowarn", "-"]


@given(_edits() | st.tuples(_TEXTS, _TEXTS))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(("a", "a\n"))
@example(("a\n", "a"))
@example(("\n", ""))
@example(("a\r\nb\r\n", "b\r\na\r\n"))
def test_git_and_the_judge_agree_with_every_diff(texts: tuple[str, str]) -> None:
    old, new = texts
    diff = unified_diff(old, new, "docker/Dockerfile")
    assert judge_diff(diff, old, new) is None
    if old == new:
        assert diff == ""
    else:
        assert _apply(_GIT, old, diff, "docker/Dockerfile") == encode(new)


@pytest.mark.skipif(shutil.which("patch") is None, reason="GNU patch is not installed")
@pytest.mark.parametrize("path", ["Dockerfile", "my docker/the file", "a'b"])
def test_gnu_patch_agrees(path: str) -> None:
    old, new = "FROM x\r\nCOPY . .\r\nRUN y\n\x0clast", "FROM x\r\nRUN y\n\x0clast\nCOPY . .\r\n"
    diff = unified_diff(old, new, path)
    assert _apply(["patch", "-p1", "--binary"], old, diff, path) == encode(new)


@pytest.mark.parametrize(
    "path",
    ["Dockerfile", "./sub//Dockerfile", "my docker/the file", "tab\there", 'quo"te', "back\\slash", "é/ü", "bell\a"],
)
def test_names_that_git_reads_back(path: str) -> None:
    assert _apply(_GIT, "a\n", unified_diff("a\n", "b\n", path), path) == b"b\n"
    assert _apply(_GIT, None, unified_diff(None, "b\n", path), path) == b"b\n"


def test_a_diff_as_a_reviewer_sees_it() -> None:
    old = "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD x"
    new = (
        "FROM python:3.11\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD x"
    )
    assert unified_diff(old, new, "Dockerfile") == (
        "--- a/Dockerfile\n"
        "+++ b/Dockerfile\n"
        "@@ -1,5 +1,6 @@\n"
        " FROM python:3.11\n"
        " WORKDIR /app\n"
        "+COPY requirements.txt .\n"
        "+RUN pip install -r requirements.txt\n"
        " COPY . .\n"
        "-RUN pip install -r requirements.txt\n"
        " CMD x\n"
        "\\ No newline at end of file\n"
    )


def test_a_new_file_and_one_without_a_change() -> None:
    assert unified_diff(None, "node_modules\n", ".dockerignore") == (
        "--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1 @@\n+node_modules\n"
    )
    assert unified_diff("a\n", "a\n", "x") == ""


def test_headers() -> None:
    def head(path: str) -> list[str]:
        return unified_diff("a\n", "b\n", path).split("\n")[:2]

    assert head("/abs/Dockerfile") == ["--- a/abs/Dockerfile", "+++ b/abs/Dockerfile"]
    assert head("./Dockerfile") == ["--- a/Dockerfile", "+++ b/Dockerfile"]
    assert head("a b") == ["--- a/a b\t", "+++ b/a b\t"]
    assert head("a\nb") == ['--- "a/a\\012b"', '+++ "b/a\\012b"']


def test_far_edits_get_hunks_of_their_own_and_near_ones_share() -> None:
    lines = [f"{i}\n" for i in range(30)]
    far, near = list(lines), list(lines)
    far[2], far[20] = "x\n", "y\n"
    near[2], near[9] = "x\n", "y\n"
    assert unified_diff("".join(lines), "".join(far), "f").count("@@ -") == 2
    assert unified_diff("".join(lines), "".join(near), "f").count("@@ -") == 1


def test_frequent_lines_are_no_noise() -> None:
    old = [line for i in range(120) for line in (f"RUN a{i} \\\n", "  && b\n", "\n")]
    new = [*old[:60], "NEW\n", *old[60:300], "NEW\n", *old[300:]]
    diff = unified_diff("".join(old), "".join(new), "f")
    changed = [line for line in diff.split("\n")[2:] if line.startswith(("+", "-"))]
    assert changed == ["+NEW", "+NEW"]


def test_a_long_file_is_no_problem() -> None:
    old = "".join(f"RUN step {i % 7}\n" for i in range(100_000))
    new = "FROM first\n" + old + "last"
    assert judge_diff(unified_diff(old, new, "f"), old, new) is None


@given(st.text(alphabet="a\n\r\x0c\u2028"))
def test_split_lines_loses_nothing(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert all(line.endswith("\n") for line in lines[:-1])
    assert all(line.count("\n") <= 1 and line for line in lines)
