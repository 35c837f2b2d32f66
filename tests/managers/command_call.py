"""A call of one command in a container whose files are told in a dict."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping

from reorder.context.memory import MemoryTree
from reorder.context.model import UnreadableError
from reorder.effects import Effects
from reorder.manager import UNKNOWN, Call, Entry, find_manager


class MemoryView:
    """A `View` of files that all come from the context, told by container path; those in ``made`` come from a step."""

    def __init__(self, files: Mapping[str, bytes | str], made: frozenset[str] = frozenset()) -> None:
        self._tree = MemoryTree({path.lstrip("/"): content for path, content in files.items()})
        self._made = made

    def find(self, path: str) -> Entry | None:
        kind = self._tree.kind(path.lstrip("/"))
        return None if kind is None else Entry(kind, None if path in self._made else path.lstrip("/"))

    def names(self, path: str) -> tuple[str, ...]:
        return self._tree.names(path.strip("/"))

    def read(self, path: str) -> bytes:
        if path in self._made:
            raise UnreadableError(path)
        return self._tree.read(path.lstrip("/"))

    def is_executable(self, path: str) -> bool:
        return self._tree.is_executable(path.lstrip("/"))


def effects_of(
    line: str,
    *,
    cwd: str = "/app",
    files: Mapping[str, bytes | str] | None = None,
    made: frozenset[str] = frozenset(),
    env: Mapping[str, str] | None = None,
    base: str = "debian:12",
) -> Effects:
    """The effects of a command line; ``$`` stands for what only a run can tell."""
    argv = tuple(word.replace("$", UNKNOWN) for word in shlex.split(line))
    tool = posixpath.basename(argv[0])
    manager = find_manager(tool)
    assert manager is not None, tool
    assert manager.analyze is not None
    call = Call(
        argv=(tool, *argv[1:]), program=argv[0], cwd=cwd.replace("$", UNKNOWN), env=env or {}, user="", home="/root",
        base=base, view=MemoryView(files or {}, made),
    )  # fmt: skip
    return manager.analyze(call)


def names(effects: Effects, side: str) -> set[str]:
    """The paths of ``reads`` or ``writes``; a tree ends in ``/**``."""
    paths = effects.reads if side == "reads" else effects.writes
    assert not paths.everything, effects.blocks
    return {*paths.files, *(tree.rstrip("/") + "/**" for tree in paths.trees)}
