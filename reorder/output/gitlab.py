"""Outcomes as a GitLab Code Quality report, which merge requests show as what they improve and what they worsen.

Format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from reorder.outcome import Outcome
from reorder.output.findings import as_unicode, find_alerts
from reorder.output.report import ReportOptions

_SEVERITIES = {"change": "minor", "refusal": "info", "failure": "major"}


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """One list; what is written already is not in it. Fingerprints stay when other lines come and go."""
    issues = [
        {
            "type": "issue",
            "check_name": finding.slug,
            "categories": ["Performance"],
            "description": finding.message,
            "severity": _SEVERITIES[finding.kind],
            "fingerprint": finding.fingerprint,
            "location": {"path": as_unicode(finding.path), "lines": {"begin": finding.line or 1}},
        }
        for finding in find_alerts(outcomes, options)
    ]
    yield json.dumps(issues, indent=2) + "\n"
