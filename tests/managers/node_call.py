"""Calls of npm, yarn and pnpm over a build context in memory, as it lies in the container after ``COPY . /app``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from copied_view import FakeView

from reorder.context.memory import MemoryTree
from reorder.effects import Effects
from reorder.manager import Call, find_manager

Content = str | bytes | dict[str, Any]


def run(
    command: str,
    files: Mapping[str, Content] | None = None,
    *,
    cwd: str = "/app",
    env: Mapping[str, str] | None = None,
    home: str = "/root",
    root: str = "/app",
    base: str = "node:20-slim",
    made: tuple[str, ...] = (),
    links: tuple[str, ...] = (),
    executable: frozenset[str] = frozenset(),
) -> Effects:
    """The effects of a command line (``?`` stands for an unknown part); a dict becomes JSON."""
    words = tuple(word.replace("?", "\0") for word in shlex.split(command))
    texts = {k: json.dumps(v, indent=2) + "\n" if isinstance(v, dict) else v for k, v in (files or {}).items()}
    view = FakeView(MemoryTree(texts, executable=executable), root=root, made=made, links=links)
    tool = words[0].rpartition("/")[2]
    manager = find_manager(tool)
    assert manager is not None
    assert manager.analyze is not None
    return manager.analyze(
        Call(
            argv=(tool, *words[1:]),
            program=words[0],
            cwd=cwd,
            env=env or {},
            user="root",
            home=home,
            base=base,
            view=view,
        )
    )


def present_reads(effects: Effects, files: Mapping[str, Content], root: str = "/app") -> set[str]:
    """Which of the context's files the effects read (trees with a slash at their end)."""
    found = {f"{path[len(root) + 1 :]}" for path in effects.reads.files if path.startswith(root + "/")}
    trees = {f"{path[len(root) + 1 :]}/" for path in effects.reads.trees if path.startswith(root + "/")}
    return {path for path in found if path in files} | {
        t for t in trees if any(f.startswith(t) or f == t[:-1] for f in files)
    }


def slugs(effects: Effects) -> list[str]:
    """The slugs of the reasons why the command stays where it is."""
    return [block.slug for block in effects.blocks]
