"""What every report is made with: the wishes of the user, and how paths are shown to those who read it elsewhere."""

from __future__ import annotations

import os
from typing import NamedTuple

PULL_REQUEST_LIMIT = 65_536
"""Bytes; GitHub takes as many characters for the body of a pull request, other hosts take more."""


class Folders(NamedTuple):
    """``own``: the folder that paths are relative to; ``root``: that of its repository, both absolute.

    Empty ones stand for a run at the root.
    """

    own: str = ""
    root: str = ""

    def from_root(self, path: str) -> str:
        """``path`` as seen from the root, with slashes: what hosts of code know a file by; outside of it absolute."""
        if path == "-":
            return path
        if not self.root:
            return os.path.normpath(path).replace(os.sep, "/")
        absolute = os.path.normpath(os.path.join(self.own, path))
        is_inside = absolute == self.root or absolute.startswith(os.path.join(self.root, ""))
        shown = os.path.relpath(absolute, self.root) if is_inside else absolute
        return shown.replace(os.sep, "/")


class ReportOptions(NamedTuple):
    """``diff``: show the patch where the format can; ``is_done``: it is written already, so it is no finding any more.
    ``verbose``: refusals, too, in formats whose readers make something to dismiss of whatever they are told.

    ``color``: with the escape sequences of a terminal. ``limit``: bytes that a reader takes at most, in formats that
    have such a reader. ``version``: the tool's own.
    """

    diff: bool = False
    is_done: bool = False
    verbose: bool = False
    color: bool = False
    folders: Folders = Folders()
    limit: int = PULL_REQUEST_LIMIT
    version: str = ""
