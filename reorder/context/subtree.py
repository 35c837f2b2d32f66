"""A folder of a tree as a tree of its own: a build context inside a repository."""

from __future__ import annotations

from dataclasses import dataclass

from reorder.context.model import Kind, Tree


@dataclass(frozen=True, slots=True)
class SubTree:
    """The part of ``tree`` at ``folder``, a path with no symbolic link on it; ``""`` is the whole."""

    tree: Tree
    folder: str

    def _whole(self, path: str) -> str:
        return f"{self.folder}/{path}" if self.folder and path else self.folder or path

    def kind(self, path: str) -> Kind | None:
        """As the whole tree has it."""
        return self.tree.kind(self._whole(path))

    def names(self, path: str) -> tuple[str, ...]:
        """As the whole tree has it."""
        return self.tree.names(self._whole(path))

    def holds_more(self, path: str, limit: int) -> bool:
        """As the whole tree has it."""
        return self.tree.holds_more(self._whole(path), limit)

    def read(self, path: str) -> bytes:
        """As the whole tree has it."""
        return self.tree.read(self._whole(path))

    def link(self, path: str) -> str | None:
        """As the whole tree has it."""
        return self.tree.link(self._whole(path))

    def is_executable(self, path: str) -> bool:
        """As the whole tree has it."""
        return self.tree.is_executable(self._whole(path))

    def is_tracked(self, path: str) -> bool | None:
        """As the whole tree has it."""
        return self.tree.is_tracked(self._whole(path))

    def is_vcs_ignored(self, path: str) -> bool | None:
        """As the whole tree has it: an ignore file above the folder counts, too."""
        return self.tree.is_vcs_ignored(self._whole(path))
