"""The shell state that the second half of a divided RUN needs, and what a failure in the first half would mean.

POSIX.1-2024, Shell 2.8.1, 2.9.3 and 2.12: what a shell environment consists of, and when ``set -e`` ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reorder.analysis.shell_state import SPECIAL_BUILTINS, Traced
from reorder.lazy_patterns import lazy_pattern
from reorder.shell.model import Command, Dynamic, Group, Item, Variable, Word
from reorder.source import Opaque

_STATE = frozenset("set shopt umask cd export unset readonly declare typeset ulimit . source".split())
"""Commands that set up shell state, and do so again when they run again."""

_LOST = frozenset(
    """
    read mapfile readarray getopts let local alias unalias trap exec eval pushd popd enable return hash wait shift
    """.split()
)
"""Commands whose state cannot be set up again, or is not followed."""

_SETS_IN_PASSING = lazy_pattern(r"\$\{\w+:?=|\(\(")
_SPECIAL_NAMES = frozenset("BASH_REMATCH OLDPWD RANDOM SECONDS LINENO PIPESTATUS BASHPID EPOCHSECONDS PPID _".split())
_SPECIAL = lazy_pattern(rf"\$(?:\{{?[?!$-]|\{{?(?:{'|'.join(_SPECIAL_NAMES)})(?!\w))")
_NEVER_FAIL = frozenset((":", "true", "echo", "set", "export", "umask", "unset"))
_SLUG = "split-needs-shell-state"


def find_prelude(trace: Sequence[Traced], cut: int) -> tuple[int, ...] | Opaque:
    """The pipelines before ``cut`` that the second half must repeat; or why no repetition gives the same state."""
    found: list[int] = []
    for index, traced in enumerate(trace[:cut]):
        if len(traced.items) > 1:
            continue  # each part of a pipeline runs in a subshell
        item = traced.items[0]
        if index - 1 in found and item.link == "or":
            if not _is_exit(item):
                return Opaque(_SLUG, "it sets up its shell in a way that cannot be repeated")
            found.append(index)
        elif problem := _find_lost_state(item) or _find_second_run(item, traced):
            return Opaque(_SLUG, problem)
        elif _sets_state(item):
            if not _is_sure(trace, index, cut, found) or item.negated:
                return Opaque(_SLUG, "it sets up its shell in a way that cannot be repeated")
            found.append(index)
    for body in (r.body or "" for traced in trace[cut:] for item in traced.items for r in item.redirects):
        if _SPECIAL.search(body):
            return Opaque(_SLUG, "a heredoc holds a value that would be another one in a RUN of its own")
    for word in _words(item for traced in trace[cut:] for item in traced.items):
        for part in word.parts:
            name = part.raw if isinstance(part, Dynamic) else f"${part.name}" if isinstance(part, Variable) else ""
            if _SPECIAL.search(name):
                return Opaque(_SLUG, f"{name} would mean something else in a RUN of its own")
    return _shorten(trace, cut, found)


def _is_sure(trace: Sequence[Traced], index: int, cut: int, found: Sequence[int]) -> bool:
    """Whether a command runs whenever the second half does: nothing before it may fail without ending the RUN."""
    links = [traced.items[0].link for traced in trace]
    start = _list_start(links, index)
    if links[index] == "or" or "or" in links[start:index]:
        return False
    rest = range(start, index)
    is_one_list = all(link == "and" for link in links[start + 1 : cut + 1])
    return is_one_list or all(i in found for i in rest)


def _list_start(links: Sequence[str], index: int) -> int:
    """Where the list of pipelines begins that ``index`` belongs to."""
    return max(i for i in range(index + 1) if i == 0 or links[i] not in ("and", "or"))


def _is_exit(item: Item) -> bool:
    return isinstance(item, Command) and bool(item.words) and item.words[0].literal == "exit"


def _sets_state(item: Item) -> bool:
    if not isinstance(item, Command):
        return False
    return not item.words or item.words[0].literal in _STATE


def _find_lost_state(item: Item) -> str | None:
    """What of the state that ``item`` leaves could not be had again by repeating it."""
    for word in _words([item]):
        for part in word.parts:
            if isinstance(part, Dynamic) and _SETS_IN_PASSING.search(part.raw):
                return f"{part.raw} sets a variable"
    if isinstance(item, Group):
        if item.kind == "subshell":
            return None
        if item.kind == "function":
            return "it defines a function"
        if item.kind == "for" or (item.kind == "test" and not item.words):
            return "a loop or a calculation sets a variable"
        inner = next((i for i in item.items if _sets_state(i) or _find_lost_state(i)), None)
        return "a branch may change the state of its shell" if inner is not None else None
    name = item.words[0].literal if item.words else ""
    if name == "exit" and not _is_failing_exit(item):
        return "it may end before the second half"
    if name in SPECIAL_BUILTINS and item.assignments:
        return f"an assignment in front of {name} stays"
    if name is None or name in _LOST or (name in ("command", "builtin") and _names_state(item)):
        return f"{name or 'a command'} changes the state of its shell"
    if name == "printf" and item.words[1:2] and item.words[1].literal == "-v":
        return "printf -v sets a variable"
    if _sets_state(item):
        values = [*item.words, *(word for _, word in item.assignments)]
        if any(isinstance(part, Dynamic) for word in values for part in word.parts):
            return "a variable or a folder of its shell is only known at build time"
        if item.redirects:
            return "its shell is set up with a redirection"
    return None


def _find_second_run(item: Item, traced: Traced) -> str | None:
    """What a sourced file does besides setting up its shell: it would be done twice."""
    is_sourced = isinstance(item, Command) and item.words and item.words[0].literal in (".", "source")
    is_environment = is_sourced and (item.words[-1].literal or "").endswith("/bin/activate")
    if is_sourced and not is_environment and traced.effects.reads.files:
        return "the file that it reads in may say something else by then"
    if is_sourced and (traced.effects.writes or traced.effects.network or traced.effects.outputs):
        return "the file that it reads in does more than set up its shell"
    return None


def _names_state(item: Command) -> bool:
    return any(word.literal in _STATE | _LOST for word in item.words[1:])


def _words(items: Iterator[Item] | Sequence[Item]) -> Iterator[Word]:
    for item in items:
        yield from item.words
        yield from (r.target for r in item.redirects if r.target is not None)
        if isinstance(item, Group):
            yield from _words(item.items)
        else:
            yield from (word for _, word in item.assignments)


def _shorten(trace: Sequence[Traced], cut: int, found: list[int]) -> tuple[int, ...]:
    """Without the ``cd`` commands if they lead back to where they began."""
    steps_back = any(
        word.literal in ("-", "~-") for word in _words(item for traced in trace[cut:] for item in traced.items)
    )
    if steps_back or any((w := trace[i].items[0].words) and w[0].literal in (".", "source") for i in found):
        return tuple(found)
    walks = [i for i in found if (w := trace[i].items[0].words) and w[0].literal == "cd"]
    is_back = cut < len(trace) and trace[cut].before.cwd == trace[0].before.cwd
    is_plain = all(trace[i + 1].items[0].link != "or" for i in walks if i + 1 < cut)
    return tuple(i for i in found if not (is_back and is_plain and i in walks))


def ignored_failure(trace: Sequence[Traced], cut: int, shell: tuple[str, ...]) -> str | None:
    """Why a failing command of the first half does not fail the build today, though it would in a RUN of its own."""
    why = "a failure of the first command is ignored today, and would stop the build"
    links = [traced.items[0].link for traced in trace]
    if links[cut] == "and":
        end = next((i for i in range(cut + 1, len(trace)) if links[i] not in ("and", "or")), len(trace))
        is_last = end == len(trace)
        return None if is_last and "or" not in links[_list_start(links, cut) : end] else why
    last = _list_start(links, cut - 1)
    item = trace[last].items[-1]
    if last == cut - 2 and links[cut - 1] == "or" and _is_failing_exit(trace[cut - 1].items[0]):
        return None
    if last != cut - 1 or trace[last].items[0].negated:
        return why
    if isinstance(item, Command) and not item.redirects and (not item.words or item.words[0].literal in _NEVER_FAIL):
        return None
    return None if _ends_on_failure(trace[:cut], shell) else why


def is_fatal(trace: Sequence[Traced], index: int, shell: tuple[str, ...]) -> bool:
    """Whether the RUN fails when the pipeline ``index`` does (POSIX.1-2024, Shell 2.9.3 and ``set -e``)."""
    links = [traced.items[0].link for traced in trace]
    start = _list_start(links, index)
    end = next((i for i in range(index + 1, len(trace)) if links[i] not in ("and", "or")), len(trace))
    if "or" in links[start + 1 : end] or trace[index].items[0].negated:
        return index + 2 == end and links[index + 1] == "or" and _is_failing_exit(trace[index + 1].items[0])
    return end == len(trace) or (index == end - 1 and _ends_on_failure(trace[:index], shell))


def _is_failing_exit(item: Item) -> bool:
    """``exit 1``: it ends the RUN, and the build with it."""
    if not isinstance(item, Command) or [word.literal for word in item.words[:1]] != ["exit"]:
        return False
    code = item.words[1].literal if len(item.words) == 2 else None
    return code is not None and code.isdigit() and int(code) % 256 != 0


def _ends_on_failure(trace: Sequence[Traced], shell: tuple[str, ...]) -> bool:
    """Whether ``set -e`` holds."""
    words = [list(shell[1:-1])]
    for traced in trace:
        item = traced.items[0]
        if item.link in ("and", "or") or item.negated:
            continue
        if len(traced.items) == 1 and isinstance(item, Command) and item.words and item.words[0].literal == "set":
            options = [word.literal or "" for word in item.words[1:]]
            words.append(options[: options.index("--")] if "--" in options else options)
    holds = False
    for options in words:
        for before, option in zip(["", *options], options, strict=False):
            for sign, on in (("-", True), ("+", False)):
                if re.fullmatch(rf"\{sign}[a-zA-Z]*e[a-zA-Z]*", option) or (before, option) == (f"{sign}o", "errexit"):
                    holds = on
    return holds
