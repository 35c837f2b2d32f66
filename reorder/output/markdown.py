"""Outcomes as the body of a pull request: what changed, why that is safe, what it gains, and how to make sure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from reorder.effects import Safety
from reorder.outcome import Change, Changed, Failed, Gain, Outcome, Unchanged
from reorder.output.markdown_text import cell, code, fence, prose
from reorder.output.report import ReportOptions
from reorder.output.text import in_seconds, printable
from reorder.slugs import CHANGES

_ROWS = 40
_EVIDENCE = 8
_REFUSALS = 30
_COMMAND = 600
"""Characters of a command line that a person would still paste."""
_CUT = "_More would not fit here; `dockerfile-fix --diff` shows all of it._"

_MOVED = (
    "Docker runs a step again as soon as anything above it changes. Here, what changes often stands above steps that "
    "do not need it, so they run again for nothing. This puts that in order, and does nothing else: the image keeps "
    "its files, modes, owners and configuration."
)


def render(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[str]:
    """At most ``options.limit`` bytes. Nothing that a repository holds becomes a link, a mention or HTML."""
    everything = list(outcomes)
    changed = [outcome for outcome in everything if isinstance(outcome, Changed)]
    head = [_opening(everything, changed), *_gains(changed, options)]
    foot = [*_safety(changed), *_verification(changed, options)] if changed else []
    room = options.limit - sum(_size(block) for block in (*head, *foot, _CUT))
    yield "\n\n".join((*head, *_fitting(_details(everything, options), room), *foot)) + "\n" if room > 0 else ""


def _fitting(blocks: Iterable[str], room: int) -> Iterator[str]:
    """The blocks, up to the first for which there is no room."""
    for block in blocks:
        room -= _size(block)
        if room < 0:
            yield _CUT
            return
        yield block


def _size(block: str) -> int:
    return len(block.encode("utf-8", "surrogateescape")) + 2


def _opening(everything: Sequence[Outcome], changed: Sequence[Changed]) -> str:
    if not everything:
        return "There is no Dockerfile."
    count = _counted(len(everything), "Dockerfile")
    if not changed:
        return f"Nothing to change in {count}."
    return _MOVED if len(everything) == 1 else f"{_MOVED} It changes {len(changed)} of {count}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)


def _gains(changed: Sequence[Changed], options: ReportOptions) -> Iterator[str]:
    counted = [outcome for outcome in changed if outcome.gain.runs_before]
    if not counted:
        return
    rows = ["| Dockerfile | installs that run | average build |", "| --- | --- | --- |"]
    rows += [_row(outcome, options) for outcome in counted[:_ROWS]]
    if (more := len(counted) - _ROWS) > 0:
        rows.append(f"| and {more} more | | |")
    yield "\n".join(rows)
    yield "Seconds are what such steps usually take; `dockerfile-fix replay` tells how the numbers come about."


def _row(outcome: Changed, options: ReportOptions) -> str:
    gain = outcome.gain
    path = cell(code(options.folders.from_root(outcome.path)))
    seconds = f"{in_seconds(gain.seconds_before)} → **{in_seconds(gain.seconds_after)}**"
    return f"| {path} | {gain.runs_before:,} → **{gain.runs_after:,}** in {_commits(gain)} | {seconds} |"


def _commits(gain: Gain) -> str:
    if gain.source == "priors":
        return f"{gain.commits:,} typical commits"
    return "the last commit" if gain.commits == 1 else f"the last {gain.commits:,} commits"


def _details(everything: Sequence[Outcome], options: ReportOptions) -> Iterator[str]:
    for outcome in everything:
        if isinstance(outcome, Changed):
            yield _changes(outcome, options)
            if options.diff:
                yield _patch(outcome, options)
    failures = [outcome for outcome in everything if isinstance(outcome, Failed)]
    if failures:
        yield "### Could not be treated"
        yield from _in_pieces([_failure(outcome, options) for outcome in failures])
    kept = [outcome for outcome in everything if not isinstance(outcome, Failed)]
    yield from _left_alone([line for outcome in kept for line in _refusals(outcome, options)])


def _changes(outcome: Changed, options: ReportOptions) -> str:
    lines = [f"### {code(options.folders.from_root(outcome.path))}", ""]
    if outcome.context_from:
        told = ", ".join(code(line) for line in outcome.context_from[:3])
        lines += [f"Built in {code(outcome.context or '.')}, as {told} {_says(outcome)}.", ""]
    for change in outcome.changes:
        lines += _change(change)
    for file in outcome.files[1:]:
        verb = "is new" if file.old is None else "gets a new line"
        lines.append(f"- {code(options.folders.from_root(file.path))} {verb}, so that the image stays the same.")
    return "\n".join(lines)


def _patch(outcome: Changed, options: ReportOptions) -> str:
    """Unless it would leave no room for the words about other files."""
    if _size(outcome.diff) > options.limit // 4:
        return "The patch is too long to be shown here; `dockerfile-fix --diff` shows it."
    return fence(outcome.diff, "diff")


def _says(outcome: Changed) -> str:
    return "says" if len(outcome.context_from) == 1 else "say"


def _change(change: Change) -> Iterator[str]:
    doubt = " **Plausible, but not proven:**" if change.safety is Safety.UNSAFE else ""
    yield f"- {prose(change.reason)}.{doubt} ({code(change.slug)})"
    for line in change.evidence[:_EVIDENCE]:
        yield f"  - {prose(line)}"
    if (more := len(change.evidence) - _EVIDENCE) > 0:
        yield f"  - and {more} more like that"


def _failure(outcome: Failed, options: ReportOptions) -> str:
    return f"- {_place(outcome.path, outcome.line, options)}: {prose(outcome.error)}"


def _place(path: str, line: int | None, options: ReportOptions) -> str:
    return code(options.folders.from_root(path)) + (f" line {line}" if line else "")


def _refusals(outcome: Changed | Unchanged, options: ReportOptions) -> Iterator[str]:
    for refusal in outcome.refusals:
        yield f"- {_place(outcome.path, refusal.line, options)}: {prose(refusal.reason)} ({code(refusal.slug)})"


def _left_alone(lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    shown = [*lines[:_REFUSALS], *([f"- and {len(lines) - _REFUSALS} more"] * (len(lines) > _REFUSALS))]
    summary = f"{_counted(len(lines), 'step')} left alone, and why"
    yield "\n".join((f"<details><summary>{summary}</summary>", "", *shown, "", "</details>"))


def _in_pieces(lines: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(lines), _REFUSALS):
        yield "\n".join(lines[start : start + _REFUSALS])


def _safety(changed: Sequence[Changed]) -> Iterator[str]:
    slugs = {change.slug for outcome in changed for change in outcome.changes}
    lines = [f"- {code(slug)}: {CHANGES[slug].safe}" for slug in sorted(slugs)]
    yield "### Why it is safe"
    yield "\n".join(lines)


def _verification(changed: Sequence[Changed], options: ReportOptions) -> Iterator[str]:
    is_unsafe = any(change.safety is Safety.UNSAFE for outcome in changed for change in outcome.changes)
    start = ["dockerfile-fix", "verify", *(["--unsafe-fixes"] if is_unsafe else [])]
    paths = [options.folders.from_root(outcome.path) for outcome in changed if outcome.path != "-"]
    command = shlex.join((*start, *(path if path[:1] != "-" else f"./{path}" for path in paths)))
    if len(command) > _COMMAND or printable(command) != command:
        command = shlex.join(start)
    yield "### How to verify"
    yield "Before the merge, at the root of the target branch, this builds both versions and compares the images:"
    yield fence(command, "sh")
