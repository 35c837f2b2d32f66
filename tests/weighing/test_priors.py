"""Commits made up: what they edit, and in which proportions."""

from __future__ import annotations

from collections import Counter

import pytest

from reorder.analysis.steps import analyze
from reorder.context.context import BuildContext, open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source
from reorder.weighing.history import Commit
from reorder.weighing.priors import prior_commits

FILES = ["package.json", "package-lock.json", "README.md", "src/deep/a.js", "src/b.json", "lib/c.js", "main.js"]


def made_up(lines: str, files: list[str]) -> tuple[tuple[Commit, ...], BuildContext]:
    context = open_context(MemoryTree(dict.fromkeys(files, "{}")), None)
    text = f"FROM node:20\nWORKDIR /app\n{lines}\n"
    return prior_commits(context, analyze(parse(Source("Dockerfile", text)), context)), context


def counts(lines: str, files: list[str] = FILES) -> dict[str, int]:
    commits, _ = made_up(lines, files)
    return dict(Counter(path for commit in commits for path in commit.paths))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(
            "COPY . .\nRUN npm ci", {"main.js": 75, "package.json": 7, "package-lock.json": 8, "README.md": 10},
            id="the tree",
        ),
        pytest.param(
            "COPY package*.json ./\nRUN npm ci\nCOPY src src\nCOPY lib lib\nCOPY package.json main.js ./",
            {"src/deep/a.js": 25, "lib/c.js": 25, "main.js": 25, "package.json": 7, "package-lock.json": 8,
             "README.md": 10},
            id="what is copied takes turns",
        ),
        pytest.param("RUN npm install -g x", {"src/main": 90, "README.md": 10}, id="nothing is copied"),
    ],
)  # fmt: skip
def test_proportions(lines: str, expected: dict[str, int]) -> None:
    assert counts(lines) == expected


def test_a_source_is_made_up_where_none_is_found() -> None:
    assert counts("COPY . .\nRUN npm ci", ["package.json", "package-lock.json"])["source"] == 75
    deep = [f"{'d/' * 9}a.js", "package.json", "package-lock.json"]
    assert counts("COPY . .\nRUN npm ci", deep)["source"] == 75


def test_the_kinds_are_spread_and_the_same_every_time() -> None:
    commits, _ = made_up("COPY . .\nRUN npm ci", FILES)
    assert commits == made_up("COPY . .\nRUN npm ci", FILES)[0]
    assert len({commit.id for commit in commits}) == len(commits) == 100
    for start in range(0, 100, 20):
        part = Counter(commit.subject for commit in commits[start : start + 20])
        assert sorted(part.values()) == [2, 3, 15]


def test_a_large_folder_is_not_walked() -> None:
    files = [*(f"{a}/{b}/x{c}.json" for a in range(60) for b in range(10) for c in range(10)), "zz.js"]
    assert counts("COPY . .\nRUN make", files)["source"] == 90
