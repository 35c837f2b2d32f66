"""The page as a parser reads it; what a browser makes of it is in tests/browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tracemalloc
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from migration_pages import details_of, index_of, page_of, scripts_of
from migrations import hostile, sample
from replays import HOSTILE

import reorder.output
from reorder.effects import Safety
from reorder.manager import all_managers
from reorder.outcome import Changed, Failed, Unchanged
from reorder.output.migration_details import BLOCK
from reorder.output.migration_report import ReportOptions, render_report
from reorder.output.migration_rows import STATES, TROUBLES, ecosystems_of, line_of, state_of
from reorder.output.migration_words import counted, hours, number, percent_less
from reorder.output.text import printable
from reorder.repository_outcome import RepositoryOutcome

LIBRARY = Path(reorder.output.__file__).parent / "assets" / "table-core"
SAMPLE = tuple(sample(400))
_EMPTY = ("meta", "link", "input")


class _Reader(HTMLParser):
    """Elements with their attributes; the text of each element by its name, of each table by its caption's rows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in _EMPTY:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts[tag][-1] += data
        if {"td", "th"} & set(self._open):
            self.rows[-1][-1] += data


def test_the_policy_names_exactly_the_style_and_the_scripts_of_the_page() -> None:
    page = page_of(SAMPLE)
    reader = _Reader(page)
    policy = next(a["content"] for _, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy") or ""
    inline = (reader.texts["style"][0], *scripts_of(page))
    assert len(inline) == 5
    hashes = ["sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in inline]
    assert re.findall(r"'(sha256-[^']+)'", policy) == hashes
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_nothing_is_loaded_from_anywhere() -> None:
    page = page_of(SAMPLE)
    links = [a.get("src") or a.get("href") or "" for _, a in _Reader(page).elements if "src" in a or "href" in a]
    assert {link.partition("=")[0] for link in links} == {"data:,", "#repo"}
    assert not re.search(r"url\(|@import|sourceMappingURL|https?://", page)


def test_the_library_is_the_one_that_was_published() -> None:
    origin = json.loads((LIBRARY / "origin.json").read_text())
    assert origin["version"] == "8.21.3"
    for name, file in origin["files"].items():
        assert hashlib.sha256((LIBRARY / name).read_bytes()).hexdigest() == file["sha256"]
    assert (LIBRARY / "index.production.js").stat().st_size < 150_000
    page = page_of(())
    assert (LIBRARY / "LICENSE").read_text() in page
    assert "Permission is hereby granted" in page


def test_the_totals_are_those_of_the_outcomes() -> None:
    files = [each for outcome in SAMPLE for each in outcome.outcomes]
    changed = [each for each in files if isinstance(each, Changed)]
    fixable = sum(any(isinstance(each, Changed) for each in outcome.outcomes) for outcome in SAMPLE)
    seconds = sum(each.gain.seconds_before - each.gain.seconds_after for each in changed)
    before, after = sum(each.gain.runs_before for each in changed), sum(each.gain.runs_after for each in changed)
    reader = _Reader(page_of(SAMPLE, ReportOptions(builds_a_month=50)))
    assert reader.texts["h1"] == [f"Builds could take {hours(seconds * 50)} less a month"]
    failed = [outcome for outcome in SAMPLE if outcome.status == "failed"]
    in_part = [outcome for outcome in failed if any(isinstance(each, Changed) for each in outcome.outcomes)]
    assert [" ".join(text.split()) for text in reader.texts["dd"]] == [
        hours(seconds * 50), "at 50 builds a month in each repository",
        str(fixable), "of 400 repositories", f"{len(changed)} of {len(files)} Dockerfiles",
        f"{number(before)} → {number(after)}", f"of all fixable Dockerfiles, {percent_less(before, after)}",
        str(len(failed)), f"{len(in_part)} of them can be fixed in other Dockerfiles",
    ]  # fmt: skip
    read = [each for each in files if not isinstance(each, Failed)]
    reasons = Counter(slug for each in read for slug in {refusal.slug for refusal in each.refusals})
    rows = {row[0].split()[-1]: row[-1] for row in reader.rows}
    for slug, count in reasons.items():
        assert rows[slug] == str(count)
    troubles = Counter(TROUBLES[outcome.trouble or "dockerfile"] for outcome in failed)
    assert {row[0]: row[-1] for row in reader.rows if row[0] in TROUBLES.values()} == {
        name: str(count) for name, count in troubles.items()
    }


def test_the_states_of_repositories_add_up() -> None:
    legend = _Reader(page_of(SAMPLE)).texts["ul"][0]
    counts = dict(re.findall(r"([a-zD ]+) (\d+)", legend))
    assert list(counts) == list(STATES)
    assert sum(map(int, counts.values())) == len(SAMPLE)
    assert counts["no Dockerfile"] == str(sum(outcome.status == "no-dockerfile" for outcome in SAMPLE))


def test_a_dockerfile_counts_in_each_of_its_ecosystems() -> None:
    rows = {row[0]: row for row in _Reader(page_of(SAMPLE)).rows if len(row) == 6}
    files = [each for outcome in SAMPLE for each in outcome.outcomes if not isinstance(each, Failed)]
    for name, managers in (("JavaScript", {"npm", "yarn"}), ("system packages", {"apt"}), ("Java", {"maven"})):
        found = [each for each in files if managers & set(each.managers)]
        unchanged = [each for each in found if isinstance(each, Unchanged)]
        saved = sum(each.gain.seconds_before - each.gain.seconds_after for each in found if isinstance(each, Changed))
        assert rows[name][2:] == [
            str(len(found) - len(unchanged)), str(sum(bool(each.refusals) for each in unchanged)),
            str(sum(not each.refusals for each in unchanged)), hours(saved * 100),
        ]  # fmt: skip
    assert next(iter(rows)) == "ecosystem"
    counts = [sum(map(int, row[2:5])) for row in list(rows.values())[1:]]
    assert counts == sorted(counts, reverse=True)


def test_every_package_manager_has_an_ecosystem_and_an_unknown_one_stands_for_itself() -> None:
    for manager in all_managers():
        found = ecosystems_of(Unchanged("Dockerfile", "", "", managers=(manager.name,)))
        assert found == {manager.ecosystem or manager.name}
        assert manager.kind == "command" or manager.ecosystem, f"{manager.name} has no ecosystem"
    assert ecosystems_of(Unchanged("Dockerfile", "", "", managers=("npm", "pnpm", "zef"))) == {"JavaScript", "zef"}


def test_the_index_and_the_details_hold_every_repository() -> None:
    page = page_of(SAMPLE)
    index, blocks = index_of(page), details_of(page)
    assert len(blocks) > 1
    assert max(len(json.dumps(block, ensure_ascii=False)) for block in blocks) < 2 * BLOCK
    by_name = {outcome.name: outcome for outcome in SAMPLE}
    assert len(index["rows"]) == len(by_name)
    for row in index["rows"]:
        name, owner, state, failed, unsafe, files, fixable, _, managers, slugs, before, after, seconds, *place = row
        outcome, line = by_name[name], line_of(by_name[name])
        told = (owner, index["states"][state], bool(failed), files, fixable, before, after)
        assert told == (outcome.owner or "", line.state, outcome.status == "failed", len(outcome.outcomes),
                        line.fixable, line.runs_before, line.runs_after)  # fmt: skip
        assert bool(unsafe) == any(change.safety is Safety.UNSAFE for each in outcome.outcomes
                                   for change in getattr(each, "changes", ()))  # fmt: skip
        assert {index["slugs"][slug] for slug in slugs} == set(line.slugs)
        assert {index["managers"][name] for name in managers} == set(line.managers)
        assert seconds == pytest.approx(line.seconds, abs=0.001)
        record = blocks[place[0]][place[1]]
        assert (record["name"], record.get("commit")) == (outcome.name, outcome.commit)
        order = ("fixable", "failed", "left alone", "nothing to gain")
        ordered = sorted(outcome.outcomes, key=lambda each: order.index(state_of(each)))
        assert [(file["path"], file["state"]) for file in record["files"]] == [
            (each.path, state_of(each)) for each in ordered
        ]
    assert [row[12] for row in index["rows"]] == sorted((row[12] for row in index["rows"]), reverse=True)


def test_the_first_lines_of_the_table_can_be_read_without_a_script() -> None:
    page = page_of(SAMPLE)
    best = max(SAMPLE, key=lambda outcome: line_of(outcome).seconds)
    rows = _Reader(page[page.index('<tbody id="rows">') :].partition("</tbody>")[0] + "</tbody>").rows
    assert len(rows) == index_of(page)["page"] == 50
    assert rows[0][0] == best.name + (best.owner or "")
    assert rows[0][-1] == hours(line_of(best).seconds * 100)


def test_a_refusal_quotes_the_line_that_stays() -> None:
    found = [file for block in details_of(page_of(SAMPLE)) for record in block for file in record["files"]
             if file["state"] == "left alone"]  # fmt: skip
    assert {item["code"] for file in found for item in file["refusals"]} >= {"COPY . ."}


def test_patch_files_are_named_where_there_are_some() -> None:
    odd = SAMPLE[0]._replace(name="a b/ü#?", patch="x")
    plain = SAMPLE[1]._replace(patch="")
    page = page_of((odd, plain), ReportOptions(patch_of=lambda outcome: f"patches/{outcome.name}.patch"))
    ((first, second),) = details_of(page)
    assert first["patch"] == {"name": "patches/a b/ü#?.patch", "address": "./patches/a%20b/%C3%BC%23%3F.patch"}
    assert "patch" not in second


def test_what_a_hostile_repository_holds_is_text_and_nothing_else() -> None:
    outcomes = hostile()
    page = page_of(outcomes, ReportOptions(patch_of=lambda outcome: outcome.name.replace("\ud800", "")))
    reader = _Reader(page)
    page.encode("utf-8")
    ours = "".join((reader.texts["style"][0], *scripts_of(page)))
    assert {c for c in page if not c.isprintable()} <= {"\n"} | {c for c in ours if not c.isprintable()}
    assert [tag for tag, _ in reader.elements].count("script") == 6
    assert not any(name.startswith("on") or name == "style" for _, attributes in reader.elements for name in attributes)
    assert {name for row in index_of(page)["rows"] for name in row[:1]} == {printable(each.name) for each in outcomes}
    cells = "".join(cell for row in reader.rows for cell in row)
    texts = json.dumps(details_of(page), ensure_ascii=False)
    assert {c for c in texts if not c.isprintable()} == set()
    for text in HOSTILE:
        assert printable(text) in cells
        assert json.dumps(printable(text), ensure_ascii=False) in texts
    assert {a["href"].partition(":")[0] for tag, a in reader.elements if tag == "a" and a["href"]} <= {
        f"#repo={name}" for name in re.findall(r'href="#repo=([^":]*)', page)
    }


@settings(max_examples=40)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_gives_a_well_formed_page_and_comes_back(text: str, other: str) -> None:
    file = Unchanged(other, text, text + "\n" + other, managers=(text,))
    outcome = RepositoryOutcome(text, other, "unchanged", text, other, text, (file, Failed(text, other, other, 1)))
    page = page_of((outcome,))
    row = _Reader(page[page.index('<tbody id="rows">') :].partition("</tbody>")[0] + "</tbody>").rows[0]
    assert row[0] == printable(text) + printable(other)
    ((record,),) = details_of(page)
    assert [file["path"] for file in record["files"]] == [printable(text), printable(other)]
    assert index_of(page)["rows"][0][0] == printable(text)


def test_a_migration_without_a_gain_or_without_a_repository_has_a_report() -> None:
    assert _Reader(page_of(())).texts["h1"] == ["0 of 0 repositories can be fixed"]
    none = RepositoryOutcome("a", "a", "no-dockerfile", "0" * 40)
    reader = _Reader(page_of((none,)))
    assert reader.texts["h1"] == ["0 of 1 repository can be fixed"]
    assert "every repository was read" in reader.texts["dl"][0]
    assert "Where the gain is" not in reader.texts["h2"]
    assert "What failed" not in reader.texts["h2"]


def test_the_same_outcomes_give_the_same_page() -> None:
    assert page_of(iter(SAMPLE)) == page_of(SAMPLE)


def test_memory_grows_with_lines_of_the_table_not_with_diffs() -> None:
    """Diffs leave as they come; what stays of a repository is a line, and a diff here is three times as large."""

    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in render_report(sample(count)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert (peak(900) - peak(300)) / 600 < 2_500


def test_numbers_in_words() -> None:
    assert [hours(each) for each in (-1, 0, 1, 59.9, 60, 3569, 3570, 5400, 35_819, 35_820, 4_464_000)] == [
        "none", "none", "under 1 min", "under 1 min", "1 min", "59 min", "1.0 h", "1.5 h", "9.9 h", "10 h", "1,240 h",
    ]  # fmt: skip
    assert [counted(n, "repository", "repositories") for n in (0, 1, 2000)] == [
        "0 repositories", "1 repository", "2,000 repositories",
    ]  # fmt: skip
    assert [percent_less(*pair) for pair in ((0, 0), (10, 10), (10, 1), (3, 0))] == ["", "", "90% less", "100% less"]
