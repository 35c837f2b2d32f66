"""The blank lines between the instructions of a stage: they keep separating what they separated."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from reorder.analysis.steps import Step
from reorder.dockerfile.model import Dockerfile
from reorder.source import Span


def block_start(step: Step) -> int:
    """Where an instruction begins with the comment right above it."""
    instruction = step.instruction
    return instruction.comment.start if instruction.comment else instruction.span.start


def gap_above(dockerfile: Dockerfile, steps: Sequence[Step], index: int) -> Span | None:
    """The blank lines right above step ``index`` and its comment."""
    if index >= len(steps):
        return None
    start = first = block_start(steps[index])
    pieces = dockerfile.pieces
    position = bisect_right(pieces, start, key=lambda piece: piece.span.start) - 1
    while position > 0 and pieces[position - 1].kind == "blank":
        position -= 1
        first = pieces[position].span.start
    return Span(first, start)


def gap_below(dockerfile: Dockerfile, steps: Sequence[Step], index: int) -> Span | None:
    """The blank lines that follow step ``index``, whatever stands below them; None at the end of the stage."""
    if index + 1 >= len(steps):
        return None
    start = end = steps[index].instruction.span.end
    pieces = dockerfile.pieces
    position = bisect_right(pieces, start, key=lambda piece: piece.span.start) - 1
    while position < len(pieces) and pieces[position].kind == "blank" and pieces[position].span.start >= start:
        end = pieces[position].span.end
        position += 1
    return Span(start, end)
