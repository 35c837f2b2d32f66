r"""Unified diffs that ``git apply`` and ``patch -p1`` take, byte for byte.

Lines end at ``\n`` and nowhere else: ``str.splitlines`` would also cut at form feeds, lone CRs and U+2028, and the
resulting diff would not apply.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

NO_NEWLINE = "\\ No newline at end of file"
_CONTEXT = 3
_EXACT_LIMIT = 2000
"""Lines; above it the matcher may take frequent lines for noise, lest it needs quadratic time."""

_Opcode = tuple[str, int, int, int, int]


def unified_diff(old: str | None, new: str, path: str) -> str:
    """The diff of one file (``old`` None: it is new), with git's headers; empty if nothing differs.

    ``path`` is shown as given, relative to the folder in which the diff is to be applied.
    """
    before, after = split_lines(old or ""), split_lines(new)
    if before == after:
        return ""
    shown = os.path.normpath(path).lstrip("/")
    pieces = [f"--- {_name('a/' + shown) if old is not None else '/dev/null'}\n", f"+++ {_name('b/' + shown)}\n"]
    for group in _group(_opcodes(before, after)):
        pieces += _hunk(group, before, after)
    return "".join(pieces)


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


def _opcodes(before: Sequence[str], after: Sequence[str]) -> list[_Opcode]:
    """Equal and changed stretches; common ends are cut off first, since edits are few and files may be long."""
    limit = min(len(before), len(after))
    head = next((i for i in range(limit) if before[i] != after[i]), limit)
    limit -= head
    tail = next((i for i in range(limit) if before[-1 - i] != after[-1 - i]), limit)
    a, b = before[head : len(before) - tail], after[head : len(after) - tail]
    matcher = SequenceMatcher(None, a, b, autojunk=max(len(a), len(b)) > _EXACT_LIMIT)
    middle = [(tag, a1 + head, a2 + head, b1 + head, b2 + head) for tag, a1, a2, b1, b2 in matcher.get_opcodes()]
    ends = (len(before) - tail, len(before), len(after) - tail, len(after))
    return [("equal", 0, head, 0, head), *middle, ("equal", *ends)]


def _group(opcodes: Sequence[_Opcode]) -> Iterator[list[_Opcode]]:
    """The opcodes of each hunk: changes that lie at most twice the context apart go together."""
    group: list[_Opcode] = []
    for opcode in _merge(opcodes):
        tag, a1, a2, b1, b2 = opcode
        if tag != "equal":
            group.append(opcode)
            continue
        if group:
            if a2 - a1 <= 2 * _CONTEXT and a2 != opcodes[-1][2]:
                group.append(opcode)
                continue
            cut = min(_CONTEXT, a2 - a1)
            yield [*group, ("equal", a1, a1 + cut, b1, b1 + cut)]
        cut = min(_CONTEXT, a2 - a1)
        group = [("equal", a2 - cut, a2, b2 - cut, b2)]


def _merge(opcodes: Sequence[_Opcode]) -> Iterator[_Opcode]:
    """Neighbouring equal stretches as one."""
    pending: _Opcode | None = None
    for opcode in opcodes:
        if opcode[0] == "equal" and pending is not None:
            pending = ("equal", pending[1], opcode[2], pending[3], opcode[4])
            continue
        if opcode[0] == "equal":
            pending = opcode
            continue
        if pending is not None:
            yield pending
            pending = None
        yield opcode
    if pending is not None:
        yield pending


def _hunk(group: Sequence[_Opcode], before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    first, last = group[0], group[-1]
    yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
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
