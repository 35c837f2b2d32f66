"""What outcomes say, one finding at a time: the form in which linters report, and their readers want it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from reorder.outcome import Change, Changed, Failed, FileChange, Outcome, Refusal
from reorder.output.diff import match_lines, split_lines
from reorder.output.report import ReportOptions
from reorder.output.text import printable

Kind = Literal["change", "done", "refusal", "failure"]

FAILURE = "failed"
"""Stands for the slug of a file that could not be treated."""


class Finding(NamedTuple):
    """One thing to tell.

    ``kind``: "done" is a change that is written already, "failure" a file that could not be treated. ``path`` is seen
    from the repository's root and may hold any characters; ``message`` and ``evidence`` are printable. ``line`` is that
    of the file as it now is; None: the file as a whole. ``fingerprint`` stays when other lines come and go.
    """

    kind: Kind
    path: str
    line: int | None
    slug: str
    message: str
    evidence: tuple[str, ...]
    safety: str | None
    fingerprint: str
    outcome: Outcome


def find_alerts(outcomes: Iterable[Outcome], options: ReportOptions) -> Iterator[Finding]:
    """What somebody should do something about, in the order of the outcomes: changes to make and failures.

    Refusals are among it only if ``options.verbose``: services that read reports make an alert of each result, even of
    one that says that it is for information (https://github.com/microsoft/PSRule/issues/955).
    """
    kinds = {"change", "failure", *(("refusal",) if options.verbose else ())}
    return (finding for outcome in outcomes for finding in find_in(outcome, options) if finding.kind in kinds)


def find_in(outcome: Outcome, options: ReportOptions) -> Iterator[Finding]:
    """All findings of one Dockerfile, the changes first."""
    path = options.folders.from_root(outcome.path)
    if isinstance(outcome, Failed):
        mark = fingerprint(path, FAILURE, outcome.error, 0)
        yield Finding("failure", path, outcome.line, FAILURE, printable(outcome.error), (), None, mark, outcome)
        return
    lines = split_lines(_text(outcome))
    seen: Counter[tuple[str, str]] = Counter()
    entries: list[tuple[Kind, Change | Refusal]] = [("refusal", refusal) for refusal in outcome.refusals]
    if isinstance(outcome, Changed):
        kind: Kind = "done" if options.is_done else "change"
        entries = [(kind, change) for change in outcome.changes] + entries
    for kind, entry in entries:
        words = lines[entry.line - 1].strip() if 0 < entry.line <= len(lines) else ""
        mark = fingerprint(path, entry.slug, words, seen[entry.slug, words])
        seen[entry.slug, words] += 1
        yield Finding(
            kind, path, _line_now(outcome, entry.line, options), entry.slug, printable(entry.reason),
            tuple(map(printable, entry.evidence)), entry.safety.value if entry.safety else None, mark, outcome,
        )  # fmt: skip


def as_unicode(path: str) -> str:
    """A path for formats that are UTF-8 throughout; what is none becomes a replacement character."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def fingerprint(path: str, slug: str, words: str, number: int) -> str:
    """Hexadecimal digits; ``number`` tells apart what is the same in all else."""
    whole = "\0".join((path, slug, words, str(number)))
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _text(outcome: Outcome) -> str:
    if isinstance(outcome, Changed):
        return outcome.files[0].old or ""
    return "" if isinstance(outcome, Failed) else outcome.text


def _line_now(outcome: Outcome, line: int, options: ReportOptions) -> int:
    """Where the line stands once the patch is written; where it moved, the first of its kind."""
    if not options.is_done or not isinstance(outcome, Changed):
        return line
    return _line_after(outcome.files[0], line)


def _line_after(file: FileChange, line: int) -> int:
    before, after = split_lines(file.old or ""), split_lines(file.new)
    for old, new, size in match_lines(before, after).get_matching_blocks():
        if old < line <= old + size:
            return line - old + new
    words = before[line - 1] if line <= len(before) else ""
    return after.index(words) + 1 if words in after else min(line, len(after))
