"""The variables of make: where they come from, what their references stand for, and which of them programs see.

gnu.org/software/make/manual, chapter 6 and section 5.7.2. A NUL character stands for what only a run can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

_UNKNOWN = "\0"
_ACTING = frozenset("shell eval call foreach file guile error let".split())
"""Functions that run something, or that may be anything."""
_PURE = frozenset(
    """
    subst patsubst strip findstring filter filter-out sort word wordlist words firstword lastword dir notdir suffix
    basename addsuffix addprefix join wildcard realpath abspath if or and intcmp origin flavor value info warning
    """.split()
)
_DEFAULTS = frozenset(
    """
    AR AS CC CXX CPP FC F77 M2C PC CO CO GET LEX YACC LINT MAKEINFO TEX TEXI2DVI WEAVE CWEAVE TANGLE CTANGLE LD OBJC
    ARFLAGS COFLAGS CHECKOUT,v CTANGLE F77FLAGS OUTPUT_OPTION SUFFIXES MAKEFILES MAKEFILE_LIST MAKE_COMMAND MAKE_HOST
    MAKE_VERSION MAKE_TERMOUT MAKE_TERMERR MAKELEVEL MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKEOVERRIDES MAKECMDGOALS SHELL
    MAKE_RESTARTS PWD OLDPWD
    """.split()
)
"""Variables that make has of itself, or that the shell sets; their values are not needed here."""
_NOT_TO_SET = {
    "VPATH": "searches other directories", "GPATH": "searches other directories", ".RECIPEPREFIX": "has .RECIPEPREFIX",
    "MAKE": "sets MAKE", "MAKEFILES": "includes other files", "MAKEOVERRIDES": "sets MAKEOVERRIDES",
    "CURDIR": "sets CURDIR", ".LIBPATTERNS": "sets .LIBPATTERNS",
}  # fmt: skip
_QUIET = re.compile(r"-?[srkwS]+|--(?:silent|quiet|no-print-directory|warn-undefined-variables|no-builtin-rules)|-j\d*")
_SHELL_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)

Origin = Literal["default", "environment", "file", "command line"]


class MakefileError(Exception):
    """Why a makefile is not followed: a clause about the file."""

    @property
    def why(self) -> str:
        """The clause."""
        return str(self)


class Variable(NamedTuple):
    """``value`` is expanded again at each use, unless it is ``is_simple``."""

    value: str
    origin: Origin
    is_simple: bool = False


def has_unknown(text: str) -> bool:
    """Whether a part of the text is only known in a run."""
    return _UNKNOWN in text


@dataclass(slots=True)
class Scope:
    """The variables of one run of make.

    ``may_be_set``: whether the environment may hold a variable of that name that nobody knows of.
    """

    variables: dict[str, Variable]
    may_be_set: Callable[[str], bool]
    exports_all: bool = False
    _exports: dict[str, str] = field(default_factory=dict)
    _busy: list[str] = field(default_factory=list)

    def assign(self, name: str, operator: str, text: str) -> None:
        """Do what an assignment of the makefile does (section 6.5)."""
        if name in _NOT_TO_SET:
            raise MakefileError(_NOT_TO_SET[name])
        if operator in ("!=", ":::="):
            raise MakefileError(f"assigns with {operator}")
        if operator in (":=", "::="):
            new = Variable(self.expand(text), "file", is_simple=True)
        elif operator == "?=":
            if name in self.variables:
                return
            is_open = self.may_be_set(name) or name in _DEFAULTS
            new = Variable(_UNKNOWN, "file", is_simple=True) if is_open else Variable(text, "file")
        elif operator == "+=":
            new = self._appended(name, text)
        else:
            new = Variable(text, "file")
        if name == "MAKEFLAGS":
            if not all(map(_QUIET.fullmatch, self.expand(text).split())):
                raise MakefileError("sets MAKEFLAGS")
        elif name not in self.variables or self.variables[name].origin != "command line":
            self.variables[name] = new

    def _appended(self, name: str, text: str) -> Variable:
        old = self.variables.get(name)
        if old is None:
            is_open = self.may_be_set(name) or name in _DEFAULTS
            return Variable(_UNKNOWN, "file", is_simple=True) if is_open else Variable(text, "file")
        more = self.expand(text) if old.is_simple else text
        return Variable(f"{old.value} {more}" if old.value else more, "file", old.is_simple)

    def export(self, names: Iterable[str], answer: Literal["yes", "no"]) -> None:
        """``export NAME…`` and ``unexport NAME…``; without a name, all are meant."""
        chosen = list(names)
        for name in chosen:  # a variable that is not there becomes an empty one, so that ?= leaves it alone (4.3)
            value = _UNKNOWN if self.may_be_set(name) or name in _DEFAULTS else ""
            self.variables.setdefault(name, Variable(value, "file", is_simple=True))
        self._exports.update(dict.fromkeys(chosen, answer))
        if not chosen:
            self.exports_all = answer == "yes"

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """The variables that a recipe's shell gets, ``given`` being those of make itself (section 5.7.2)."""
        env = dict(given)
        for name, variable in self.variables.items():
            answer = self._exports.get(name)
            if _SHELL_NAME.fullmatch(name) is None:
                continue
            if answer == "no":
                env.pop(name, None)
            elif answer == "yes" or (name != "SHELL" and self._is_seen(name, variable, given)):
                value = variable.value if variable.is_simple else self.expand(variable.value)
                # which of the two search paths make itself uses differs between its versions
                env[name] = f"{value}:{given.get(name, _UNKNOWN)}" if name == "PATH" else value
            elif variable.origin == "file" and name != "SHELL" and self.may_be_set(name):
                env[name] = _UNKNOWN
        return env

    def _is_seen(self, name: str, variable: Variable, given: Mapping[str, str]) -> bool:
        """Whether make hands a variable on that no line exports: it came from outside, but may have changed."""
        if variable.origin == "file":
            return self.exports_all or name in given or name in ("PATH", "HOME")
        return variable.origin == "command line"

    def expand(self, text: str, own: Mapping[str, str] | None = None) -> str:
        """The text with its references replaced; ``own`` are the automatic variables. Raises `MakefileError`."""
        pieces = text.split("$")
        if len(pieces) == 1:
            return text
        found, at = [], 0
        while (dollar := text.find("$", at)) >= 0:
            found.append(text[at:dollar])
            letter = text[dollar + 1 : dollar + 2]
            if letter in ("(", "{") and letter:
                at = _closing(text, dollar + 1)
                found.append(self._reference(text[dollar + 2 : at - 1], own or {}))
            else:
                at = dollar + 2
                found.append("$" if letter == "$" else self._named(letter, own or {}))
        return "".join((*found, text[at:]))

    def _reference(self, inside: str, own: Mapping[str, str]) -> str:
        head = re.match(r"([a-z-]+)(?:[ \t,]|$)", inside)
        word = head[1] if head else ""
        if word in _ACTING and word != inside:
            raise MakefileError(f"uses $({word} …)")
        if word in _PURE and word != inside:
            self.expand(inside[len(word) :], own)  # what runs a program in there is found
            return _UNKNOWN
        if "$" in inside.partition(":")[0] or re.search(r"[ \t]", inside.partition(":")[0]):
            raise MakefileError(f"uses $({inside[:30]})")
        name, colon, _ = inside.partition(":")
        value = self._named(name, own)
        if colon:
            self.expand(inside[len(name) :], own)
            return _UNKNOWN
        return value

    def _named(self, name: str, own: Mapping[str, str]) -> str:
        if name in own:
            return own[name]
        if name == "" or name in "@<^+?*|%" or re.fullmatch(r"[@<^+?*|%][DF]", name):
            return _UNKNOWN
        variable = self.variables.get(name)
        if variable is None:
            return _UNKNOWN if name in _DEFAULTS or name.startswith(".") or self.may_be_set(name) else ""
        if variable.is_simple:
            return variable.value
        if name in self._busy or len(self._busy) > 40:
            raise MakefileError(f"has a variable {name} that refers to itself")
        self._busy.append(name)
        value = self.expand(variable.value, own)
        self._busy.pop()
        return value

    def why_unknown(self, text: str) -> str:
        """A clause for a text with parts that only a run can tell."""
        found = re.search(r"\$[({]([a-z-]+)[ \t,][^)]", text)
        if found and found[1] in _PURE:
            return f"uses $({found[1]} …)"
        for found in re.finditer(r"\$[({]([^\s(){}$,:]+)(:?)|\$([^$({])", text):
            name = found[1] or found[3]
            if found[2] or has_unknown(self._named(name, {})):
                return f"uses $({name}), which only a build can tell"
        return "has parts that only a build can tell"


def _closing(text: str, opening: int) -> int:
    """Behind the bracket that closes the one at ``opening``; only brackets of its kind count."""
    pair = {"(": ")", "{": "}"}[text[opening]]
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == text[opening]) - (text[at] == pair)
        if not depth:
            return at + 1
    raise MakefileError("has a reference without an end")
