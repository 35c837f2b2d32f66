"""Outcomes in plain words, for people."""

from __future__ import annotations

from collections.abc import Iterator

from reorder.outcome import Change, Changed, Failed, Outcome, Refusal


def render_text(outcome: Outcome, *, verbose: bool, would: bool) -> Iterator[str]:
    """Lines without their ends; ``would``: nothing is written, so say what would be."""
    if isinstance(outcome, Failed):
        yield f"{place(outcome.path, outcome.line)}: error: {printable(outcome.error)}"
        return
    if isinstance(outcome, Changed):
        yield f"{printable(outcome.path)}: {_summary(outcome, would)}"
        for change in outcome.changes:
            yield from _lines(outcome.path, change, verbose=verbose)
    elif verbose:
        yield f"{printable(outcome.path)}: unchanged (build context {printable(outcome.context) or '.'})"
    for refusal in outcome.refusals:
        yield from _lines(outcome.path, refusal, verbose=verbose)


def place(path: str, line: int | None) -> str:
    """``path:line`` for messages."""
    return f"{printable(path)}:{line}" if line else printable(path)


def printable(text: str) -> str:
    """No raw control characters, and nothing that cannot be encoded, ever reaches a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def _summary(outcome: Changed, would: bool) -> str:
    count = len(outcome.changes)
    noun = "change" if count == 1 else "changes"
    also = "".join(f", and {printable(f.path)}" for f in outcome.files[1:])
    return f"{'would make ' if would else ''}{count} {noun}{also}"


def _lines(path: str, item: Change | Refusal, *, verbose: bool) -> Iterator[str]:
    kind = "" if isinstance(item, Change) else "left alone: "
    safety = f" [{item.safety.value}]" if item.safety and item.safety.value == "unsafe" else ""
    yield f"{place(path, item.line)}: {item.slug}{safety}: {kind}{printable(item.reason)}"
    if verbose:
        for line in item.evidence:
            yield f"    {printable(line)}"
