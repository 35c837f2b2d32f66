"""Calls of pip over a build context in memory, as it lies in the container after ``COPY . /app``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from reorder.context.memory import MemoryTree
from reorder.context.model import Kind
from reorder.effects import Effects, is_within
from reorder.manager import Call, Entry, find_manager


class FakeView:
    """The context copied to ``root``; ``made`` are paths that an earlier step made, ``links`` symbolic links."""

    def __init__(
        self, tree: MemoryTree, *, root: str = "/app", made: tuple[str, ...] = (), links: tuple[str, ...] = ()
    ) -> None:
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
        return False

    def _inner(self, path: str) -> str:
        return path[len(self.root) :].strip("/")


def run(
    command: str, files: Mapping[str, str | bytes] | None = None, *, cwd: str = "/app",
    env: Mapping[str, str] | None = None, home: str = "/root", root: str = "/app", base: str = "python:3.11-slim",
    made: tuple[str, ...] = (), links: tuple[str, ...] = (),
) -> Effects:  # fmt: skip
    """The effects of a command line (``…`` stands for an unknown part)."""
    words = tuple(word.replace("…", "\0") for word in shlex.split(command))
    view = FakeView(MemoryTree(files or {}), root=root, made=made, links=links)
    tool = words[0].rpartition("/")[2]
    manager = find_manager(tool)
    assert manager is not None
    assert manager.analyze is not None
    return manager.analyze(
        Call(
            argv=(tool, *words[1:]), program=words[0], cwd=cwd, env=env or {}, user="root", home=home,
            base=base, view=view,
        )
    )  # fmt: skip


def context_reads(effects: Effects, root: str = "/app") -> set[str]:
    """What the effects read of the copied tree, relative to it."""
    paths = (*effects.reads.files, *effects.reads.trees)
    return {path[len(root) + 1 :] for path in paths if path.startswith(root + "/")}
