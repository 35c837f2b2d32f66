"""The body of a pull request: read with GitHub's own parser, it holds nothing that a repository slipped in."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st
from outcomes import GAIN, NASTY, NEW, OLD, changed, corpus_outcomes, hostile_outcomes

from reorder.effects import Safety
from reorder.outcome import Changed, Failed, FileChange, Outcome, Refusal, Unchanged
from reorder.output.markdown import render
from reorder.output.markdown_text import code, fence, prose
from reorder.output.report import PULL_REQUEST_LIMIT, Folders, ReportOptions
from reorder.output.text import printable
from reorder.slugs import CHANGES, REFUSALS

OWN_TAGS = set("p table thead tbody tr th td h3 code pre ul li strong em details summary".split())


class Page(HTMLParser):
    """The tags of a page, the pieces of code in it, and its text outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.codes: list[str] = []
        self.text = ""
        self._depth = 0
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "code":
            self._depth += 1
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.codes[-1] += data
        else:
            self.text += data


def body(*outcomes: Outcome, options: ReportOptions | None = None) -> str:
    return "".join(render(outcomes, options or ReportOptions(diff=True)))


def assert_harmless(markdown: str) -> Page:
    page = Page(markdown)
    assert set(page.tags) <= OWN_TAGS
    # mentions, issues, merge requests, labels, milestones, snippets, addresses, emoji, commits
    assert re.findall(r"[@#!~%$&]\w|://|www\.|:\w+:|[0-9a-f]{7,}|\[|\]|[<>]", page.text) == []
    return page


@pytest.mark.parametrize("source", [corpus_outcomes, hostile_outcomes])
def test_nothing_of_a_repository_is_more_than_text(source: Callable[[], tuple[Outcome, ...]]) -> None:
    outcomes = source()
    for outcome in outcomes:
        assert_harmless(body(outcome))
    assert_harmless(body(*outcomes))


@given(st.text(st.characters(exclude_categories=[])) | st.lists(st.sampled_from(NASTY)).map(" ".join))
def test_any_text_is_harmless_as_words_and_as_code(text: str) -> None:
    assert_harmless(f"- {prose(text)}.\n")
    page = assert_harmless(f"### {code(text)}\n\n{fence(text, 'diff')}\n")
    assert "".join(page.codes).count("\n") == text.removesuffix("\n").count("\n") + 1


def test_a_fence_shows_the_very_lines_with_tabs_but_no_control_characters() -> None:
    lines = "a\tb\n\\t \\n ```\n\x1b[0m"
    assert Page(fence(lines, "diff")).codes == ["a\tb\n\\t \\n ```\n\\x1b[0m\n"]


@given(st.text(st.characters(exclude_categories=["C"]), max_size=190))
def test_code_shows_the_very_text(text: str) -> None:
    shown = printable(text)
    [found] = Page(f"x{code(text)}y").codes
    assert found == shown or not shown.strip()


@pytest.mark.parametrize("text", ["1. x", "0", "2)", "٣. a", "- a", "+ a", "# a", "> a", "---", "    a", "| a |"])
def test_an_item_of_a_list_begins_no_other_block(text: str) -> None:
    assert set(Page(f"- {prose(text)}.\n").tags) <= {"ul", "li", "code"}


def test_words_stay_words_and_names_become_code() -> None:
    assert prose("COPY in line 3 moves below RUN in line 4, which reads only package.json, a_b (see x/y).") == (
        "`COPY` in line 3 moves below `RUN` in line 4, which reads only `package.json`, `a_b` (see `x/y`)."
    )
    assert prose("the install's own dependencies-only form, 1,000 times") == (
        "the install's own dependencies-only form, 1,000 times"
    )


def test_what_the_body_says() -> None:
    refusal = Refusal("unknown-command", 9, "frob is not known")
    outcome = changed(
        "api/Dockerfile", evidence=("/app/package.json: read by npm",), refusals=(refusal,),
        context_from=("compose.yaml:4",), more=(FileChange("api/.dockerignore", None, "node_modules\n"),),
    )  # fmt: skip
    text = body(outcome)
    assert "| `api/Dockerfile` | 188 → **17** in the last 200 commits | 38 s → **12 s** |" in text
    assert "### `api/Dockerfile`" in text
    assert "- `COPY` moves. (`broad-copy-before-install`)\n  - `/app/package.json`: read by npm\n" in text
    assert "Built in `.`, as `compose.yaml:4` says." in text
    assert "- `api/.dockerignore` (new) gets `node_modules`, so that" in text
    assert "dockerfile-fix verify api/Dockerfile" in text
    assert "- `api/Dockerfile` line 9: frob is not known (`unknown-command`)" in text
    assert "every file that the install reads is known and copied first" in text
    assert "```diff\n--- a/api/Dockerfile" in text
    assert "```diff" not in body(outcome, options=ReportOptions())


def test_all_contexts_are_named() -> None:
    outcome = changed(context_from=("compose.yaml:4", "ci/build.sh:2"))._replace(other_contexts=("api",))
    assert "Built in `.`, `api`, as `compose.yaml:4`, `ci/build.sh:2` say." in body(outcome)


def test_an_unproven_change_says_so() -> None:
    text = body(changed(safety=Safety.UNSAFE, evidence=("on ARM it would differ",)))
    assert "- `COPY` moves. **Plausible, but not proven.** (`broad-copy-before-install`)" in text
    assert "### What is not proven\n\n- `broad-copy-before-install`: the step between carries a doubt" in text
    assert "### Why it is safe" not in text
    assert "dockerfile-fix verify --unsafe-fixes Dockerfile" in text


def test_paths_of_the_command_are_quoted() -> None:
    folders = Folders("/r/sub dir", "/r")
    assert "dockerfile-fix verify 'sub dir/Dockerfile'\n" in body(changed(), options=ReportOptions(folders=folders))
    assert "dockerfile-fix verify ./-rf\n" in body(changed("-rf"))
    assert "dockerfile-fix verify\n" in body(changed("a\x1bb"))
    assert "dockerfile-fix verify\n" in body(*(changed(f"{n}/Dockerfile") for n in range(500)))


def test_nothing_to_change() -> None:
    assert body().startswith("There is no Dockerfile.\n")
    assert body(Unchanged("D", "", "")).startswith("Nothing to change in 1 Dockerfile.\n")
    text = body(Failed("D", "", "unknown instruction: FORM", 3), Unchanged("E", "", ""))
    assert text.startswith("Nothing to change in 2 Dockerfiles.\n")
    assert "### Could not be treated\n\n- `D` line 3: unknown instruction: FORM\n" in text


def test_a_body_never_is_longer_than_a_host_takes() -> None:
    outcomes = [changed(f"service-{n:04}/Dockerfile", evidence=("x" * 150,) * 8) for n in range(3000)]
    text = body(*outcomes)
    assert 0.9 * PULL_REQUEST_LIMIT < len(text.encode()) <= PULL_REQUEST_LIMIT
    assert "There is no room here for the rest" in text
    assert text.count("### How to verify") == 1
    assert_harmless(text)
    assert body(*outcomes, options=ReportOptions(limit=100)) == ""


def test_a_huge_patch_does_not_hide_the_words() -> None:
    huge = changed(old=OLD + "# x\n" * 1, new=NEW + "# " + "y" * 70_000 + "\n")
    text = body(huge, changed("other/Dockerfile"))
    assert len(text.encode()) <= PULL_REQUEST_LIMIT
    assert "### `Dockerfile`" in text
    assert "### `other/Dockerfile`" in text


def test_what_we_say_of_slugs_is_markdown() -> None:
    for slug, pattern in CHANGES.items():
        assert set(Page(f"- {slug}: {pattern.safe}. {pattern.unsafe}.").tags) <= {"ul", "li", "code"}
    for slug, text in REFUSALS.items():
        assert set(Page(f"- {slug}: {text}:").tags) <= {"ul", "li", "code"}


def test_what_is_the_same_at_many_places_is_said_once() -> None:
    evidence = tuple(f"/app/{n}/package.json: read by npm" for n in range(9))
    text = body(changed(evidence=(*evidence, "/app/package-lock.json: read by npm", "a: b", "c: b")))
    assert text.count("ead by npm") == 1
    assert "  - Read by npm: `/app/0/package.json`, " in text
    assert "`/app/5/package.json`, and 4 more\n  - a: b\n  - c: b\n" in text
    refusals = tuple(Refusal("unknown-command", n, f"x{n} is not known") for n in range(1, 10))
    text = body(Unchanged("D", "", "", refusals), Unchanged("E", "", "", (Refusal("windows-stage", 1, "it is"),)))
    assert "<details><summary>10 steps left alone, and why</summary>" in text
    assert "- `unknown-command`: a command is not known, so it may read and write anything: `D` line 1, " in text
    assert "- `E` line 1: it is (`windows-stage`)" in text


def test_without_runs_there_is_no_table() -> None:
    outcome = changed()
    assert isinstance(outcome, Changed)
    assert "| Dockerfile |" not in body(outcome._replace(gain=GAIN._replace(runs_before=0)))
