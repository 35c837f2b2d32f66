"""Outcomes in plain words, for people."""

from __future__ import annotations

from collections.abc import Iterator

from reorder.outcome import Change, Changed, Failed, Gain, Outcome, Refusal, Unchanged

_MOST_TOLD = 3


def render_text(outcome: Outcome, *, verbose: bool, would: bool) -> Iterator[str]:
    """Lines without their ends; ``would``: nothing is written, so say what would be."""
    if isinstance(outcome, Failed):
        yield f"{place(outcome.path, outcome.line)}: error: {printable(outcome.error)}"
        return
    if isinstance(outcome, Changed):
        yield f"{printable(outcome.path)}: {_summary(outcome, would)}"
        if verbose and outcome.context_from:
            yield f"{printable(outcome.path)}: {_context(outcome)}"
        for change in outcome.changes:
            yield from _lines(outcome.path, change, verbose=verbose)
        if outcome.gain.runs_before:  # none runs where only a stage is repaired that the last one does not need
            yield f"{printable(outcome.path)}: {gain_in_words(outcome.gain)}"
    elif verbose:
        yield f"{printable(outcome.path)}: unchanged ({_context(outcome)})"
    for refusal in outcome.refusals:
        yield from _lines(outcome.path, refusal, verbose=verbose)


def _context(outcome: Changed | Unchanged) -> str:
    told = outcome.context_from
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    by = f", as {printable(', '.join(told[:_MOST_TOLD]))}{more} {'say' if len(told) > 1 else 'says'}" if told else ""
    return f"build context {printable(outcome.context) or '.'}{by}"


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


def gain_in_words(gain: Gain) -> str:
    """A sentence without its capital and full stop; for a gain whose installs ran at all."""
    steps, it = ("the install", "it") if gain.installs == 1 else ("the installs", "they")
    seconds = f"{_seconds(gain.seconds_before)} -> {_seconds(gain.seconds_after)} a build"
    before, after = _times(gain.runs_before), _times(gain.runs_after)
    commits = f"{gain.commits} typical commits" if gain.source == "priors" else f"the last {gain.commits} commits"
    if gain.runs_after >= gain.runs_before and gain.seconds_after < gain.seconds_before:
        return f"in {commits} a part of {steps} would have been spared ({seconds})"
    if gain.runs_after >= gain.runs_before:  # the names of files say that it is worth it, not these commits
        return f"in {commits} {steps} would have run as often ({seconds})"
    if gain.source == "priors":
        return f"in {gain.commits} typical commits {steps} would run {before}; after this {after} ({seconds})"
    would = f"would have run {after}" if gain.runs_after else "would never have run"
    return f"in the last {gain.commits} commits {steps} ran {before}; after this {it} {would} ({seconds})"


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _lines(path: str, item: Change | Refusal, *, verbose: bool) -> Iterator[str]:
    kind = "" if isinstance(item, Change) else "left alone: "
    safety = f" [{item.safety.value}]" if item.safety and item.safety.value == "unsafe" else ""
    yield f"{place(path, item.line)}: {item.slug}{safety}: {kind}{printable(item.reason)}"
    if verbose:
        for line in item.evidence:
            yield f"    {printable(line)}"
