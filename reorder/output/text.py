"""Outcomes in plain words, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reorder.outcome import Change, Changed, Failed, Gain, Outcome, Refusal, Unchanged
from reorder.output.color import paint
from reorder.output.joint_diff import JointDiff
from reorder.output.report import ReportOptions

_MOST_TOLD = 3


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """The patches, byte for byte if they are for a program; the words are `render_text`'s, on standard error."""
    joint = JointDiff()
    for outcome in outcomes:
        if options.diff and isinstance(outcome, Changed):
            diff = joint.add(outcome)
            yield _painted_diff(diff) if options.color else diff


def render_text(outcome: Outcome, *, verbose: bool, would: bool, color: bool = False) -> Iterator[str]:
    """Lines without their ends; ``would``: nothing is written, so say what would be."""
    if isinstance(outcome, Failed):
        error = paint("error:", "red", color=color)
        yield f"{_place(outcome.path, outcome.line, color=color)}: {error} {printable(outcome.error)}"
        return
    path = _place(outcome.path, None, color=color)
    if isinstance(outcome, Changed):
        yield f"{path}: {_summary(outcome, would)}"
        if verbose and outcome.context_from:
            yield f"{path}: {_context(outcome)}"
        for change in outcome.changes:
            yield from _lines(outcome.path, change, verbose=verbose, color=color)
        if outcome.gain.runs_before:  # none runs where only a stage is repaired that the last one does not need
            yield f"{path}: {tell_gain(outcome.gain)}"
    elif verbose:
        yield f"{path}: unchanged ({_context(outcome)})"
    for refusal in outcome.refusals:
        yield from _lines(outcome.path, refusal, verbose=verbose, color=color)


def _context(outcome: Changed | Unchanged) -> str:
    told = outcome.context_from
    more = f" and {len(told) - _MOST_TOLD} more" if len(told) > _MOST_TOLD else ""
    by = f", as {printable(', '.join(told[:_MOST_TOLD]))}{more} {'say' if len(told) > 1 else 'says'}" if told else ""
    names = ", ".join(printable(folder) or "." for folder in (outcome.context, *outcome.other_contexts))
    return f"build context{'s' if outcome.other_contexts else ''} {names}{by}"


def place(path: str, line: int | None) -> str:
    """``path:line`` for messages; never two colons first, which the runner of GitHub Actions takes for a command."""
    shown = f"./{printable(path)}" if path.startswith("::") else printable(path)
    return f"{shown}:{line}" if line else shown


def _place(path: str, line: int | None, *, color: bool) -> str:
    return paint(place(path, line), "bold", color=color)


def printable(text: str) -> str:
    """No raw control characters, and nothing that cannot be encoded, ever reaches a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def printable_line(line: str) -> str:
    """As `printable`, but tabs stay: a line of a file in its own shape."""
    return "\t".join(map(printable, line.split("\t")))


def _summary(outcome: Changed, would: bool) -> str:
    count = len(outcome.changes)
    noun = "change" if count == 1 else "changes"
    also = "".join(f", and {printable(f.path)}" for f in outcome.files[1:])
    return f"{'would make ' if would else ''}{count} {noun}{also}"


def tell_gain(gain: Gain) -> str:
    """What the changes are worth, in one sentence without its capital and full stop."""
    steps, it = ("the install", "it") if gain.installs == 1 else ("the installs", "they")
    seconds = f"{in_seconds(gain.seconds_before)} -> {in_seconds(gain.seconds_after)} a build"
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


def in_seconds(seconds: float) -> str:
    """``4.6 s``, ``38 s``."""
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"


def _lines(path: str, item: Change | Refusal, *, verbose: bool, color: bool) -> Iterator[str]:
    is_change = isinstance(item, Change)
    kind = "" if is_change else "left alone: "
    safety = paint(" [unsafe]", "yellow", color=color) if item.safety and item.safety.value == "unsafe" else ""
    slug = paint(item.slug, "green" if is_change else "cyan", color=color)
    yield f"{_place(path, item.line, color=color)}: {slug}{safety}: {kind}{printable(item.reason)}"
    if verbose:
        for line in item.evidence:
            yield paint(f"    {printable(line)}", "faint", color=color)


def _painted_diff(diff: str) -> str:
    """For a terminal: in color, and without control characters of the file's own."""
    return "".join(_painted_line(line) + "\n" for line in diff.removesuffix("\n").split("\n"))


def _painted_line(line: str) -> str:
    shown = line[:1] + printable_line(line[1:].removesuffix("\r"))
    if line.startswith(("--- ", "+++ ")):
        return paint(shown, "bold", color=True)
    names = {"+": "green", "-": "red", "@": "cyan"}
    return paint(shown, names[line[0]], color=True) if line[:1] in names else shown
