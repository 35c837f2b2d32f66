"""A few outcomes in every format, as they were when somebody last read them: --update-corpus writes them again."""

from __future__ import annotations

from pathlib import Path

import pytest
from outcomes import outcome_of

from reorder.outcome import Failed
from reorder.output.formats import FORMATS
from reorder.output.report import ReportOptions

GOLDEN = Path(__file__).parent / "golden"
NAMES = {
    "text": "report.diff", "json": "report.jsonl", "sarif": "report.sarif", "github": "report.github.txt",
    "gitlab": "report.gitlab.json", "junit": "report.xml", "markdown": "report.md", "rdjson": "report.rdjson",
}  # fmt: skip
CASES = ("npm-ci-broad-copy", "npm-postinstall-runs-project-code", "yarn-install-and-build")


@pytest.mark.parametrize("name", FORMATS)
def test_golden(name: str, request: pytest.FixtureRequest) -> None:
    outcomes = (*map(outcome_of, CASES), Failed("broken/Dockerfile", "", "unknown instruction: FORM", 3))
    options = ReportOptions(diff=True, verbose=True, version="1.2.3")
    text = "".join(FORMATS[name].load()(outcomes, options))
    path = GOLDEN / NAMES[name]
    if request.config.getoption("--update-corpus"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
