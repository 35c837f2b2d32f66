"""Parsing that ends: a grammar may take hours for text that is no language at all, which a hostile file can hold."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from reorder.definitions.repository import DefinitionError

if TYPE_CHECKING:
    from tree_sitter import Parser, Tree

_SECONDS = 1.0
"""Of computing; a real file of 200 kB takes a fiftieth of that, so the clock decides nothing about real ones."""
_CHUNK = 4096


def parse_with_patience(parser: Parser, text: str) -> Tree:
    """The tree of ``text``; raises `DefinitionError` if it takes too long."""
    data = text.encode()
    end = time.process_time() + _SECONDS
    try:
        # the callback is heard only where the text comes in pieces
        tree = parser.parse(
            lambda offset, _: data[offset : offset + _CHUNK], progress_callback=lambda *_: time.process_time() > end
        )  # fmt: skip
    except ValueError:
        parser.reset()
        raise DefinitionError("it takes too long to parse", is_warning=True) from None
    return tree
