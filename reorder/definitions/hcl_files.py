"""HCL files (docker-bake.hcl) as blocks with expressions, and the values of those that are constant.

github.com/hashicorp/hcl, spec.md. Functions that only work on texts and lists are known (docs.docker.com/build/bake/
stdlib); every other call, and what depends on it, is `UNKNOWN`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from reorder.definitions.effort import Effort, parse_with_patience
from reorder.definitions.error import DefinitionError
from reorder.definitions.repository import LONGEST, bounded
from reorder.definitions.values import Items, Table, Text, Value
from reorder.manager import UNKNOWN, is_known

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_MOST_DEPTH = 60
_TEMPLATES = ("string_lit", "quoted_template", "heredoc_template", "template_interpolation")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


class Block(NamedTuple):
    """``target "app" { … }``: its type, its labels, and its attributes, not yet evaluated."""

    type: str
    labels: tuple[str, ...]
    attributes: Mapping[str, Node]
    line: int


@cache
def _parser() -> Parser:
    import tree_sitter_hcl
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_hcl.language()))


def read_hcl(text: str, source: str, effort: Effort) -> tuple[list[Block], dict[str, Node]]:
    """The blocks and the attributes at the top level of a file; raises `DefinitionError` with the line of an error."""
    root = parse_with_patience(_parser(), text, effort).root_node
    if root.has_error:
        raise DefinitionError("broken HCL", _first_error(root), source, is_warning=True)
    body = next((node for node in root.children if node.type == "body"), None)
    if body is None:
        return [], {}
    blocks = [_block(node) for node in body.children if node.type == "block"]
    return blocks, dict(_attributes(body))


def _first_error(node: Node) -> int:
    while inner := next((child for child in node.children if child.has_error or child.is_missing), None):
        node = inner
    return int(node.start_point[0]) + 1


def _block(node: Node) -> Block:
    labels = [_label(child) for child in node.children[1:] if child.type in ("string_lit", "identifier")]
    body = next((child for child in node.children if child.type == "body"), None)
    attributes = dict(_attributes(body)) if body is not None else {}
    return Block(_source(node.children[0]), tuple(labels), attributes, node.start_point[0] + 1)


def _attributes(body: Node) -> Iterator[tuple[str, Node]]:
    for child in body.children:
        if child.type == "attribute":
            yield _source(child.children[0]), child.children[-1]


def _label(node: Node) -> str:
    return _source(node) if node.type == "identifier" else "".join(_literal(c) for c in node.children)


def _source(node: Node) -> str:
    return (node.text or b"").decode()


def _literal(node: Node) -> str:
    if node.type != "template_literal":
        return ""
    text = re.sub(r'\\(["\\ntr])', lambda found: _ESCAPES[found[1]], _source(node))
    return text.replace("$${", "${").replace("%%{", "%{")


class Function(NamedTuple):
    """``function "f" { params = [a] result = … }``."""

    parameters: tuple[str, ...]
    result: Node


def read_function(block: Block) -> Function | None:
    """The function that a block defines; None if it lacks something."""
    parameters, result = block.attributes.get("params"), block.attributes.get("result")
    if parameters is None or result is None:
        return None
    return Function(tuple(re.findall(r"\w+", _source(parameters))), result)


@dataclass(slots=True)
class Evaluator:
    """Values of expressions. ``lookup`` gives those of names that are not ``local``; ``functions``: the file's own.

    Functions that call one another make more of a file than its size tells: that is what ``effort`` is for.
    """

    lookup: Callable[[str], Value]
    effort: Effort
    local: dict[str, Value] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)

    def value(self, node: Node, depth: int = 0) -> Value:
        """The value of an expression; `UNKNOWN` (as a text) if it is not constant."""
        self.effort.spend(1)
        line = node.start_point[0] + 1
        unknown = Text(UNKNOWN, line)
        if depth > _MOST_DEPTH or (node.type in _TEMPLATES and node.end_byte - node.start_byte > LONGEST):
            return unknown
        children = [child for child in node.children if child.is_named]
        match node.type:
            case "expression" | "literal_value" | "template_expr" | "collection_value":
                return self._only(node, children, depth)
            case kind if kind in _TEMPLATES:
                return Text(bounded("".join(self._template_part(child, depth) for child in node.children)), line)
            case "numeric_lit" | "bool_lit":
                return Text(_source(node), line)
            case "null_lit":
                return None
            case "tuple":
                return Items((self.value(c, depth + 1) for c in children if c.type == "expression"), line)
            case "object":
                return self._object(node, depth)
            case "conditional":
                return self._conditional(children, depth)
            case "function_call":
                return self._call(children, depth, line)
            case "variable_expr":
                name = _source(node)
                return self.local[name] if name in self.local else self.lookup(name)
            case "operation":
                return self._operation(node, depth, line)
            case _:
                return unknown

    def _only(self, node: Node, children: list[Node], depth: int) -> Value:
        unknown = Text(UNKNOWN, node.start_point[0] + 1)
        if not children:
            return unknown
        value = self.value(children[0], depth + 1)
        for step in children[1:]:
            if step.type == "get_attr" and isinstance(value, Table):
                value = value.get(_source(step).lstrip("."), unknown)
            elif step.type in ("index", "new_index", "legacy_index") or step.type != "comment":
                return unknown
        return value

    def _template_part(self, node: Node, depth: int) -> str:
        if node.type == "template_literal":
            return _literal(node)
        if node.type == "template_interpolation":
            inner = next((c for c in node.children if c.type == "expression"), None)
            value = self.value(inner, depth + 1) if inner is not None else None
            return str(value) if isinstance(value, Text) else UNKNOWN
        if node.type == "expression":
            value = self.value(node, depth + 1)
            return str(value) if isinstance(value, Text) else UNKNOWN
        return UNKNOWN if node.type in ("template_directive", "template_for", "template_if") else ""

    def _object(self, node: Node, depth: int) -> Table:
        entries: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for element in node.children:
            if element.type != "object_elem":
                continue
            key, value = [c for c in element.children if c.type == "expression"][:2]
            name = _source(key)
            if not re.fullmatch(r"[\w-]+", name):
                found = self.value(key, depth + 1)
                name = str(found) if isinstance(found, Text) else UNKNOWN
            entries[name] = self.value(value, depth + 1)
            lines[name] = element.start_point[0] + 1
        return Table(entries, node.start_point[0] + 1, lines)

    def _conditional(self, children: list[Node], depth: int) -> Value:
        condition, chosen, other = [self.value(child, depth + 1) for child in children[:3]]
        if condition == "true":
            return chosen
        if condition == "false":
            return other
        return chosen if chosen == other else Text(UNKNOWN, children[0].start_point[0] + 1)

    def _operation(self, node: Node, depth: int, line: int) -> Value:
        inner = node.children[0]
        operands = [self.value(c, depth + 1) for c in inner.children if c.is_named and c.type != "comment"]
        operator = next((_source(c) for c in inner.children if not c.is_named), "")
        texts = [str(o) for o in operands if isinstance(o, Text)]
        if len(texts) != len(operands) or not all(map(is_known, texts)):
            return Text(UNKNOWN, line)
        match operator, texts:
            case "==" | "!=", [left, right]:
                return _boolean((left == right) is (operator == "=="), line)
            case "&&", [left, right]:
                return _boolean(left == right == "true", line)
            case "||", [left, right]:
                return _boolean("true" in (left, right), line)
            case "!", [word]:
                return _boolean(word != "true", line)
            case _:
                return Text(UNKNOWN, line)

    def _call(self, children: list[Node], depth: int, line: int) -> Value:
        name = _source(children[0])
        words = [c for c in children[1].children if c.type == "expression"] if len(children) > 1 else []
        values = [self.value(c, depth + 1) for c in words]
        own = self.functions.get(name)
        if own is not None and len(own.parameters) == len(values):
            given = dict(zip(own.parameters, values, strict=True))
            inner = Evaluator(self.lookup, self.effort, given, self.functions)
            return inner.value(own.result, depth + _MOST_DEPTH // 8)
        function = _FUNCTIONS.get(name)
        if function is None or not all(isinstance(v, Text | Items) for v in values) or UNKNOWN in repr(values):
            return Text(UNKNOWN, line)
        try:
            made = function(*values)
        except (TypeError, IndexError, ValueError, AttributeError):
            return Text(UNKNOWN, line)
        if isinstance(made, bool):
            return _boolean(made, line)
        return Text(bounded(made), line) if isinstance(made, str) else Items((Text(str(v), line) for v in made), line)


def _boolean(value: bool, line: int) -> Text:
    return Text("true" if value else "false", line)


def _coalesce(*values: str) -> str:
    return next(value for value in values if value)


_FUNCTIONS: dict[str, Callable[..., str | bool | list[str]]] = {
    "upper": str.upper,
    "lower": str.lower,
    "trimspace": str.strip,
    "trimprefix": str.removeprefix,
    "trimsuffix": str.removesuffix,
    "replace": lambda text, old, new: text.replace(old, new),
    "join": lambda separator, values: separator.join(values),
    "split": lambda separator, text: text.split(separator),
    "concat": lambda *lists: [value for each in lists for value in each],
    "equal": lambda left, right: left == right,
    "notequal": lambda left, right: left != right,
    "and": lambda left, right: left == right == "true",
    "or": lambda left, right: "true" in (left, right),
    "not": lambda value: value != "true",
    "coalesce": _coalesce,
    "basename": lambda path: path.rstrip("/").rpartition("/")[2],
    "dirname": lambda path: path.rstrip("/").rpartition("/")[0] or ".",
    "contains": lambda values, value: value in values,
    "substr": lambda text, start, length: text[int(start) :][: None if int(length) < 0 else int(length)],
    "format": lambda text, *values: _formatted(text, values),
}


def _formatted(text: str, values: tuple[str, ...]) -> str:
    if re.sub(r"%[sv]", "", text).count("%"):
        raise ValueError(text)
    rest = iter(values)
    return re.sub(r"%[sv]", lambda _: next(rest, ""), text)
