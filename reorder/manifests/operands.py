"""The paths that a command line names, as sets of container paths.

An operand may be a glob or hold a part that only a run can tell: it then stands for everything in the directory that
its known beginning names. (That an unknown part climbs out of it by ``..`` is not considered.)
"""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import Literal

from reorder.effects import Effects, PathSet, Role, join
from reorder.manager import UNKNOWN, Call, is_known

Depth = Literal["file", "tree"]
"""Whether a command touches just the path, or all below it as well."""

_FIRST_OPEN = re.compile(rf"[*?\[{UNKNOWN}]")


def is_glob(word: str) -> bool:
    """Whether the shell may put other names in the word's place."""
    return any(letter in word for letter in "*?[")


def shown(word: str) -> str:
    """The word as a message shows it."""
    return word.replace(UNKNOWN, "$…")


def place(call: Call, word: str, depth: Depth = "file") -> PathSet | None:
    """Where an operand lies; None if that is not known."""
    found = _FIRST_OPEN.search(word)
    if not is_known(call.cwd) and ".." in word.split("/"):
        return None
    if found is None:
        path = join(call.cwd, word)
        return PathSet.of(trees=[path]) if depth == "tree" else PathSet.of(path)
    directory, slash, _ = word[: found.start()].rpartition("/")
    is_open = not is_known(word)
    if is_open and (not found.start() or directory + slash == "/" or ".." in word[found.start() :]):
        return None
    return PathSet.of(trees=[join(call.cwd, directory + slash or ".")])


def unknown_path(call: Call, word: str) -> Effects:
    """The refusal for an operand that `place` does not know."""
    return Effects.blocked("path-unknown", f"{call.argv[0]} {shown(word)}: the path is only known at build time")


def unknown_option(call: Call, option: str, *, role: Role = Role.LOCAL) -> Effects:
    """The refusal for an option that is not in a command's table."""
    return Effects.blocked("unknown-option", f"{call.argv[0]} {shown(option)}: the option is not known", role=role)


def reading(call: Call, *words: str, depth: Depth = "file") -> Effects:
    """The effects of reading these operands; ``-`` is standard input."""
    total = Effects()
    for word in words:
        if word in ("", "-"):
            continue
        paths = place(call, word, depth)
        total |= unknown_path(call, word) if paths is None else Effects(reads=paths)
    return total


def writing(call: Call, *words: str, depth: Depth = "file") -> Effects:
    """The effects of creating, overwriting or deleting these operands; ``-`` is standard output."""
    total = Effects()
    for word in words:
        if word in ("", "-", "/dev/null", "/dev/stdout", "/dev/stderr"):
            continue
        paths = place(call, word, depth)
        total |= unknown_path(call, word) if paths is None else Effects(writes=paths)
    return total


def changing(call: Call, *words: str, depth: Depth = "file") -> Effects:
    """The effects of changing what is there."""
    return reading(call, *words, depth=depth) | writing(call, *words, depth=depth)


def ancestors(directory: str) -> tuple[str, ...]:
    """A directory and all above it, up to the root."""
    found = [directory]
    while found[-1] != "/" and found[-1]:
        found.append(found[-1].rpartition("/")[0] or "/")
    return tuple(found)


def probes(call: Call, *names: str) -> PathSet:
    """These names in the working directory and in all directories above it."""
    return PathSet.of(*(join(directory, name) for directory in ancestors(call.cwd) for name in names))


def at_home(call: Call, *names: str) -> tuple[str, ...]:
    """Paths below the user's home directory."""
    return tuple(join(call.home, name) for name in names)


def names_matching(call: Call, pattern: str) -> tuple[str, ...]:
    """What the context put into the working directory that matches a glob."""
    return tuple(name for name in call.view.names(call.cwd) if fnmatch(name, pattern))
