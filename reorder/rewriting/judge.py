"""A second opinion on a diff: unidiff must read it, and its hunks must turn the old bytes into the new ones."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unidiff.patch import Hunk


def judge_diff(diff: str, old: str, new: str) -> str | None:
    """What is wrong with the ``diff`` of one file, or None."""
    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    if not diff:
        return None if old == new else "it is empty, though the texts differ"
    if not diff.endswith("\n"):
        return "its last line has no end, so that nothing can follow it"
    try:
        files = list(PatchSet(StringIO(diff, newline="\n")))
    except UnidiffParseError as error:
        return f"it does not parse: {error}"
    if len(files) != 1:
        return f"it holds {len(files)} files instead of one"
    hunks = list(files[0])
    if not all(hunk.is_valid() for hunk in hunks):
        return "a hunk has other lengths than its header says"
    return _apply(hunks, old, new)


def _apply(hunks: Sequence[Hunk], old: str, new: str) -> str | None:
    lines = old.split("\n")
    lines = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    result: list[str] = []
    position = 0
    for hunk in hunks:
        start = hunk.source_start - 1 if hunk.source_length else hunk.source_start
        source, target = _side(hunk, "-"), _side(hunk, "+")
        if start < position or lines[start : start + len(source)] != source:
            return f"its hunk at line {hunk.source_start} does not fit the old text"
        result += lines[position:start]
        result += target
        position = start + len(source)
    result += lines[position:]
    return None if "".join(result) == new else "applied to the old text, it does not give the new one"


def _side(hunk: Hunk, sign: str) -> list[str]:
    """The hunk's lines on one side, each with its newline unless the marker below takes that away."""
    lines: list[str] = []
    is_on_side = False
    for line in hunk:
        if line.line_type == "\\":
            if is_on_side:
                lines[-1] = lines[-1].removesuffix("\n")
            continue
        is_on_side = line.line_type in (" ", sign)
        if is_on_side:
            lines.append(line.value)
    return lines
