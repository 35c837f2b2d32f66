"""The judge of a divided RUN: the two halves, parsed anew, are the old one and nothing else.

It does not trust the text that was made: each command of the old RUN is in exactly one half, in order, word for word;
the second half repeats what sets up the shell, all of it and no more; each command sees the state that it saw; and what
was added is what the package manager itself calls the dependencies-only form of the command that follows. Which
commands set up a shell, and where a mount may matter, it takes from the planner's own rules (`find_prelude`,
`mount_may_matter`): a fault in those is for the tests and the real builds to find.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reorder.analysis.shell_state import State, Traced
from reorder.analysis.steps import Step
from reorder.dockerfile.model import Dockerfile
from reorder.dockerfile.shell_body import shell_body
from reorder.planning.division import find_prefetch
from reorder.planning.prelude import find_prelude
from reorder.rewriting.check_metadata import names_gone
from reorder.rewriting.divide import mount_may_matter, prefetch_text
from reorder.source import Opaque

_Line = tuple[str, str]
"""How a pipeline hangs on the one before, and its text without continuations."""

_CONTINUATION = re.compile(r"[ \t]*\\\r?\n[ \t]*")


def find_fault(old: Dockerfile, whole: Step, new: Dockerfile, first: Step, second: Step) -> str | None:
    """What is wrong with replacing ``whole`` by ``first`` and ``second``; None if nothing is."""
    whole_lines, first_lines, second_lines = _lines(old, whole), _lines(new, first), _lines(new, second)
    if not (whole_lines and first_lines and second_lines):
        return "a script is not understood"
    cut, added = _find_cut(whole_lines, first_lines)
    if cut is None or added > 1:
        return "the first half is not the beginning of the old RUN"
    rest = [text for _, text in whole_lines[cut:]]
    at = len(second_lines) - len(rest)
    if at < 0 or [text for _, text in second_lines[at:]] != rest:
        return "the second half is not the end of the old RUN"
    if [link for link, _ in second_lines[at + 1 :]] != [link for link, _ in whole_lines[cut + 1 :]]:
        return "the commands of the second half hang together in another way"
    prelude = find_prelude(whole.trace, cut)
    if isinstance(prelude, Opaque) or [t for _, t in second_lines[:at]] != [whole_lines[i][1] for i in prelude]:
        return "the second half repeats something else than the state of its shell"
    if not _same_state(whole.trace[cut], second.trace[at], names_gone(whole.state, second.state)):
        return "the second half begins in another state"
    if added and not _is_prefetch(old, whole, cut, first_lines[-1][1]):
        return "the first half ends with a command from nowhere"
    if not added and cut == 0:
        return "the first half is empty"
    return _find_flag_fault(whole, first, second)


def _find_cut(whole: Sequence[_Line], first: Sequence[_Line]) -> tuple[int | None, int]:
    """How many pipelines of the whole the first half holds, and how many more it has."""
    same = 0
    while same < min(len(whole), len(first)) and whole[same] == first[same]:
        same += 1
    if same == len(first) and same < len(whole):
        return same, 0
    return (same, len(first) - same) if same < len(whole) else (None, 0)


def _lines(dockerfile: Dockerfile, step: Step) -> list[_Line]:
    body = shell_body(dockerfile, step.instruction)
    if body is None:
        return []
    return [(traced.items[0].link, _text(body.text, traced)) for traced in step.trace]


def _text(script: str, traced: Traced) -> str:
    start, end = traced.items[0].span.start, traced.items[-1].span.end
    sign = "! " if traced.items[0].negated else ""
    return sign + _CONTINUATION.sub(" ", script[start:end]).strip()


def _same_state(one: Traced, other: Traced, moved: frozenset[str]) -> bool:
    """Whether two commands begin alike, but for variables that moved below (which `find_blindness_fault` judges)."""

    def known(state: State) -> tuple[object, ...]:
        variables = {name: value for name, value in state.variables.items() if name not in moved}
        return state.cwd, variables, state.exported - moved

    return known(one.before) == known(other.before)


def _is_prefetch(old: Dockerfile, whole: Step, cut: int, text: str) -> bool:
    traced = whole.trace[cut]
    prefetch, body = find_prefetch(traced), shell_body(old, whole.instruction)
    if prefetch is None or body is None:
        return False
    wanted = prefetch_text(body.text, traced, prefetch)
    return wanted is not None and _CONTINUATION.sub(" ", wanted) == text


def _find_flag_fault(whole: Step, first: Step, second: Step) -> str | None:
    """A flag that a half lacks and may need, or has and may not have."""
    flags = {flag.raw: flag for flag in whole.instruction.flags}
    for half in (first, second):
        own = {flag.raw for flag in half.instruction.flags}
        if not own <= flags.keys():
            return "a half has a flag of its own"
        for raw in flags.keys() - own:
            if flags[raw].name != "mount" or mount_may_matter(flags[raw], whole, [t.effects for t in half.trace]):
                return f"a half lacks {raw}"
    return None
