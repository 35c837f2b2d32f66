"""Rows that stand side by side: nothing is lost, what moved is told from what is new, marks are where texts differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reorder.output.diff import split_lines
from reorder.output.side_by_side import MOST_ROWS, Row, Side, lay_out
from reorder.output.text import printable

OLD = "FROM node:20\nCOPY . .\nRUN npm ci\nCMD [\"node\"]\n"
NEW = "FROM node:20\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\nCMD [\"node\"]\n"


def _rows(old: str | None, new: str) -> list[Row]:
    return [row for hunk in lay_out(old, new) for row in hunk.rows]


def test_a_copy_that_sinks_is_shown_as_moved() -> None:
    assert _rows(OLD, NEW) == [
        Row(Side(1, ("FROM node:20",)), Side(1, ("FROM node:20",)), True),
        Row(Side(2, ("COPY . .",), 4), Side(2, ("COPY package.json package-lock.json ./",)), False),
        Row(Side(3, ("RUN npm ci",)), Side(3, ("RUN npm ci",)), True),
        Row(None, Side(4, ("COPY . .",), 2), False),
        Row(Side(4, ('CMD ["node"]',)), Side(5, ('CMD ["node"]',)), True),
    ]


@pytest.mark.parametrize(
    ("old", "new", "left", "right"),
    [
        ("COPY a b ./", "COPY a b c ./", ("COPY a b ./",), ("COPY a b ", "c ", "./")),
        ("RUN npm ci && npm test", "RUN npm ci", ("RUN npm ci", " && npm test"), ("RUN npm ci",)),
        ("ARG A=1", "ENV B=2", ("ARG A=1",), ("ENV B=2",)),
        ("x y z", "x\ty z", ("x", " ", "y z"), ("x", "\t", "y z")),
        ("a" * 900 + " b", "a" * 900 + " c", ("a" * 900 + " b",), ("a" * 900 + " c",)),
    ],
)
def test_marks(old: str, new: str, left: tuple[str, ...], right: tuple[str, ...]) -> None:
    assert _rows(old + "\n", new + "\n") == [Row(Side(1, left), Side(1, right), False)]


def test_metadata_that_sinks_is_shown_as_moved_with_its_remarks() -> None:
    tail = ["WORKDIR /srv", "RUN npm ci", "CMD x"]
    block = ["# metadata", "ARG DATE", "", "LABEL a=$DATE \\", "      # remark", "      b=c"]
    old, new = ["FROM x", *block, *tail], ["FROM x", *tail, *block]
    rows = _rows(*("".join(f"{line}\n" for line in lines) for lines in (old, new)))
    assert [row.new.parts[0] for row in rows if row.is_same and row.new] == ["FROM x", *tail]
    assert [row.old.moved for row in rows if not row.is_same and row.old] == [5, 6, None, 8, 9, 10]


def test_a_new_file_has_one_side() -> None:
    assert _rows(None, "dist\n") == [Row(None, Side(1, ("dist",)), False)]


def test_ends_of_lines_are_not_shown_and_control_characters_are() -> None:
    row = _rows("a\r\n", "a \x1b[31m\u202e\r\n")[0]
    assert row.new is not None
    assert "".join(row.new.parts) == "a \\x1b[31m\\u202e"


def test_a_huge_file_is_cut() -> None:
    (hunk,) = lay_out(None, "x\n" * (MOST_ROWS + 1))
    assert (len(hunk.rows), hunk.is_cut) == (MOST_ROWS, True)
    (hunk,) = lay_out(None, "x\n" * MOST_ROWS)
    assert not hunk.is_cut


_LINES = st.lists(st.sampled_from(["COPY . .", "RUN npm ci", " RUN npm ci", "", "a\tb", "ENV A=1 B=2", "é\x07"]))


@given(_LINES, _LINES)
def test_every_line_that_differs_is_there_as_it_is(before: list[str], after: list[str]) -> None:
    old, new = ["\n".join(lines) for lines in (before, after)]
    rows = _rows(old, new)
    for texts, sides in ((old, [row.old for row in rows]), (new, [row.new for row in rows])):
        lines = [line.rstrip("\n") for line in split_lines(texts)]
        shown = [side for side in sides if side]
        assert [side.number for side in shown] == sorted({side.number for side in shown})
        for side in shown:
            assert "".join(side.parts) == "\t".join(map(printable, lines[side.number - 1].split("\t")))
    changed = [row for row in rows if not row.is_same]
    gone = [old.split("\n")[row.old.number - 1] for row in changed if row.old]
    come = [new.split("\n")[row.new.number - 1] for row in changed if row.new]
    kept = [row.old for row in rows if row.is_same]
    assert all(row.old and row.new and row.old.parts == row.new.parts for row in rows if row.is_same)
    assert len(split_lines(old)) - len(gone) == len(split_lines(new)) - len(come) >= len(kept)
    for row in changed:
        if row.old and row.old.moved:
            assert new.split("\n")[row.old.moved - 1].strip() == "".join(row.old.parts).strip() or "\x07" in old
        if row.old and row.new and not row.old.moved and not row.new.moved:
            assert "".join(row.old.parts[::2]) == "".join(row.new.parts[::2]) or len(row.old.parts) == 1
