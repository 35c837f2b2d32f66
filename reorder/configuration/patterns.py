"""The patterns of ``exclude`` and ``per-file-ignores``, which mean what most lines of a ``.gitignore`` mean.

A pattern without a slash (other than at its end) fits a file or folder of that name at any depth; one with a slash is
seen from the configuration file's folder. ``*`` and ``?`` stay within a name, ``**`` spans folders, ``[...]`` is a
class. What fits a folder holds for all below it; a slash at the end fits folders only. There is no ``!``.

Names are matched one by one with ``fnmatch``, whose expressions do not backtrack: a hostile pattern costs no time.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

MOST_CHARACTERS = 1000
"""Of a pattern; no path that is worth a rule of its own is longer."""


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern can fit nothing, or not what its author thinks."""
    if pattern.startswith("!"):
        return "a pattern cannot be negated"
    if not pattern.strip("/"):
        return "the pattern is empty"
    if len(pattern) > MOST_CHARACTERS:
        return f"the pattern is longer than {MOST_CHARACTERS} characters"
    if ".." in pattern.split("/"):
        return "a pattern does not lead upwards"
    return "a backslash has no meaning in a pattern" if "\\" in pattern else None


def is_fit(pattern: str, path: str) -> bool:
    """Whether ``pattern`` fits the file ``path`` or a folder above it; both are seen from the same folder."""
    names = path.split("/")
    parts = [part for part in pattern.removesuffix("/").split("/") if part not in ("", ".")]
    if "/" not in pattern.removesuffix("/"):
        parts = ["**", *parts]
    ends = _ends(parts, names)
    return any(end < len(names) or not pattern.endswith("/") for end in ends)


def _ends(parts: Sequence[str], names: Sequence[str]) -> set[int]:
    """How many of the first names the parts can fit."""
    reached = {0}
    for part in parts:
        if part == "**":
            reached = set(range(min(reached), len(names) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(names) and fnmatchcase(names[at], part)}
    return reached - {0}
