"""Whatever the words, a command table answers, and never with less than it knows."""

from __future__ import annotations

import posixpath

import pytest
from command_call import MemoryView
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.effects import Effects
from reorder.manager import UNKNOWN, Call, Manager, all_managers

WORDS = [
    "-", "--", "-x", "-rf", "-o", "-i", "-C", "-t", "-f", "--x=y", "-xzf",
    "a", "./b", "/c/d", "..", "../e", "*.f", "/*",
    "install", "add", "clone", "config", "--global", "-m", "https://x.org/y", "x@y", "=", "s/a/b/", "", "{}", ";", "+",
    "-exec", "rm", "~", "é", "\udc80", UNKNOWN, f"/g/{UNKNOWN}", f"h-{UNKNOWN}.tgz", f"{UNKNOWN}/i", "[", "]",
    "-z", "-d",
]  # fmt: skip
COMMANDS = [manager for manager in all_managers() if manager.kind == "command" or manager.name in ("apt", "apk", "rpm")]


@pytest.mark.parametrize("manager", COMMANDS, ids=lambda manager: manager.name)
def test_any_words_give_effects_with_absolute_paths(manager: Manager) -> None:
    assert manager.analyze is not None
    analyze = manager.analyze

    @given(st.sampled_from(manager.tools), st.lists(st.sampled_from(WORDS), max_size=6), st.sampled_from(["/", "/app"]))
    @settings(max_examples=120, deadline=None)
    def check(tool: str, words: list[str], cwd: str) -> None:
        view = MemoryView({"/app/a": "", "/app/b/c": "", "/app/x.gem": ""})
        effects = analyze(
            Call(argv=(tool, *words), program=tool, cwd=cwd, env={}, user="", home="/root", base="debian:12", view=view)
        )
        assert isinstance(effects, Effects)
        for paths in (effects.reads, effects.writes):
            assert bool(effects.blocks) or not paths.everything
            for path in (*paths.files, *paths.trees):
                assert path == posixpath.normpath(path)
                assert path.startswith("/")
                assert UNKNOWN not in path

    check()
