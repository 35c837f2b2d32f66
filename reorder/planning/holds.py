"""Comments that are meant for this tool: ``# dockerfile-fix: ignore[slug] reason`` above an instruction.

It holds the instruction, or from above a FROM those of its stage: no change of that kind moves it, divides it, or, if
it is a RUN, brings a copy or a build argument past it. Without ``[slug]`` that goes for changes of every kind. A
comment that is not understood, or does not stand right above, holds for all kinds: its author wanted something left
alone. The slug of a refusal silences that refusal. ``# dockerfile-fix: skip-file`` anywhere in the file leaves all of
it alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reorder.dockerfile.model import Dockerfile, Instruction, Stage
from reorder.lazy_patterns import lazy_pattern
from reorder.outcome import Refusal
from reorder.slugs import CHANGES, REFUSALS
from reorder.source import Opaque, Span
from reorder.suggestions import did_you_mean, suggest

IGNORED = "ignored-by-comment"
_NOT_UNDERSTOOD = "comment-not-understood"
_NAME = "dockerfile-fix"
_NAMES = "dockerfile[-_]fix"  # in any case: who writes Dockerfile-Fix wants to be heard as well
_NAMED = lazy_pattern(_NAMES, re.IGNORECASE)
_NOTE = lazy_pattern(rf"^\ufeff?[ \t]*#[# \t]*{_NAMES}[ \t]*(:?)[ \t]*([\w-]*)(.*)$", re.MULTILINE | re.IGNORECASE)
_SLUGS = lazy_pattern(r"[ \t]*\[([^\]]*)\](.*)")
_WORDS = ("ignore", "skip-file")


class Note(NamedTuple):
    """One such comment, at ``offset`` of the file. ``slugs``: none stands for all."""

    offset: int
    word: str
    slugs: frozenset[str] = frozenset()
    reason: str = ""
    problem: str | None = None

    def covers(self, slug: str) -> bool:
        """Whether it is about changes, or a refusal, of that kind."""
        return not self.slugs or slug in self.slugs


def find_skip(text: str) -> Refusal | None:
    """Why a file, whether it can be parsed or not, is left alone as a whole."""
    for note in _notes_in(text, 0) if is_named(text) else ():
        if note.word == "skip-file":
            line = _line_of(text, note.offset)
            if note.problem is not None:
                return Refusal(_NOT_UNDERSTOOD, line, f"{note.problem}, so the file is left alone")
            return Refusal(IGNORED, line, _because("a comment says that the file is to be left alone", note.reason))
    return None


def find_hold(dockerfile: Dockerfile, stage: Stage, instruction: Instruction, slug: str) -> Opaque | None:
    """Why changes of that kind must not touch an instruction of the stage."""
    for owner, note in _holding(dockerfile, stage, instruction):
        if note.covers(slug):
            where = f"the comment above {owner.keyword} in line {owner.line} says so"
            return Opaque(IGNORED, _because(where, note.reason))
    return None


def find_half_hold(dockerfile: Dockerfile, stage: Stage, run: Instruction, slug: str) -> Opaque | None:
    """Why a RUN must not be divided by a change of that kind: a comment that is about another kind would be above the
    first half only, and hold the second no longer.
    """
    held = find_hold(dockerfile, stage, run, slug)
    own = (note for owner, note in _holding(dockerfile, stage, run) if owner is run)
    if held is None and any(not note.slugs.isdisjoint(CHANGES) for note in own):
        return Opaque(IGNORED, f"the comment above {run.keyword} in line {run.line} would not be about both halves")
    return held


def not_silenced(dockerfile: Dockerfile, refusals: Iterable[Refusal]) -> Iterator[Refusal]:
    """The refusals of which no comment says that nobody wants to hear of them."""
    if not is_named(dockerfile.source.text):
        yield from refusals
        return
    places = {i.line: (stage, i) for stage in dockerfile.stages for i in stage.instructions}
    for refusal in refusals:
        place = places.get(refusal.line) if refusal.slug != IGNORED else None
        if place is None or not any(note.covers(refusal.slug) for _, note in _holding(dockerfile, *place)):
            yield refusal


def find_note_problems(dockerfile: Dockerfile) -> Iterator[Refusal]:
    """What is wrong with the comments of a file, in its order."""
    text = dockerfile.source.text
    if not is_named(text):
        return
    above = {i.comment: i for i in dockerfile.instructions if i.comment is not None}
    for piece in dockerfile.pieces:
        for note in _notes_in(dockerfile.source.slice(piece.span), piece.span.start) if piece.kind == "comment" else ():
            below = above.get(piece.span)
            problem = note.problem
            if below is None:
                below = next(iter(dockerfile.instructions[_position(dockerfile, note.offset) :]), None)
                problem = problem or ("a blank line parts it from what is below" if below else "nothing is below it")
            if problem is not None:
                more = f", so no change touches {below.keyword} in line {below.line}" if below else ""
                yield Refusal(_NOT_UNDERSTOOD, _line_of(text, note.offset), problem + more)
    for instruction in dockerfile.instructions:
        for note in _notes_inside(dockerfile, instruction):
            where = f"{instruction.keyword} in line {instruction.line}"
            why = f"it stands inside of {where} and not above, so no change touches that"
            yield Refusal(_NOT_UNDERSTOOD, _line_of(text, note.offset), why)


def has_note(comment: str) -> bool:
    """Whether a comment is meant for this tool, and so for the instruction right below it."""
    return is_named(comment) and any(True for _ in _notes_in(comment, 0))


def without_notes(comment: str) -> str:
    """The lines of a comment that are meant for people."""
    if not is_named(comment):
        return comment
    return "".join(line for line in comment.splitlines(keepends=True) if not has_note(line))


def is_named(text: str) -> bool:
    """Whether a text speaks of this tool at all."""
    return _NAMED.search(text) is not None


def _holding(dockerfile: Dockerfile, stage: Stage, instruction: Instruction) -> Iterator[tuple[Instruction, Note]]:
    """The comments about an instruction or its whole stage, each with what it stands above."""
    if not is_named(dockerfile.source.text):
        return
    for owner in dict.fromkeys((instruction, stage.instructions[0])):
        if owner.comment is not None:
            for note in _notes_in(dockerfile.source.slice(owner.comment), owner.comment.start):
                yield owner, note
        for note in (*_notes_inside(dockerfile, owner), *_notes_apart(dockerfile, owner)):
            yield owner, note._replace(slugs=frozenset())


def _notes_apart(dockerfile: Dockerfile, instruction: Instruction) -> Iterator[Note]:
    """Those between an instruction and the one above it that a blank line parts from it."""
    index = _position(dockerfile, instruction.span.start)
    start = dockerfile.instructions[index - 1].span.end if index else 0
    end = instruction.comment.start if instruction.comment is not None else instruction.span.start
    yield from _notes_in(dockerfile.source.text[start:end], start)


def _notes_inside(dockerfile: Dockerfile, instruction: Instruction) -> Iterator[Note]:
    """Those among the lines of an instruction that BuildKit drops as comments."""
    text = dockerfile.source.slice(instruction.span)
    if is_named(text):
        for note in _notes_in(text, instruction.span.start):
            if not any(_is_in(note.offset, heredoc.body) for heredoc in instruction.heredocs):
                yield note


def _position(dockerfile: Dockerfile, offset: int) -> int:
    """The index of the first instruction that begins at ``offset`` or below."""
    return bisect_left(dockerfile.instructions, offset, key=lambda each: each.span.start)


def _is_in(offset: int, span: Span) -> bool:
    return span.start <= offset < span.end


def _notes_in(text: str, start: int) -> Iterator[Note]:
    """The comments in a stretch of the file that begins at offset ``start``."""
    for match in _NOTE.finditer(text):
        colon, word, rest = match.groups()
        note = _read(word.lower(), rest.strip("\r"), colon)
        if note is not None:
            yield note._replace(offset=start + match.start())


def _read(word: str, rest: str, colon: str) -> Note | None:
    """One comment; None for one that only speaks of this tool."""
    close = word if word in _WORDS else next(iter(suggest(word, _WORDS)), None)
    if not colon:
        return Note(0, word, problem=f"after {_NAME} a colon is missing") if word in _WORDS else None
    if close != word:
        why = f"{word or 'what follows'} is neither {' nor '.join(_WORDS)}{did_you_mean(word, _WORDS, most=1)}"
        return Note(0, close or "ignore", problem=why)
    bracket = _SLUGS.fullmatch(rest) if word == "ignore" else None
    slugs, reason = bracket.groups() if bracket is not None else (None, rest)
    if reason and not reason[0].isspace() and reason[0] not in ":,-–—":
        return Note(0, word, problem=f"{word}{rest} is not understood; {_HOW[word]}")
    reason = reason.strip(" \t:,-–—")
    if slugs is None:
        return Note(0, word, reason=reason)
    names = [name.strip().lower() for name in slugs.split(",")]
    wrong = next((name for name in names if name not in CHANGES and name not in REFUSALS), None)
    if wrong is not None:
        why = f"there is no slug {wrong or 'without a name'}{did_you_mean(wrong, [*CHANGES, *REFUSALS], most=1)}"
        return Note(0, word, problem=why)
    return Note(0, word, frozenset(names), reason)


_HOW = {"ignore": "it is written ignore, or ignore[slug, slug], and then a reason", "skip-file": "a reason may follow"}


def _because(what: str, reason: str) -> str:
    return f"{what}: {reason}" if reason else what


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
