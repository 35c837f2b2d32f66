"""The report of a migration taken apart again: its pieces, its index, its packed details."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable
from typing import Any

from reorder.output.migration_report import ReportOptions, render_report
from reorder.repository_outcome import RepositoryOutcome

_SCRIPT = re.compile(r"<script( [^>]*)?>(.*?)</script>", re.DOTALL)


def page_of(outcomes: Iterable[RepositoryOutcome], options: ReportOptions | None = None) -> str:
    """The whole page."""
    return "".join(render_report(outcomes, options))


def scripts_of(page: str) -> list[str]:
    """The scripts that run."""
    return [text for attributes, text in _SCRIPT.findall(page) if not attributes]


def index_of(page: str) -> dict[str, Any]:
    """What the page's script knows of each repository before one is opened."""
    (text,) = (text for attributes, text in _SCRIPT.findall(page) if 'id="index"' in attributes)
    index: dict[str, Any] = json.loads(text)
    return index


def details_of(page: str) -> list[list[dict[str, Any]]]:
    """The records in their blocks."""
    packed = [text for attributes, text in _SCRIPT.findall(page) if 'class="block"' in attributes]
    return [json.loads(zlib.decompress(base64.b64decode(text, validate=True))) for text in packed]
