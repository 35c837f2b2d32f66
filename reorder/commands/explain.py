"""``dockerfile-fix explain``: what the tool knows, made from its own code."""

from __future__ import annotations

import sys

from reorder.output.explain_text import render_overview, render_topic


def run_explain(topic: str | None) -> int:
    """Print everything, or one manager or slug; the exit code (2: there is no such thing)."""
    lines = render_overview() if topic is None else render_topic(topic)
    if lines is None:
        sys.stderr.write(f"explain: there is no slug and no package manager {topic}; without a name all are listed\n")
        return 2
    sys.stdout.write("\n".join(lines) + "\n")
    return 0
