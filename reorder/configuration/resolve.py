"""Which value holds for a Dockerfile: flag before environment variable before nearest file before default."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reorder.configuration.model import DEFAULT, Exclusion, Given, Origin, Resolved, Values
from reorder.configuration.patterns import is_fit
from reorder.weighing.costs import KINDS

if TYPE_CHECKING:
    from reorder.configuration.reading import ConfigFile

_DEFAULTS = Values(
    select=frozenset(), ignore=frozenset(), unsafe_fixes=False, exclude=(),
    costs={kind: known.seconds for kind, known in KINDS.items()},
)  # fmt: skip
_PLAIN = ("select", "ignore", "unsafe_fixes", "exclude", "context", "target")


def resolve(file: ConfigFile | None, path: str, given: Given, *, path_from_here: str | None = None) -> Resolved:
    """What holds for the Dockerfile at ``path``, seen from the root of the tree that ``file`` lies in.

    ``path_from_here``: the same, seen from the folder that a flag's patterns are meant in (None: it is the root).
    """
    values, origins = _combine(file, given)
    excluded = None
    if origins["exclude"].kind != "default":
        is_of_file = origins["exclude"].kind == "file"
        seen = _inside(file, path) if is_of_file else path if path_from_here is None else path_from_here
        for index, pattern in enumerate(values.exclude or ()):
            if is_fit(pattern, seen):
                origin = _origin(file, "exclude", index) if is_of_file and file is not None else origins["exclude"]
                excluded = Exclusion(pattern, origin)
                break
    matched = dict(_matching(file, path))
    if matched and file is not None:
        values = values._replace(per_file_ignores=matched)
        origins |= {f"per-file-ignores.{each}": _origin(file, "per-file-ignores", each) for each in matched}
    return Resolved(values, origins, file and file.path, excluded)


def _inside(file: ConfigFile | None, path: str) -> str:
    return posixpath.relpath(path, file.folder or ".") if file is not None else path


def _origin(file: ConfigFile, *key: str | int) -> Origin:
    return Origin("file", file.place_of(*key))


def _combine(file: ConfigFile | None, given: Given) -> tuple[Values, dict[str, Origin]]:
    """Each value by itself; the costs kind by kind."""
    found: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    said = file.values if file is not None else Values()
    for field in _PLAIN:
        key = field.replace("_", "-")
        mine, theirs = getattr(given.values, field), getattr(said, field)
        if mine is not None:
            found[field], origins[key] = mine, given.origins[key]
        elif theirs is not None and file is not None:
            found[field], origins[key] = theirs, _origin(file, key)
        else:
            found[field], origins[key] = getattr(_DEFAULTS, field), DEFAULT
    costs: dict[str, float] = {}
    for kind in KINDS:
        key = f"costs.{kind}"
        if kind in given.values.costs:
            costs[kind], origins[key] = given.values.costs[kind], given.origins[key]
        elif kind in said.costs and file is not None:
            costs[kind], origins[key] = said.costs[kind], _origin(file, "costs", kind)
        else:
            costs[kind], origins[key] = _DEFAULTS.costs[kind], DEFAULT
    return Values(**found, costs=costs), origins  # type: ignore[arg-type]


def _matching(file: ConfigFile | None, path: str) -> Iterator[tuple[str, frozenset[str]]]:
    if file is not None:
        for pattern, slugs in file.values.per_file_ignores.items():
            if is_fit(pattern, _inside(file, path)):
                yield pattern, slugs
