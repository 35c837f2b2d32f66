"""What somebody may have meant who typed a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHORTEST_PART = 4


def suggest(word: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """Up to ``most`` names of ``known`` that begin with ``word``, or else are spelled like it, the likeliest first."""
    folded = {_fold(name): name for name in sorted(set(known))}
    if _fold(word) in folded:
        return (folded[_fold(word)],)
    begun = [name for fold, name in folded.items() if len(word) >= _SHORTEST_PART and fold.startswith(_fold(word))]
    close = [folded[match] for match in get_close_matches(_fold(word), folded, n=most)]
    return tuple(begun or close)[:most]


def did_you_mean(word: str, known: Iterable[str], *, most: int = 3) -> str:
    """The same as a question, with a blank in front: `` (did you mean ...?)``; empty if nothing is close."""
    names = suggest(word, known, most=most)
    return f" (did you mean {' or '.join(names)}?)" if names else ""


def _fold(name: str) -> str:
    return name.lower().replace("_", "-")
