"""The text of a repository's pull request."""

from __future__ import annotations

from reorder.migrating.keys import version
from reorder.output.markdown import render
from reorder.output.report import ReportOptions
from reorder.repository_outcome import RepositoryOutcome


def render_body(outcome: RepositoryOutcome) -> str:
    """Markdown, short enough for every host; paths are seen from the repository's root."""
    return "".join(render(outcome.outcomes, ReportOptions(diff=False, is_done=True, version=version())))
