"""Tools of a workspace are barriers, with a reason that tells what they do."""

from __future__ import annotations

import pytest
from node_call import run, slugs


@pytest.mark.parametrize(
    ("command", "slug", "word"),
    [
        ("lerna bootstrap", "install-runs-project-code", "prepare"),
        ("lerna run build", "project-code", "lerna run build"),
        ("turbo prune web --docker", "project-code", "turbo prune"),
        ("turbo run build", "project-code", "turbo run build"),
        ("nx build web", "project-code", "nx build web"),
    ],
)
def test_a_barrier_tells_what_the_tool_does(command: str, slug: str, word: str) -> None:
    effects = run(command, {"package.json": "{}"})
    assert slugs(effects) == [slug]
    assert word in effects.blocks[0].why


def test_the_version_is_no_barrier() -> None:
    assert not run("turbo --version").blocks
