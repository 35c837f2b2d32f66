"""What the HTML pages share: their style sheets and scripts, and the policy that lets the browser run no others."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_asset(name: str) -> str:
    """A file below ``assets``."""
    return files("reorder.output").joinpath("assets", *name.split("/")).read_text("utf-8")


def content_policy(style: str, scripts: Sequence[str]) -> str:
    """A content security policy: no request, and nothing runs but these inline texts, which it names by their hashes.

    So nothing that a repository brings can run, even if it came through unescaped.
    https://www.w3.org/TR/CSP3/#match-element-to-source-list
    """
    named = " ".join(f"'{_hash(script)}'" for script in scripts)
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src {named}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def script_json(value: Any) -> str:
    """JSON in ASCII that can stand in a script element: nothing in it can end one."""
    text = json.dumps(value, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
