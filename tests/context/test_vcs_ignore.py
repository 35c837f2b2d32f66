"""What git itself says of paths and ``.gitignore`` files."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.context.memory import MemoryTree
from reorder.context.vcs_ignore import VcsIgnore

NAMES = ("a", "b", "ab", "x.py", "a b", "#a", "!a", "[a-", "{a}", "axb")
SEGMENTS = (*NAMES, "*", "**", "a*", "?", "[ab]", "[!a]", "[^a]", "[]a]", "*.py", "\\a", "\\!a", "[[:alpha:]]", "a?b",
            "a**")  # fmt: skip

names = st.sampled_from(NAMES)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
lines = st.builds(
    "{}{}{}{}".format, st.sampled_from(("", "", "!")), st.sampled_from(("", "", "/")),
    st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3).map("/".join),
    st.sampled_from(("", "", "/", " ", "\\ ", "\t")),
)  # fmt: skip
ignore_files = st.lists(lines, min_size=1, max_size=4).flatmap(
    lambda found: st.sampled_from(("\n".join(found), "\n".join(found) + "\n", "\r\n".join(found) + "\r\n"))
)


def git_says(files: dict[str, str], asked: set[str]) -> set[str]:
    with tempfile.TemporaryDirectory() as top:
        subprocess.run(["git", "init", "-q", top], check=True)
        for path, text in files.items():
            (Path(top) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(top) / path).write_bytes(text.encode())
        given_ = "\0".join(f"./{path}" for path in sorted(asked)).encode()
        command = ["git", "-C", top, "-c", "core.excludesFile=", "check-ignore", "-z", "--stdin"]
        done = subprocess.run(command, input=given_, capture_output=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        return {path.removeprefix("./") for path in done.stdout.decode().split("\0") if path}


@settings(max_examples=80)
@given(st.sets(paths, max_size=5), st.dictionaries(st.integers(0, 5), ignore_files, min_size=1), st.sets(paths))
def test_it_says_what_git_says(present: set[str], rules: dict[int, str], more: set[str]) -> None:
    files = {path: "" for path in present if not any(other.startswith(path + "/") for other in present)}
    folders = sorted({"", *(path.rpartition("/")[0] for path in files)})
    files |= {f"{folders[n % len(folders)]}/.gitignore".lstrip("/"): text for n, text in rules.items()}
    asked = {"/".join(path.split("/")[: depth + 1]) for path in (*files, *more) for depth in range(path.count("/") + 1)}
    own = VcsIgnore(MemoryTree(files))
    answers = {path: own.ignores(path) for path in asked}
    unknown = {path for path, answer in answers.items() if answer is None}
    assert {path for path, answer in answers.items() if answer} == git_says(files, asked) - unknown


@pytest.mark.parametrize(
    ("text", "path", "answer"),
    [
        ("node_modules/\n", "node_modules", False),  # for folders, and there is none
        ("node_modules/\n", "node_modules/x", True),
        ("a/**\n!a/keep\n", "a/keep", False),
        ("a\n!a/keep\n", "a/keep", True),  # what lies in an ignored folder stays ignored
        ("\ufeff*.log\n", "x.log", True),
        ("# a\n\n   \n", "# a", False),
        ("a\t\n", "a", None),
        ("[[:alpha:]]\n", "a", None),
        ("[[:alpha:]]\n*.log\n", "a.log", True),  # the last line decides
        ("*a*a*a*a*a*a*a*a*a*b\n", "a" * 250, None),
        ("a/**/\n", "a/x", None),
        ("**/a*/*.b*/**\n", "x/ab/c.bd/e", True),
    ],
)  # fmt: skip
def test_examples(text: str, path: str, answer: bool | None) -> None:
    assert VcsIgnore(MemoryTree({".gitignore": text})).ignores(path) is answer


def test_a_giant_file_is_not_known() -> None:
    assert VcsIgnore(MemoryTree({".gitignore": "a\n" * 600_000, "x/.gitignore": "!*\n"})).ignores("a") is None
