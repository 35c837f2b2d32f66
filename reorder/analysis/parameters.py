"""The parameters of a script: its arguments, and the idioms by which it finds its own folder.

They are kept among the shell's variables under names that no variable can have, so that what becomes of them in
branches and loops is what becomes of any variable. POSIX.1-2024, Shell 2.5; bash(1), BASH_SOURCE.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from reorder.analysis.shell_state import Shell
from reorder.effects import join
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import UNKNOWN, is_known

ARGUMENTS, NAME, BASH_SOURCE = "@", "0", "BASH_SOURCE"
_END = "\x1f"
_PLAIN = lazy_pattern(r"[\w./:=@%+,-]+", re.ASCII)
"""What stays one word and itself, quoted or not."""

_ME = r'"?\$(?:(?P<{0}>0|\{{0\}})|BASH_SOURCE\b|\{{BASH_SOURCE(?:\[0\])?\}})"?'
_REAL = r"\$\( *(?:readlink -f|realpath) (?:-- )?" + _ME + r" *\)"
_FOLDER = r"\$\( *dirname (?:-- )?(?:" + _ME.format("a") + '|"?' + _REAL.format("b") + r'"?) *\)'
_HERE = lazy_pattern(
    r"\$\( *cd (?:-P )?(?:-- )?\"?" + _FOLDER + r"(?P<below>(?:/[\w.-]+)*)\"?(?: *(?:&|1|2)?> ?(?:/dev/null|&[12]))*"
    r" *(?:&&|;) *pwd(?: -[PL])? *\)"
)
_FOLDERS = lazy_pattern(_FOLDER + r"|`dirname " + _ME.format("c") + r"`|\$\{(?:(?P<d>0)|BASH_SOURCE(?:\[0\])?)%/\*\}")
_FILES = lazy_pattern(_REAL.format("a"))
_CURRENT = lazy_pattern(r"\$\( *pwd(?: -[PL])? *\)|`pwd`")
_ARGUMENT = lazy_pattern(r"\$(?:\{(\d+)\}|(\d))")
_DEFAULTED = lazy_pattern(r"\$\{(\d+|[A-Za-z_]\w*):-([\w./:=+-]*)\}", re.ASCII)


def set_arguments(arguments: Sequence[str], shell: Shell) -> None:
    """Give the shell its ``$1``, ``$2`` and so on; with one that is not known none is, for it may be many words."""
    is_open = ARGUMENTS in shell.open_names or any(not is_known(word) or _END in word for word in arguments)
    set_parameter(ARGUMENTS, UNKNOWN if is_open else "".join(word + _END for word in arguments), shell)


def set_parameter(name: str, value: str, shell: Shell) -> None:
    """Set a parameter, which is never exported."""
    shell.state = shell.state._replace(variables={**shell.state.variables, name: value})


def arguments_of(shell: Shell) -> tuple[str, ...] | None:
    """``$1``, ``$2`` and so on; None if they are not known."""
    packed = shell.state.variables.get(ARGUMENTS, UNKNOWN)
    return tuple(packed.split(_END)[:-1]) if is_known(packed) else None


def shift(argv: Sequence[str], shell: Shell) -> None:
    """``shift N``."""
    arguments = arguments_of(shell)
    count = argv[1] if len(argv) > 1 else "1"
    set_arguments([UNKNOWN] if arguments is None or not count.isdigit() else arguments[int(count) :], shell)


def all_arguments(raw: str, shell: Shell) -> tuple[str, ...] | None:
    """The words that ``$@`` stands for; None if ``raw`` is something else, or they are not known."""
    arguments = arguments_of(shell) if raw in ("$@", "${@}") else None
    return arguments if arguments is not None and all(map(_PLAIN.fullmatch, arguments)) else None


def evaluate(raw: str, shell: Shell) -> str:
    """The value of an expansion, where that is cheap to tell and the same with quotes and without; else `UNKNOWN`."""
    value = _evaluate(raw, shell)
    return value if value is not None and _PLAIN.fullmatch(value) else UNKNOWN


def _evaluate(raw: str, shell: Shell) -> str | None:
    arguments = arguments_of(shell)
    if raw in ("$#", "${#}"):
        return None if arguments is None else str(len(arguments))
    if found := _ARGUMENT.fullmatch(raw):
        return _argument(found[1] or found[2], shell)
    if found := _DEFAULTED.fullmatch(raw):
        name, default = found.groups()
        if not name.isdigit():
            return shell.value(name)
        value = _argument(name, shell)
        return default if value == "" else value
    if _CURRENT.fullmatch(raw):
        return shell.cwd
    return _own_place(raw, shell)


def _argument(number: str, shell: Shell) -> str | None:
    """The empty text if there is no such argument."""
    if int(number) == 0:
        return shell.state.variables.get(NAME)
    arguments = arguments_of(shell)
    if arguments is None:
        return None
    return arguments[int(number) - 1] if int(number) <= len(arguments) else ""


def _own_place(raw: str, shell: Shell) -> str | None:
    for pattern in (_HERE, _FOLDERS, _FILES):
        found = pattern.fullmatch(raw)
        if found is None:
            continue
        groups = found.groupdict()
        is_name = any(groups.get(letter) for letter in "abcd")
        me = shell.state.variables.get(NAME if is_name else BASH_SOURCE, UNKNOWN)
        if not is_known(me) or (raw.endswith("%/*}") and "/" not in me):
            return None
        if pattern is _FILES:
            return join(shell.cwd, me)
        is_real = "readlink" in raw or "realpath" in raw
        folder = posixpath.dirname(join(shell.cwd, me) if is_real else me) or "."
        return join(shell.cwd, folder + groups["below"]) if pattern is _HERE else folder
    return None
