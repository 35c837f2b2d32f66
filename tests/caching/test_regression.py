"""The judge of patches: what it finds, and what it lets pass."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import analyze
from reorder.caching.regression import find_regression
from reorder.caching.simulator import Program, StepId, make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source

FILES = ["package.json", "package-lock.json", "src/main.js", "src/a.py", "docs/a.md", "src/deep/b.py"]
BROAD = "COPY . .\nRUN npm ci\n"


def program(body: str, ignore: str = "") -> Program:
    files = dict.fromkeys(FILES, "") | ({".dockerignore": ignore} if ignore else {})
    context = open_context(MemoryTree(files), "Dockerfile")
    dockerfile = parse(Source("Dockerfile", "FROM node:20-slim\nWORKDIR /app\n" + body))
    return make_program(dockerfile, analyze(dockerfile, context), context)


def runs(found: Program) -> list[StepId]:
    return [step.id for stage in found.stages for step in stage.steps if step.keyword == "RUN"]


def judge(old: str, new: str, ignore: str = "") -> str | None:
    before, after = program(old, ignore), program(new, ignore)
    return find_regression(before, after, dict(zip(runs(before), runs(after), strict=True)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BROAD, BROAD),
        (BROAD, "COPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n"),
        ("COPY src/*.py /s/\nRUN npm ci\n", "COPY src/a.py /s/\nRUN npm ci\nCOPY src/*.py /s/\n"),
        ("ARG V\nRUN npm ci\n", "RUN npm ci\nARG V\n"),
        ("COPY . .\nRUN npm ci\nRUN x\n", "COPY package.json ./\nRUN npm ci\nCOPY . .\nRUN x\n"),
    ],
)
def test_what_is_no_worse_passes(old: str, new: str) -> None:
    assert judge(old, new) is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("COPY package.json ./\nRUN npm ci\nCOPY . .\n", BROAD, "an edit of a-name-that-no-file-has-yet"),
        ("COPY package.json ./\nRUN npm ci\n", "COPY package*.json ./\nRUN npm ci\n", "an edit of packageany.json"),
        ("COPY src/a.py /s/\nRUN npm ci\n", "COPY src/[ab].py /s/\nRUN npm ci\n", "an edit of src/b.py"),
        ("COPY src/*.py /s/\nRUN npm ci\n", "COPY src/ /s/\nRUN npm ci\n", "an edit of src/a-name"),
        ("COPY src/*/ /s/\nRUN npm ci\n", "COPY src/ /s/\nRUN npm ci\n", "a new mode of src"),
        ("RUN npm ci\nARG V\n", "ARG V\nRUN npm ci\n", "a new value of V"),
        ("RUN npm ci\nADD https://x.example/y /y\n", "ADD https://x.example/y /y\nRUN npm ci\n", "an edit of https:"),
        ("RUN npm ci\n", "RUN --mount=source=docs,target=/d npm ci\n", "an edit of docs"),
    ],
)
def test_what_is_worse_is_named(old: str, new: str, told: str) -> None:
    found = judge(old, new)
    assert found is not None
    assert found.startswith(told)
    assert "runs the RUN in line" in found


def test_a_folder_of_which_the_ignore_file_leaves_single_files_is_judged_by_them() -> None:
    ignore = "*\n!package.json\n!src/deep/b.py\n"
    old, new = "COPY package.json ./\nRUN npm ci\nCOPY src s\n", "COPY package.json ./\nCOPY src s\nRUN npm ci\n"
    assert (judge(old, new, ignore) or "").startswith("an edit of src")
    assert judge(old, old, ignore) is None


def test_only_partners_are_judged() -> None:
    old, new = program("RUN npm ci\nCOPY . .\nRUN x\n"), program("COPY . .\nRUN npm ci\nRUN x\n")
    (first, second), (_, new_second) = runs(old), runs(new)
    assert find_regression(old, new, {second: new_second}) is None
    assert find_regression(old, new, {first: new_second}) is not None
