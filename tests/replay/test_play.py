"""Commits played through two versions of small Dockerfiles."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import analyze
from reorder.caching.builder import Builder
from reorder.caching.simulator import TargetError
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.replay.model import Replay, Row, Side
from reorder.replay.play import Assumptions, play
from reorder.source import Source
from reorder.weighing.costs import Costs
from reorder.weighing.history import Commit, History
from reorder.weighing.timings import Timings

PYPROJECT = "[project]\nname = 'x'\nversion = '1'\n[tool.poetry]\n"
FILES = {"package.json": "{}", "package-lock.json": "{}", "src/a.js": "", "docs/x.md": "", ".dockerignore": "docs\n",
         "pyproject.toml": PYPROJECT, "poetry.lock": ""}  # fmt: skip
BEFORE = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nRUN npm run build\nCMD x\n"
AFTER = "FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\nCMD x\n"


def side(text: str) -> Side:
    context = open_context(MemoryTree(FILES), "Dockerfile")
    dockerfile = parse(Source("Dockerfile", text))
    return Side(dockerfile, analyze(dockerfile, context), context)


def commits(*changes: str) -> History:
    return History(tuple(
        Commit(id=f"{number:040}", when=number, subject=change, paths=frozenset(change.split()))
        for number, change in enumerate(changes)
    ))  # fmt: skip


def played(before: str, after: str, history: History, assumptions: Assumptions | None = None) -> Replay:
    return play("Dockerfile", ".", history, side(before), side(after), assumptions)


def by_text(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.text: row for row in rows}


HISTORY = commits("src/a.js", "package.json src/b.js", "docs/x.md", "src/c.js")


def test_how_often_each_step_ran_and_would_have_run() -> None:
    replay = played(BEFORE, AFTER, HISTORY)
    before, after = by_text(replay.before), by_text(replay.after)
    assert [row.line for row in replay.before] == [2, 3, 4, 5], "CMD is no step for BuildKit"
    assert {text: row.runs for text, row in before.items()} == {
        "WORKDIR /app": 0, "COPY . .": 3, "RUN npm ci": 3, "RUN npm run build": 3,
    }  # fmt: skip
    assert {text: row.runs for text, row in after.items()} == {
        "WORKDIR /app": 0, "COPY package*.json ./": 1, "RUN npm ci": 1, "COPY . .": 3, "RUN npm run build": 3,
    }  # fmt: skip
    assert before["RUN npm ci"].ran == (True, True, False, True)
    assert after["RUN npm ci"].ran == (False, True, False, False)
    assert before["COPY . ."].reasons == ("src/a.js changed", "package.json changed", "", "src/c.js changed")
    assert before["RUN npm ci"].reasons == ("line 3 ran again", "line 3 ran again", "", "line 3 ran again")
    assert [row.partner for row in replay.after] == [0, None, 2, 1, 3]
    assert [row.partner for row in replay.before] == [0, 3, 2, 4]
    assert (replay.is_changed, replay.is_prior) == (True, False)
    assert before["RUN npm ci"].total == 90


def test_nothing_to_fix_is_played_once() -> None:
    replay = played(AFTER, AFTER, HISTORY)
    assert not replay.is_changed
    assert [row._replace(partner=None) for row in replay.after] == [row._replace(partner=None) for row in replay.before]
    assert [row.partner for row in replay.after] == list(range(5))


def test_modes_cut_commits_and_the_classic_builder() -> None:
    history = History((
        Commit("a", 0, "mode", frozenset(), modes=frozenset(("src/a.js",))),
        Commit("b", 0, "cut", frozenset(), is_cut=True),
        Commit("c", 0, "docs", frozenset(("docs/x.md",))),
    ), ("a note of the history",))  # fmt: skip
    replay = played(BEFORE, AFTER, history, Assumptions(builder=Builder.CLASSIC))
    rows = by_text(replay.before)
    assert rows["RUN npm ci"].ran == rows["CMD x"].ran == (True, True, False)
    assert rows["CMD x"].kind == "metadata"
    assert rows["COPY . ."].reasons == ("the mode of src/a.js changed", "any path changed", "")
    assert by_text(replay.after)["RUN npm ci"].ran == (False, True, False)
    assert replay.notes[0] == "a note of the history"
    assert any("everything: 1 of them" in note for note in replay.notes)


def test_arguments_that_are_new_in_each_build() -> None:
    text = "FROM node:20\nARG GIT_SHA\nRUN npm install -g x\n"
    fixed = "FROM node:20\nRUN npm install -g x\nARG GIT_SHA\n"
    replay = played(text, fixed, HISTORY, Assumptions(arguments=frozenset(("GIT_SHA",))))
    assert (replay.before[0].runs, replay.after[0].runs) == (4, 0)
    assert replay.before[0].reasons[0] == "the build argument GIT_SHA has a new value"
    assert any("GIT_SHA" in note for note in replay.notes)
    assert played(text, fixed, HISTORY).before[0].runs == 0


def test_stages_that_the_target_does_not_need_are_left_out() -> None:
    text = "FROM node:20 AS deps\nCOPY src /s\nRUN npm ci\nFROM node:20 AS docs\nCOPY src /d\nFROM deps\nRUN npm test\n"
    replay = played(text, text, HISTORY)
    assert [(row.stage, row.line, row.runs) for row in replay.before] == [("deps", 2, 3), ("deps", 3, 3), ("2", 7, 3)]
    assert any("side by side" in note for note in replay.notes)
    replay = played(text, text, HISTORY, Assumptions(target="docs"))
    assert [(row.stage, row.line) for row in replay.before] == [("docs", 5)]
    with pytest.raises(TargetError, match="nowhere"):
        played(text, text, HISTORY, Assumptions(target="nowhere"))


def test_without_a_history_the_commits_are_typical_ones() -> None:
    replay = played(BEFORE, AFTER, History(notes=("no git",)))
    assert replay.is_prior
    assert len(replay.commits) == 100
    before, after = by_text(replay.before)["RUN npm ci"], by_text(replay.after)["RUN npm ci"]
    assert (before.runs, after.runs) == (100, 15)
    assert replay.notes[0] == "no git"
    assert "made up" in replay.notes[1]


def test_the_time_of_a_divided_run_is_shared_out() -> None:
    before = "FROM node:20\nCOPY . .\nRUN npm ci && npm run build\n"
    after = "FROM node:20\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\n"
    replay = played(before, after, HISTORY)
    assert by_text(replay.before)["RUN npm ci && npm run build"].seconds == 40
    assert [row.seconds for row in replay.after if row.text.startswith("RUN")] == [30, 10]
    costs = Costs(measured=Timings({"RUN npm ci && npm run build": 100.0}))
    replay = played(before, after, HISTORY, Assumptions(costs=costs))
    assert by_text(replay.before)["RUN npm ci && npm run build"].seconds == 100
    assert [row.seconds for row in replay.after if row.text.startswith("RUN")] == [75, 25]
    assert any("1 of 2 steps are in the build log" in note for note in replay.notes)


def test_the_halves_of_a_divided_run_cost_no_more_than_the_whole() -> None:
    before = "FROM node:20\nCOPY . .\nRUN npm install -g pnpm && npm ci\n"
    after = "FROM node:20\nRUN npm install -g pnpm\nCOPY . .\nRUN npm ci\n"
    replay = played(before, after, HISTORY)
    assert by_text(replay.before)["RUN npm install -g pnpm && npm ci"].seconds == 30
    assert [row.seconds for row in replay.after if row.text.startswith("RUN")] == [15, 15]


def test_the_dependencies_first_and_then_the_project() -> None:
    before = "FROM python:3\nCOPY . .\nRUN poetry install\n"
    after = before.replace("COPY", "COPY pyproject.toml poetry.lock ./\nRUN poetry install --no-root\nCOPY")
    replay = played(before, after, HISTORY)
    (whole,) = [row for row in replay.before if row.text.startswith("RUN")]
    first, second = [row for row in replay.after if row.text.startswith("RUN")]
    assert (whole.kind, whole.seconds) == ("install", 40)
    assert (first.kind, first.seconds, first.runs) == ("install", 30, 0)
    assert (second.kind, second.seconds, second.runs) == ("build", 10, 3)
    assert first.partner == second.partner == replay.before.index(whole)
    assert replay.before[1].partner == replay.after.index(first)


def test_a_heredoc_is_shown_by_its_first_words() -> None:
    text = "FROM debian\nRUN <<EOF\n\n  echo one\necho two\nEOF\nRUN  a  \\\n  b\n"
    assert [row.text for row in played(text, text, HISTORY).before] == ["RUN <<EOF (echo one ...)", "RUN a b"]
