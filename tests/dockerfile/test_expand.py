"""Expansion as BuildKit does it."""

import pytest

from reorder.dockerfile.expand import ExpansionError, assignments, expand, names_in
from reorder.dockerfile.parse import parse
from reorder.source import Source

ENV = {"A": "1", "EMPTY": "", "PATHS": "/usr/local/bin"}


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        ("plain", "plain"),
        ("$A/x", "1/x"),
        ("${A}x", "1x"),
        ("$UNSET/x", "/x"),
        ("${UNSET:-a b}", "a b"),
        ("${EMPTY:-x}", "x"),
        ("${EMPTY-x}", ""),
        ("${UNSET:-$A}", "1"),
        ("${A:+set}", "set"),
        ("'$A'", "$A"),
        ('"$A b"', "1 b"),
        (r"\$A", "$A"),
        (r"a\ b", "a b"),
        ("${PATHS##*/}", "bin"),
        ("${PATHS%/*}", "/usr/local"),
        ("${PATHS/local/x}", "/usr/x/bin"),
    ],
)
def test_expand(word: str, expanded: str) -> None:
    assert expand(word, ENV, "\\") == expanded


def test_expand_with_a_backtick_keeps_backslashes() -> None:
    assert expand(r"c:\a`$A", ENV, "`") == r"c:\a$A"


@pytest.mark.parametrize("word", ["'open", '"open', "${A", "${A@Q}", "${UNSET:?gone}"])
def test_what_cannot_be_expanded(word: str) -> None:
    with pytest.raises(ExpansionError):
        expand(word, ENV, "\\")


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("a", set()),
        ("$A/${B}", {"A", "B"}),
        ("${A:-$B}${C:?$D}", {"A", "B", "C", "D"}),
        ("'$A'$B", {"B"}),
        (r"\$A", set()),
        ('"$A', {"A"}),
    ],
)
def test_names_in(word: str, names: set[str]) -> None:
    assert names_in(word) == names


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        ('ENV A=1 B="x=$A y"', (("A", "1"), ("B", '"x=$A y"'))),
        ("ENV A some long value", (("A", "some long value"),)),
        ("ARG A B= C=1", (("A", None), ("B", ""), ("C", "1"))),
    ],
)
def test_assignments(line: str, pairs: tuple[tuple[str, str | None], ...]) -> None:
    assert assignments(parse(Source("Dockerfile", f"FROM a\n{line}")).instructions[1]) == pairs
