"""Reads the report of a run (one JSON line a Dockerfile) for the action's shell.

``changed REPORT`` prints an output of the step, ``files REPORT`` the files that a repair writes, each with a NUL.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def read(path: str) -> list[dict[str, Any]]:
    """The outcomes that would change something."""
    outcomes = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [outcome for outcome in outcomes if outcome["status"] == "changed"]


def main(what: str, path: str) -> None:
    """Print it."""
    changed = read(path)
    if what == "changed":
        sys.stdout.write(f"changed={'true' if changed else 'false'}\n")
    else:
        names = dict.fromkeys(file["path"] for outcome in changed for file in outcome["files"])
        sys.stdout.buffer.write(b"".join(os.fsencode(name) + b"\0" for name in names))


if __name__ == "__main__":
    main(*sys.argv[1:])
