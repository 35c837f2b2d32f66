"""The suggestions of reviewdog's format, applied as its definition says, give the patched files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from outcomes import CHANGED_CASES, changed, changed_outcome, changed_outcomes

from reorder.outcome import Changed, FileChange
from reorder.output.rdjson import render
from reorder.output.report import Folders, ReportOptions
from reorder.source import encode


def diagnostics_of(outcome: Changed, options: ReportOptions | None = None) -> list[dict[str, Any]]:
    return list(json.loads("".join(render((outcome,), options or ReportOptions())))["diagnostics"])


def apply(data: bytes, suggestion: dict[str, Any]) -> bytes:
    """Columns are bytes; without them whole lines are replaced, up to the end of the last one's words."""
    start, end = suggestion["range"]["start"], suggestion["range"]["end"]
    lines = data.split(b"\n")
    first = sum(len(line) + 1 for line in lines[: start["line"] - 1])
    last = sum(len(line) + 1 for line in lines[: end["line"] - 1])
    if "column" in start:
        first, last = first + start["column"] - 1, last + end["column"] - 1
    else:
        last += len(lines[end["line"] - 1].removesuffix(b"\r") if data[last:].count(b"\n") else lines[end["line"] - 1])
    return data[:first] + suggestion["text"].encode() + data[last:]


def check_suggestions(outcome: Changed) -> None:
    found = [d for d in diagnostics_of(outcome) if d.get("suggestions")]
    assert [d["location"]["path"] for d in found] == [file.path for file in outcome.files]
    for diagnostic, file in zip(found, outcome.files, strict=True):
        [suggestion] = diagnostic["suggestions"]
        assert apply(encode(file.old or ""), suggestion) == encode(file.new)


def is_text(outcome: Changed) -> bool:
    """Whether the Dockerfile can be quoted in JSON."""
    return max(outcome.files[0].old or "") < "\udc80"


@pytest.mark.parametrize("name", [name for name in CHANGED_CASES if "latin-1" not in name])
def test_suggestions_of_the_corpus(name: str) -> None:
    outcome = changed_outcome(name)
    check_suggestions(outcome)
    # hosts show a suggestion for whole lines only
    places = [d["suggestions"][0]["range"]["start"] for d in diagnostics_of(outcome) if d.get("suggestions")]
    assert all("column" not in place for place, file in zip(places, outcome.files, strict=True) if file.old)


_LINE = st.sampled_from(["", "a", "é", "𐐀𐐀", "\r", "a\r", "\ufeffb", "\x0c"])
_ENDS = st.sampled_from(["", "\n", "\r\n"])
_TEXT = st.tuples(st.lists(_LINE, max_size=6), _ENDS).map(lambda t: "\n".join(t[0]) + t[1])


@given(_TEXT, _TEXT)
@example("a\n", "a\nb\n")
@example("a", "a\nb")
@example("a\r\nb\r\n", "b\r\na\r\n")
@example("a\r\nb\n", "b\na\r\n")
@example("", "a\n")
@example("a\nb\n", "a\n")
@example("a\nb\n", "b\n")
@example("a\n", "")
@example("\ufeffFROM a\nCOPY b\n", "\ufeffCOPY b\nFROM a\n")
def test_suggestions_of_any_files(old: str, new: str) -> None:
    if old != new and ("\ufeff" in old[:1]) == ("\ufeff" in new[:1]):
        check_suggestions(changed(old=old, new=new))


def test_a_patch_is_one_suggestion_since_half_of_it_could_break_the_build() -> None:
    for outcome in filter(is_text, changed_outcomes()):
        assert sum("suggestions" in each for each in diagnostics_of(outcome)) == len(outcome.files)


def test_bytes_that_are_no_text_are_not_suggested() -> None:
    [diagnostic] = diagnostics_of(changed(old="# caf\udce9\nCOPY . .\nRUN x\n", new="# caf\udce9\nRUN x\nCOPY . .\n"))
    assert "suggestions" not in diagnostic


def test_paths_are_those_of_the_repository() -> None:
    more = (FileChange("x/.dockerignore", "a\n", "a\nb\n"),)
    found = diagnostics_of(changed("x/Dockerfile", more=more), ReportOptions(folders=Folders("/r/sub", "/r")))
    assert [each["location"]["path"] for each in found] == ["sub/x/Dockerfile", "sub/x/.dockerignore"]


def test_the_same_new_lines_of_a_shared_ignore_file_are_suggested_once() -> None:
    one, other = FileChange(".dockerignore", None, "v\n"), FileChange(".dockerignore", None, "w\n")
    outcomes = [changed(path=name, more=(more,)) for name, more in (("a", one), ("b", one), ("c", other))]
    found = json.loads("".join(render(outcomes, ReportOptions())))["diagnostics"]
    texts = [d["suggestions"][0]["text"] for d in found if d["location"]["path"] == ".dockerignore"]
    assert texts == ["v\n", "w\n"]
