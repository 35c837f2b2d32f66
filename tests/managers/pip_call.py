"""Calls of pip over a build context in memory, as it lies in the container after ``COPY . /app``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from copied_view import FakeView

from reorder.context.memory import MemoryTree
from reorder.effects import Effects
from reorder.manager import Call, find_manager


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
