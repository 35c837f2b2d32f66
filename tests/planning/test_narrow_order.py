"""The order of narrow copies: the rarest first, and never across one another's paths."""

from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.effects import is_within
from reorder.planning.model import NarrowLine
from reorder.planning.narrow import CLEARLY, rarest_first
from reorder.weighing.history import Commit, History
from reorder.weighing.rates import ENOUGH_COMMITS, Rates

LINES = (
    NarrowLine(("a.txt",), "/app", is_tree=False),
    NarrowLine(("b/b.txt", "b/c.txt"), "/app/b", is_tree=False),
    NarrowLine(("d",), "/app/d", is_tree=True),
    NarrowLine(("e/x.txt",), "/app/d", is_tree=False),
    NarrowLine(("f.txt",), "/srv", is_tree=False),
)
SOURCES = sorted(source for line in LINES for source in line.sources)


def rates(*commits: frozenset[str]) -> Rates:
    files = dict.fromkeys([*SOURCES, "d/y.txt"], "")
    del files["d"]
    return Rates(open_context(MemoryTree(files), None), lambda: History(tuple(Commit("", 0, "", c) for c in commits)))


def overlap(one: NarrowLine, other: NarrowLine) -> bool:
    return any(is_within(a, b) or is_within(b, a) for a in one.paths for b in other.paths)


def test_the_rarest_stands_first() -> None:
    found = rates(*[frozenset(("a.txt",))] * 15, *[frozenset(("b/c.txt",))] * 5, *[frozenset(("f.txt",))])
    a, b, _, _, f = LINES
    assert rarest_first((a, b, f), found) == (f, b, a)
    assert rarest_first((f, b, a), found) == (f, b, a)


def test_a_short_history_orders_nothing() -> None:
    few = rates(*[frozenset(("a.txt",))] * (ENOUGH_COMMITS - 1))
    assert rarest_first(LINES, few) == LINES


def test_what_writes_into_the_same_folder_keeps_its_order() -> None:
    found = rates(*[frozenset(("d/y.txt",))] * 30)
    tree, inside = LINES[2], LINES[3]
    assert rarest_first((tree, inside), found) == (tree, inside)


changed = st.frozensets(st.sampled_from([*SOURCES, "d/y.txt"]), min_size=1, max_size=2)
commits = st.lists(changed, min_size=ENOUGH_COMMITS, max_size=60)


@given(st.permutations(LINES), commits)
def test_order(lines: list[NarrowLine], made: list[frozenset[str]]) -> None:
    found = rates(*made)
    ordered = rarest_first(tuple(lines), found)
    assert sorted(ordered) == sorted(lines)
    for one, other in combinations(lines, 2):
        if overlap(one, other):
            assert ordered.index(one) < ordered.index(other)
    for upper, lower in pairwise(ordered):
        is_clear = CLEARLY * found.rate_of(lower.sources) <= found.rate_of(upper.sources)
        assert overlap(upper, lower) or not is_clear
