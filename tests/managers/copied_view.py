"""The files of a container after ``COPY . /app``, for calls of single managers."""

from __future__ import annotations

from reorder.context.memory import MemoryTree
from reorder.context.model import Kind
from reorder.effects import is_within
from reorder.manager import Entry


class FakeView:
    """The context copied to ``root``; ``made`` are paths that an earlier step made, ``links`` symbolic links."""

    def __init__(self, tree: MemoryTree, *, root: str, made: tuple[str, ...], links: tuple[str, ...]) -> None:
        self.tree, self.root, self.made, self.links = tree, root, made, links

    def find(self, path: str) -> Entry | None:
        if path in self.links:
            return Entry(Kind.SYMLINK, self._inner(path))
        kind = self.tree.kind(self._inner(path)) if is_within(path, self.root) else None
        if kind is not None:
            return Entry(kind, self._inner(path))
        return Entry(Kind.FILE, None) if any(is_within(path, made) for made in self.made) else None

    def names(self, path: str) -> tuple[str, ...]:
        return self.tree.names(self._inner(path)) if is_within(path, self.root) else ()

    def read(self, path: str) -> bytes:
        return self.tree.read(self._inner(path))

    def is_executable(self, path: str) -> bool:
        return self.tree.is_executable(self._inner(path))

    def _inner(self, path: str) -> str:
        return path[len(self.root) :].strip("/")
