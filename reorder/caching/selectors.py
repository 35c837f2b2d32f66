"""Which paths of the build context a source takes in, decided by the path alone: it need not exist now."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from reorder.context.context import BuildContext, clean_source
from reorder.context.glob import GlobError, compile_component, has_wildcards
from reorder.context.model import Kind
from reorder.effects import is_within
from reorder.manager import UNKNOWN

_MOST_LINKS = 40
"""As many as Linux follows in one look-up (path_resolution(7))."""


class Selector(NamedTuple):
    """All at and under ``root``; with ``patterns``, below it what matches them folder by folder, and all under that.

    ``is_precise``: no variable that only the build knows, and no symbolic link, had a part in it.
    """

    root: str
    patterns: tuple[re.Pattern[str], ...] = ()
    is_precise: bool = True

    def takes(self, path: str) -> bool:
        """Whether ``path`` is selected, or lies in a folder that is."""
        if not self.patterns:
            return not self.root or is_within(path, self.root)
        rest = self._below_root(path)
        return rest is not None and len(rest) >= len(self.patterns) and self._match(rest)

    def may_lie_under(self, path: str) -> bool:
        """Whether what is selected may lie under the folder ``path``."""
        if not path or is_within(self.root, path):
            return True
        rest = self._below_root(path)
        return bool(self.patterns) and rest is not None and len(rest) < len(self.patterns) and self._match(rest)

    def inside(self, path: str) -> str:
        """What follows, in a path that is taken, the part that the source names."""
        parts = path.split("/")
        depth = (self.root.count("/") + 1 if self.root else 0) + len(self.patterns)
        return "/".join(parts[depth:])

    def _below_root(self, path: str) -> list[str] | None:
        if not self.root:
            return path.split("/")
        return path[len(self.root) + 1 :].split("/") if path.startswith(self.root + "/") else None

    def _match(self, parts: list[str]) -> bool:
        return all(pattern.fullmatch(part) for pattern, part in zip(self.patterns, parts, strict=False))


def selectors_of(source: str, context: BuildContext) -> Iterator[Selector]:
    """What ``source`` (expanded, as COPY or a bind mount names it) selects; a symbolic link on the way counts, too.

    BuildKit follows links above the source, and a source that is a link itself, not those inside a folder (tried on
    Docker 26.1). A pattern that Go rejects selects nothing.
    """
    if UNKNOWN in source:
        yield Selector("", is_precise=False)
        return
    source = clean_source(source)
    parts = source.split("/")
    first = next((i for i, part in enumerate(parts) if has_wildcards(part)), None)
    if first is None:
        yield Selector(source)
        yield from _behind_links(source, (), context)
        return
    try:
        patterns = tuple(compile_component(part) for part in parts[first:])
    except GlobError:
        return
    root = "/".join(parts[:first])
    yield Selector(root, patterns)
    yield from _behind_links(root, patterns, context)
    for path in context.expand(source):
        yield from _behind_links(path, (), context)


def _behind_links(path: str, patterns: tuple[re.Pattern[str], ...], context: BuildContext) -> Iterator[Selector]:
    """What is selected in place of ``path`` if a part of it is a symbolic link; each link on the way counts."""
    for _ in range(_MOST_LINKS):
        link = next((p for p in _prefixes(path) if context.kind(p) is Kind.SYMLINK), None)
        if link is None:
            return
        target = context.link(link) or ""
        path = clean_source(posixpath.join(posixpath.dirname(link), target) + path[len(link) :])
        yield Selector(link, is_precise=False)
        yield Selector(path, patterns, is_precise=False)
    yield Selector("", is_precise=False)


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[: i + 1]) for i in range(len(parts)))
