"""Values of YAML, JSON and HCL files that remember the line they stand in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Union


class Text(str):
    """A scalar, whatever its type; ``line`` (1-based) is where its content begins. ``tag``: ``!reset`` and the like."""

    line: int
    tag: str

    def __new__(cls, text: str, line: int, tag: str = "") -> Text:
        """A text at a line."""
        made = super().__new__(cls, text)
        made.line, made.tag = line, tag
        return made


class Table(dict[str, "Value"]):
    """A mapping; keys that are no scalars are left out. ``lines``: where each key stands."""

    def __init__(self, entries: Mapping[str, Value], line: int, lines: Mapping[str, int], tag: str = "") -> None:
        super().__init__(entries)
        self.line, self.lines, self.tag = line, dict(lines), tag

    def line_of(self, key: str) -> int:
        """The line of a key; that of the table if there is no such key."""
        return self.lines.get(key, self.line)

    def text(self, key: str) -> Text | None:
        """The scalar at ``key``, if it is one."""
        value = self.get(key)
        return value if isinstance(value, Text) else None

    def table(self, key: str) -> Table:
        """The table at ``key``; an empty one if there is none."""
        value = self.get(key)
        return value if isinstance(value, Table) else Table({}, self.line_of(key), {})

    def items_at(self, key: str) -> Items:
        """The sequence at ``key``; an empty one if there is none."""
        value = self.get(key)
        return value if isinstance(value, Items) else Items((), self.line_of(key))


class Items(list["Value"]):
    """A sequence."""

    def __init__(self, values: Iterable[Value], line: int, tag: str = "") -> None:
        super().__init__(values)
        self.line, self.tag = line, tag

    def tables(self) -> list[Table]:
        """The tables among the values."""
        return [value for value in self if isinstance(value, Table)]

    def texts(self) -> list[Text]:
        """The scalars among the values."""
        return [value for value in self if isinstance(value, Text)]


Value = Union[Text, Table, Items, None]
"""None is YAML's null."""


def line_of(value: Value, otherwise: int) -> int:
    """Where a value stands."""
    return otherwise if value is None else value.line


def pairs(value: Value) -> dict[str, str | None]:
    """``{A: b}`` and ``[A=b, C]`` alike; None is a name without a value."""
    if isinstance(value, Table):
        return {key: None if entry is None else str(entry) for key, entry in value.items() if _is_scalar(entry)}
    if not isinstance(value, Items):
        return {}
    taken = (text.partition("=") for text in value.texts())
    return {name: (rest if equals else None) for name, equals, rest in taken}


def _is_scalar(value: Value) -> bool:
    return value is None or isinstance(value, Text)
