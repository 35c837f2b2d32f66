"""The jobs that a workflow's matrix makes, where it is constant.

docs.github.com/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations: ``include`` adds to those
combinations whose own values it does not change, and is a combination of its own if there are none.
"""

from __future__ import annotations

import re
from itertools import islice, product

from reorder.definitions.error import DefinitionError
from reorder.definitions.github_expressions import ANY, Scope
from reorder.definitions.values import Items, Table, Text, Value
from reorder.definitions.yaml_files import read_json
from reorder.manager import UNKNOWN

_MOST_JOBS = 256
"""As GitHub has it."""
_FROM_JSON = re.compile(r"\$\{\{\s*from[jJ][sS][oO][nN]\(\s*'((?:[^']|'')*+)'\s*\)\s*\}\}")

Combination = dict[str, Value]


def combinations(matrix: Value, scope: Scope) -> list[Combination]:
    """What ``matrix`` stands for in each job; values that only a run can tell are `UNKNOWN`."""
    if isinstance(matrix, Text):
        matrix = _from_json(matrix)
        if not isinstance(matrix, Table):
            return [{ANY: Text(UNKNOWN, 0)}]
    if not isinstance(matrix, Table):
        return [{}]
    lists = {key: _values(value, scope) for key, value in matrix.items() if key not in ("include", "exclude")}
    made: list[Combination] = []
    if lists:
        made = [dict(zip(lists, each, strict=True)) for each in islice(product(*lists.values()), _MOST_JOBS)]
    made = [each for each in made if not any(_matches(gone, each) for gone in _entries(matrix, "exclude", scope))]
    own = set(lists)
    extra: list[Combination] = []
    for entry in _entries(matrix, "include", scope):
        given = dict(entry)
        fitting = [each for each in made if all(each.get(key) == given[key] for key in given.keys() & own)]
        if fitting and lists:
            for each in fitting:
                each |= given
        else:
            extra.append(given)
    return (made + extra)[:_MOST_JOBS] or [{}]


def _entries(matrix: Table, key: str, scope: Scope) -> list[Table]:
    return [value for value in _values(matrix.get(key), scope) if isinstance(value, Table)]


def _values(value: Value, scope: Scope) -> list[Value]:
    if isinstance(value, Text):
        value = _from_json(value)
    if isinstance(value, Items):
        return [_evaluated(each, scope) for each in value]
    return [] if value is None else [value]


def _from_json(text: Text) -> Value:
    found = _FROM_JSON.fullmatch(text.strip())
    try:
        return read_json(found[1].replace("''", "'"), "") if found else Text(UNKNOWN, text.line)
    except DefinitionError:
        return Text(UNKNOWN, text.line)


def _evaluated(value: Value, scope: Scope) -> Value:
    if isinstance(value, Text):
        return Text(scope.value(value), value.line)
    if isinstance(value, Table):
        return Table({key: _evaluated(each, scope) for key, each in value.items()}, value.line, value.lines)
    return value


def _matches(pattern: Table, combination: Combination) -> bool:
    return all(combination.get(key) == value for key, value in pattern.items())
