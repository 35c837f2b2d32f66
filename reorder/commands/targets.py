"""What a command line means by its PATHs."""

from __future__ import annotations

import os
from collections.abc import Iterator

from reorder.outcome import Failed
from reorder.world.files import find_dockerfiles

STDIN = "-"


class UsageError(Exception):
    """The command line asks for something that cannot be."""


def find_targets(paths: tuple[str, ...]) -> Iterator[str | Failed]:
    """Each Dockerfile once, in the order given; folders are searched, no PATH at all means the current folder."""
    seen: set[str] = set()
    for path in paths or (".",):
        if path == STDIN or not os.path.isdir(path):
            names = [path]
        else:
            names = list(find_dockerfiles(path))
            if not names:
                yield Failed(path=path, context="", error="no Dockerfile in this folder")
        for name in names:
            if name not in seen:
                seen.add(name)
                yield name


def check_folder(context: str | None) -> None:
    """Raise `UsageError` unless ``--context`` names a folder."""
    if context is not None and not os.path.isdir(context):
        raise UsageError(f"--context: there is no folder {context}")
