"""The report of a migration in a real browser: filters, order, keys, diffs, paper, colours, small screens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browser.chromium import Open, Page, find_chromium
from browser.contrast import measure_contrast
from migration_pages import index_of, page_of
from migrations import hostile, sample
from replays import HOSTILE

from reorder.outcome import Changed
from reorder.output.migration_report import ReportOptions
from reorder.output.migration_rows import STATES, Line, line_of
from reorder.output.migration_words import hours, number
from reorder.output.text import printable

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed"),
]
COUNT = 180
SAMPLE = tuple(sample(COUNT))
LINES = sorted(map(line_of, SAMPLE), key=lambda line: -line.seconds)
PAGE = page_of(SAMPLE)
_NAMES = "[...document.querySelectorAll('#rows a')].map(e => e.textContent)"


def _names(page: Page) -> list[str]:
    names: list[str] = page.run(_NAMES)
    return names


def _all_names(page: Page) -> list[str]:
    """Of all pages of the table, one after the other."""
    names = _names(page)
    while not page.run("document.getElementById('next-page').disabled"):
        page.click("#next-page")
        names += _names(page)
    return names


def _choose(page: Page, name: str, value: str) -> None:
    page.run(
        f"""(() => {{
          const select = document.getElementById({name!r});
          select.value = {value!r};
          select.dispatchEvent(new Event("input", {{bubbles: true}}));
        }})()"""
    )


def _search(page: Page, text: str) -> None:
    page.run("document.getElementById('text').focus()")
    page.type(text)


def _open_first(page: Page) -> None:
    page.run("document.querySelector('#rows a').focus()")
    page.press("Enter")
    page.wait_for("document.getElementById('detail').open")


@pytest.mark.parametrize("outcomes", [SAMPLE, hostile(), ()], ids=["sample", "hostile", "none"])
def test_no_request_leaves_the_page_and_nothing_is_complained_about(opened: Open, outcomes: Any) -> None:
    page = opened(page_of(outcomes))
    if outcomes:
        _open_first(page)
    assert [url.partition(":")[0] for url in page.requests if not url.startswith("data:")] == ["file"]
    assert page.complaints == []


def test_the_policy_forbids_what_a_page_could_be_talked_into(opened: Open) -> None:
    blocked = opened(PAGE).run(
        """new Promise(done => {
          const seen = [];
          document.addEventListener("securitypolicyviolation", event => {
            seen.push(event.effectiveDirective);
            if (seen.length === 5) done(seen.sort());
          });
          fetch("http://127.0.0.1:9/").catch(() => 0);
          const add = (name, entries) => document.body.append(Object.assign(document.createElement(name), entries));
          add("img", {src: "http://127.0.0.1:9/x.png"});
          add("script", {textContent: "window.pwned = 1"});
          add("style", {textContent: "body { color: red }"});
          add("iframe", {src: "http://127.0.0.1:9/"});
        })"""
    )
    assert blocked == ["connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"]


def test_the_script_changes_nothing_about_the_first_lines(opened: Open) -> None:
    rows = "[...document.querySelectorAll('#rows tr')].map(e => e.outerHTML.replaceAll(/value=\"[^\"]*\"/g, ''))"
    assert opened(PAGE).run(rows) == opened(PAGE, script=False).run(rows)


_ORDERS: dict[str, Any] = {
    "name": lambda line: line.name.lower(),
    "state": lambda line: STATES.index(line.state),
    "fixable": lambda line: line.fixable,
    "ecosystem": lambda line: ", ".join(line.ecosystems).lower(),
    "before": lambda line: line.runs_before,
    "after": lambda line: line.runs_after,
    "seconds": lambda line: line.seconds,
}


@pytest.mark.parametrize("column", _ORDERS)
def test_the_table_sorts_as_python_does(opened: Open, column: str) -> None:
    """Each way; lines that are alike stay in the order of their gain."""
    page = opened(PAGE)
    head = f"#table th[data-column={column}]"
    for _ in range(2):
        page.click(f"{head} button")
        way = page.run(f"document.querySelector('{head}').getAttribute('aria-sort')")
        expected = sorted(LINES, key=_ORDERS[column], reverse=way == "descending")
        assert _all_names(page) == [line.name for line in expected]
    assert page.run("document.querySelectorAll('#table [aria-sort]').length") == 1


def _matches(line: Line, text: str, state: str, ecosystem: str, slug: str) -> bool:
    searched = "\n".join((line.name, line.owner, *line.ecosystems, *line.managers)).lower()
    states = {line.state} | {name for name, has in (("failed", line.has_failed), ("unsafe", line.has_doubt)) if has}
    return (
        all(word in searched for word in text.lower().split())
        and (not state or state in states)
        and (not ecosystem or ecosystem in line.ecosystems)
        and (not slug or slug in line.slugs)
    )


@pytest.mark.parametrize(
    ("text", "state", "ecosystem", "slug"),
    [
        ("ledger", "", "", ""),
        ("PAY led", "", "", ""),
        ("yarn", "", "", ""),
        ("", "failed", "", ""),
        ("", "unsafe", "", ""),
        ("", "fixable", "Python", ""),
        ("", "left alone", "", "manifest-not-found"),
        ("data rust", "fixable", "system packages", "broad-copy-before-install"),
        ("no such thing", "", "", ""),
    ],
)
def test_filters_leave_what_python_would(opened: Open, text: str, state: str, ecosystem: str, slug: str) -> None:
    page = opened(PAGE)
    if text:
        _search(page, text)
    for name, value in (("state", state), ("ecosystem", ecosystem), ("slug", slug)):
        if value:
            _choose(page, name, value)
    expected = [line for line in LINES if _matches(line, text, state, ecosystem, slug)]
    assert _all_names(page) == [line.name for line in expected]
    told = page.run("document.getElementById('count').textContent")
    saved = sum(line.seconds for line in expected)
    gain = f", saving {hours(saved * 100)} a month" if saved else ""
    assert told == f"{number(len(expected))} of {COUNT} repositories{gain}"
    page.click("#controls button[type=reset]")
    assert page.run("document.getElementById('count').textContent").startswith(f"{COUNT} repositories")
    assert len(_names(page)) == 50


def test_each_choice_says_how_many_it_would_leave(opened: Open) -> None:
    page = opened(PAGE)
    _choose(page, "ecosystem", "Go")
    told = page.run("[...document.getElementById('state').options].slice(1).map(e => e.textContent)")
    assert told == [
        f"{state} ({sum(_matches(line, '', state, 'Go', '') for line in LINES)})" for state in (*STATES, "unsafe")
    ]


def test_a_name_in_a_chart_filters_the_table(opened: Open) -> None:
    page = opened(PAGE)
    page.click("button.pick.slug")
    slug = page.run("document.getElementById('slug').value")
    assert slug == page.run("document.querySelector('button.pick.slug').textContent")
    assert page.run("document.activeElement.id") == "slug"
    assert _all_names(page) == [line.name for line in LINES if slug in line.slugs]


def test_another_rate_is_worked_out_everywhere(opened: Open) -> None:
    """As Python would write it; the numbers of both are made by the same rules."""
    for builds in (7, 2500):
        page = opened(PAGE)
        page.run("(e => { e.focus(); e.select(); })(document.getElementById('builds'))")
        page.type(str(builds))
        whole = hours(sum(line.seconds for line in LINES) * builds)
        assert page.run("document.querySelector('h1 .month').textContent") == whole
        assert page.run("document.querySelector('dl .month').textContent") == whole
        assert page.run("document.getElementById('count').textContent").endswith(f"saving {whole} a month")
        other = page_of(SAMPLE, ReportOptions(builds_a_month=builds))
        months = "[...document.querySelectorAll('.month')].map(e => e.textContent)"
        assert page.run(months) == opened(other, script=False).run(months)


def test_keys_go_through_the_table_and_into_a_repository_and_back(opened: Open) -> None:
    page = opened(PAGE)
    focus = "document.activeElement.textContent"
    page.run("document.querySelector('#rows a').focus()")
    page.press("ArrowDown", "ArrowDown", "ArrowUp")
    assert page.run(focus) == LINES[1].name
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.press("End")
    assert page.run(focus) == LINES[49].name
    page.press("PageDown")
    assert page.run(focus) == LINES[50].name
    page.press("ArrowDown", "Enter")
    page.wait_for("document.getElementById('detail').open")
    title = "document.getElementById('detail-title').textContent"
    assert page.run(title) == LINES[51].name
    assert page.run("decodeURIComponent(location.hash)") == f"#repo={LINES[51].name}"
    page.press("ArrowRight")
    page.wait_for(f"{title} === {LINES[52].name!r}")
    page.press("ArrowLeft")
    page.wait_for(f"{title} === {LINES[51].name!r}")
    page.press("ArrowRight")
    page.wait_for(f"{title} === {LINES[52].name!r}")
    page.press("Escape")
    page.wait_for("!document.getElementById('detail').open")
    assert page.run(focus) == LINES[52].name
    assert page.run("location.hash") == ""
    page.press("PageUp", "PageUp", "Home")
    assert page.run(focus) == LINES[0].name


def test_the_tab_key_reaches_everything_in_order(opened: Open) -> None:
    page = opened(PAGE)
    seen = []
    for _ in range(200):
        page.press("Tab")
        seen.append(page.run("document.activeElement.id || document.activeElement.textContent"))
        if seen[-1] == "next-page":
            break
    places = [seen.index(name) for name in ("builds", "Python", "gain-too-small", "text", "state", "ecosystem", "slug",
                                            "Clear", "repository", "saved a month", LINES[0].name, LINES[49].name,
                                            "next-page")]  # fmt: skip
    assert places == sorted(places)


def test_the_keyboard_stays_in_an_open_repository(opened: Open) -> None:
    page = opened(PAGE)
    _open_first(page)
    for _ in range(12):
        page.press("Tab")
        assert page.run("document.activeElement === document.body || !!document.activeElement.closest('#detail')")


def test_an_address_opens_its_repository(opened: Open, tmp_path: Path) -> None:
    page = opened(PAGE)
    address = page.run("location.href")
    name = LINES[150].name
    page.open("about:blank")
    page.open(f"{address}#repo={name.replace('/', '%2F')}")
    page.wait_for("document.getElementById('detail').open")
    assert page.run("document.getElementById('detail-title').textContent") == name
    page.run("location.hash = ''")
    page.wait_for("!document.getElementById('detail').open")
    page.open("about:blank")
    page.open(f"{address}#repo=%E0%A4%A")
    assert "There is no repository %E0%A4%A" in page.run("document.getElementById('count').textContent")
    assert page.complaints == []


def test_each_diff_is_what_the_outcome_says(opened: Open) -> None:
    """Both columns of every open repository, without the lines that were left out, are lines of the two versions."""
    page = opened(PAGE)
    _open_first(page)
    for line in LINES[:25]:
        page.wait_for(f"document.getElementById('detail-title').textContent === {line.name!r}")
        shown = page.run(
            """[...document.querySelectorAll("#detail .diff")].map(diff => [0, 2].map(column =>
              [...diff.querySelectorAll("tbody tr:not(.skip)")].map(row => [row.cells[column].textContent,
                row.cells[column + 1].querySelector("del, ins, span")?.textContent])
              .filter(([number]) => number)))"""
        )
        outcome = next(each for each in SAMPLE if each.name == line.name)
        files = [file for each in outcome.outcomes if isinstance(each, Changed) for file in each.files]
        assert shown == [[_numbered(file.old or ""), _numbered(file.new)] for file in files]
        page.click("#next")


def _numbered(text: str) -> list[list[str]]:
    return [[str(number), line] for number, line in enumerate(text.split("\n")[:-1], 1)]


def test_reasons_and_gain_stand_beside_the_diff(opened: Open) -> None:
    page = opened(PAGE)
    _open_first(page)
    outcome = next(each for each in SAMPLE if each.name == LINES[0].name)
    text = page.run("document.getElementById('detail-body').innerText")
    for each in outcome.outcomes:
        assert each.path in text
        for item in (*getattr(each, "changes", ()), *getattr(each, "refusals", ())):
            assert f"{item.slug} line {item.line}: {item.reason}" in " ".join(text.split())
    assert page.run("document.querySelectorAll('#detail .moved').length") >= 2
    assert "moves to line" in text


def test_a_browser_that_cannot_unpack_says_so(opened: Open) -> None:
    page = opened(PAGE)
    page.run("delete window.DecompressionStream")
    _open_first(page)
    assert page.run("document.getElementById('detail-title').textContent") == LINES[0].name
    assert "cannot be unpacked here" in page.run("document.getElementById('detail-body').textContent")
    page.press("Escape")


def test_long_lines_wrap(opened: Open) -> None:
    (found,) = [each for each in SAMPLE if each.name == LINES[0].name]
    long = "RUN echo " + "x" * 700 + "\n"
    changed = next(each for each in found.outcomes if isinstance(each, Changed))
    file = changed.files[0]._replace(old=(changed.files[0].old or "") + long)
    page = opened(page_of((found._replace(outcomes=(changed._replace(files=(file,)),)),)), width=900)
    _open_first(page)
    assert page.run("(e => e.scrollWidth <= e.clientWidth)(document.getElementById('detail-body'))")
    assert page.run("(e => e.scrollWidth <= e.clientWidth)(document.querySelector('.diff'))")


def test_three_thousand_repositories_are_a_page_at_a_time(opened: Open) -> None:
    lines = sorted(map(line_of, sample(3000)), key=lambda line: -line.seconds)
    page = opened(page_of(sample(3000)))
    nodes = "document.querySelectorAll('*').length"
    assert page.run(nodes) < 2500
    _search(page, "scheduler-2")
    expected = [line.name for line in lines if "scheduler-2" in line.name]
    assert _all_names(page) == expected
    _choose(page, "state", "fixable")
    assert page.run(nodes) < 2500
    page.click("#controls button[type=reset]")
    page.click("#table th[data-column=name] button")
    assert _all_names(page) == sorted(line.name for line in lines)
    assert page.complaints == []


_PAPER = ["main > header", ".totals", ".bar", ".curve", "#reasons-title", "#table"]
_CONTROLS = ["#controls", "#pager", "#builds"]


def test_on_paper_all_totals_and_the_whole_table_black_on_white_without_controls(opened: Open) -> None:
    page = opened(PAGE, scheme="dark")
    page.emulate(scheme="dark", media="print")
    page.wait_for("document.querySelectorAll('#rows tr').length > 50")
    shown = "(names => names.map(name => document.querySelector(name).getBoundingClientRect().height > 0))"
    assert page.run(f"{shown}({_PAPER})") == [True] * len(_PAPER)
    assert page.run(f"{shown}({_CONTROLS})") == [False] * len(_CONTROLS)
    assert _names(page) == [line.name for line in LINES]
    assert page.run("document.getElementById('rate').innerText") == "100"
    seen = measure_contrast(page, text=("h1, h2, p, dt, dd, th, td, caption, .chip, #rows a", "color"))
    assert seen["paper"] == 1
    assert seen["text"] >= 4.5
    page.emulate(scheme="light")
    page.wait_for("document.querySelectorAll('#rows tr').length === 50")


def test_a_pdf_holds_every_repository(opened: Open) -> None:
    """The browser's own printing, which asks for the whole table by an event."""
    page = opened(PAGE)
    count = "document.querySelectorAll('#rows tr').length"
    page.run(f"addEventListener('beforeprint', () => {{ window.printed = {count}; }})")
    assert len(page.send("Page.printToPDF")["data"]) > 100_000
    assert page.run("window.printed") == COUNT
    page.wait_for(f"{count} === 50")


@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
@pytest.mark.parametrize("width", [1280, 390])
def test_contrast_in_both_colour_schemes(
    opened: Open, scheme: str, is_dark: bool, width: int, tmp_path: Path
) -> None:
    page = opened(PAGE, scheme=scheme, width=width)
    page.screenshot(tmp_path / "report.png")
    graphics = (".fixable", ".left-alone", ".nothing-to-gain", ".no-dockerfile", ".failed", ".dot")
    seen = measure_contrast(
        page,
        text=("h1, h1 .month, h2, p, li, dt, dd, th, td, caption, label, button:not(:disabled), option, .owner, .chip, "
              "#rows a, kbd, code", "color"),
        line=(".curve .line", "stroke"),
        **{name: (f"svg {name}", "fill") for name in graphics},
        border=("input, select", "borderTopColor"),
    )  # fmt: skip
    assert (seen.pop("paper") < 0.1) == is_dark
    assert seen.pop("text") >= 4.5
    assert min(seen.values()) >= 3
    _open_first(page)
    page.screenshot(tmp_path / "detail.png")
    text = "#detail h2, #detail p, #detail h3, #detail h4, #detail li, #detail code, #detail .chip, #detail summary"
    cells = ".diff td:not(.gap), .diff del, .diff ins, .diff mark, .diff .to"
    seen = measure_contrast(page, text=(text, "color"), diff=(cells, "color"))
    assert min(seen["text"], seen["diff"]) >= 4.5
    for path in (tmp_path / "report.png", tmp_path / "detail.png"):
        assert path.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("outcomes", [SAMPLE, hostile()], ids=["sample", "hostile"])
def test_nothing_sticks_out_of_the_window(opened: Open, outcomes: Any) -> None:
    page = opened(page_of(outcomes))
    for width in (320, 390, 768, 1600):
        page.resize(width)
        page.run("new Promise(done => requestAnimationFrame(done))")
        assert page.run("(e => e.scrollWidth <= e.clientWidth)(document.documentElement)"), width
    page.resize(390)
    _open_first(page)
    assert page.run("(e => e.scrollWidth <= e.clientWidth)(document.getElementById('detail-body'))")
    assert page.run("document.getElementById('detail').getBoundingClientRect().width") <= 390


def test_what_assistive_technology_is_told(opened: Open) -> None:
    page = opened(PAGE)
    _roles(page, {
        ("status", ""), ("table", "Repositories"), ("searchbox", "Search"), ("combobox", "State"),
        ("combobox", "Ecosystem"), ("combobox", "Change or reason"), ("spinbutton", "Builds a month"),
        ("navigation", "Pages of the table"), ("search", "Repositories"), ("heading", "By ecosystem"),
        ("rowheader", "Python"), ("main", ""), ("link", LINES[0].name),
        ("button", "Python"),
    })  # fmt: skip
    _open_first(page)
    _roles(page, {("dialog", LINES[0].name), ("region", LINES[0].name), ("button", "Close"), ("button", "Next")})
    roles = {role for role, _ in _told(page)}
    assert {"deletion", "insertion", "columnheader", "listitem"} <= roles


def _told(page: Page) -> set[tuple[str, str]]:
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    return {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]}


def _roles(page: Page, expected: set[tuple[str, str]]) -> None:
    assert expected - _told(page) == set()


def test_without_scripts_totals_charts_and_the_best_repositories_are_there(opened: Open) -> None:
    page = opened(PAGE, script=False)
    shown = "(names => names.map(name => document.querySelector(name).getBoundingClientRect().height > 0))"
    assert page.run(f"{shown}({_PAPER})") == [True] * len(_PAPER)
    assert page.run(f"{shown}({_CONTROLS})") == [False] * len(_CONTROLS)
    assert _names(page) == [line.name for line in LINES[:50]]
    assert "need a browser that runs the script" in page.run("document.getElementById('count').innerText")


def test_hostile_texts_are_shown_and_do_nothing(opened: Open) -> None:
    outcomes = hostile()
    page = opened(page_of(outcomes))
    count = page.run("document.querySelectorAll('script, style, img, iframe').length")
    assert count == 7
    for row in index_of(page_of(outcomes))["rows"]:
        name = row[0]
        page.run(f"location.hash = '#repo=' + encodeURIComponent({name!r})")
        page.wait_for(f"document.getElementById('detail-title').textContent === {name!r}")
        assert page.run("document.querySelectorAll('script, style, img, iframe').length") == count
        assert page.run("document.querySelectorAll('[onmouseover], [style]').length") == 0
    body = page.run("document.getElementById('detail-body').textContent")
    assert any(printable(text) in body for text in HOSTILE)
    assert page.complaints == []
