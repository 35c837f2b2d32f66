"""On which line of a TOML file a key stands; the standard library's parser gives values only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Key = Union[str, int]
"""A name in a table, or a position in an array."""


@cache
def _parser() -> Parser:
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_toml.language()))


@lru_cache(maxsize=1024)  # asked for every Dockerfile that a file holds for
def find_line(text: str, path: tuple[Key, ...]) -> int | None:
    """The 1-based line of a key, or of the nearest one around it that can be found; None if there is none at all."""
    known: dict[tuple[Key, ...], int] = {}
    for found, line in _keys(_parser().parse(text.encode("utf-8", "replace")).root_node, (), path):
        known.setdefault(found, line)
    return next((known[path[:end]] for end in range(len(path), 0, -1) if path[:end] in known), None)


def _keys(node: Node, above: tuple[Key, ...], wanted: tuple[Key, ...]) -> Iterator[tuple[tuple[Key, ...], int]]:
    """The keys below ``node`` on the way to ``wanted``, in the order of the file."""
    for child in node.named_children:
        if child.type not in ("pair", "table", "table_array_element"):
            continue
        words, here = _words(child.named_children[0]), above
        for word in words:
            here = (*here, word)
            yield here, child.named_children[0].start_point[0] + 1
        if here != wanted[: len(here)]:
            continue
        if child.type != "pair":
            yield from _keys(child, here, wanted)
        else:
            value = next(part for part in reversed(child.named_children) if part.type != "comment")
            yield from _keys_of_value(value, here, wanted)


def _keys_of_value(
    value: Node, above: tuple[Key, ...], wanted: tuple[Key, ...]
) -> Iterator[tuple[tuple[Key, ...], int]]:
    if value.type == "inline_table":
        yield from _keys(value, above, wanted)
    if value.type == "array":
        items = [child for child in value.named_children if child.type != "comment"]
        yield from (((*above, index), item.start_point[0] + 1) for index, item in enumerate(items))


def _words(key: Node) -> Iterator[str]:
    """The names of a dotted key, without their quotes."""
    if key.type == "dotted_key":
        for child in key.named_children:
            yield from _words(child)
        return
    text = (key.text or b"").decode("utf-8", "replace")
    if key.type == "quoted_key":
        import tomllib

        with suppress(tomllib.TOMLDecodeError):
            text = next(iter(tomllib.loads(f"{text} = 0")))
    yield text
