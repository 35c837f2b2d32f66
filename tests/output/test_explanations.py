"""What ``explain`` tells: of everything, what, why, sources, and an example that is right today."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus import load_case, memory_tree
from reorder.api import fix_text
from reorder.cli import main
from reorder.commands.explain import show_example
from reorder.outcome import Changed, Unchanged
from reorder.output.explain_text import known_managers, render_topic
from reorder.output.explanations import pattern_note, refusal_note
from reorder.slugs import CHANGES, REFUSALS
from reorder.world.examples import example_topics, find_example

MANAGERS = tuple(manager.name for manager in known_managers())
TOPICS = (*CHANGES, *REFUSALS, *MANAGERS)

WITHOUT_EXAMPLE = {
    "contexts-disagree": "takes a project with several builds, and a case has one",
    "named-context": "takes a build definition, and a case has none",
    "manifest-not-a-file": "takes a device or a socket, which no repository holds",
    "manifest-unreadable": "takes a file without permissions, which no repository holds",
    "ignore-file-must-change": "takes --output or standard input, and a case is repaired in place",
    "copy-not-from-context": "a guard: what comes from elsewhere is no copy of sources",
    "copy-renames": "a guard: the planner moves no copy that renames a part of what it brings",
}

TOLD_WITHIN = {
    "copies-overlap": ("step-between-needs-sources", "also writes /app/requirements.txt"),
    "runs-downloaded-script": ("install-chained-with-other-commands", "it pipes a script into a shell"),
    "shell-not-understood": ("install-chained-with-other-commands", "a nested script is only known at build time"),
}
"""Reasons that are told as a part of another one, whose slug stands in front."""


@cache
def explain(name: str) -> str:
    result = CliRunner().invoke(main, ["explain", name], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


example_of = cache(show_example)


def sections(text: str) -> dict[str, str]:
    """Each part by its head line."""
    parts = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return {head: body.strip() for head, _, body in (part.partition("\n") for part in parts if part)}


@pytest.mark.parametrize("topic", TOPICS)
def test_everything_has_its_parts(topic: str) -> None:
    parts = sections(explain(topic))
    _, what, slow, safe, *_ = parts
    sources = parts["Sources"]
    assert (what, slow) == ("What", "Why it is slow")
    assert safe.startswith("Why a move is not safe" if topic in REFUSALS else "Why it is safe")
    assert all(parts[head] for head in (what, slow, safe))
    assert re.search(r"https?://|[Tt]ried|[Cc]ounted|\(\d\)", sources)
    if topic not in WITHOUT_EXAMPLE:
        assert "FROM " in next(body for head, body in parts.items() if head.startswith("Example (case "))
        assert any(head.startswith("What the tool ") and body for head, body in parts.items())


@pytest.mark.parametrize("topic", sorted(set(TOPICS) - set(WITHOUT_EXAMPLE)))
def test_the_example_shows_what_it_is_the_example_of(topic: str) -> None:
    shown = example_of(topic)
    assert shown is not None, f"give one case of the corpus the line `example: {topic}` in its why.md"
    outcome = shown.outcome
    if topic in CHANGES:
        assert isinstance(outcome, Changed)
        assert topic in [change.slug for change in outcome.changes]
        assert outcome.diff.splitlines()[2] in "\n".join(line.strip() for line in explain(topic).splitlines())
    elif topic in REFUSALS:
        assert isinstance(outcome, Unchanged)
        slug, words = TOLD_WITHIN.get(topic, (topic, ""))
        assert [r for r in outcome.refusals if r.slug == slug and words in r.reason], outcome.refusals
    else:
        tools = next(manager.tools for manager in known_managers() if manager.name == topic)
        assert any(re.search(rf"\b{re.escape(tool)}\b", shown.dockerfile) for tool in tools)


def test_each_topic_has_one_example_and_each_example_a_topic() -> None:
    assert {topic: cases for topic, cases in example_topics().items() if len(cases) > 1} == {}
    assert example_topics().keys() == set(TOPICS) - set(WITHOUT_EXAMPLE)


@pytest.mark.parametrize("name", sorted({cases[0] for cases in example_topics().values()}))
def test_an_example_is_told_as_the_corpus_tells_it(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    assert {"dockerfile", "context-option", "untracked"}.isdisjoint(case.meta)
    topic = case.meta["example"].split()[0]
    shown, example = example_of(topic), find_example(topic)
    assert shown is not None
    assert example is not None
    assert (shown.case, example.dockerfile) == (name, case.text)
    assert shown.outcome == fix_text(case.text, memory_tree(case, tmp_path / "tree"), case.settings)


def test_notes_are_written_for_slugs_that_exist() -> None:
    from reorder.output.explanations import _notes

    assert set(_notes()["changes"]) == set(CHANGES)
    assert set(_notes()["refusals"]) == set(REFUSALS)
    notes = [*_notes()["changes"].values(), *_notes()["refusals"].values()]
    assert {source for note in notes for source in note["sources"]} == set(_notes()["sources"])


@pytest.mark.parametrize("slug", [*CHANGES, *REFUSALS])
def test_notes_are_sentences(slug: str) -> None:
    note = pattern_note(slug) if slug in CHANGES else refusal_note(slug)
    for text in note[:-1]:
        assert isinstance(text, str)
        assert text.endswith(".")


def test_no_line_is_wider_than_a_terminal_but_for_what_is_quoted() -> None:
    for topic in TOPICS:
        lines = "\n".join(render_topic(topic, None)).splitlines()
        wide = [line for line in lines if len(line) > 100 and "http" not in line and ": moves" not in line]
        assert [line for line in wide if not re.search(r"\[(safe|unsafe|-|display)", line)] == []


@pytest.mark.parametrize(("typed", "meant"), [("pnmp", "pnpm"), ("broad-copy", "broad-copy-before-install"),
                                              ("not-prooven", "not-proven"), ("pip33", "pip3")])  # fmt: skip
def test_a_typing_mistake_gets_a_suggestion(typed: str, meant: str) -> None:
    result = CliRunner().invoke(main, ["explain", typed])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f" {meant}" in result.stderr.partition("did you mean")[2]


def test_a_program_of_a_manager_explains_the_manager() -> None:
    assert explain("pip3") == explain("pip")


@pytest.mark.parametrize("name", ["curl", "git", "gem", "sed"])
def test_everyday_commands_are_told_of_as_well(name: str) -> None:
    parts = sections(explain(name))
    assert f" {name}" in parts["What"]
    assert parts["Why it is safe"]
