"""Outcomes as the body of a pull request: what changed, why that is safe, what it gains, and how to make sure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from reorder.effects import Safety
from reorder.outcome import Changed, Failed, Gain, Outcome
from reorder.output.markdown_details import tell_change, tell_failures, tell_refusals
from reorder.output.markdown_text import cell, code, fence
from reorder.output.report import ReportOptions
from reorder.output.text import in_seconds, printable
from reorder.slugs import CHANGES

_ROWS = 40
_COMMAND = 600
"""Characters of a command line that a person would still paste."""
_CUT = "_There is no room here for the rest; `dockerfile-fix --diff` shows all of it._"

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
    advice = [*_safety(changed), *_verification(changed, options)] if changed else []
    foot = [_signature(options)]
    room = options.limit - sum(_size(block) for block in (*head, *advice, *foot, _CUT, _CUT))
    changes = list(_fitting(_changes(changed, options), room))
    rest = _fitting(_rest(everything, options), room - sum(map(_size, changes)))
    yield "\n\n".join((*head, *changes, *advice, *rest, *foot)) + "\n" if room > 0 else ""


def _fitting(blocks: Iterable[str], room: int) -> Iterator[str]:
    """The blocks, up to the first for which there is no room; room for `_CUT` is taken for granted."""
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
    count = f"{len(everything):,} Dockerfile" + "s" * (len(everything) != 1)
    if not changed:
        return f"Nothing to change in {count}."
    return _MOVED if len(everything) == 1 else f"{_MOVED} It changes {len(changed):,} of {count}."


def _gains(changed: Sequence[Changed], options: ReportOptions) -> Iterator[str]:
    counted = [outcome for outcome in changed if outcome.gain.runs_before]
    if not counted:
        return
    rows = ["| Dockerfile | installs that run | average build |", "| --- | --- | --- |"]
    rows += [_row(outcome, options) for outcome in counted[:_ROWS]]
    if (more := len(counted) - _ROWS) > 0:
        rows.append(f"| and {more:,} more | | |")
    yield "\n".join(rows)
    note = "Seconds are what such steps usually take; `dockerfile-fix replay` tells how the numbers come about."
    if any(outcome.gain.source == "priors" for outcome in counted):
        note += " Where there is no history to count in, typical commits stand in for it."
    yield note


def _row(outcome: Changed, options: ReportOptions) -> str:
    gain = outcome.gain
    path = cell(code(options.folders.from_root(outcome.path)))
    seconds = f"{in_seconds(gain.seconds_before)} → **{in_seconds(gain.seconds_after)}**"
    runs = f"{gain.runs_before:,} → **{gain.runs_after:,}** in {_commits(gain)}"
    if gain.runs_after >= gain.runs_before:
        runs = f"{gain.runs_before:,} in {_commits(gain)}, after this only in part"
    return f"| {path} | {runs} | {seconds} |"


def _commits(gain: Gain) -> str:
    if gain.source == "priors":
        return f"{gain.commits:,} typical commits"
    return "the last commit" if gain.commits == 1 else f"the last {gain.commits:,} commits"


def _changes(changed: Sequence[Changed], options: ReportOptions) -> Iterator[str]:
    for outcome in changed:
        yield tell_change(outcome, options)
        if options.diff:
            yield _patch(outcome, options)


def _rest(everything: Sequence[Outcome], options: ReportOptions) -> Iterator[str]:
    yield from tell_failures([outcome for outcome in everything if isinstance(outcome, Failed)], options)
    yield from tell_refusals([outcome for outcome in everything if not isinstance(outcome, Failed)], options)


def _patch(outcome: Changed, options: ReportOptions) -> str:
    """Unless it would leave no room for the words about other files."""
    if _size(outcome.diff) > options.limit // 4:
        return "The patch is too long to be shown here; `dockerfile-fix --diff` shows it."
    return fence(outcome.diff, "diff")


def _safety(changed: Sequence[Changed]) -> Iterator[str]:
    changes = [change for outcome in changed for change in outcome.changes]
    doubtful = sorted({change.slug for change in changes if change.safety is Safety.UNSAFE})
    proven = sorted({change.slug for change in changes if change.safety is not Safety.UNSAFE})
    if proven:
        yield "### Why it is safe"
        yield "This holds for each change of that name. Anything unknown would have left the file as it was."
        yield "\n".join(f"- {code(slug)}: {CHANGES[slug].safe}." for slug in proven)
    if doubtful:
        yield "### What is not proven"
        yield "\n".join(f"- {code(slug)}: {CHANGES[slug].unsafe}." for slug in doubtful)


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


def _signature(options: ReportOptions) -> str:
    version = f" {options.version}" if options.version else ""
    return f"_Made by dockerfile-fix{version}; `dockerfile-fix explain NAME` tells more about a name in this text._"
