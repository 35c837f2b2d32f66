"""Outcomes as JUnit XML, the test results that nearly every CI service shows: a suite for each Dockerfile.

Schema: https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reorder.outcome import Changed, Outcome
from reorder.output.findings import Finding, find_in
from reorder.output.report import ReportOptions
from reorder.output.text import printable, printable_line

_TAGS = {"change": "failure", "refusal": "skipped", "failure": "error"}
_COUNTED = {"failure": "failures", "skipped": "skipped", "error": "errors"}


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """A change is a failed test, a refusal a skipped one, a bad file an error; what is written already passes.

    The first change of a Dockerfile shows the patch.
    """
    top = Element("testsuites", name="dockerfile-fix")
    for outcome in outcomes:
        _add_suite(top, outcome, options)
    suites = list(top)
    for name in ("tests", "failures", "errors"):
        top.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    indent(top)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(top, "unicode") + "\n"


def _add_suite(top: Element, outcome: Outcome, options: ReportOptions) -> None:
    # XML 1.0 has no way to write control characters, not even as references
    path = printable(options.folders.from_root(outcome.path))
    suite = SubElement(top, "testsuite", name=path)
    findings = list(find_in(outcome, options))
    for index, finding in enumerate(findings):
        _add_case(suite, path, finding, outcome.diff if isinstance(outcome, Changed) and not index else "")
    if not findings:
        SubElement(suite, "testcase", classname=path, name="nothing to repair")
    suite.set("tests", str(len(suite)))
    for tag, name in _COUNTED.items():
        suite.set(name, str(len(suite.findall(f"testcase/{tag}"))))


def _add_case(suite: Element, path: str, finding: Finding, diff: str) -> None:
    where = f" (line {finding.line})" if finding.line else ""
    case = SubElement(suite, "testcase", classname=path, name=finding.slug + where)
    if finding.kind == "done":
        return
    result = SubElement(case, _TAGS[finding.kind], message=finding.message)
    if finding.kind != "refusal":
        result.set("type", finding.slug)
    text = [*finding.evidence, *(map(printable_line, diff.removesuffix("\n").split("\n")) if diff else ())]
    result.text = "\n".join(text) or None
