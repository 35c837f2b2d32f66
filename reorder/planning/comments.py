"""Comments that say the order is meant, and comments that speak of the install rather than of the copy."""

from __future__ import annotations

import re

from reorder.dockerfile.model import Dockerfile, Instruction
from reorder.lazy_patterns import lazy_pattern
from reorder.planning.holds import has_note, without_notes

_DELIBERATE = lazy_pattern(
    r"(do\s*n[o']t|never|must|needs?\s+to|has\s+to|have\s+to|keep|should)\b[^\n]*\b(mov|reorder|order|before|after|above|below|"
    r"first|together|here)"
    r"|order\s+(is|matters)|deliberate|on\s+purpose|intentional",
    re.IGNORECASE,
)
_INSTALL = lazy_pattern(
    r"install|dependenc|requirement|package|\bdeps\b|\bnpm\b|\byarn\b|\bpip\b|\bpnpm\b", re.IGNORECASE
)
_COPY = lazy_pattern(r"cop(y|ies)|source|code|\badd\b|\bapp\b|application|project|files?\b|content", re.IGNORECASE)


def find_deliberate_order(dockerfile: Dockerfile, copy: Instruction, step: Instruction) -> str | None:
    """The comment that forbids to bring ``copy`` below ``step``: above the copy, or above the step and about copies."""
    own, other = comment_text(dockerfile, copy), comment_text(dockerfile, step)
    for text in (own, other if _COPY.search(other) else ""):
        if text and _DELIBERATE.search(text):
            return text.strip().splitlines()[0].strip()
    return None


def is_about_the_install(dockerfile: Dockerfile, instruction: Instruction) -> bool:
    """Whether the comment above a copy speaks of the install below it, so that it stays with the install.

    One that is meant for this tool stays with what it stands above.
    """
    if instruction.comment is not None and has_note(dockerfile.source.slice(instruction.comment)):
        return False
    text = comment_text(dockerfile, instruction)
    return bool(text and _INSTALL.search(text) and not _COPY.search(text))


def comment_text(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """The comment lines right above an instruction that are meant for people."""
    return without_notes(dockerfile.source.slice(instruction.comment)) if instruction.comment else ""
