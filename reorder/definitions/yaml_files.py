"""YAML and JSON files as `values`: with lines, tags and aliases, and no more of them than a person would write."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reorder.definitions.error import DefinitionError
from reorder.definitions.values import Items, Table, Text, Value

if TYPE_CHECKING:
    import yaml

_MOST_VALUES = 100_000
"""A few lines of aliases can stand for billions of values; a real file has some thousand."""
_MARKS, _MOST_MARKS = "\n,:[{-", 200_000
"""The parser takes a kilobyte of memory for each value, of which there is about one for each of these characters."""
_MOST_DEPTH = 60
_PLAIN = "tag:yaml.org,2002:"


def read_yaml(text: str, source: str) -> Value:
    """The first document of a YAML text; raises `DefinitionError` with the line of the first error."""
    return next(iter(read_yaml_stream(text, source)), None)


def read_yaml_stream(text: str, source: str) -> list[Value]:
    """All documents of a YAML text; raises `DefinitionError`."""
    import yaml

    if sum(map(text.count, _MARKS)) > _MOST_MARKS:
        raise DefinitionError("more values than a file that people write", 1, source, is_warning=True)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=loader) if node is not None]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DefinitionError(f"broken YAML: {error.problem}", line, source, is_warning=True) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DefinitionError(f"broken YAML: {error}", 1, source, is_warning=True) from None
    return [_Converter(source).value(node) for node in nodes]


def read_json(text: str, source: str) -> Value:
    """A JSON text, comments and commas before brackets allowed; raises `DefinitionError`."""
    return read_yaml(plain_json(text), source)


# what is not closed is taken to the end, lest it be looked for again and again
_COMMENT = r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
_JSON_TOKEN = re.compile(rf'"(?:[^"\\\n]|\\.)*+"?|{_COMMENT}|,(?=(?:\s|{_COMMENT})*+[\]}}])|\t')
_ESCAPE = re.compile(r"\\u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def plain_json(text: str) -> str:
    """JSON with comments (jsonc.org) as JSON that is YAML, too, with all lines in their place."""
    return _JSON_TOKEN.sub(_replace, text)


def _replace(found: re.Match[str]) -> str:
    token = found[0]
    if token.startswith('"'):
        return _ESCAPE.sub("?", token)  # YAML knows no surrogates, and no path that matters holds them
    return "\n" * token.count("\n") or " "


@dataclass(slots=True)
class _Converter:
    source: str
    count: int = 0
    open: set[int] = field(default_factory=set)

    def value(self, node: yaml.Node, depth: int = 0) -> Value:
        import yaml

        line = node.start_mark.line + 1
        self.count += 1
        if self.count > _MOST_VALUES or depth > _MOST_DEPTH:
            raise DefinitionError("aliases or nesting that make the file too large", line, self.source, is_warning=True)
        if id(node) in self.open:
            raise DefinitionError("an alias that contains itself", line, self.source, is_warning=True)
        tag = "" if node.tag.startswith(_PLAIN) else node.tag
        if isinstance(node, yaml.ScalarNode):
            is_null = node.tag == _PLAIN + "null" or (tag and node.value in ("", "null", "~"))
            # the text of a block scalar begins below its head
            return None if is_null and not tag else Text(node.value, line + (node.style in ("|", ">")), tag)
        self.open.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            made: Value = Items((self.value(child, depth + 1) for child in node.value), line, tag)
        else:
            made = self.table(node, depth, tag)
        self.open.discard(id(node))
        return made

    def table(self, node: yaml.Node, depth: int, tag: str) -> Table:
        """A mapping, with what ``<<`` merges into it (yaml.org/type/merge.html)."""
        merged: dict[str, Value] = {}
        own: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, entry in node.value:
            value = self.value(entry, depth + 1)
            name = key.value if isinstance(key.value, str) else None
            if name == "<<":
                tables = [value] if isinstance(value, Table) else value.tables() if isinstance(value, Items) else []
                for table in tables:
                    merged |= {k: v for k, v in table.items() if k not in merged}
                    lines |= {k: n for k, n in table.lines.items() if k not in own and k not in lines}
            elif name is not None:
                own[name] = value
                lines[name] = key.start_mark.line + 1
        return Table({**merged, **own}, node.start_mark.line + 1, lines, tag)
