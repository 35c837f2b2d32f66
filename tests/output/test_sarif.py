"""The fixes of a SARIF log, applied by a reader that knows nothing of how they were made, give the patched files."""

from __future__ import annotations

import base64
import json
import posixpath
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import CHANGED_CASES, NASTY, NEW, OLD, changed, changed_outcome, changed_outcomes, corpus_outcomes

from reorder.outcome import Changed, Failed, FileChange, Outcome, Refusal, Unchanged
from reorder.output.report import Folders, ReportOptions
from reorder.output.sarif import render
from reorder.source import encode

BOM = b"\xef\xbb\xbf"


def run_of(outcomes: tuple[Outcome, ...], options: ReportOptions | None = None) -> dict[str, Any]:
    log = json.loads("".join(render(outcomes, options or ReportOptions(verbose=True))))
    [run] = log["runs"]
    return dict(run)


def apply(data: bytes, replacements: list[dict[str, Any]]) -> bytes:
    """The artifact after its replacements, whose regions are those of the unmodified artifact (section 3.57)."""
    for replacement in reversed(replacements):
        region, content = replacement["deletedRegion"], replacement.get("insertedContent", {})
        if "byteOffset" in region:
            start = region["byteOffset"]
            data = data[:start] + base64.b64decode(content.get("binary", "")) + data[start + region["byteLength"] :]
        else:
            bom, text = (BOM, data[3:]) if data.startswith(BOM) else (b"", data)
            lines = text.split(b"\n")
            start = _offset(lines, region["startLine"], region["startColumn"])
            end = _offset(lines, region["endLine"], region["endColumn"])
            data = bom + text[:start] + content.get("text", "").encode() + text[end:]
    return data


def _offset(lines: list[bytes], line: int, column: int) -> int:
    """Bytes before a column of UTF-16 code units; section 3.30.2."""
    units = lines[line - 1].decode().encode("utf-16-le")
    assert column - 1 <= len(units) // 2
    before = units[: 2 * (column - 1)].decode("utf-16-le").encode()
    return sum(len(each) + 1 for each in lines[: line - 1]) + len(before)


def check_fixes(outcome: Changed) -> None:
    results = [r for r in run_of((outcome,))["results"] if "fixes" in r]
    [fix] = [fix for result in results for fix in result["fixes"]]
    patched = {
        unquote_to_bytes(change["artifactLocation"]["uri"]).decode("utf-8", "surrogateescape"): change["replacements"]
        for change in fix["artifactChanges"]
    }
    assert list(patched) == [posixpath.normpath(file.path) for file in outcome.files]
    for file, replacements in zip(outcome.files, patched.values(), strict=True):
        assert apply(encode(file.old or ""), replacements) == encode(file.new)


@pytest.mark.parametrize("name", CHANGED_CASES)
def test_fixes_of_the_corpus(name: str) -> None:
    check_fixes(changed_outcome(name))


def test_the_corpus_has_changes_of_ignore_files() -> None:
    files = [file for outcome in changed_outcomes() for file in outcome.files[1:]]
    assert any(file.old for file in files)
    assert any(file.old is None for file in files)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\r\nb\r\nc\r\n", "a\r\nx\r\nb\r\nc\r\n"),
        ("\ufeffFROM a\nCOPY b\n", "\ufeffCOPY b\nFROM a\n"),
        ("\ufeffa\n", "a\n"),
        ("a\n", "\ufeffa\n"),
        ("𐐀 é\nRUN 👩‍🚀\nx", "𐐀 é\nx\nRUN 👩‍🚀"),
        ("# caf\udce9\nCOPY . .\nRUN x\n", "RUN x\n# caf\udce9\nCOPY . .\n"),
        ("a\n", "a\nb\n"), ("a", "a\nb"), ("a\n", "a\nb"), ("a", "b\n"), ("a\nb\n", "a\n"), ("a\r\nb\r\n", "a\r\n"),
        ("a\n", ""), ("", "a\n"), ("\n", "\n\n"), ("a\rb\n\x0cc\u2028\n", "\x0cc\u2028\na\rb\n"),
        ("a\r\nb\n", "b\na\r\n"),
    ],
)  # fmt: skip
def test_fixes_of_odd_files(old: str, new: str) -> None:
    check_fixes(changed(old=old, new=new))


_LINE = st.sampled_from(["", "a", "é", "𐐀𐐀", "\udcff", "\r", "a\r", "\ufeffb", "\x0c"])
_ENDS = st.sampled_from(["", "\n", "\r\n"])
_TEXT = st.tuples(st.lists(_LINE, max_size=6), _ENDS).map(lambda t: "\n".join(t[0]) + t[1])


@given(_TEXT, _TEXT)
def test_fixes_of_any_files(old: str, new: str) -> None:
    if old != new:
        check_fixes(changed(old=old, new=new))


def test_a_new_file_and_odd_names() -> None:
    for name in NASTY:
        path = name.replace("\ud800", "")  # no path of a file system decodes to that
        check_fixes(changed(f"d {path}", more=(FileChange(f"x {path}/.dockerignore", None, "node_modules\n"),)))


def test_insertions_stay_in_front_of_the_last_newline() -> None:
    run = run_of((changed(old="a\nb\n", new="a\nb\nc\n"),))
    [change] = run["results"][0]["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 2, "endLine": 2, "endColumn": 2},
            "insertedContent": {"text": "\nc"},
        }
    ]


def test_a_dockerfile_has_one_fix_however_many_changes_it_has() -> None:
    for outcome in changed_outcomes():
        run = run_of((outcome,))
        assert [("fixes" in result) for result in run["results"] if result["kind"] == "fail"] == [
            True, *[False] * (len(outcome.changes) - 1),
        ]  # fmt: skip


def test_paths_are_those_of_the_repository() -> None:
    folders = Folders("/srv/repo/sub dir", "/srv/repo")

    def location(path: str) -> dict[str, str]:
        run = run_of((changed(path),), ReportOptions(folders=folders))
        return dict(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"])

    assert location("Dockerfile") == {"uri": "sub%20dir/Dockerfile", "uriBaseId": "%SRCROOT%"}
    assert location("../über:x#1/Dockerfile") == {"uri": "%C3%BCber%3Ax%231/Dockerfile", "uriBaseId": "%SRCROOT%"}
    assert location("../../elsewhere/D") == {"uri": "file:///srv/elsewhere/D"}
    assert location("/srv/repo/D") == {"uri": "D", "uriBaseId": "%SRCROOT%"}
    assert list(run_of(())["originalUriBaseIds"]) == ["%SRCROOT%"]


def test_refusals_inform_and_failures_are_notifications() -> None:
    refusal = Refusal("unknown-command", 2, "frob {x} [a](b) ${HOME}")
    run = run_of((Unchanged("D", "", "FROM a\nRUN frob\n", (refusal,)), Failed("E", "", "unknown instruction", 7)))
    [result] = run["results"]
    assert (result["kind"], result["level"]) == ("informational", "none")
    assert result["message"]["text"] == "frob {{x}} [a] (b) $HOME"
    [invocation] = run["invocations"]
    [notification] = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is False
    assert notification["level"] == "error"
    assert notification["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}


def test_rules_are_those_of_the_results() -> None:
    run = run_of(corpus_outcomes())
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted({result["ruleId"] for result in run["results"]})
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])


def test_fingerprints_stay_when_lines_are_added_and_tell_equals_apart() -> None:
    def marks(text: str, *lines: int) -> list[str]:
        refusals = tuple(Refusal("unknown-command", line, "x") for line in lines)
        run = run_of((Unchanged("D", "", text, refusals),))
        return [result["partialFingerprints"]["instruction/v1"] for result in run["results"]]

    assert marks("FROM a\nRUN frob\n", 2) == marks("# x\n\nFROM a\nRUN frob\n", 4)
    assert len(set(marks("FROM a\nRUN frob\nRUN frob\nRUN x\n", 2, 3, 4))) == 3


def test_after_the_patch_is_written_lines_are_those_of_the_new_file() -> None:
    refusals = (Refusal("unknown-command", 5, "CMD"), Refusal("unknown-command", 3, "COPY"))
    outcome = changed(old=OLD, new=NEW, refusals=refusals)
    run = run_of((outcome,), ReportOptions(is_done=True, verbose=True))
    lines = [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in run["results"]]
    assert lines == [6, 5]
