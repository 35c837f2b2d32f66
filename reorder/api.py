"""The whole pipeline in one place: bytes to source, Dockerfile, analysis, plan, patch, outcome."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from reorder.analysis.steps import analyze
from reorder.context.context import IGNORE_NAME, BuildContext, IgnoreFile, open_context
from reorder.context.ignore import IgnoreError
from reorder.context.model import Tree, UnreadableError
from reorder.dockerfile.expand import assignments
from reorder.dockerfile.model import Dockerfile, DockerfileError
from reorder.dockerfile.parse import parse
from reorder.dockerfile.second_opinion import disagreement
from reorder.outcome import Change, Changed, Failed, FileChange, Gain, Outcome, Refusal, Unchanged
from reorder.output.diff import unified_diff
from reorder.planning.descent import Wishes
from reorder.planning.metadata import SLUG as METADATA_SLUG
from reorder.repair import Reading, Repair, read, repair
from reorder.replay.gain import measure_gain
from reorder.replay.model import Side
from reorder.replay.play import Assumptions, play
from reorder.rewriting.check import CheckError
from reorder.rewriting.judge import judge_diff
from reorder.source import Source
from reorder.weighing.costs import Costs
from reorder.weighing.history import History
from reorder.weighing.inputs import Weights
from reorder.weighing.rates import Rates
from reorder.world.disk import DiskTree
from reorder.world.files import read_bytes
from reorder.world.git import repository_root

DOCKERFILE_LIMIT = 1024 * 1024
"""Characters. The largest of 98,000 real Dockerfiles is far below; a check of one that large takes seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user asks for.

    ``context`` is a folder; None: find it (see `fix_file`). ``history`` tells how often its files change; None: ask git
    about a context on disk (`History()`: there is none, names have to tell). ``costs`` are seconds of a run of a step.
    """

    context: str | None = None
    history: History | None = None
    costs: Costs = field(default_factory=Costs)
    unsafe_fixes: bool = False
    select: frozenset[str] = field(default_factory=frozenset)
    ignore: frozenset[str] = field(default_factory=frozenset)


class _Place(NamedTuple):
    """One way to read a Dockerfile: in which context, where that lies on disk, if it does, and how paths are shown."""

    context: BuildContext
    folder: str
    root: str | None = None

    def read_history(self) -> History:
        """The commits that changed the context."""
        if self.root is None:
            return History()
        from reorder.world.git_log import read_history

        return read_history(self.root)


def fix_file(path: str, settings: Settings | None = None) -> Outcome:
    """Plan the repair of the Dockerfile at ``path``; nothing is written.

    The build context is ``settings.context``, else the Dockerfile's folder or the nearest parent, up to the
    repository's root, that holds what its COPY lines and its installs name. Never raises for bad input: that is a
    `Failed`.
    """
    settings = settings or Settings()
    source = _read_source(path)
    return source if isinstance(source, Failed) else _attempt(source, _places(path, settings), settings, _outcome)


class Comparison(NamedTuple):
    """A Dockerfile as it is and as it would be fixed, both analysed; ``context`` is the build context's folder.

    ``arguments``: the build arguments that move because every build gives them a new value.
    """

    path: str
    context: str
    before: Side
    after: Side
    arguments: frozenset[str] = frozenset()


def compare_file(path: str, settings: Settings | None = None) -> Comparison | Failed:
    """Analyse the Dockerfile at ``path`` and what `fix_file` would make of it; nothing is written."""
    settings = settings or Settings()
    source = _read_source(path)
    compared = source if isinstance(source, Failed) else _attempt(source, _places(path, settings), settings, _compare)
    if isinstance(compared, Unchanged):
        return Failed(path=path, context=compared.context, error=compared.refusals[0].reason)
    return compared


def fix_text(text: str, context: Tree | str, settings: Settings | None = None, *, path: str = "Dockerfile") -> Outcome:
    """Plan the repair of a Dockerfile given as text, in a folder or any other `Tree`; nothing is written.

    ``path`` is where the Dockerfile lies, seen from the context; it names the file, and its own ignore file.
    """
    settings = settings or Settings()
    tree = DiskTree(context) if isinstance(context, str) else context
    folder = context if isinstance(context, str) else ""
    name = None if posixpath.isabs(path) or path.startswith("../") else posixpath.normpath(path)
    return _attempt(Source(path, text), iter((_open(tree, name, folder),)), settings, _outcome)


def _read_source(path: str) -> Source | Failed:
    try:
        return Source.decode(path, read_bytes(path))
    except OSError as error:
        return Failed(path=path, context="", error=f"cannot be read: {error.strerror or error}")


def _open(tree: Tree, name: str | None, folder: str, outside: IgnoreFile | None = None) -> _Place | IgnoreError:
    root = tree.root if isinstance(tree, DiskTree) else None
    try:
        return _Place(context=open_context(tree, name, outside), folder=folder, root=root)
    except IgnoreError as error:
        return error


def _places(path: str, settings: Settings) -> Iterator[_Place | IgnoreError]:
    """The contexts to try, the likeliest first."""
    own = os.path.dirname(os.path.abspath(path))
    if settings.context is not None:
        yield _open_on_disk(settings.context, path)
        return
    root = repository_root(own)
    yield _open_on_disk(own, path)
    while root is not None and own != root:
        own = os.path.dirname(own)
        yield _open_on_disk(own, path)


def _open_on_disk(folder: str, path: str) -> _Place | IgnoreError:
    relative = os.path.relpath(os.path.abspath(path), os.path.abspath(folder)).replace(os.sep, "/")
    shown = os.path.relpath(folder) if os.path.isabs(folder) and not os.path.isabs(path) else folder
    if not relative.startswith("../"):
        return _open(DiskTree(folder), relative, shown)
    try:
        text = Source.decode(path, read_bytes(path + IGNORE_NAME)).text
    except OSError:
        return _open(DiskTree(folder), None, shown)
    return _open(DiskTree(folder), None, shown, IgnoreFile(relative + IGNORE_NAME, text))


_Result = TypeVar("_Result")
_Finish = Callable[[Dockerfile, "_Tried"], _Result]


def _attempt(
    source: Source, places: Iterator[_Place | IgnoreError], settings: Settings, finish: _Finish[_Result]
) -> _Result | Unchanged | Failed:
    """The one seam where exceptions become outcomes."""
    if len(source.text) > DOCKERFILE_LIMIT:
        return Failed(path=source.path, context="", error="larger than 1 MiB: no Dockerfile is")
    try:
        dockerfile = parse(source)
        if (complaint := disagreement(dockerfile)) is not None:
            refusal = Refusal("parsers-disagree", 1, f"two parsers read the file differently: {complaint}")
            return Unchanged(path=source.path, context="", text=source.text, refusals=(refusal,))
        return finish(dockerfile, _read_in_best_place(dockerfile, places, settings))
    except DockerfileError as error:
        return Failed(path=source.path, context="", error=error.message, line=error.line)
    except IgnoreError as error:
        return Failed(path=source.path, context="", error=f"the ignore file: {error}")
    except UnreadableError as error:
        return Failed(path=source.path, context="", error=str(error))
    except CheckError as error:
        return Failed(path=source.path, context="", error=f"internal check failed, nothing was changed: {error}")


def _read_in_best_place(dockerfile: Dockerfile, places: Iterator[_Place | IgnoreError], settings: Settings) -> _Tried:
    """In the first context in which nothing is missing; in the nearest one if all lack something."""
    nearest: _Tried | None = None
    for place in places:
        if isinstance(place, IgnoreError):
            raise place
        weights = _weights(place, settings)
        wishes = Wishes(settings.unsafe_fixes, settings.select, settings.ignore, weights)
        tried = _Tried(place, wishes, weights, read(dockerfile, place.context, wishes))
        if not tried.lacks_files:
            return tried
        nearest = nearest or tried
    assert nearest is not None
    return nearest


def _weights(place: _Place, settings: Settings) -> Weights:
    history = settings.history
    load = place.read_history if history is None else lambda: history
    return Weights(Rates(place.context, load), settings.costs)


class _Tried(NamedTuple):
    """A Dockerfile analysed and planned in one of the contexts that it may have."""

    place: _Place
    wishes: Wishes
    weights: Weights
    reading: Reading

    @property
    def lacks_files(self) -> bool:
        """Whether a COPY or an install names a file that this context does not have."""
        copies = (step.copy for analysis in self.reading.stages for step in analysis.steps)
        return any(copy is not None and copy.finds_nothing for copy in copies) or any(
            refusal.slug == "manifest-not-found" for refusal in self.reading.plan.refusals
        )


def _outcome(dockerfile: Dockerfile, tried: _Tried) -> Outcome:
    place, path, text = tried.place, dockerfile.source.path, dockerfile.source.text
    done = repair(tried.reading, place.context, tried.wishes)
    if done.text == text:
        return Unchanged(path=path, context=place.folder, text=text, refusals=done.refusals)
    files = (FileChange(path, text, done.text), *_ignore_file(done.ignore_patterns, place))
    return Changed(
        path=path, context=place.folder, files=files, diff=_judged_diff(files), changes=done.changes,
        gain=_gain(_sides(dockerfile, tried, done), tried.weights), refusals=done.refusals,
    )  # fmt: skip


def _compare(dockerfile: Dockerfile, tried: _Tried) -> Comparison:
    done = repair(tried.reading, tried.place.context, tried.wishes)
    sides = _sides(dockerfile, tried, done)
    if done.text == dockerfile.source.text:
        return sides._replace(after=sides.before)
    fixed, context = parse(Source(dockerfile.source.path, done.text)), sides.after.context
    return sides._replace(after=Side(fixed, analyze(fixed, context), context))


def _sides(dockerfile: Dockerfile, tried: _Tried, done: Repair) -> Comparison:
    """Both versions; the lines of the second one are those of the first."""
    place = tried.place
    before = Side(dockerfile, tried.reading.stages, place.context)
    after = Side(done.dockerfile, done.stages, place.context.with_patterns(done.ignore_patterns))
    arguments = frozenset(_moved_arguments(dockerfile, done.changes))
    return Comparison(dockerfile.source.path, place.folder, before, after, arguments)


def _moved_arguments(dockerfile: Dockerfile, changes: tuple[Change, ...]) -> Iterator[str]:
    lines = {change.line for change in changes if change.slug == METADATA_SLUG}
    for instruction in dockerfile.instructions:
        if instruction.line in lines and instruction.keyword == "ARG":
            yield from (name for name, _ in assignments(instruction))


def _gain(sides: Comparison, weights: Weights) -> Gain:
    """Over the history; a short one tells less than typical commits do."""
    history = weights.rates.history if weights.rates.is_sure else History()
    assumptions = Assumptions(costs=weights.costs, arguments=sides.arguments)
    return measure_gain(play(sides.path, sides.context, history, sides.before, sides.after, assumptions))


def _ignore_file(patterns: tuple[str, ...], place: _Place) -> tuple[FileChange, ...]:
    """The ignore file with its new lines, if there are any."""
    if not patterns:
        return ()
    old = place.context.ignore_text
    name = place.context.ignore_path or IGNORE_NAME
    path = os.path.normpath(os.path.join(place.folder, name))
    newline = "\r\n" if old and "\r\n" in old else "\n"
    start = old or ""
    if start and not start.endswith("\n"):
        start += newline
    return (FileChange(path, old, start + "".join(pattern + newline for pattern in patterns)),)


def _judged_diff(files: tuple[FileChange, ...]) -> str:
    """The diff of all files, each held against a parser that did not write it."""
    diffs = []
    for path, old, new in files:
        diff = unified_diff(old, new, path)
        if (complaint := judge_diff(diff, old or "", new)) is not None:
            raise CheckError(f"the diff of {path}: {complaint}")
        diffs.append(diff)
    return "".join(diffs)
