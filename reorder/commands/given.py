"""What the command line and its environment say about settings, as a configuration file would say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reorder.commands.targets import UsageError
from reorder.configuration.model import MOST_SECONDS, Given, Origin, Values, slug_problem
from reorder.configuration.patterns import pattern_problem
from reorder.suggestions import did_you_mean
from reorder.weighing.costs import KINDS

SETTINGS = ("context", "cost", "exclude", "ignore", "select", "target", "unsafe_fixes")
"""The options, by the names of their parameters, that every command has whose work they decide."""


def read_given(options: Mapping[str, Any], origin_of: Callable[[str], Origin]) -> Given:
    """The settings among the options of a command. ``origin_of`` takes a parameter. Raises `UsageError`."""
    origins = {name: origin for name in SETTINGS if (origin := origin_of(name)).kind != "default"}
    said = {name: options[name] for name in origins}
    costs = _costs(said.pop("cost")) if "cost" in said else {}
    if "select" in said:
        said["select"] = read_slugs("--select", said["select"])
    if "ignore" in said:
        said["ignore"] = read_slugs("--ignore", said["ignore"])
    if "exclude" in said:
        said["exclude"] = _patterns(said["exclude"])
    by_key = {name.replace("_", "-"): origin for name, origin in origins.items() if name != "cost"}
    by_key |= {f"costs.{kind}": origins["cost"] for kind in costs}
    return Given(Values(**said, costs=costs), by_key)


def _words(values: Iterable[str]) -> list[str]:
    return [word for value in values for word in re.split(r"[\s,]+", value) if word]


def read_slugs(option: str, values: Iterable[str]) -> frozenset[str]:
    """The slugs that the values of an option hold, apart by blanks or commas. Raises `UsageError`."""
    for slug in (slugs := _words(values)):
        if (why := slug_problem(slug, takes_refusals=option == "--ignore")) is not None:
            raise UsageError(f"{option}: {why}")
    return frozenset(slugs)


def _patterns(values: Iterable[str]) -> tuple[str, ...]:
    """An empty one leaves nothing out, whatever a file says."""
    patterns = tuple(filter(None, values))
    for pattern in patterns:
        if (why := pattern_problem(pattern)) is not None:
            raise UsageError(f"--exclude {pattern}: {why}")
    return patterns


def _costs(values: Iterable[str]) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for word in _words(values):
        kind, sign, number = word.partition("=")
        if kind not in KINDS:
            raise UsageError(f"--cost: there is no kind of step {kind}{did_you_mean(kind, KINDS)}: {', '.join(KINDS)}")
        try:
            found[kind] = float(number)
        except ValueError:
            found[kind] = -1
        if not sign or not 0 <= found[kind] <= MOST_SECONDS:
            raise UsageError(f"--cost {kind}: {number or 'nothing'} is no number of seconds")
    return found
