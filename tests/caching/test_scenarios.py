"""The simulator against the table; tests/engine/test_scenarios_on_engine.py holds the engine against both."""

from __future__ import annotations

from pathlib import Path

import pytest
from caching.scenarios import Bench, Site, every_scenario, lines_of

from reorder.caching.simulator import Builder

_ALL = list(every_scenario())


@pytest.mark.parametrize(
    ("bench", "builder", "number"),
    [pytest.param(*s, id=f"{s[0].name}-{s[1].value}-{s[0].scenarios[s[2]].change}") for s in _ALL],
)
def test_the_simulator_says_what_the_table_says(bench: Bench, builder: Builder, number: int, tmp_path: Path) -> None:
    site = Site(bench, tmp_path / "context")
    _, program = site.program(builder)
    for earlier in bench.scenarios[:number]:
        if builder in earlier.again:
            site.apply(earlier.change)
    again = program.rerun(site.apply(bench.scenarios[number].change))
    assert lines_of(program, again) == bench.scenarios[number].again[builder], again


def test_the_table_is_large_enough() -> None:
    assert len(_ALL) >= 200
    assert {builder for _, builder, _ in _ALL} == set(Builder)
