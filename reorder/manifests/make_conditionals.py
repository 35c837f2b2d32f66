"""The conditional parts of a makefile, decided where the values that they compare are known.

gnu.org/software/make/manual, section 7.2. Anything else raises `MakefileError`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.manifests.make_variables import MakefileError, Scope, has_unknown

_LINE = re.compile(r"(else[ \t]+)?(ifn?eq|ifn?def|else|endif)(?:[ \t]+(.*))?", re.DOTALL)
_QUOTED = re.compile(r"""(?:"([^"]*)"|'([^']*)')[ \t]*(?:"([^"]*)"|'([^']*)')""")
_WHY = "has conditionals that only a build can tell"


class _Branch(NamedTuple):
    """Whether the lines are read, and whether one of the branches was."""

    is_read: bool
    is_settled: bool


def looks_conditional(text: str) -> bool:
    """Whether a line would belong to a conditional if it stood at the margin."""
    return re.match(r"\s*(?:ifn?eq|ifn?def|else|endif)\b", text) is not None


@dataclass(slots=True)
class Conditionals:
    """The conditionals around a line, outermost first."""

    branches: list[_Branch] = field(default_factory=list)

    @property
    def is_skipping(self) -> bool:
        """Whether the lines here are not read."""
        return not all(branch.is_read for branch in self.branches)

    def take(self, text: str, scope: Scope) -> bool:
        """Read a line if it belongs to a conditional; False if it does not."""
        found = _LINE.fullmatch(text.strip())
        if found is None:
            return False
        is_else, word, rest = bool(found[1]) or found[2] == "else", found[2], (found[3] or "").strip()
        if word in ("else", "endif") and (rest or not self.branches or found[1]):
            raise MakefileError("has conditionals that are not understood")
        if is_else and not self.branches:
            raise MakefileError("has conditionals that are not understood")
        if word == "endif":
            self.branches.pop()
            return True
        is_settled = self.branches.pop().is_settled if is_else else False
        is_open = not is_settled and not self.is_skipping
        is_read = is_open and (word == "else" or _decide(word, rest, scope))
        self.branches.append(_Branch(is_read, is_settled or is_read))
        return True


def _decide(word: str, rest: str, scope: Scope) -> bool:
    """Whether the condition holds."""
    if word in ("ifdef", "ifndef"):
        return _is_defined(rest, scope) == (word == "ifdef")
    one, other = (scope.expand(side) for side in _sides(rest))
    if has_unknown(one) or has_unknown(other):
        raise MakefileError(_WHY)
    return (one == other) == (word == "ifeq")


def _is_defined(text: str, scope: Scope) -> bool:
    name = scope.expand(text)
    if has_unknown(name) or re.search(r"\s", name):
        raise MakefileError(_WHY)
    variable = scope.variables.get(name)
    if (variable is None and has_unknown(scope.expand(f"$({name})"))) or (variable and has_unknown(variable.value)):
        raise MakefileError(_WHY)
    return variable is not None and variable.value != ""


def _sides(text: str) -> tuple[str, str]:
    """The two texts of ``(a,b)`` or ``"a" "b"``."""
    if found := _QUOTED.fullmatch(text):
        return found[1] or found[2] or "", found[3] or found[4] or ""
    depth, commas = 0, []
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 1:
            commas.append(at)
        if not depth and at != len(text) - 1:
            break
    else:
        if text.startswith("(") and not depth and len(commas) == 1 and "{" not in text:
            return text[1 : commas[0]].rstrip(" \t"), text[commas[0] + 1 : -1].lstrip(" \t")
    raise MakefileError("has conditionals that are not understood")
