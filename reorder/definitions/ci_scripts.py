"""Scripts as CI systems write them down: lists of lines, with variables of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from reorder.definitions.docker_words import builds_in_script
from reorder.definitions.kind import Found, Invocation, Place
from reorder.definitions.likely import Likely
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
    yield from builds_in_texts(lines, place, variables, lambda _: place.source)


def builds_in_texts(
    lines: list[Text], place: Place, variables: Mapping[str, str], source_of: Callable[[Text], str]
) -> Iterator[Found]:  # fmt: skip
    """As `builds_in_lines`, with each line in a file of its own."""
    text = "\n".join(line.rstrip("\n") for line in lines)
    numbers = [(line, line.line + offset) for line in lines for offset in range(line.rstrip("\n").count("\n") + 1)]
    for found in builds_in_script(text, place, variables=variables, first_line=1):
        number = found.place.line if isinstance(found, Invocation) else found.line
        words, line = numbers[min(number, len(numbers)) - 1]
        yield _at(found, source_of(words), line)


def _at(found: Found, source: str, line: int) -> Found:
    """What was found in a script, with its place in the file."""
    if isinstance(found, Invocation):
        return found._replace(place=found.place._replace(source=source, line=line))
    if isinstance(found, Likely):
        return Likely(found.definition._replace(source=source, line=line))
    return found._replace(source=source, line=line)
