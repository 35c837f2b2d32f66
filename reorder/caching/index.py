"""Finds the steps that select a path, without asking every step: selectors are looked up by their roots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from reorder.caching.selectors import Selector
from reorder.context.context import BuildContext
from reorder.context.model import Kind

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class PathIndex(Generic[_T]):
    """Selectors of ``context``, and whose they are."""

    context: BuildContext
    _by_root: dict[str, list[tuple[Selector, _T]]] = field(default_factory=dict)
    _below: dict[str, list[_T]] = field(default_factory=dict)
    """For each folder above a root, the owners of what lies below."""

    @classmethod
    def of(cls, context: BuildContext, owned: Iterable[tuple[Selector, _T]]) -> PathIndex[_T]:
        """An index of these selectors."""
        index: PathIndex[_T] = cls(context)
        for selector, owner in owned:
            index._by_root.setdefault(selector.root, []).append((selector, owner))
            for folder in _folders(selector.root):
                if folder != selector.root:
                    index._below.setdefault(folder, []).append(owner)
        return index

    def owners(self, path: str) -> Iterator[_T]:
        """Whose selection a change of ``path`` changes; an owner may come twice."""
        yield from self.holders(path)
        # a folder that changes as a whole is a submodule, or was a file or a link
        yield from self._below.get(path, ())
        for selector, owner in self._patterns(path):
            if selector.may_lie_under(path) and self.context.kind(path) in (Kind.DIRECTORY, Kind.SYMLINK):
                yield owner

    def holders(self, path: str) -> Iterator[_T]:
        """Whose selection holds ``path`` itself."""
        for folder in _folders(path):
            for selector, owner in self._by_root.get(folder, ()):
                if not selector.patterns or selector.takes(path):
                    yield owner

    def _patterns(self, path: str) -> Iterator[tuple[Selector, _T]]:
        for folder in _folders(path):
            yield from ((selector, owner) for selector, owner in self._by_root.get(folder, ()) if selector.patterns)


def _folders(path: str) -> Iterator[str]:
    """The root, the folders on the way, and ``path`` itself."""
    yield ""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)
    if path:
        yield path
