"""The judge of a patch: an edit that runs something again in the new file which the old one spared.

Decided over representative paths, not over all files of the context: every selector's root, a path that is new inside
it, and a few files that the context holds where a pattern or the ignore file selects some only. A context of 200,000
files costs what a small one does.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from reorder.caching.delta import Delta
from reorder.caching.program import Program, StepId
from reorder.caching.selectors import Selector
from reorder.context.context import IGNORE_NAME, BuildContext
from reorder.context.model import Kind

_NEW_NAME = "a-name-that-no-file-has-yet"
_MOST_FILES = 20
_MOST_FOLDERS = 20
_MOST_ENTRIES = 2_000
"""Of a folder that is listed; a path that is new inside stands for a larger one."""


def find_regression(old: Program, new: Program, partner: Mapping[StepId, StepId]) -> str | None:
    """An edit of one path, or a new value of one build argument, that reruns a RUN which the old file spared.

    ``partner`` gives for steps of ``old`` the same step of ``new`` (a RUN that was divided is judged in two calls, one
    for each half). None: there is no such edit.
    """
    lines = {step.id: step.line for stage in new.stages for step in stage.steps if step.keyword == "RUN"}
    pairs = [(before, after) for before, after in partner.items() if after in lines]
    for what, delta in _deltas(old, new):
        again = new.rerun(delta)
        if not any(after in again for _, after in pairs):
            continue
        was_again = old.rerun(delta)
        for before, after in pairs:
            if after in again and before not in was_again:
                return f"{what} runs the RUN in line {lines[after]} again, which was spared before"
    return None


def _deltas(old: Program, new: Program) -> Iterator[tuple[str, Delta]]:
    paths = chain.from_iterable(map(_paths, (old, new)))
    addresses = (a for program in (old, new) for a in program.addresses)
    ignore_files = (program.context.ignore_path or IGNORE_NAME for program in (old, new))
    for path in dict.fromkeys(chain(paths, addresses, ignore_files)):
        yield f"an edit of {path}", Delta(paths=frozenset((path,)))
    for root in sorted({selector.root for program in (old, new) for selector in _selectors(program)}):
        yield f"a new mode of {root}", Delta(modes=frozenset((root,)))
    for name in sorted(old.arguments | new.arguments):
        yield f"a new value of {name}", Delta(arguments=frozenset((name,)))


def _selectors(program: Program) -> dict[Selector, None]:
    steps = (step for stage in program.stages for step in stage.steps)
    return dict.fromkeys(selector for step in steps for selector in step.inputs.selectors)


def _paths(program: Program) -> Iterator[str]:
    return chain.from_iterable(_representatives(selector, program.context) for selector in _selectors(program))


def _representatives(selector: Selector, context: BuildContext) -> Iterator[str]:
    roots = [posixpath.join(selector.root, example) for example in selector.examples] or [selector.root]
    yield from filter(None, roots)
    inside = [posixpath.join(root, _NEW_NAME) for root in roots]
    yield from inside
    if selector.patterns or any(map(context.excludes, inside)):
        files = (path for path in _files(selector.root, context) if selector.takes(path))
        yield from islice(files, _MOST_FILES)


def _files(folder: str, context: BuildContext) -> Iterator[str]:
    """Files that the builder sees in and under ``folder``, breadth first, from a few folders."""
    folders = [folder] if context.kind(folder) is Kind.DIRECTORY else []
    for number, parent in enumerate(folders):
        if number == _MOST_FOLDERS:
            return
        if context.holds_more(parent, _MOST_ENTRIES):
            continue
        for name in islice(context.names(parent), _MOST_FILES):
            path = posixpath.join(parent, name)
            if context.kind(path) is Kind.DIRECTORY:
                folders.append(path)
            else:
                yield path
