"""What markdown says of single Dockerfiles: their changes with the evidence, failures, and what was left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from reorder.effects import Safety
from reorder.outcome import Change, Changed, Failed, FileChange, Refusal, Unchanged
from reorder.output.diff import match_lines, split_lines
from reorder.output.markdown_text import code, prose
from reorder.output.report import ReportOptions
from reorder.slugs import REFUSALS

_EVIDENCE = 8
_NAMES = 6
_TOGETHER = 3
"""As many lines that say the same of other places become one."""
_REFUSALS = 30


def tell_change(outcome: Changed, options: ReportOptions) -> str:
    """A section about one Dockerfile."""
    lines = [f"### {code(options.folders.from_root(outcome.path))}", ""]
    if outcome.context_from:
        verb = "says" if len(outcome.context_from) == 1 else "say"
        folders = _listed(code(folder or ".") for folder in (outcome.context, *outcome.other_contexts))
        lines += [f"Built in {folders}, as {_listed(map(code, outcome.context_from))} {verb}.", ""]
    for change in outcome.changes:
        lines += _change(change)
    lines += [_companion(file, options) for file in outcome.files[1:]]
    return "\n".join(lines)


def tell_failures(outcomes: Sequence[Failed], options: ReportOptions) -> Iterator[str]:
    """Blocks about files that could not be treated, if there are any."""
    if outcomes:
        yield "### Could not be treated"
    for start in range(0, len(outcomes), _REFUSALS):
        yield "\n".join(
            f"- {_place(outcome.path, outcome.line, options)}: {prose(outcome.error)}"
            for outcome in outcomes[start : start + _REFUSALS]
        )


def tell_refusals(outcomes: Iterable[Changed | Unchanged], options: ReportOptions) -> Iterator[str]:
    """One block that is folded up: what was left alone, one line for each reason or place, whichever is shorter."""
    places: dict[str, list[tuple[str, Refusal]]] = {}
    for outcome in outcomes:
        for refusal in outcome.refusals:
            places.setdefault(refusal.slug, []).append((_place(outcome.path, refusal.line, options), refusal))
    count = sum(map(len, places.values()))
    if not count:
        return
    lines = [line for slug in sorted(places) for line in _refusals(slug, places[slug])]
    more = [f"- and {len(lines) - _REFUSALS} reasons more"] * (len(lines) > _REFUSALS)
    summary = f"{count:,} step{'s' * (count != 1)} left alone, and why"
    yield "\n".join((f"<details><summary>{summary}</summary>", "", *lines[:_REFUSALS], *more, "", "</details>"))


def _refusals(slug: str, found: Sequence[tuple[str, Refusal]]) -> Iterator[str]:
    if len(found) <= _TOGETHER or slug not in REFUSALS:
        yield from (f"- {place}: {prose(refusal.reason)} ({code(slug)})" for place, refusal in found)
    else:
        yield f"- {code(slug)}: {REFUSALS[slug]}: {_listed(place for place, _ in found)}"


def _change(change: Change) -> Iterator[str]:
    doubt = " **Plausible, but not proven.**" if change.safety is Safety.UNSAFE else ""
    yield f"- {_sentence(prose(change.reason))}.{doubt} ({code(change.slug)})"
    lines = list(_evidence(change.evidence))
    yield from (f"  - {line}" for line in lines[:_EVIDENCE])
    if (more := len(lines) - _EVIDENCE) > 0:
        yield f"  - and {more} more like that"


def _evidence(evidence: Sequence[str]) -> Iterator[str]:
    """In order; what is said of many files in the same words is said once, where it is said first."""
    said: dict[str, list[str]] = {}
    for line in evidence:
        name, _, words = line.partition(": ")
        said.setdefault(words, []).append(name)
    told: set[str] = set()
    for line in evidence:
        words = line.partition(": ")[2]
        if not words or len(said[words]) < _TOGETHER:
            yield prose(line)
        elif words not in told:
            told.add(words)
            yield f"{_sentence(prose(words))}: {_listed(map(code, said[words]))}"


def _companion(file: FileChange, options: ReportOptions) -> str:
    """An ignore file, the only other file that a patch may write."""
    before, after = split_lines(file.old or ""), split_lines(file.new)
    codes = match_lines(before, after).get_opcodes()
    added = [code(line.strip()) for tag, _, _, start, end in codes if tag != "equal" for line in after[start:end]]
    path = code(options.folders.from_root(file.path)) + (" (new)" if file.old is None else "")
    return f"- {path} gets {_listed(added)}, so that the copy below the install does not bring what the install makes."


def _place(path: str, line: int | None, options: ReportOptions) -> str:
    return code(options.folders.from_root(path)) + (f" line {line}" if line else "")


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = [f"and {len(every) - _NAMES:,} more"] * (len(every) > _NAMES)
    return ", ".join((*every[:_NAMES], *more))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
