"""Colors of text on a terminal: whether they are wanted, and where they go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "faint": "2"}


def is_color_wanted(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """A terminal wants it, unless the variables that programs agree on say otherwise.

    https://no-color.org, https://force-color.org: set and not empty counts; the first one wins.
    """
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environment.get("TERM") != "dumb"


def paint(text: str, name: str, *, color: bool) -> str:
    """``text`` in a color or a weight, or as it is."""
    return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if color and text else text
