"""Outcomes as SARIF 2.1.0, the format of code scanning services and editors, with fixes that they can apply.

Standard: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from reorder.outcome import Changed, FileChange, Outcome
from reorder.output.findings import Finding, find_alerts
from reorder.output.replacements import BOM, Position, find_replacements, is_text, position_of
from reorder.output.report import ReportOptions
from reorder.output.text import printable
from reorder.slugs import CHANGES, REFUSALS
from reorder.source import Edit, encode

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
"""The name that GitHub's documentation gives to the root of the repository."""


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """One log with one run.

    A change is a warning, a refusal informational, a failed file a notification of the tool. The patch of a Dockerfile
    is the fix of its first change, since its parts are only right together. What is written already is no result.
    """
    findings = list(find_alerts(outcomes, options))
    results = [finding for finding in findings if finding.kind != "failure"]
    failures = [finding for finding in findings if finding.kind == "failure"]
    slugs = sorted({finding.slug for finding in results})
    run: dict[str, Any] = {
        "tool": {"driver": _driver(slugs, options)},
        "invocations": [
            {"executionSuccessful": not failures, "toolExecutionNotifications": [_notification(f) for f in failures]}
        ],
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "utf16CodeUnits",
        "defaultEncoding": "utf-8",
        "results": list(_results(results, slugs, options)),
    }
    yield json.dumps({"version": "2.1.0", "$schema": SCHEMA, "runs": [run]}, indent=2) + "\n"


def _driver(slugs: Sequence[str], options: ReportOptions) -> dict[str, Any]:
    version = {"version": options.version} if options.version else {}
    return {"name": "dockerfile-fix", **version, "rules": [_rule(slug) for slug in slugs]}


def _rule(slug: str) -> dict[str, Any]:
    if slug in CHANGES:
        pattern = CHANGES[slug]
        said = [pattern.text, f"safe where {pattern.safe}", f"unsafe where {pattern.unsafe}"]
    else:
        said = [REFUSALS.get(slug, slug), "nothing has to be done: this says why a step stays where it is"]
    text = " ".join(_sentence(part) for part in said)
    return {
        "id": slug,
        "name": "".join(word.capitalize() for word in slug.split("-")),
        "shortDescription": {"text": _message(_sentence(said[0]))},
        "fullDescription": {"text": _message(text)},
        "help": {"text": _message(f"{text} `dockerfile-fix explain {slug}` tells more.")},
        "defaultConfiguration": {"level": "warning" if slug in CHANGES else "none"},
        "properties": {"tags": ["docker", "performance"]},
    }


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _results(findings: Iterable[Finding], slugs: Sequence[str], options: ReportOptions) -> Iterator[dict[str, Any]]:
    fixed: Outcome | None = None
    for finding in findings:
        is_change = finding.kind == "change"
        result: dict[str, Any] = {
            "ruleId": finding.slug,
            "ruleIndex": slugs.index(finding.slug),
            "kind": "fail" if is_change else "informational",
            "level": "warning" if is_change else "none",
            "message": {"text": _message(_with_doubt(finding))},
            "locations": [_location(finding)],
            "partialFingerprints": {"instruction/v1": finding.fingerprint},
        }
        outcome = finding.outcome
        if is_change and isinstance(outcome, Changed) and outcome is not fixed:
            fixed = outcome
            result["fixes"] = [_fix(outcome, options)]
        if properties := _properties(finding):
            result["properties"] = properties
        yield result


def _with_doubt(finding: Finding) -> str:
    return f"{finding.message} (unsafe: plausible, but not proven)" if finding.safety == "unsafe" else finding.message


def _properties(finding: Finding) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if finding.safety:
        found["safety"] = finding.safety
    if finding.evidence:
        found["evidence"] = list(finding.evidence)
    if finding.kind == "change" and isinstance(finding.outcome, Changed):
        found["gain"] = finding.outcome.gain._asdict()
    return found


def _notification(finding: Finding) -> dict[str, Any]:
    return {"level": "error", "message": {"text": _message(finding.message)}, "locations": [_location(finding)]}


def _location(finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(finding.path)}
    if finding.line:
        place["region"] = {"startLine": finding.line}
    return {"physicalLocation": place}


def _artifact(path: str) -> dict[str, str]:
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    return {"uri": f"file://{uri}"} if path.startswith("/") else {"uri": uri, "uriBaseId": ROOT}


def _message(text: str) -> str:
    """A message string: braces would be placeholders there, and ``[words](target)`` a link."""
    plain = re.sub(r"\$\{(\w+)\}", r"$\1", text)
    return plain.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _fix(outcome: Changed, options: ReportOptions) -> dict[str, Any]:
    count = len(outcome.changes)
    what = "Make the change" if count == 1 else f"Make all {count} changes of this Dockerfile"
    also = "".join(f", and of {printable(options.folders.from_root(file.path))}" for file in outcome.files[1:])
    changes = [
        {"artifactLocation": _artifact(options.folders.from_root(file.path)), "replacements": _replacements(file)}
        for file in outcome.files
    ]
    return {"description": {"text": _message(what + also)}, "artifactChanges": changes}


def _replacements(file: FileChange) -> list[dict[str, Any]]:
    replace = _replace_text if is_text(file) else _replace_bytes
    return [replace(file.old or "", edit) for edit in find_replacements(file)]


def _replace_text(old: str, edit: Edit) -> dict[str, Any]:
    start, end = (position_of(old, offset) for offset in edit.span)
    region = {
        "startLine": start.line, "startColumn": _column(start), "endLine": end.line, "endColumn": _column(end),
    }  # fmt: skip
    return {"deletedRegion": region, **({"insertedContent": {"text": edit.text}} if edit.text else {})}


def _replace_bytes(old: str, edit: Edit) -> dict[str, Any]:
    start, end = (len(encode(old[:offset])) for offset in edit.span)
    region = {"byteOffset": start, "byteLength": end - start}
    content = base64.b64encode(encode(edit.text)).decode("ascii")
    return {"deletedRegion": region, **({"insertedContent": {"binary": content}} if content else {})}


def _column(place: Position) -> int:
    """1-based, in the unit that `columnKind` names; a byte order mark does not count."""
    before = place.before.removeprefix(BOM) if place.line == 1 else place.before
    return len(before.encode("utf-16-le")) // 2 + 1
