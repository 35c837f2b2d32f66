"""The graph of npm's lock file: which flags and entries npm would write anew. The examples are cut from real locks."""

from __future__ import annotations

from typing import Any

import pytest

from reorder.manifests.npm_tree import find_missing_optional, find_unmarked_peer, find_wrong_peer, marks_needed_peers

M = "node_modules/"
Entries = dict[str, dict[str, Any]]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        # listed by the project itself, as vite by vue's template
        ({"": {"devDependencies": {"vite": "6"}}, M + "vite": {"dev": True, "peer": True}}, M + "vite"),
        # needed by what the project lists
        (
            {"": {"dependencies": {"a": "1"}}, M + "a": {"dependencies": {"b": "1"}}, M + "b": {"peer": True}},
            M + "b",
        ),
        # needed by a member, and found in the folder above it
        (
            {"": {"workspaces": ["p/*"]}, "p/a": {"devDependencies": {"b": "1"}}, M + "b": {"peer": True}},
            M + "b",
        ),
        # the nearest folder wins: it is another package that is needed
        (
            {
                "": {"dependencies": {"a": "1"}},
                M + "a": {"optionalDependencies": {"b": "1"}},
                M + "a/node_modules/b": {},
                M + "b": {"peer": True},
            },
            None,
        ),
        # needed by a peer alone
        ({"": {"dependencies": {"a": "1"}}, M + "a": {"peerDependencies": {"b": "1"}}, M + "b": {"peer": True}}, None),
        # development dependencies of a dependency are not installed
        ({"": {"dependencies": {"a": "1"}}, M + "a": {"devDependencies": {"b": "1"}}, M + "b": {"peer": True}}, None),
    ],
)
def test_a_peer_mark_on_what_is_needed_anyway(entries: Entries, found: str | None) -> None:
    assert find_wrong_peer(entries) == found


@pytest.mark.parametrize(
    ("mark", "found"), [({}, M + "react"), ({"peer": True}, None)],
)  # fmt: skip
def test_a_peer_without_a_mark(mark: dict[str, bool], found: str | None) -> None:
    entries: Entries = {
        "": {"dependencies": {"dom": "1", "react": "1"}}, M + "dom": {"peerDependencies": {"react": "1", "gone": "1"}},
        M + "react": mark,
    }  # fmt: skip
    assert find_unmarked_peer(entries) == found


def test_a_link_stands_for_its_directory() -> None:
    entries: Entries = {
        "": {"dependencies": {"a": "1"}}, M + "a": {"link": True, "resolved": "p/a"},
        "p/a": {"dependencies": {"b": "1"}}, M + "b": {"peer": True},
    }  # fmt: skip
    assert find_wrong_peer(entries) == M + "b"
    assert find_missing_optional(entries) is None


def test_an_optional_dependency_without_an_entry() -> None:
    entries: Entries = {"": {}, M + "chokidar": {"optionalDependencies": {"fsevents": "~2.3.2"}}}
    assert find_missing_optional(entries) == f"fsevents of {M}chokidar"
    assert find_missing_optional({**entries, M + "fsevents": {"optional": True}}) is None


@pytest.mark.parametrize(
    ("base", "is_marking"),
    [
        ("node:24.12.0-slim", True),
        ("docker.io/library/node:25.1", True),
        ("node:24.9.0", False),
        ("node:24.14-alpine", False),
        ("node:24", False),
        ("node:20.11.1", False),
        ("mynode:24.12", False),
    ],
)
def test_images_whose_npm_marks_peers(base: str, is_marking: bool) -> None:
    assert marks_needed_peers(base) is is_marking
