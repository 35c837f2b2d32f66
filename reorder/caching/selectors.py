"""Which paths of the build context a source takes in, decided by the path alone: it need not exist now."""

from __future__ import annotations

import posixpath
import re
import string
from collections.abc import Iterator
from typing import NamedTuple

from reorder.context.context import BuildContext, clean_source
from reorder.context.glob import GlobError, compile_component, has_wildcards
from reorder.context.model import Kind
from reorder.effects import is_within
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import UNKNOWN

_MOST_LINKS = 40
"""As many as Linux follows in one look-up (path_resolution(7))."""


class Selector(NamedTuple):
    """All at and under ``root``; with ``patterns``, below it what matches them folder by folder, and all under that.

    ``is_precise``: no variable that only the build knows, and no symbolic link, had a part in it. ``examples``: paths
    below ``root`` that the patterns match.
    """

    root: str
    patterns: tuple[re.Pattern[str], ...] = ()
    is_precise: bool = True
    examples: tuple[str, ...] = ()

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


def selector_of(source: str) -> Selector | None:
    """What ``source`` (expanded, as COPY or a bind mount names it) selects by its name; None: nothing.

    A pattern that Go rejects selects nothing.
    """
    if UNKNOWN in source:
        return Selector("", is_precise=False)
    source = clean_source(source)
    parts = source.split("/")
    first = next((i for i, part in enumerate(parts) if has_wildcards(part)), None)
    if first is None:
        return Selector(source)
    try:
        patterns = tuple(compile_component(part) for part in parts[first:])
    except GlobError:
        return None
    examples = ["/".join(_example(part, place) for part in parts[first:]) for place in (0, -1)]
    selector = Selector("/".join(parts[:first]), patterns)
    fitting = (e for e in dict.fromkeys(examples) if selector.takes(posixpath.join(selector.root, e)))
    return selector._replace(examples=tuple(fitting))


_PIECE = lazy_pattern(r"\\(?P<plain>.)|(?P<set>\[\^?(?:\\.|[^\\\]])+\])|.", re.DOTALL)


def _example(pattern: str, place: int) -> str:
    """A name that a component with wildcards matches, in all likelihood; of a set its first or last (-1) member."""

    def replace(piece: re.Match[str]) -> str:
        if piece["set"]:
            expression = compile_component(piece["set"])
            members = [c for c in string.ascii_letters + string.digits + "._-+" if expression.fullmatch(c)]
            return members[place] if members else ""
        return piece["plain"] or {"*": "any", "?": "x"}.get(piece[0], piece[0])

    return _PIECE.sub(replace, pattern)


def context_selectors(source: str, context: BuildContext) -> Iterator[Selector]:
    """What ``source`` selects in the context, by its name and through symbolic links, which count themselves, too.

    BuildKit follows links above the source, and a source that is a link itself, not those inside a folder (tried on
    Docker 26.1).
    """
    selector = selector_of(source)
    if selector is None:
        return
    yield selector
    yield from _behind_links(selector, context)
    if selector.patterns:
        for path in context.expand(clean_source(source)):
            yield from _behind_links(Selector(path), context)


def _behind_links(selector: Selector, context: BuildContext) -> Iterator[Selector]:
    """What is selected in its place if a part of its root is a symbolic link; each link on the way counts."""
    path = selector.root
    for _ in range(_MOST_LINKS):
        link = next((p for p in _prefixes(path) if context.kind(p) is Kind.SYMLINK), None)
        if link is None:
            return
        target = context.link(link) or ""
        path = clean_source(posixpath.join(posixpath.dirname(link), target) + path[len(link) :])
        yield Selector(link, is_precise=False)
        yield selector._replace(root=path, is_precise=False)
    yield Selector("", is_precise=False)


def _prefixes(path: str) -> Iterator[str]:
    parts = path.split("/")
    return ("/".join(parts[: i + 1]) for i in range(len(parts)))
