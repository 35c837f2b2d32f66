"""The values of a configuration, and where each of them comes from."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from reorder.slugs import CHANGES, REFUSALS
from reorder.suggestions import did_you_mean

OWN_NAME = ".dockerfile-fix.toml"
SHARED_NAME = "pyproject.toml"
NAMES = (OWN_NAME, SHARED_NAME)
"""The files that are looked for in a folder; the first one found counts."""

MOST_SECONDS = 1e9
"""More than a build can take, so that sums stay finite."""

_NOTHING: Mapping[str, float] = MappingProxyType({})
_NO_PATTERNS: Mapping[str, frozenset[str]] = MappingProxyType({})


class ConfigError(Exception):
    """A configuration file that cannot be followed; ``line`` is 1-based."""

    def __init__(self, path: str, line: int | None, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path, self.line, self.message = path, line, message


class Values(NamedTuple):
    """What one source says; None, or a key that is missing: nothing.

    ``context`` is a folder: seen from the root of the tree in a configuration file, as typed in a flag. ``exclude`` and
    the keys of ``per_file_ignores`` are patterns (`reorder.configuration.patterns`). ``costs``: seconds by kind.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] | None = None
    unsafe_fixes: bool | None = None
    exclude: tuple[str, ...] | None = None
    context: str | None = None
    target: str | None = None
    costs: Mapping[str, float] = _NOTHING
    per_file_ignores: Mapping[str, frozenset[str]] = _NO_PATTERNS


class Origin(NamedTuple):
    """Where a value comes from; ``name``: the flag, the variable, or ``path:line``."""

    kind: Literal["flag", "environment", "file", "default"]
    name: str = ""


DEFAULT = Origin("default")


class Given(NamedTuple):
    """The command line with its environment; ``origins`` by key, as in `Resolved`."""

    values: Values = Values()
    origins: Mapping[str, Origin] = MappingProxyType({})


class Exclusion(NamedTuple):
    """The pattern that leaves a Dockerfile out."""

    pattern: str
    origin: Origin


class Resolved(NamedTuple):
    """What holds for one Dockerfile.

    ``values`` lacks nothing but a ``context`` and a ``target`` that nobody names; of ``per_file_ignores`` it has those
    that fit, which come on top of ``ignore``. ``origins``: by key as it is written in a file, such as ``unsafe-fixes``,
    ``costs.install``, ``per-file-ignores.old/*``. ``file``: the nearest configuration file.
    """

    values: Values
    origins: Mapping[str, Origin]
    file: str | None = None
    excluded: Exclusion | None = None


def slug_problem(slug: str, *, takes_refusals: bool) -> str | None:
    """What is wrong with the slug of a change; or of a refusal, of which somebody may not want to hear."""
    if slug in CHANGES or (takes_refusals and slug in REFUSALS):
        return None
    if slug in REFUSALS:
        return f"{slug} is why a step stays, and no change that could be made"
    if takes_refusals and (close := did_you_mean(slug, [*CHANGES, *REFUSALS], most=1)):
        return f"no such slug: {slug}{close}"
    more = did_you_mean(slug, CHANGES, most=1) or f"; there are {', '.join(sorted(CHANGES))}"
    return f"no such slug: {slug}{more}"
