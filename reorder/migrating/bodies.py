"""The text of a repository's pull request."""

from __future__ import annotations

from reorder.output.text import render_text
from reorder.repository_outcome import RepositoryOutcome


def render_body(outcome: RepositoryOutcome) -> str:
    """Markdown."""
    lines = [line for each in outcome.outcomes for line in render_text(each, verbose=False, would=False)]
    return "".join(f"    {line}\n" for line in lines)
