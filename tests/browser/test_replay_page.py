"""The HTML page of a replay in a real browser: no request, keyboard, pointer, dark mode, no script, small screens."""

from __future__ import annotations

import json

import pytest
from browser.chromium import BrowserError, Open, Page, find_chromium
from browser.contrast import measure_contrast
from replays import hostile, sample

from reorder.output.replay_html import render_html
from reorder.output.replay_svg import render_svg
from reorder.replay.model import Replay

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed"),
]
REPLAY = sample()


def _status(page: Page) -> list[str]:
    lines: list[str] = page.run("[...document.querySelectorAll('#status > *')].map(e => e.textContent)")
    return lines


def _commit(index: int) -> str:
    commit = REPLAY.commits[index]
    return f"Commit {index + 1} of 200: {commit.id[:10]}, "


@pytest.mark.parametrize("replay", [REPLAY, hostile(), sample(0), sample(1000)], ids=["200", "hostile", "none", "1000"])
def test_no_request_leaves_the_page_and_nothing_is_complained_about(opened: Open, replay: Replay) -> None:
    page = opened(render_html(replay))
    page.press("Tab", "Home", "ArrowDown")
    page.run("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert [url.partition(":")[0] for url in page.requests if not url.startswith("data:")] == ["file"]
    assert page.complaints == []


def test_the_policy_forbids_what_a_page_could_be_talked_into(opened: Open) -> None:
    page = opened(render_html(REPLAY))
    blocked = page.run(
        """new Promise(done => {
          const seen = [];
          document.addEventListener("securitypolicyviolation", event => {
            seen.push(event.effectiveDirective);
            if (seen.length === 4) done(seen.sort());
          });
          fetch("http://127.0.0.1:9/").catch(() => 0);
          const add = (name, entries) => document.body.append(Object.assign(document.createElement(name), entries));
          add("img", {src: "http://127.0.0.1:9/x.png"});
          add("script", {textContent: "window.pwned = 1"});
          add("style", {textContent: "body { color: red }"});
        })"""
    )
    assert blocked == ["connect-src", "img-src", "script-src-elem", "style-src-elem"]
    assert page.run("window.pwned") is None


def test_keys_move_the_cursor_and_the_status_line_says_where_it_is(opened: Open) -> None:
    page = opened(render_html(REPLAY))
    assert page.run("document.getElementById('status').getAttribute('aria-live')") == "polite"
    page.press("Tab")
    assert page.run("document.activeElement.id") == "chart"
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert _status(page)[1].startswith("Before, stage build, line 5: RUN --mount=type=cache")
    assert _status(page)[2].startswith(_commit(199))
    page.press("Home")
    assert _status(page)[2].startswith(_commit(0))
    assert REPLAY.commits[0].subject in _status(page)[2]
    page.press("ArrowRight", "ArrowRight", "ArrowLeft")
    assert _status(page)[2].startswith(_commit(1))
    page.press("PageDown", "PageDown", "PageUp")
    assert _status(page)[2].startswith(_commit(11))
    page.press("ArrowLeft", "End", "ArrowRight")
    assert _status(page)[2].startswith(_commit(199))
    page.press("ArrowUp")
    assert "line 4: COPY . ." in _status(page)[1]
    page.press(*["ArrowUp"] * 9)
    assert "line 1: FROM" in _status(page)[1]
    page.press("Enter")
    assert _status(page)[1].startswith("After, stage build, line 1: FROM")
    page.press(*["ArrowDown"] * 40)
    assert "After, stage 1, line 10: COPY --from=build" in _status(page)[1]


def test_every_cell_is_told_as_the_replay_has_it(opened: Open) -> None:
    replay = sample(50)
    page = opened(render_html(replay))
    page.press("Tab", *["ArrowUp"] * 9)
    told = page.run(
        """[...document.querySelectorAll("#chart .strip")].map((strip, row) => {
          const press = key => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
          if (row) press("ArrowDown");
          press("Home");
          const seen = [];
          for (let commit = 0; commit < 50; commit++) {
            seen.push(document.getElementById("state").textContent);
            press("ArrowRight");
          }
          return seen;
        })"""
    )
    assert told == [
        [f"Ran again: {why}" if ran else "Reused from the cache" for ran, why in zip(row.ran, row.reasons, strict=True)]
        for row in (*replay.before, *replay.after)
    ]


def test_other_keys_are_left_to_the_browser(opened: Open) -> None:
    page = opened(render_html(REPLAY))
    page.press("Tab", "Home")
    page.run("window.taken = []; addEventListener('keydown', event => window.taken.push(event.defaultPrevented)); 0")
    page.press("ArrowRight")
    page.press("ArrowRight", modifiers=2)
    page.press("Tab")
    assert page.run("window.taken") == [True, False, False]
    assert page.run("document.activeElement.id") != "chart"
    assert _status(page)[2].startswith(_commit(1))


@pytest.mark.parametrize("width", [1200, 360])
def test_the_pointer_moves_the_cursor(opened: Open, width: int) -> None:
    page = opened(render_html(REPLAY), width=width)
    place = "document.querySelectorAll('#chart .strip')[13].getBoundingClientRect()"
    page.run("document.querySelectorAll('#chart .strip')[13].scrollIntoView({block: 'center'})")
    box = page.run(f"(({{left, top, width, height}}) => [left, top, width, height])({place})")
    index = REPLAY.after[4].ran.index(True)
    page.hover(box[0] + (index + 0.5) / 200 * box[2], box[1] + box[3] / 2)
    assert _status(page)[0] == f"Ran again: {REPLAY.after[4].reasons[index]}"
    assert _status(page)[1].startswith("After, stage build, line 5: RUN")
    assert _status(page)[2].startswith(_commit(index))


def test_the_cursor_stays_in_sight(opened: Open) -> None:
    page = opened(render_html(REPLAY), width=800)
    page.resize(800, 420)
    page.press("Tab", *["ArrowDown"] * 12)
    row, bar = page.run(
        "['.here', '#status'].map(name => document.querySelector(name).getBoundingClientRect().toJSON())"
    )
    assert row["top"] >= 0
    assert row["bottom"] <= min(bar["top"], 420)


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_contrast_in_both_colour_schemes(opened: Open, scheme: str, is_dark: bool) -> None:
    seen = measure_contrast(
        opened(render_html(REPLAY), scheme=scheme),
        text=("h1, h2, h3, p, li, dt, dd, code, th, td, .row span, #status *, caption, kbd", "color"),
        bars=("#chart .ran", "fill"),
        cursor=("#chart .here .at", "stroke"),
    )
    assert (seen["paper"] < 0.1) == is_dark
    assert seen["text"] >= 4.5
    assert seen["bars"] >= 3
    assert seen["cursor"] >= 3


def test_on_paper_it_is_black_on_white_without_the_controls(opened: Open) -> None:
    page = opened(render_html(REPLAY), scheme="dark")
    page.emulate(scheme="dark", media="print")
    assert measure_contrast(page)["paper"] == 1
    assert page.run("getComputedStyle(document.getElementById('status')).display") == "none"
    assert page.run("getComputedStyle(document.querySelector('table')).display") == "table"


def test_without_scripts_chart_and_table_are_there(opened: Open) -> None:
    page = opened(render_html(REPLAY), script=False)
    assert page.run("document.querySelectorAll('#chart .strip').length") == len(REPLAY.before) + len(REPLAY.after)
    shown = page.run(
        """["#chart", "#chart .ran", "table", "#hint", "#status"]
          .map(name => document.querySelector(name).getBoundingClientRect().height > 0)"""
    )
    assert shown == [True, True, True, False, False]
    assert page.run("document.getElementById('chart').tabIndex") == -1
    head = page.run("[...document.querySelectorAll('thead th')].map(e => e.innerText)")
    assert head == ["step", "one run", "ran before", "ran after", "time before", "time after", "saved"]


@pytest.mark.parametrize("replay", [REPLAY, hostile()], ids=["sample", "hostile"])
def test_nothing_sticks_out_of_the_window(opened: Open, replay: Replay) -> None:
    page = opened(render_html(replay))
    for width in (320, 360, 768, 1600):
        page.resize(width)
        out = page.run(
            """[...document.querySelectorAll(".strip, .row, h1, #status")]
              .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
        )
        assert (page.run("innerWidth"), out) == (width, 0)
        assert page.run("document.documentElement.scrollWidth") <= width


def test_what_assistive_technology_is_told(opened: Open) -> None:
    page = opened(render_html(REPLAY))
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    told = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]}
    roles = [role for role, _ in told]
    assert ("application", "Commit by commit") in told
    assert ("image", f"ran again in {REPLAY.before[4].runs} of 200 builds") in told
    assert ("region", "Before") in told
    assert {"table", "columnheader", "rowheader", "status", "main", "heading"} <= set(roles)


def test_hostile_texts_are_shown_and_do_nothing(opened: Open) -> None:
    page = opened(render_html(hostile()))
    assert page.run("document.querySelectorAll('script').length") == 2
    assert page.run("document.querySelectorAll('[onmouseover], [style]').length") == 0
    assert "</script><script>alert(1)</script>" in page.run("document.querySelector('h1').textContent")
    page.press("Tab", "Home")
    assert _status(page)[0] == "Ran again: RUN echo '</script><script>alert(1)</script>'"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_picture_follows_the_colour_scheme(opened: Open, scheme: str) -> None:
    page = opened(render_svg(REPLAY), suffix="svg", scheme=scheme)
    assert page.complaints == []
    assert len(page.requests) == 1
    colors = json.loads(page.run(
        """JSON.stringify([".paper", ".headline", ".quiet", ".ran", ".band"]
          .map(name => getComputedStyle(document.querySelector(name)).fill.match(/\\d+/g).map(Number)))"""
    ))  # fmt: skip
    paper, headline, quiet, ran, band = map(_luminance, colors)
    assert (paper < 0.1) == (scheme == "dark")
    for light in (paper, band):
        assert _ratio(headline, light) >= 4.5
        assert _ratio(quiet, light) >= 4.5
        assert _ratio(ran, light) >= 3


@pytest.mark.parametrize("count", [1, 200])
def test_the_texts_of_the_picture_stay_in_their_columns(opened: Open, count: int) -> None:
    replay = sample(count)
    long = tuple(row._replace(text=row.text + " && make WONDERFUL" * 40) for row in replay.after)
    page = opened(render_svg(replay._replace(after=long)), suffix="svg")
    out = page.run(
        """[...document.querySelectorAll("text")].filter(e => {
          const {left, right} = e.getBoundingClientRect();
          const isLabel = e.closest("[clip-path]");
          return left < 0 || right > 960 || (isLabel && right > 340) || (e.matches(".right") && left < 600
            && !e.matches(".step"));
        }).map(e => e.textContent)"""
    )
    assert out == []


def _luminance(color: list[float]) -> float:
    parts = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in color[:3]]
    return sum(part * weight for part, weight in zip(parts, (0.2126, 0.7152, 0.0722), strict=True))


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_the_judge_hears_a_complaint(opened: Open) -> None:
    """The tests above are worth nothing if the browser's complaints and requests do not reach them."""
    page = opened("<!doctype html><link rel=icon href=data:,><script>oops()</script><img src='file:///nowhere.png'>")
    assert any("oops" in complaint for complaint in page.complaints)
    assert "file:///nowhere.png" in page.requests
    with pytest.raises(BrowserError):
        page.run("oops()")
