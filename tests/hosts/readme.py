"""The snippets of the README's section about CI."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

README = Path(__file__).parents[2] / "README.md"


class Block(NamedTuple):
    """A snippet, and the heading that it stands under."""

    heading: str
    language: str
    text: str


def blocks() -> list[Block]:
    """All of them, in order."""
    section = README.read_text().split("\n## In CI\n")[1].split("\n## ")[0]
    found, heading = [], ""
    for match in re.finditer(r"^### ([^\n]*)$|^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
        if match[1] is not None:
            heading = match[1]
        else:
            found.append(Block(heading, match[2], match[3]))
    return found
