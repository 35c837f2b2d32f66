"""Trees made from other trees."""

from __future__ import annotations

import pytest

from reorder.context.memory import MemoryTree
from reorder.context.model import Kind, Tree, UnreadableError
from reorder.context.overlay import Overlay
from reorder.context.subtree import SubTree

BASE = MemoryTree(
    {"a/x": "1", "a/b/y": "2", "z": "3"}, executable=frozenset(("a/x",)), tracked=frozenset(("a/x",)),
    vcs_ignored=frozenset(("a/n",)),
)  # fmt: skip


def test_a_folder_as_a_tree() -> None:
    tree: Tree = SubTree(BASE, "a")
    assert (tree.names(""), tree.names("b"), tree.kind(""), tree.kind("x")) == (
        ("b", "x"), ("y",), Kind.DIRECTORY, Kind.FILE,
    )  # fmt: skip
    assert (tree.kind("z"), tree.link("x"), tree.read("b/y")) == (None, None, b"2")
    assert (tree.is_executable("x"), tree.is_executable("b/y")) == (True, False)
    assert (tree.is_tracked("x"), tree.is_tracked("b"), tree.is_vcs_ignored("n")) == (True, False, True)
    assert (tree.holds_more("", 1), tree.holds_more("", 2)) == (True, False)
    whole = SubTree(BASE, "")
    assert (whole.names(""), whole.read("z")) == (BASE.names(""), b"3")


def test_a_tree_with_changed_files() -> None:
    tree: Tree = Overlay(BASE, {"z": b"new", "a/.dockerignore": b"x\n"})
    assert (tree.read("z"), tree.read("a/.dockerignore"), tree.read("a/x")) == (b"new", b"x\n", b"1")
    assert (tree.names("a"), tree.names(""), tree.names("a/b")) == ((".dockerignore", "b", "x"), ("a", "z"), ("y",))
    assert (tree.kind("a/.dockerignore"), tree.kind("a/x"), tree.kind("b")) == (Kind.FILE, Kind.FILE, None)
    assert (tree.holds_more("a", 2), tree.holds_more("a", 3), tree.link("z")) == (True, False, None)
    assert (tree.is_executable("a/x"), tree.is_tracked("a/x"), tree.is_vcs_ignored("a/n")) == (True, True, True)
    with pytest.raises(UnreadableError):
        tree.read("gone")
