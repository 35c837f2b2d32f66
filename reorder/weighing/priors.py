"""Commits made up for a project whose history cannot be read, in the proportions that are typical."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from itertools import cycle

from reorder.analysis.steps import StageAnalysis
from reorder.analysis.volatility import is_stable_file
from reorder.context.context import BuildContext
from reorder.context.model import Kind
from reorder.weighing.history import Commit

_PROPORTIONS = (("sources", 15), ("manifests", 3), ("other files", 2))
"""Of twenty commits: edits of sources, of a manifest or lock file that an install reads, of neither (documentation).

Round numbers; an install that reads its manifests alone then runs in 15 of 100 builds.
"""

_ROUNDS = 5
_MOST_FILES = 50
_MOST_ENTRIES = 2_000
"""Of a folder that is listed."""
_DEPTH = 3


def prior_commits(context: BuildContext, stages: Sequence[StageAnalysis]) -> tuple[Commit, ...]:
    """A hundred commits, each of which edits one file; the kinds of edits are spread evenly, the files take turns."""
    manifests = tuple(sorted(_manifests(stages, context)))
    sources = tuple(dict.fromkeys(_sources(stages, context, frozenset(manifests)))) or ("src/main",)
    files = {"sources": cycle(sources), "manifests": cycle(manifests or sources), "other files": cycle(("README.md",))}
    kinds = tuple(_spread()) * _ROUNDS
    return tuple(_commit(number, kind, next(files[kind])) for number, kind in enumerate(kinds))


def _commit(number: int, kind: str, path: str) -> Commit:
    return Commit(id=f"prior-{number:03}", when=0, subject=f"a typical edit of {kind}", paths=frozenset((path,)))


def _spread() -> Iterator[str]:
    """Each kind as often as its proportion, as far apart as can be."""
    places = [((number + 0.5) / count, kind) for kind, count in _PROPORTIONS for number in range(count)]
    return (kind for _, kind in sorted(places))


def _manifests(stages: Sequence[StageAnalysis], context: BuildContext) -> set[str]:
    """The files of the context that a step worth caching reads."""
    found: set[str] = set()
    for stage in stages:
        copies = [step.copy for step in stage.steps if step.copy is not None and step.copy.origin == "context"]
        runs = [step.effects for step in stage.steps if step.effects is not None and step.is_worth_caching]
        reads = {path for effects in runs for path in effects.reads.files}
        origins = (origin.source for path in reads for copy in copies for origin in copy.origins(path))
        found.update(path for path in origins if context.kind(path) is Kind.FILE)
    return found


def _sources(stages: Sequence[StageAnalysis], context: BuildContext, manifests: frozenset[str]) -> Iterator[str]:
    """For each thing that is copied and edited often, one file of it."""
    for stage in stages:
        for step in stage.steps:
            if step.copy is not None and step.copy.origin == "context" and step.is_volatile:
                for placement in step.copy.placements:
                    is_folder = placement.kind is Kind.DIRECTORY
                    if is_folder:
                        yield _find_source(placement.source, context, manifests, _DEPTH)
                    elif not is_stable_file(placement.source):
                        yield placement.source


def _find_source(folder: str, context: BuildContext, manifests: frozenset[str], depth: int) -> str:
    """A source file in ``folder`` or below; one that is made up where a short look finds none."""
    folders = []
    names = () if context.holds_more(folder, _MOST_ENTRIES) else context.names(folder)
    for name in names[:_MOST_FILES]:
        path = posixpath.join(folder, name)
        if context.kind(path) is Kind.DIRECTORY and not name.startswith("."):
            folders.append(path)
        elif context.kind(path) is Kind.FILE and not is_stable_file(name) and path not in manifests:
            return path
    made_up = posixpath.join(folder, "source")
    deeper = (_find_source(path, context, manifests, depth - 1) for path in folders[:3]) if depth else iter(())
    return next((path for path in deeper if posixpath.basename(path) != "source"), made_up)
