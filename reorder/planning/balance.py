"""What a stage costs in an average build, with its copies here or there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reorder.planning.descent import Descent, Scene
from reorder.weighing.rates import Inputs

Descents = Mapping[int, Descent]


def expected_seconds(scene: Scene, descents: Descents) -> float:
    """Seconds of an average build for the steps worth caching: of each, cost times the probability that it runs."""
    above, total = scene.weights.inherited(), 0.0
    for inputs, seconds in _arrange(scene, descents):
        above |= inputs
        total += seconds * scene.weights.rate(above) if seconds else 0.0
    return total


def saved_seconds(scene: Scene, index: int, descents: Descents) -> float:
    """What the descent of one copy saves a build, all others being carried out."""
    rest = {i: descent for i, descent in descents.items() if i != index}
    return expected_seconds(scene, rest) - expected_seconds(scene, descents)


def _arrange(scene: Scene, descents: Descents) -> Iterator[tuple[Inputs, float]]:
    """Each step in its new order: what it takes in, and the seconds of one run."""
    moved = {i: descent for i, descent in descents.items() if descent.after is not None}
    weights = scene.weights
    for k in range(len(scene.steps)):
        for descent in moved.values():
            yield descent.narrow_inputs(k), 0.0
        if k in moved:
            yield moved[k].narrow_inputs(None), 0.0
        else:
            yield weights.own(k), weights.seconds(k)
        for i, descent in moved.items():
            if descent.after == k:
                yield weights.own(i), 0.0

