"""The text of a repository's pull request."""

from __future__ import annotations

from reorder.migrating.keys import version
from reorder.output.markdown import render
from reorder.output.report import ReportOptions
from reorder.repository_outcome import RepositoryOutcome


def render_body(outcome: RepositoryOutcome) -> str:
    """Markdown, short enough for every host; the diff is left to the pull request itself."""
    return "".join(render(outcome.outcomes, ReportOptions(version=version())))
