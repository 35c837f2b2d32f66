"""The page as a parser reads it; what a browser makes of it is in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replays import HOSTILE, divided, hostile, sample

from reorder.output.replay_data import encode_data
from reorder.output.replay_html import render_html
from reorder.output.text import printable
from reorder.replay.model import Replay, Row
from reorder.weighing.history import Commit


class _Reader(HTMLParser):
    """Elements with their attributes, and the text of each kind of element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.cells: list[list[str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.cells.append([])
        if tag in ("td", "th"):
            self.cells[-1].append("")
        if tag not in ("meta", "link"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open[-1]][-1] += data
        if {"td", "th"} & set(self._open):
            self.cells[-1][-1] += data


def _data(page: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(_Reader(page).texts["script"][0])
    return record


def test_the_policy_names_exactly_the_style_and_the_script_of_the_page() -> None:
    reader = _Reader(render_html(sample()))
    policy = next(a["content"] for tag, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy")
    named = set(re.findall(r"'(sha256-[^']+)'", policy or ""))
    inline = (reader.texts["style"][0], reader.texts["script"][1])
    assert named == {"sha256-" + base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in inline}
    assert "unsafe" not in (policy or "")
    assert (policy or "").startswith("default-src 'none'")


def test_nothing_is_loaded_from_anywhere() -> None:
    page = render_html(sample())
    links = [a.get("src") or a.get("href") for _, a in _Reader(page).elements if "src" in a or "href" in a]
    assert links == ["data:,"]
    assert set(re.findall(r"https?://[^\"]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in page
    assert "@import" not in page


def test_the_table_has_each_step_once_and_the_best_first() -> None:
    replay = sample()
    head, *steps, total = _Reader(render_html(replay)).cells
    assert head == ["step", "one run", "ran before", "ran after", "time before", "time after", "saved"]
    assert len(steps) == len(replay.after)
    assert steps[0] == [
        "RUN --mount=type=cache,target=/root/.npm npm ci" "stage build, line 5",
        "34 s", "186", "24", "1 h 45 min", "14 min", "1 h 32 min",
    ]  # fmt: skip
    assert steps[-1] == ["COPY package.json package-lock.json ./stage build, new in line 4",
                         "0.1 s", "", "24", "", "2.4 s", "\N{MINUS SIGN}2.4 s"]  # fmt: skip
    assert total[0] == "in all"
    assert total[-3:] == ["2 h 21 min", "50 min", "1 h 32 min"]


def test_the_halves_of_a_divided_run_share_a_line() -> None:
    replay = divided()
    page = render_html(replay)
    line = next(cells for cells in _Reader(page).cells if "npm ci && npm run build" in cells[0])
    assert line[0].endswith("line 3, then 3 and 5")
    assert line[1:] == ["45 s", "4", "1 + 4", "3 min 0 s", "78 s", "1 min 42 s"]
    assert _Reader(page).texts["h1"] == ["npm ci: 4 of 4 builds before, 1 after"]


def test_the_data_of_the_script_says_what_the_replay_says() -> None:
    replay = sample()
    data = _data(render_html(replay))
    rows = (*replay.before, *replay.after)
    assert [row["text"] for row in data["rows"]] == [row.text for row in rows]
    assert [commit[2] for commit in data["commits"]] == [commit.subject for commit in replay.commits]
    for record, row in zip(data["rows"], rows, strict=True):
        lengths, states = record["cells"][::2], record["cells"][1::2]
        told = [data["reasons"][s - 1] if s else "" for n, s in zip(lengths, states, strict=True) for _ in range(n)]
        assert tuple(told) == row.reasons
    partners = [record["partner"] for record in data["rows"]]
    assert partners[4] == 9 + 4
    assert partners[9 + 3] is None
    assert [partners[partner] for index, partner in enumerate(partners) if partner is not None] == [
        index for index, partner in enumerate(partners) if partner is not None
    ]
    assert data["start"] == 4


def test_what_a_hostile_repository_holds_is_text_and_nothing_else() -> None:
    page = render_html(hostile())
    reader = _Reader(page)
    assert {c for c in page if not c.isprintable()} == {"\n"}
    page.encode("utf-8")
    assert [tag for tag, _ in reader.elements].count("script") == 2
    assert not any(name.startswith("on") or name == "style" for _, attributes in reader.elements for name in attributes)
    assert not set("<>&") & set(encode_data(hostile()))
    assert _data(page)["commits"][0][2] == HOSTILE[0]
    for text in HOSTILE:
        assert any(printable(text) in cell for cells in reader.cells for cell in cells)
        assert printable(text) in "".join(reader.texts["li"])


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_text_gives_a_well_formed_page_and_comes_back(text: str, reason: str, subject: str) -> None:
    row = Row(text, 1, text, "build", 2.0, (True,), (reason,))
    commits = (Commit(text, 1, subject, frozenset()),)
    page = render_html(Replay(text, text, commits, (row,), (row._replace(partner=0),), (reason,), is_changed=True))
    data = _data(page)
    assert data["reasons"] == [printable(" ".join(reason.split()))]
    assert data["commits"][0][2] == printable(" ".join(subject.split()))
    assert printable(text) in _Reader(page).cells[1][0]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_short_histories(count: int) -> None:
    page = render_html(sample(count))
    assert len(_data(page)["commits"]) == count
    assert ("nothing to replay" in _Reader(page).texts["h1"][0]) == (count == 0)


def test_a_file_that_has_nothing_to_fix_is_shown_once() -> None:
    replay = sample()
    page = render_html(replay._replace(after=replay.before, is_changed=False))
    reader = _Reader(page)
    assert reader.texts["h3"] == ["As it is"]
    assert reader.cells[0] == ["step", "one run", "ran", "time"]
    assert len(reader.cells) == 2 + len(replay.before)
    assert {row["partner"] for row in _data(page)["rows"]} == {None}


def test_made_up_commits_are_named_so_and_have_no_days() -> None:
    replay = sample(60)._replace(is_prior=True)
    page = render_html(replay)
    assert "no usable history: typical edits instead" in page
    assert "2024-" not in page


def test_a_thousand_commits_and_sixty_steps_make_a_page_that_can_be_mailed() -> None:
    replay = sample(1000)
    more = replay._replace(before=replay.before * 6, after=replay.after * 6)
    assert len(render_html(more)) < 600_000
