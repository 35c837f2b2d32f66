"""A change of one file as rows of two columns, old beside new; a line that only moved is told from one that is new."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from reorder.output.diff import Opcode, find_groups, split_lines
from reorder.output.text import printable

MOST_ROWS = 2_000
"""Rows of one file that are laid out; a Dockerfile has a few dozen lines, and the patch file has the rest."""
_CONTEXT = 10
"""Lines around a change: as a rule the whole Dockerfile, so that one sees past what a line has moved."""
_LONGEST = 2_000
"""Characters of a line that are shown."""
_LONGEST_COMPARED = 600
"""Characters; the matcher needs quadratic time, and marks within longer lines help nobody."""
_ALIKE = 0.5
"""The share of two lines that must be the same if their differences are to be marked; below, all of it is new."""
_LOOSE = re.compile(r"\s*(?:COPY|ADD|ARG|LABEL)\s", re.IGNORECASE)
_WORDS = re.compile(r"\w+|\s+|.")


class Side(NamedTuple):
    """A line of one version. ``parts``: the text, cut into what is the same and what differs from the line beside it,
    in turn, the same first. ``moved``: the 1-based line in the other version where the same text stands, if it moved.
    """

    number: int
    parts: tuple[str, ...]
    moved: int | None = None


class Row(NamedTuple):
    """Two lines that stand side by side; None: there is none on that side."""

    old: Side | None
    new: Side | None
    is_same: bool


class Hunk(NamedTuple):
    """Rows that follow one another; ``is_cut``: there would be more of them than are laid out."""

    rows: tuple[Row, ...]
    is_cut: bool = False


def lay_out(old: str | None, new: str) -> tuple[Hunk, ...]:
    """The hunks of a change (``old`` None: a new file); texts are printable, see `reorder.output.text.printable`."""
    before, after = split_lines(old or ""), split_lines(new)
    groups = find_groups(before, after, _CONTEXT, _loose(before, after).__contains__)
    places = _moves(groups, before, after)
    hunks: list[Hunk] = []
    left = MOST_ROWS
    for group in groups:
        rows = [row for code in group for row in _rows(code, before, after, places)]
        hunks.append(Hunk(tuple(rows[:left]), len(rows) > left))
        left -= len(rows)
        if left <= 0:
            break
    return tuple(hunks)


def _loose(*texts: Sequence[str]) -> set[str]:
    """The lines of instructions that move, with comments and empty lines.

    A RUN never changes its place; so the page shows, other than the patch, the copy that sinks below the install.
    """
    loose: set[str] = set()
    fixed: set[str] = set()
    for lines in texts:
        is_loose = is_continued = False
        for line in lines:
            is_remark = not line.strip() or line.lstrip().startswith("#")
            if not (is_continued or is_remark):
                is_loose = _LOOSE.match(line) is not None
            (loose if is_loose or is_remark else fixed).add(line)
            is_continued = line.rstrip().endswith("\\") or (is_continued and is_remark)
    return loose - fixed


_Moves = tuple[dict[int, int], dict[int, int]]
"""For 0-based lines of either version the 1-based line of the other one."""


def _moves(groups: Sequence[Sequence[Opcode]], before: Sequence[str], after: Sequence[str]) -> _Moves:
    """Which lines were taken away in one place and put back, as they were, in another; the first one with the first."""
    gone: defaultdict[str, list[int]] = defaultdict(list)
    for tag, start, stop, _, _ in (code for group in groups for code in group):
        for index in range(start, stop) if tag != "equal" else ():
            gone[before[index].strip()].append(index)
    gone.pop("", None)
    there: dict[int, int] = {}
    back: dict[int, int] = {}
    for tag, _, _, start, stop in (code for group in groups for code in group):
        for index in range(start, stop) if tag != "equal" else ():
            if found := gone.get(after[index].strip()):
                origin = found.pop(0)
                there[origin], back[index] = index + 1, origin + 1
    return there, back


def _rows(code: Opcode, before: Sequence[str], after: Sequence[str], moves: _Moves) -> Iterator[Row]:
    tag, a1, a2, b1, b2 = code
    for a, b in zip_longest(range(a1, a2), range(b1, b2)):
        old, new = None if a is None else _show(before[a]), None if b is None else _show(after[b])
        there, back = None if a is None else moves[0].get(a), None if b is None else moves[1].get(b)
        is_same = tag == "equal"
        marked = not is_same and old is not None and new is not None and not there and not back
        left, right = _compare(old or "", new or "") if marked else ((old or "",), (new or "",))
        yield Row(
            None if a is None else Side(a + 1, left, there), None if b is None else Side(b + 1, right, back), is_same
        )


def _show(line: str) -> str:
    """Tabs stay, as the page can show them; the end of the line goes."""
    text = line.removesuffix("\n").removesuffix("\r")
    shown = "\t".join(map(printable, text[:_LONGEST].split("\t")))
    return shown + "…" if len(text) > _LONGEST else shown


def _compare(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Both lines in parts; one part each if they have too little in common."""
    if max(len(old), len(new)) > _LONGEST_COMPARED:
        return (old,), (new,)
    words, others = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(None, words, others, autojunk=False)
    shared = sum(len("".join(words[a : a + size])) for a, _, size in matcher.get_matching_blocks())
    if 2 * shared < _ALIKE * (len(old) + len(new)):
        return (old,), (new,)
    codes = matcher.get_opcodes()
    left = _parts([(tag == "equal", "".join(words[a1:a2])) for tag, a1, a2, _, _ in codes])
    return left, _parts([(tag == "equal", "".join(others[b1:b2])) for tag, _, _, b1, b2 in codes])


def _parts(pieces: Sequence[tuple[bool, str]]) -> tuple[str, ...]:
    """What is the same and what is not, in turn; neighbours of one kind are joined."""
    parts = [""]
    for is_same, text in pieces:
        if text and is_same == (len(parts) % 2 == 1):
            parts[-1] += text
        elif text:
            parts.append(text)
    return tuple(parts)
