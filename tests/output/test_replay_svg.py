"""The picture is held to what a reader of its XML finds: shapes, totals, words, and no more than that."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from replays import HOSTILE, hostile, sample

from reorder.output.replay_svg import WIDTH, render_svg
from reorder.replay.model import Replay, Row
from reorder.weighing.history import Commit

SVG = "{http://www.w3.org/2000/svg}"
_SHAPE = re.compile(r"M([\d.]+) [\d.]+h([\d.]+)v[\d.]+H\1z")


def _read(replay: Replay) -> Element:
    root: Element = fromstring(render_svg(replay))
    return root


def _rows(root: Element) -> list[Element]:
    return [group for group in root.iter(f"{SVG}g") if group.find(f"{SVG}title") is not None]


def _texts(element: Element) -> list[str]:
    return ["".join(text.itertext()) for text in element.iter(f"{SVG}text")]


def _bars(row: Element) -> list[tuple[float, float]]:
    """Left and right edge of each bar of one row."""
    paths = [path.get("d", "") for path in row.iter(f"{SVG}path") if path.get("class") == "ran"]
    return [(float(x), float(x) + float(width)) for d in paths for x, width in _SHAPE.findall(d)]


def test_the_headline_and_the_totals() -> None:
    replay = sample()
    root = _read(replay)
    before, after = replay.before[4], replay.after[4]
    head = f"npm ci: {before.runs} of 200 builds before, {after.runs} after"
    assert after.runs < before.runs / 4
    assert root.findtext(f"{SVG}title") == head
    assert head in _texts(root)
    assert "200 commits, 2024-01-01 to 2024-08-11" in _texts(root)[1]
    rows = _rows(root)
    assert len(rows) == len(replay.before) + len(replay.after)
    assert _texts(rows[4]) == ["5", "RUN npm ci", str(before.runs), "1 h 45 min"]
    assert _texts(rows[9 + 3])[0] == "4+"


def test_the_bars_cover_the_commits_in_which_the_step_ran_and_no_others() -> None:
    for count in (1, 8, 90, 91, 200, 430):
        replay = sample(count)
        cell = min(28.0, 430 / count)
        for row, element in zip((*replay.before, *replay.after), _rows(_read(replay)), strict=True):
            bars = _bars(element)
            middles = [(index + 0.5) * cell for index in range(count)]
            assert tuple(any(left <= x <= right for left, right in bars) for x in middles) == row.ran


def test_columns_are_the_same_above_and_below() -> None:
    track = r'<g transform="translate\((\d+) \d+\)"><path class="track" d="M0 7.5H([\d.]+)"/>'
    places = re.findall(track, render_svg(sample()))
    assert len(set(places[-19:])) == 1


def test_a_thousand_commits_make_a_small_file_in_which_each_run_can_be_seen() -> None:
    replay = sample(1000)
    picture = render_svg(replay)
    assert len(picture) < 60_000
    once = _bars(_rows(_read(replay))[1])
    assert replay.before[1].runs == len(once) == 1
    assert once[0][1] - once[0][0] >= 1


def test_every_state_has_a_shape_of_its_own() -> None:
    picture = render_svg(sample())
    heights = {float(height) for height in re.findall(r'class="ran" d="M[^v]*v([\d.]+)', picture)}
    assert len(heights) == 2, "dear and cheap steps differ by their height, reused ones have the line alone"


def test_many_steps_stay_apart_and_inside() -> None:
    rows = tuple(
        Row("0", line, f"RUN make target-{line} " + "x" * 400, "build", 3.0, (True, False), ("y", ""))
        for line in range(1, 41)
    )
    commits = (Commit("a" * 40, 1, "one", frozenset()), Commit("b" * 40, 2, "two", frozenset()))
    root = _read(Replay("Dockerfile", ".", commits, rows, rows, is_changed=True))
    height = float(root.get("height", "0"))
    places = [float(text.get("y", "0")) for text in root.iter(f"{SVG}text")]
    assert max(places) < height
    for row in _rows(root):
        assert len(_texts(row)[1]) <= 37
        assert "x" * 400 in row.findtext(f"{SVG}title", "")
    lines = [float(row.findall(f"{SVG}text")[0].get("y", "0")) for row in _rows(root)]
    assert all(b - a >= 18 for a, b in pairwise(lines))
    assert all(float(text.get("x", "0")) <= WIDTH for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_short_histories(count: int) -> None:
    texts = " ".join(_texts(_read(sample(count))))
    assert ("nothing to replay" in texts) == (count == 0)
    assert "1 commits" not in texts


def test_a_file_that_has_nothing_to_fix_is_drawn_once() -> None:
    replay = sample()
    texts = _texts(_read(replay._replace(after=replay.before, is_changed=False)))
    assert "After" not in texts
    assert texts[0] == f"npm ci: {replay.before[4].runs} of 200 builds, left as it is"


def test_made_up_commits_are_named_so_and_have_no_days() -> None:
    replay = sample(40)
    commits = tuple(commit._replace(when=0) for commit in replay.commits)
    texts = " ".join(_texts(_read(replay._replace(commits=commits, is_prior=True))))
    assert "no usable history" in texts
    assert "1970" not in texts


def test_what_a_hostile_repository_holds_is_text_and_nothing_else() -> None:
    root = _read(hostile())
    picture = render_svg(hostile())
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "clipPath", "path", "rect", "text", "tspan", "g"
    }  # fmt: skip
    assert picture.isprintable() or {c for c in picture if not c.isprintable()} == {"\n"}
    picture.encode("utf-8")
    for text in HOSTILE[:3]:
        assert any(text in row.findtext(f"{SVG}title", "") for row in _rows(root))


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.text(max_size=60), st.floats(0, 1e7))
def test_any_row_gives_a_picture_that_parses(ran: list[bool], text: str, seconds: float) -> None:
    commits = tuple(Commit("c" * 40, index * 10**9, text, frozenset()) for index in range(len(ran)))
    row = Row(text, 1, text, "build", seconds, tuple(ran), tuple("why" if r else "" for r in ran))
    rows = _rows(_read(Replay(text, ".", commits, (row,), (row._replace(partner=0),), is_changed=True)))
    assert _texts(rows[0])[2] == str(sum(ran))
