"""``dockerfile-fix explain``: what the tool knows, made from its own code and shown on a case of the corpus."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from reorder.api import Settings, fix_text
from reorder.output.explain_text import Shown, find_topic, render_overview, render_topic, topic_names
from reorder.output.text import printable
from reorder.suggestions import did_you_mean
from reorder.world.examples import find_example


def run_explain(name: str | None) -> int:
    """Print everything, or one manager or slug; the exit code (2: there is no such thing)."""
    if name is None:
        _print(render_overview())
        return 0
    topic = find_topic(name)
    if topic is None:
        hint = did_you_mean(name, topic_names()) or "; without a name all are listed"
        sys.stderr.write(f"explain: there is no slug and no package manager {printable(name)}{hint}\n")
        return 2
    _print(render_topic(topic, show_example(topic)))
    return 0


def show_example(topic: str) -> Shown | None:
    """The example of a slug or a manager, with what the tool makes of it now."""
    example = find_example(topic)
    if example is None:
        return None
    settings = Settings(unsafe_fixes=example.unsafe_fixes, history=example.history)
    return Shown(example.case, example.why, example.dockerfile, fix_text(example.dockerfile, example.context, settings))


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
