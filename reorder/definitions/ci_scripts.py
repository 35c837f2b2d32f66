"""Scripts as CI systems write them down: lists of lines, with variables of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reorder.definitions.docker_words import builds_in_script
from reorder.definitions.kind import Found, Invocation, Place
from reorder.definitions.values import Table, Text, Value
from reorder.manager import UNKNOWN, is_known

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))", re.ASCII)


def variables_of(value: Value, below: Mapping[str, str]) -> dict[str, str]:
    """A table of variables over others, with the references among them replaced."""
    found = dict(below)
    for name, entry in value.items() if isinstance(value, Table) else ():
        given = entry.get("value") if isinstance(entry, Table) else entry
        if isinstance(given, Text):
            found[name] = _VARIABLE.sub(lambda match: found.get(match[1] or match[2], UNKNOWN), given)
    return {name: text for name, text in found.items() if is_known(text)}


def builds_in_lines(lines: list[Text], place: Place, variables: Mapping[str, str]) -> Iterator[Found]:
    """The builds of a script that is a list of lines, each at its own place in the file."""
    text = "\n".join(line.rstrip("\n") for line in lines)
    numbers = [line.line + offset for line in lines for offset in range(line.rstrip("\n").count("\n") + 1)]
    for found in builds_in_script(text, place, variables=variables, first_line=1):
        yield _at_line(found, numbers)


def _at_line(found: Found, numbers: list[int]) -> Found:
    """What was found in line N of a script, with N's line in the file."""
    if isinstance(found, Invocation):
        return found._replace(place=found.place._replace(line=_nth(numbers, found.place.line)))
    return found._replace(line=_nth(numbers, found.line))


def _nth(numbers: list[int], line: int) -> int:
    return numbers[min(line, len(numbers)) - 1]
