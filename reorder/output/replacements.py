"""A patch as the few places where the text changes, for readers that apply it themselves: editors and review tools."""

from __future__ import annotations

from typing import NamedTuple

from reorder.outcome import FileChange
from reorder.output.diff import match_lines, split_lines
from reorder.source import Edit, Span

BOM = "\ufeff"
_OTHER_TAGS = frozenset(("replace", "delete", "insert"))


def find_replacements(file: FileChange) -> tuple[Edit, ...]:
    """Whole lines that are replaced, with offsets into the old text, in order.

    None of them reaches behind the last newline of a file: a line there has a number, but editors disagree whether it
    exists.
    """
    old = file.old or ""
    before, after = split_lines(old), split_lines(file.new)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    edits = [
        Edit(Span(starts[a1], starts[a2]), "".join(after[b1:b2]))
        for tag, a1, a2, b1, b2 in match_lines(before, after).get_opcodes()
        if tag in _OTHER_TAGS
    ]
    return tuple(_behind_bom(_before_last_newline(edit, old), old) for edit in edits)


def find_one_replacement(file: FileChange) -> Edit:
    """All that is replaced as one piece, for readers that would offer several pieces one by one."""
    edits = find_replacements(file)
    old, position, pieces = file.old or "", edits[0].span.start, []
    for (start, end), text in edits:
        pieces += [old[position:start], text]
        position = end
    return Edit(Span(edits[0].span.start, position), "".join(pieces))


class Position(NamedTuple):
    """A place in a text: the 1-based line, and the text of that line before it."""

    line: int
    before: str


def position_of(text: str, offset: int) -> Position:
    """Lines end at newlines and nowhere else."""
    start = text.rfind("\n", 0, offset) + 1
    return Position(text.count("\n", 0, offset) + 1, text[start:offset])


def is_text(file: FileChange) -> bool:
    """Whether lines and columns can tell the patch: both versions are UTF-8, and a byte order mark stays or is none."""
    old, new = file.old or "", file.new
    return old[:1].startswith(BOM) == new[:1].startswith(BOM) and not any("\ud800" <= c <= "\udfff" for c in old + new)


def _behind_bom(edit: Edit, old: str) -> Edit:
    """A byte order mark that stays is not replaced by itself: readers do not count it."""
    (start, end), text = edit
    if start == 0 < end and old.startswith(BOM) and text.startswith(BOM):
        return Edit(Span(1, end), text[1:])
    return edit


def _before_last_newline(edit: Edit, old: str) -> Edit:
    """The same edit, if need be moved up by one line ending."""
    (start, end), text = edit
    newline = "\r\n" if old.endswith("\r\n") else "\n"
    size = len(newline)
    if end < len(old) or not old.endswith(newline):
        return edit
    if start == end and text.endswith(newline):
        return Edit(Span(start - size, end - size), newline + text[:-size])
    if not text and old[:start].endswith(newline):
        return Edit(Span(start - size, end - size), "")
    if start < end and text.endswith(newline):
        return Edit(Span(start, end - size), text[:-size])
    return edit
