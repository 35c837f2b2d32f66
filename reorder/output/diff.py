r"""Unified diffs that ``git apply`` and ``patch -p1`` take, byte for byte.

Lines end at ``\n`` and nowhere else: ``str.splitlines`` would also cut at form feeds, lone CRs and U+2028, and the
resulting diff would not apply.
"""

from __future__ import annotations

import difflib
import os

NO_NEWLINE = "\\ No newline at end of file"


def unified_diff(old: str | None, new: str, path: str) -> str:
    """The diff of one file (``old`` None: it is new), with git's headers; empty if nothing differs.

    ``path`` is shown as given, relative to the folder in which the diff is to be applied.
    """
    shown = os.path.normpath(path).lstrip("/")
    before_name = _name("a/" + shown) if old is not None else "/dev/null"
    lines = difflib.unified_diff(split_lines(old or ""), split_lines(new), before_name, _name("b/" + shown))
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}\n" for line in lines)


def split_lines(text: str) -> list[str]:
    """The lines of ``text``, each with its newline if it has one."""
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _name(path: str) -> str:
    """A path in a header: quoted as git does where it holds control characters or quotes; GNU patch wants a tab after
    one with blanks.
    """
    if any(char < " " or char in '"\\\x7f' for char in path):
        return '"' + "".join(f"\\{ord(c):03o}" if c < " " or c in '"\\\x7f' else c for c in path) + '"'
    return path + "\t" if " " in path else path
