"""The table of scenarios on a real engine: the steps that it runs again are exactly those of the simulator and the table."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from caching.scenarios import Bench, Site, lines_of, read_benches
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
    site, bench = engine.site, engine.site.bench
    if "<BASE>" in bench.text or any("<BASE>" in s.change for s in bench.scenarios):
        engine.make_base()
    _, program = site.program(engine.builder)
    found = []
    if (built := engine.build().keys()) != lines_of(program, program.steps):
        found.append(f"first build: the engine looked at {sorted(built)}, not {sorted(lines_of(program, program.steps))}")
    images = site.images
    for scenario in bench.scenarios:
        simulated = lines_of(program, program.rerun(site.apply(scenario.change)))
        if site.images > images:
            engine.make_base()
            images = site.images
        done = engine.build()
        ran = frozenset(line for line, was_run in done.items() if was_run)
        if not (ran == simulated == scenario.again.get(engine.builder, ran)) or done.keys() != built:
            table = sorted(scenario.again.get(engine.builder, ran))
            found.append(f"{scenario.change}: engine {sorted(ran)}, simulator {sorted(simulated)}, table {table}")
    return found
