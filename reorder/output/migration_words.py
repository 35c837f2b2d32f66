"""Numbers and counted nouns as the report of a migration writes them; its script writes them the same way."""

from __future__ import annotations

from math import floor


def number(value: float) -> str:
    """With commas: ``1,240``."""
    return f"{floor(value + 0.5):,}"


def counted(value: int, noun: str, plural: str = "") -> str:
    """``1 Dockerfile``, ``1,240 repositories``."""
    return f"{number(value)} {noun if value == 1 else plural or noun + 's'}"


def hours(seconds: float) -> str:
    """A time that is worth telling in hours: ``none``, ``under 1 min``, ``35 min``, ``1.5 h``, ``1,240 h``."""
    if seconds <= 0:
        return "none"
    if seconds < 60:
        return "under 1 min"
    minutes = floor(seconds / 60 + 0.5)
    if minutes < 60:
        return f"{minutes} min"
    tenths = floor(seconds / 360 + 0.5)
    return f"{tenths // 10}.{tenths % 10} h" if tenths < 100 else f"{number(seconds / 3600)} h"


def percent_less(before: int, after: int) -> str:
    """``88% less``; empty where nothing was spared."""
    share = floor(100 * (before - after) / before + 0.5) if before else 0
    return f"{share}% less" if share > 0 else ""
