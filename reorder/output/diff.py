r"""Unified diffs that ``git apply`` and ``patch -p1`` take, byte for byte.

Lines end at ``\n`` and nowhere else: ``str.splitlines`` would also cut at form feeds, lone CRs and U+2028, and the
resulting diff would not apply.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Sequence

NO_NEWLINE = "\\ No newline at end of file"
_EXACT_LIMIT = 2000
"""Lines; above it the matcher may take frequent lines for noise, lest it needs quadratic time."""

Opcode = tuple[str, int, int, int, int]
"""What difflib calls a stretch of lines: its tag, where it lies in the old text, and where in the new one."""


def unified_diff(old: str | None, new: str, path: str) -> str:
    """The diff of one file (``old`` None: it is new), with git's headers; empty if nothing differs.

    ``path`` is shown as given, relative to the folder in which the diff is to be applied.
    """
    before, after = split_lines(old or ""), split_lines(new)
    groups = find_groups(before, after)
    if not groups:
        return ""
    shown = os.path.normpath(path).lstrip("/")
    pieces = [f"--- {_name('a/' + shown) if old is not None else '/dev/null'}\n", f"+++ {_name('b/' + shown)}\n"]
    for group in groups:
        pieces += _hunk(group, before, after)
    return "".join(pieces)


def find_groups(
    before: Sequence[str], after: Sequence[str], context: int = 3, is_loose: Callable[[str], bool] | None = None
) -> list[list[Opcode]]:
    """The changes, those that lie close together in one group, each with up to ``context`` lines around it."""
    return list(match_lines(before, after, is_loose).get_grouped_opcodes(context))


def match_lines(
    before: Sequence[str], after: Sequence[str], is_loose: Callable[[str], bool] | None = None
) -> difflib.SequenceMatcher[str]:
    """Which lines stay, go and come; the same answer for every output that shows a patch.

    Lines that are ``is_loose`` are taken for what moves rather than for what the others moved past.
    """
    is_long = max(len(before), len(after)) > _EXACT_LIMIT
    return difflib.SequenceMatcher(is_loose, before, after, autojunk=is_long)


def _hunk(group: Sequence[Opcode], before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    (_, a_start, _, b_start, _), (_, _, a_stop, _, b_stop) = group[0], group[-1]
    yield f"@@ -{_range(a_start, a_stop)} +{_range(b_start, b_stop)} @@\n"
    for tag, a1, a2, b1, b2 in group:
        if tag == "equal":
            yield from (_line(" ", line) for line in before[a1:a2])
        else:
            yield from (_line("-", line) for line in before[a1:a2])
            yield from (_line("+", line) for line in after[b1:b2])


def _range(start: int, stop: int) -> str:
    """Lines ``start`` to ``stop`` (0-based, half open) as POSIX writes them; an empty range names the line before."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n{NO_NEWLINE}\n"


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
