"""The expressions of GitHub workflows, ``${{ … }}``, as far as constants go.

docs.github.com/actions/reference/workflows-and-actions/expressions. What only a run can tell is `UNKNOWN`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reorder.definitions.repository import ROOT, bounded
from reorder.definitions.values import Items, Table, Text, Value
from reorder.manager import UNKNOWN, is_known

_EXPRESSION = re.compile(r"\$\{\{(.{0,400}?)\}\}", re.DOTALL)
ANY = "*"
"""The key of a matrix that only a run can tell."""
_LONGEST_SCRIPT = 100_000
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*+')|([A-Za-z_][\w.*-]*+)|(\|\||&&|==|!=|[!()\[\],<>]=?)|(-?[\d.]++))")


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names of expressions stand for in one step."""

    env: Mapping[str, str] = field(default_factory=dict)
    matrix: Mapping[str, Value] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    action_path: str = UNKNOWN

    def value(self, text: str) -> str:
        """``text`` with its expressions replaced."""
        if "${{" not in text:
            return text
        return _EXPRESSION.sub(lambda found: bounded(evaluate(found[1], self)), text[:_LONGEST_SCRIPT])

    def named(self, name: str) -> str:
        """The value of a dotted name; a property that is not there is empty."""
        head, _, rest = name.partition(".")
        if name == "github.workspace":
            return ROOT
        if name == "github.action_path":
            return self.action_path
        if name.startswith("github.event.inputs."):
            return self.inputs.get(name.rpartition(".")[2], "")
        if head == "env":
            return self.env.get(rest, UNKNOWN)
        if head == "inputs":
            return self.inputs.get(rest, "")
        return _scalar(self.matrix, rest.split(".")) if head == "matrix" and ANY not in self.matrix else UNKNOWN

    def for_shell(self, text: str) -> str:
        """A script with its expressions replaced; what is not known becomes a variable without a value."""
        return self.value(text).replace(UNKNOWN, "${_unknown_}")


def _scalar(table: Mapping[str, Value], parts: list[str]) -> str:
    value: Value = table.get(parts[0], Text("", 0))
    for part in parts[1:]:
        if isinstance(value, Text) and not is_known(value):
            return UNKNOWN
        value = value.get(part, Text("", 0)) if isinstance(value, Table) else Text("", 0)
    return str(value) if isinstance(value, Text) else UNKNOWN if isinstance(value, Items | Table) else ""


def evaluate(text: str, scope: Scope) -> str:
    """The value of one expression as a text; `UNKNOWN` if it has none that is constant."""
    tokens: list[str] = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) > 200:
            return UNKNOWN
        tokens.append(found[0].strip())
        at = found.end()
    reader = _Reader(tokens, scope)
    try:
        value = reader.either()
    except (IndexError, RecursionError):
        return UNKNOWN
    return UNKNOWN if reader.tokens else value


def _is_true(value: str) -> bool:
    return value not in ("", "false", "0", "null")


@dataclass(slots=True)
class _Reader:
    """Recursive descent; each step takes its tokens from the front."""

    tokens: list[str]
    scope: Scope

    def _chain(self, operator: str, part: Callable[[], str], decides: Callable[[str], bool]) -> str:
        value = part()
        while self.tokens and self.tokens[0] == operator:
            self.tokens.pop(0)
            other = part()
            if is_known(value):
                value = value if decides(value) else other
        return value

    def either(self) -> str:
        return self._chain("||", self.both, _is_true)

    def both(self) -> str:
        return self._chain("&&", self.compared, lambda value: not _is_true(value))

    def compared(self) -> str:
        value = self.single()
        if self.tokens and self.tokens[0] in ("==", "!="):
            is_equal = self.tokens.pop(0) == "=="
            other = self.single()
            if not is_known(value) or not is_known(other):
                return UNKNOWN
            return "true" if (value.lower() == other.lower()) is is_equal else "false"
        return value

    def single(self) -> str:
        token = self.tokens.pop(0)
        if token == "!":
            value = self.single()
            return UNKNOWN if not is_known(value) else "false" if _is_true(value) else "true"
        if token == "(":
            value = self.either()
            return value if self.tokens.pop(0) == ")" else UNKNOWN
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self.tokens and self.tokens[0] == "(":
            return self.call(token)
        if token in ("true", "false") or token[0].isdigit() or token[0] == "-":
            return token
        return self.scope.named(token)

    def call(self, name: str) -> str:
        self.tokens.pop(0)
        values = []
        while self.tokens[0] != ")":
            values.append(self.either())
            if self.tokens[0] == ",":
                self.tokens.pop(0)
        self.tokens.pop(0)
        if name == "format" and values and all(map(is_known, values)):
            return re.sub(r"\{(\d+)\}", lambda m: values[int(m[1]) + 1], values[0])
        return UNKNOWN
