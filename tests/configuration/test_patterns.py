"""The patterns of `exclude` and `per-file-ignores`; what git calls ignored is the second opinion."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import run_git
from reorder.configuration.patterns import MOST_CHARACTERS, is_fit, pattern_problem

PATHS = [
    "Dockerfile", "a/Dockerfile", "a/b/Dockerfile", "a/b/x.Dockerfile", "vendor/Dockerfile", "a/vendor/x/Dockerfile",
    "vendored/Dockerfile", "a/Dockerfile.dev", "[x]/Dockerfile",
]  # fmt: skip
PATTERNS = [
    "Dockerfile", "/Dockerfile", "a", "a/", "b", "b/", "Dockerfile/", "vendor", "vendor/", "vendor/**", "**/vendor",
    "**/vendor/", "a/**", "a/**/Dockerfile", "**/Dockerfile", "a/b", "a/*", "a/*/Dockerfile", "*.Dockerfile",
    "Dockerfile.*", "*", "?/Dockerfile", "[ab]/*", "vendor*/Dockerfile", "a/**/b/*", "**",
]  # fmt: skip


def test_a_pattern_means_what_it_means_to_git(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q")
    for pattern in PATTERNS:
        assert pattern_problem(pattern) is None
        (tmp_path / ".gitignore").write_text(pattern + "\n")
        asked = "\0".join(PATHS).encode()
        told = run_git(tmp_path, "check-ignore", "--no-index", "-z", "--stdin", stdin=asked, ok=(0, 1))
        ignored = {name for name in told.decode().split("\0") if name}
        assert {path for path in PATHS if is_fit(pattern, path)} == ignored, pattern


def test_a_dot_fits_everything_and_a_path_from_outside_only_by_its_name() -> None:
    assert is_fit(".", "a/Dockerfile")
    assert is_fit("Dockerfile", "../x/Dockerfile")
    assert not is_fit("x/Dockerfile", "../x/Dockerfile")


@pytest.mark.parametrize("pattern", ["!a", "", "/", "//", "../a", "a/../b", "a\\b"])
def test_what_would_mean_something_else_is_a_problem(pattern: str) -> None:
    assert pattern_problem(pattern) is not None


def test_a_hostile_pattern_ends() -> None:
    # were it to backtrack, it would not in a lifetime
    assert not is_fit("*a" * (MOST_CHARACTERS // 2 - 1) + "b", "a" * 4000)
    assert not is_fit("**/*/" * (MOST_CHARACTERS // 5 - 1) + "y", "x/" * 2000 + "z")
    assert pattern_problem("a" * (MOST_CHARACTERS + 1)) is not None
