"""The edits that carry metadata down: whole instructions with their comments, byte for byte.

Instructions that stood together stay together, with the blank lines that were between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from reorder.analysis.steps import Step
from reorder.dockerfile.model import Dockerfile
from reorder.planning.model import Move
from reorder.rewriting.gaps import block_start, gap_above, gap_below
from reorder.source import Edit, Span


def move_edits(dockerfile: Dockerfile, steps: Sequence[Step], moves: Sequence[Move]) -> Iterator[Edit]:
    """The edits for the moves of one stage."""
    editor = _Editor(dockerfile, steps)
    for group in _neighbours(sorted(move.step for move in moves)):
        yield from editor.cut(group)
    ordered = sorted(moves, key=lambda move: (move.before, move.step))
    for before, members in groupby(ordered, key=lambda move: move.before):
        yield editor.paste([member.step for member in members], before)


def _neighbours(indices: Sequence[int]) -> Iterator[list[int]]:
    """Indices that follow one another, in groups."""
    for _, group in groupby(enumerate(indices), key=lambda pair: pair[1] - pair[0]):
        yield [index for _, index in group]


class _Editor:
    def __init__(self, dockerfile: Dockerfile, steps: Sequence[Step]) -> None:
        self._dockerfile, self._steps = dockerfile, steps

    def cut(self, group: Sequence[int]) -> Iterator[Edit]:
        """Take out instructions that stand together, and the smaller one of the gaps around them."""
        for index in group:
            yield Edit(self._block(index), "")
        for index in group[1:]:
            yield from self._drop(gap_above(self._dockerfile, self._steps, index))
        above = gap_above(self._dockerfile, self._steps, group[0])
        below = gap_below(self._dockerfile, self._steps, group[-1])
        if above is not None and below is not None:
            yield from self._drop(below if len(self._text(below)) <= len(self._text(above)) else above)

    def paste(self, indices: Sequence[int], before: int) -> Edit:
        """Put instructions right above a step and its comment, or at the end of the stage."""
        text = "".join(self._with_gap(index, is_first=index == indices[0]) for index in indices)
        if before < len(self._steps):
            start = block_start(self._steps[before])
            return Edit(Span(start, start), text)
        source = self._dockerfile.source
        end = self._steps[-1].instruction.span.end
        text = self._leading_gap(indices[0], indices[-1]) + text
        if not source.text[:end].endswith("\n"):
            text = source.newline + text.removesuffix("\n").removesuffix("\r")
        return Edit(Span(end, end), text)

    def _with_gap(self, index: int, *, is_first: bool) -> str:
        gap = gap_above(self._dockerfile, self._steps, index)
        blank = self._text(gap) if gap is not None and not is_first else ""
        text = self._text(self._block(index))
        return blank + (text if text.endswith("\n") else text + self._dockerfile.source.newline)

    def _leading_gap(self, first: int, last: int) -> str:
        """One blank line, if there was one above the first or below the last of these instructions."""
        gaps = (gap_above(self._dockerfile, self._steps, first), gap_below(self._dockerfile, self._steps, last))
        blank = next((text for gap in gaps if gap is not None and (text := self._text(gap))), "")
        return "".join(blank.splitlines(keepends=True)[:1])

    def _drop(self, gap: Span | None) -> Iterator[Edit]:
        if gap is not None and self._text(gap):
            yield Edit(gap, "")

    def _block(self, index: int) -> Span:
        return Span(block_start(self._steps[index]), self._steps[index].instruction.span.end)

    def _text(self, span: Span) -> str:
        return self._dockerfile.source.slice(span)
