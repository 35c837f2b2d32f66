"""A tree with a few of its files changed."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from reorder.context.model import Kind, Tree


@dataclass(frozen=True, slots=True)
class Overlay:
    """``tree`` with other contents of ``files``, which lie in its folders; version control knows those of ``tree``."""

    tree: Tree
    files: Mapping[str, bytes]

    def kind(self, path: str) -> Kind | None:
        """A file if it was changed."""
        return Kind.FILE if path in self.files else self.tree.kind(path)

    def names(self, path: str) -> tuple[str, ...]:
        """The names in a directory, new ones included."""
        names = self.tree.names(path)
        new = {posixpath.basename(file) for file in self.files if posixpath.dirname(file) == path}
        return tuple(sorted({*names, *new})) if new else names

    def holds_more(self, path: str, limit: int) -> bool:
        """Whether there are more entries than that."""
        return self.tree.holds_more(path, limit) or len(self.names(path)) > limit

    def read(self, path: str) -> bytes:
        """The content, changed or not."""
        return self.files[path] if path in self.files else self.tree.read(path)

    def link(self, path: str) -> str | None:
        """As the tree has it; a changed file is no link."""
        return None if path in self.files else self.tree.link(path)

    def is_executable(self, path: str) -> bool:
        """As the tree has it."""
        return self.tree.is_executable(path)

    def is_tracked(self, path: str) -> bool | None:
        """As the tree has it."""
        return self.tree.is_tracked(path)

    def is_vcs_ignored(self, path: str) -> bool | None:
        """As the tree has it."""
        return self.tree.is_vcs_ignored(path)
