"""The table on a real engine: it runs again exactly the steps that the simulator and the table say."""

from __future__ import annotations

import itertools
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from caching.scenarios import Bench, Scenario, Site, lines_of, read_benches
from engine import builds
from engine.scenario_builds import Engine, serve

from reorder.caching.simulator import Builder

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

_ALL = [pytest.param(bench, b, id=f"{bench.name}-{b.value}") for bench in read_benches() for b in bench.builders]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[list[Site], str]]:
    if problem := builds.find_problem():
        pytest.skip(f"no engine: {problem}")
    sites: list[Site] = []
    with serve(sites) as url:
        yield sites, url


@pytest.mark.parametrize(("bench", "builder"), _ALL)
def test_the_engine_runs_again_what_the_simulator_says(
    bench: Bench, builder: Builder, served: tuple[list[Site], str], tmp_path: Path
) -> None:
    if builder is Builder.CLASSIC and bench.is_alike and os.environ.get("DOCKERFILE_FIX_ENGINE") != "all":
        pytest.skip("it does here as BuildKit does: DOCKERFILE_FIX_ENGINE=all builds it, too")
    sites, url = served
    # the engine keeps what an earlier context of the same name has sent it
    folder = tmp_path / uuid.uuid4().hex
    folder.mkdir()
    site = Site(bench, folder / f"context-{folder.name}", url)
    sites.append(site)
    engine = Engine(builder, site)
    try:
        assert _differences(engine) == []
    finally:
        builds.remove(engine.images[::-1])


def _differences(engine: Engine) -> list[str]:
    """Scenarios in which the engine does otherwise than the table, or than the simulator."""
    site = engine.site
    if "<BASE>" in site.bench.text or any("<BASE>" in s.change for s in site.bench.scenarios):
        engine.make_base()
    _, program = site.program(engine.builder)
    steps = lines_of(program, program.steps)
    found = []
    if (built := engine.build().keys()) != steps:
        found.append(f"first build: the engine looked at {sorted(built)}, not {sorted(steps)}")
    for group in _groups(site.bench, engine.builder):
        again: set[int] = set()
        for scenario in group:
            again |= lines_of(program, program.rerun(site.apply(scenario.change)))
        if "image" in group[0].change:
            engine.make_base()
        done = engine.build()
        ran = {line for line, was_run in done.items() if was_run}
        if not ran == again == group[0].again[engine.builder] or done.keys() != built:
            changes = ", ".join(scenario.change for scenario in group)
            found.append(f"{changes}: engine {sorted(ran)}, simulator {sorted(again)}")
    return found


def _groups(bench: Bench, builder: Builder) -> Iterator[list[Scenario]]:
    """What takes one build: a scenario that runs anything again, or all that follow one another and run nothing."""
    scenarios = [scenario for scenario in bench.scenarios if builder in scenario.again]
    for is_idle, group in itertools.groupby(scenarios, lambda scenario: not scenario.again[builder]):
        members = list(group)
        yield from [members] if is_idle else ([scenario] for scenario in members)
