"""Takes off the commands that only run another command: ``sudo``, ``env``, ``time`` and their like."""

from __future__ import annotations

import re
from typing import NamedTuple

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=", re.ASCII)
_DURATION = re.compile(r"\d+(\.\d+)?[smhd]?")


class _Wrapper(NamedTuple):
    """The options of a wrapper that change nothing for the command it runs; ``operands`` come before that command."""

    switches: str = ""
    valued: str = ""
    long: frozenset[str] = frozenset()
    operands: int = 0
    assigns: bool = False


_WRAPPERS = {
    "sudo": _Wrapper("EHnkP", "", frozenset(["--preserve-env", "--set-home", "--non-interactive"]), assigns=True),
    "env": _Wrapper("i", "u", frozenset(["--ignore-environment"]), assigns=True),
    "time": _Wrapper("pv"),
    "nice": _Wrapper("", "n"),
    "ionice": _Wrapper("t", "cn"),
    "nohup": _Wrapper(),
    "exec": _Wrapper("cl", "a"),
    "command": _Wrapper("p"),
    "builtin": _Wrapper(),
    "timeout": _Wrapper("v", "ks", frozenset(["--foreground", "--preserve-status", "--verbose"]), operands=1),
    "stdbuf": _Wrapper("", "ioe"),
    "eatmydata": _Wrapper(),
    "unbuffer": _Wrapper("p"),
}
_OPAQUE = frozenset(("xargs", "parallel", "su", "gosu", "su-exec", "setpriv", "runuser", "chroot", "doas", "watch"))
"""They run a command as someone else, somewhere else, or with words that only a run can tell."""


def unwrap(argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """The command that ``argv`` runs in the end, behind the assignments that hold for it; None if that is not known.

    Empty if none is run (a bare ``exec``); ``argv`` itself if its program is no wrapper.
    """
    assignments: list[str] = []
    while argv:
        name = argv[0].rpartition("/")[2]
        if name in _OPAQUE:
            return None
        wrapper = _WRAPPERS.get(name)
        if wrapper is None or _only_asks(name, argv):
            break
        rest = _skip_options(wrapper, argv[1:])
        if rest is None or (not rest and name != "exec"):
            return None
        while wrapper.assigns and rest and _ASSIGNMENT.match(rest[0]):
            assignments.append(rest[0])
            rest = rest[1:]
        argv = rest
    return (*assignments, *argv)


def _only_asks(name: str, argv: tuple[str, ...]) -> bool:
    """``command -v x``, ``env`` alone and ``sudo --version`` run nothing."""
    if name == "command":
        return argv[1:2] in (("-v",), ("-V",))
    return argv[1:2] == ("--version",) or (name == "env" and len(argv) == 1)


def _skip_options(wrapper: _Wrapper, args: tuple[str, ...]) -> tuple[str, ...] | None:
    while args and args[0].startswith("-") and args[0] != "-":
        word, args = args[0], args[1:]
        if word == "--":
            break
        if word.startswith("--"):
            if word.partition("=")[0] not in wrapper.long:
                return None
        elif word[1] in wrapper.valued:
            args = args if len(word) > 2 else args[1:]
        elif not set(word[1:]) <= set(wrapper.switches):
            return None
    if wrapper.operands:
        if not args or not _DURATION.fullmatch(args[0]):
            return None
        args = args[wrapper.operands :]
    return args
