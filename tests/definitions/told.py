"""What a repository says about its builds, as lines that a table of expectations can hold."""

from __future__ import annotations

from collections.abc import Mapping

from reorder.context.memory import MemoryTree
from reorder.definitions.find import find_definitions
from reorder.definitions.model import Definitions


def definitions_of(files: Mapping[str, str]) -> Definitions:
    return find_definitions(MemoryTree(files), files)


def found_in(files: Mapping[str, str]) -> list[str]:
    """``compose.yaml:3 app/Dockerfile in app for target``, sorted by file and line."""
    return [
        f"{d.source}:{d.line} {d.dockerfile} in {d.context or '.'}" + (f" for {d.target}" if d.target else "")
        for d in definitions_of(files).found
    ]


def skipped_in(files: Mapping[str, str]) -> list[str]:
    """``compose.yaml:3 why``; a warning ends in an exclamation mark."""
    return [f"{s.source}:{s.line} {s.why}{'!' * s.is_warning}" for s in definitions_of(files).skipped]
