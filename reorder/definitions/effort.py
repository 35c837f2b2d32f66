"""Reading that ends: work is counted, so that a hostile repository costs seconds and no result hangs on a clock.

One unit is the work of some 20 microseconds. The one clock in here is for texts that are no language at all, on which a
grammar may spend hours between two counts; on the way to it lies what no real file needs.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reorder.definitions.error import DefinitionError

if TYPE_CHECKING:
    from tree_sitter import Parser, Tree

TOO_LONG = "all files together take too long to read: the rest is not read"
_MOST_UNITS = 1_000_000
"""For one repository; of 196 real ones the busiest needs a sixteenth."""
_CHUNK = 4096
_LONGEST_LINE = 32_768
"""Characters; grammars take a time that grows with the square of a line."""
_FIRST_COUNTS, _BYTES_A_COUNT, _COUNTS_BEHIND_AN_ERROR = 1000, 12, 300
"""How often a parser may report before it is stopped: real files need one report for 50 to 200 bytes."""
_SECONDS = 2.0
"""Of computing; the largest of 579 real scripts takes a hundredth of that."""
_UNITS_OF_THE_CLOCK = 100_000


class TooLongError(DefinitionError):
    """A text that is too much work; parts of it need not be."""


@dataclass(slots=True)
class Effort:
    """What is left of the work that a repository may cost."""

    left: int = _MOST_UNITS

    def spend(self, units: int) -> None:
        """Count some work; raises `DefinitionError` if there has been too much of it."""
        self.left -= units
        if self.left < 0:
            raise DefinitionError(TOO_LONG, is_warning=True)


def parse_with_patience(parser: Parser, text: str, effort: Effort) -> Tree:
    """The tree of ``text``; raises `TooLongError` if that is, or would be, too much work."""
    if any(len(line) > _LONGEST_LINE for line in text.split("\n")):
        raise TooLongError("a line is too long", is_warning=True)
    watch = _Watch(text.encode(), time.process_time() + _SECONDS)
    try:
        # the callback is heard only where the text comes in pieces
        tree = parser.parse(watch.read, progress_callback=watch.is_over)
    except ValueError:
        parser.reset()
        effort.spend(watch.counts + (_UNITS_OF_THE_CLOCK if watch.is_late else 0))
        raise TooLongError("it takes too long to parse", is_warning=True) from None
    effort.spend(watch.counts)
    return tree


@dataclass(slots=True)
class _Watch:
    data: bytes
    end: float
    counts: int = 0
    behind_an_error: int = 0
    is_late: bool = False

    def read(self, offset: int, _: object) -> bytes:
        return self.data[offset : offset + _CHUNK]

    def is_over(self, offset: int, has_error: bool) -> bool:
        self.counts += 1
        self.behind_an_error += has_error
        self.is_late = time.process_time() > self.end
        return (
            self.counts > _FIRST_COUNTS + offset // _BYTES_A_COUNT
            or self.behind_an_error > _COUNTS_BEHIND_AN_ERROR
            or self.is_late
        )
