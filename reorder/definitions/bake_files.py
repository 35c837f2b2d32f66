"""The targets of bake files: variables, inheritance and matrices worked out.

docs.docker.com/build/bake/reference, /inheritance, /matrices and /overrides. A variable has its default here, unless
the command that bakes sets it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice, product
from typing import TYPE_CHECKING, Union

from reorder.definitions.error import DefinitionError
from reorder.definitions.hcl_files import Evaluator, Function, read_function, read_hcl
from reorder.definitions.repository import Repository
from reorder.definitions.values import Items, Table, Text, Value
from reorder.definitions.yaml_files import read_json
from reorder.manager import UNKNOWN, is_known

if TYPE_CHECKING:
    from tree_sitter import Node

_BUILT_IN = frozenset(("BAKE_CMD_CONTEXT", "BAKE_LOCAL_PLATFORM"))
_MOST_TARGETS = 1000
_MOST_DEPTH = 20

Attribute = Union["Node", Value]


@dataclass(slots=True)
class _Declared:
    """A target as it is written, perhaps in several files: attributes with the file and line of the last one."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    source: str = ""
    line: int = 1


@dataclass(slots=True)
class BakeTarget:
    """A target with its attributes evaluated, what it inherits included; ``is_parent``: others inherit from it."""

    name: str
    source: str
    line: int
    values: dict[str, Value]
    is_parent: bool


@dataclass(slots=True)
class Bake:
    """Bake files, read one over the other. ``undefined``: variables that were asked for, and that no file has."""

    repository: Repository
    environment: Mapping[str, str]
    undefined: set[str] = field(default_factory=set)
    _targets: dict[str, _Declared] = field(default_factory=dict)
    _variables: dict[str, Attribute] = field(default_factory=dict)
    _functions: dict[str, Function] = field(default_factory=dict)
    _busy: list[str] = field(default_factory=list)
    _known: dict[str, Value] = field(default_factory=dict)
    _inherited: dict[str, dict[str, Value]] = field(default_factory=dict)

    def read(self, path: str) -> None:
        """Add one file; raises `DefinitionError`."""
        text = self.repository.read(path)
        if path.endswith(".json"):
            self._read_json(text, path)
            return
        blocks, attributes = read_hcl(text, path, self.repository.effort)
        self._variables.update(attributes)
        for block in blocks:
            if block.type == "variable" and block.labels:
                self._variables[block.labels[0]] = block.attributes.get("default", Text("", block.line))
            elif block.type == "function" and block.labels and (function := read_function(block)):
                self._functions[block.labels[0]] = function
            elif block.type == "target" and block.labels:
                self._declare(block.labels[0], block.attributes, path, block.line)

    def _read_json(self, text: str, path: str) -> None:
        value = read_json(text, path)
        if not isinstance(value, Table):
            raise DefinitionError("no bake file: its value is no object", 1, path, is_warning=True)
        for name in value.table("variable"):
            self._variables[name] = value.table("variable").table(name).get("default", Text("", 0))
        targets = value.table("target")
        for name in targets:
            self._declare(name, targets.table(name), path, targets.line_of(name))

    def _declare(self, name: str, attributes: Mapping[str, Attribute], path: str, line: int) -> None:
        declared = self._targets.setdefault(name, _Declared())
        declared.attributes |= attributes
        declared.source, declared.line = path, line

    def targets(self) -> Iterator[BakeTarget | DefinitionError]:
        """Every target, one for each combination of its matrix."""
        count = 0
        inherited = [self._value(each.attributes.get("inherits"), {}) for each in self._targets.values()]
        parents = {name for names in inherited if isinstance(names, Items) for name in names.texts()}
        for name, declared in self._targets.items():
            try:
                for combination in self._combinations(declared):
                    count += 1
                    if count > _MOST_TARGETS:
                        return
                    values = self._evaluated(name, combination, ())
                    yield BakeTarget(name, declared.source, declared.line, values, name in parents)
            except DefinitionError as error:
                yield DefinitionError(error.why, declared.line, declared.source, is_warning=error.is_warning)

    def _combinations(self, declared: _Declared) -> list[dict[str, Value]]:
        matrix = self._value(declared.attributes.get("matrix"), {})
        if not isinstance(matrix, Table):
            return [{}]
        lists = [value if isinstance(value, Items) else Items((Text(UNKNOWN, 0),), 0) for value in matrix.values()]
        return [dict(zip(matrix, each, strict=True)) for each in islice(product(*lists), _MOST_TARGETS)]

    def _evaluated(self, name: str, local: dict[str, Value], way: tuple[str, ...]) -> dict[str, Value]:
        if name in way or len(way) > _MOST_DEPTH:
            raise DefinitionError(f"target {name} inherits from itself", is_warning=True)
        declared = self._targets.get(name)
        if declared is None:
            raise DefinitionError(f"there is no target {name}", is_warning=True)
        own = {key: self._value(each, local) for key, each in declared.attributes.items() if key != "matrix"}
        merged: dict[str, Value] = {}
        parents = own.pop("inherits", None)
        for parent in parents.texts() if isinstance(parents, Items) else []:
            if not is_known(parent):
                raise DefinitionError("a target inherits from another that only a run can tell")
            if parent not in self._inherited:
                self._inherited[parent] = self._evaluated(parent, {}, (*way, name))
            merged = _over(self._inherited[parent], merged)
        return _over(own, merged)

    def _value(self, attribute: Attribute, local: dict[str, Value]) -> Value:
        if isinstance(attribute, Text):
            return self._template(attribute, local)
        if isinstance(attribute, Table):
            return Table({k: self._value(v, local) for k, v in attribute.items()}, attribute.line, attribute.lines)
        if isinstance(attribute, Items):
            return Items((self._value(each, local) for each in attribute), attribute.line)
        return None if attribute is None else self._evaluator(local).value(attribute)

    def _evaluator(self, local: dict[str, Value]) -> Evaluator:
        return Evaluator(self._variable, self.repository.effort, local, self._functions)

    def _template(self, text: Text, local: dict[str, Value]) -> Text:
        """A text of a JSON file, which may hold ``${…}`` as one of HCL does."""
        if "${" not in text:
            return text
        quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        try:
            _, attributes = read_hcl(f'x = "{quoted}"\n', "", self.repository.effort)
        except DefinitionError:
            return Text(UNKNOWN, text.line)
        value = self._evaluator(local).value(attributes["x"])
        return Text(str(value) if isinstance(value, Text) else UNKNOWN, text.line)

    def _variable(self, name: str) -> Value:
        if name in self.environment and name in self._variables:
            return Text(self.environment[name], 0)
        if name not in self._variables and name not in _BUILT_IN and re.fullmatch(r"\w+", name):
            self.undefined.add(name)
        if name not in self._variables or name in self._busy or len(self._busy) > _MOST_DEPTH:
            return Text(UNKNOWN, 0)
        if name not in self._known:
            self._busy.append(name)
            self._known[name] = self._value(self._variables[name], {})
            self._busy.pop()
        return self._known[name]


def overridden(target: BakeTarget, settings: Sequence[str]) -> BakeTarget:
    """The target with what ``--set TARGET.KEY=VALUE`` says; TARGET may be a pattern."""
    values = dict(target.values)
    for setting in settings:
        path, equals, value = setting.partition("=")
        pattern, _, rest = path.partition(".")
        key, _, name = rest.partition(".")
        if not equals or not fnmatchcase(target.name, pattern):
            continue
        if key in ("args", "contexts"):
            old = values.get(key)
            below = old if isinstance(old, Table) else Table({}, target.line, {})
            values[key] = Table({**below, name: Text(value, target.line)}, below.line, below.lines)
        elif key in ("context", "dockerfile", "target"):
            values[key] = Text(value, target.line)
    return replace(target, values=values)


def _over(values: dict[str, Value], below: dict[str, Value]) -> dict[str, Value]:
    """Attributes merged: tables entry by entry, the rest replaced (null sets nothing)."""
    merged = dict(below)
    for key, value in values.items():
        old = merged.get(key)
        if isinstance(value, Table) and isinstance(old, Table):
            merged[key] = Table({**old, **value}, value.line, value.lines)
        elif value is not None:
            merged[key] = value
    return merged


