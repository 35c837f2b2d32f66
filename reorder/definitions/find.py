"""Finds what a repository says about its builds: reads the files that may define one, and carries out what they call.

Nothing is executed. A file that cannot be read, or makes no sense, is left out with a word; the rest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reorder.context.model import Tree, UnreadableError
from reorder.definitions.effort import Effort
from reorder.definitions.error import DefinitionError
from reorder.definitions.kind import Found, Invocation, Kind, all_kinds
from reorder.definitions.likely import Likely, find_likely
from reorder.definitions.model import Definition, Definitions, Skipped
from reorder.definitions.repository import ROOT, Repository, joined
from reorder.lazy_patterns import lazy_pattern

_MOST_FILES = 3000
"""Files of one kind; what lies behind is left out with a word."""
_MOST_INVOCATIONS = 500
_CHARACTERS_A_UNIT = 50
"""Of a file that is parsed."""
_NOT_OWN = lazy_pattern(r"(?:^|/)(?:node_modules|vendor|\.venv|\.git)/")
"""Folders with other projects in them; no Dockerfile is looked for in there, either."""


def find_definitions(tree: Tree, paths: Iterable[str], effort: Effort | None = None) -> Definitions:
    """What the files at ``paths`` (relative to the root of ``tree``) say; never raises for bad input.

    Files of no kind are passed over, so that ``paths`` may be all files of a repository. ``effort``: what it may cost.
    """
    repository = Repository(tree, tuple(sorted(set(paths))), effort=effort or Effort())
    hints = tuple(hint for kind in all_kinds() for hint in kind.hints)
    promising = [p for p in repository.paths if any(map(p.__contains__, hints)) and not _NOT_OWN.search(p)]
    found: list[Definition] = []
    skipped: list[Skipped] = []
    likely: list[Likely] = []
    invoked: dict[Invocation, None] = {}
    for kind in all_kinds():
        for each in _read_all(kind, repository, promising):
            _sort_in(each, found, skipped, likely, invoked)
    tools = {kind.name: kind for kind in all_kinds()}
    for invocation in _distinct(invoked):
        if repository.effort.left < 0:
            break
        source, line, is_guess = invocation.place.source, invocation.place.line, invocation.place.is_guess
        for each in _guarded(tools[invocation.tool].reader.carry_out(invocation), source, line, is_guess=is_guess):
            _sort_in(each, found, skipped, likely, {})
    for each in _guarded(find_likely(repository, likely, {d.dockerfile for d in found}), "", 1):
        _sort_in(each, found, skipped, [], {})
    order = sorted(dict.fromkeys(found), key=lambda d: (d.source, d.line, d.dockerfile, d.context, d.target or ""))
    return Definitions(tuple(order), tuple(sorted(dict.fromkeys(skipped))))


def _distinct(invoked: Iterable[Invocation]) -> list[Invocation]:
    """Each call once; calls by default only where no other one names the file."""
    calls: dict[object, Invocation] = {}
    named: set[tuple[str, str]] = set()
    for each in sorted(invoked, key=lambda invocation: invocation.is_default):
        files = {(each.tool, joined(each.place.folder or ROOT, file).removeprefix(ROOT + "/")) for file in each.files}
        if not each.is_default:
            named |= files
        elif files & named:
            continue
        calls.setdefault((each.tool, each.place.folder, each.files, each.options), each)
    return list(calls.values())[:_MOST_INVOCATIONS]


def _sort_in(
    each: Found, found: list[Definition], skipped: list[Skipped], likely: list[Likely], invoked: dict[Invocation, None]
) -> None:  # fmt: skip
    if isinstance(each, Definition):
        found.append(each)
    elif isinstance(each, Skipped):
        skipped.append(each)
    elif isinstance(each, Likely):
        likely.append(each)
    else:
        invoked[each] = None


def _read_all(kind: Kind, repository: Repository, promising: list[str]) -> Iterator[Found]:
    paths = list(filter(kind.covers, promising))
    for path in filter(repository.is_file, paths[:_MOST_FILES]):
        if repository.effort.left < 0:
            return
        yield from _guarded(_read(kind, repository, path), path, 1)
    if len(paths) > _MOST_FILES:
        yield Skipped(paths[_MOST_FILES], 1, f"more than {_MOST_FILES} files of kind {kind.name}: the rest is not read")


def _read(kind: Kind, repository: Repository, path: str) -> Iterator[Found]:
    text = repository.read(path)
    if kind.mentions and not any(word in text for word in kind.mentions):
        return
    repository.effort.spend(len(text) // _CHARACTERS_A_UNIT)
    yield from kind.reader.read(repository, path)


def _guarded(items: Iterator[Found], source: str, line: int, *, is_guess: bool = False) -> Iterator[Found]:
    """The one seam where bad input becomes a word about it; a file that a script was thought to name is no warning."""
    try:
        yield from items
    except DefinitionError as error:
        is_warning = error.is_warning and not (is_guess and error.source is None)
        yield Skipped(error.source or source, error.line or line, error.why, is_warning)
    except UnreadableError as error:
        yield Skipped(source, line, str(error), is_warning=True)
    except RecursionError:
        yield Skipped(source, line, "nested too deeply", is_warning=True)
