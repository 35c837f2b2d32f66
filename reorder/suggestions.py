"""What somebody may have meant who typed a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHORTEST_PART = 4


def suggest(word: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Up to ``most`` names of ``known`` that are spelled like ``word`` or begin with it, the likeliest first."""
    names = sorted(set(known))
    folded = {name.lower(): name for name in names}
    begun = [name for name in names if len(word) >= _SHORTEST_PART and name.lower().startswith(word.lower())]
    close = [folded[match] for match in get_close_matches(word.lower(), folded, n=most)]
    return tuple(dict.fromkeys((*begun, *close)))[:most]


def did_you_mean(word: str, known: Iterable[str], *, most: int = 3) -> str:
    """The same as a question, with a blank in front: `` (did you mean ...?)``; empty if nothing is close."""
    names = suggest(word, known, most=most)
    return f" (did you mean {' or '.join(names)}?)" if names else ""
