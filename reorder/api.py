"""The whole pipeline in one place: bytes to source, Dockerfile, analysis, plan, patch, outcome."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from reorder.analysis.build_arguments import deciding_names, told
from reorder.analysis.builds import NOTHING_KNOWN, Builds
from reorder.analysis.installers import find_managers
from reorder.analysis.steps import analyze
from reorder.caching.simulator import TargetError, find_target
from reorder.context.context import IGNORE_NAME
from reorder.context.ignore import IgnoreError
from reorder.context.model import Tree, UnreadableError
from reorder.definitions.model import Definition
from reorder.dockerfile.expand import assignments
from reorder.dockerfile.model import Dockerfile, DockerfileError
from reorder.dockerfile.parse import parse
from reorder.dockerfile.second_opinion import disagreement
from reorder.outcome import Change, Changed, Failed, FileChange, Gain, Outcome, Refusal, Unchanged
from reorder.output.diff import unified_diff
from reorder.planning.descent import Wishes
from reorder.planning.holds import find_skip
from reorder.planning.metadata import SLUG as METADATA_SLUG
from reorder.repair import Reading, Repair, read, repair
from reorder.replay.gain import measure_gain
from reorder.replay.model import Side
from reorder.replay.play import Assumptions, play
from reorder.rewriting.check import CheckError
from reorder.rewriting.judge import judge_diff
from reorder.settings import Settings as Settings  # the public name
from reorder.source import Source
from reorder.weighing.history import History
from reorder.weighing.inputs import Weights
from reorder.weighing.rates import Rates
from reorder.world.builds import read_builds_around
from reorder.world.disk import DiskTree
from reorder.world.files import read_bytes
from reorder.world.git import GitError
from reorder.world.places import Place, open_place, places_by_definition, places_by_search, places_by_wish

if TYPE_CHECKING:
    from reorder.world.baseline import Baseline

_COMMITS = 200
"""The last ones that changed the context; a plan is weighed with them."""

DOCKERFILE_LIMIT = 1024 * 1024
"""Characters. The largest of 98,000 real Dockerfiles is far below; a check of one that large takes seconds."""

_HISTORY_SECONDS = 5.0
"""For one ``git log``, which takes a hundredth of that but in the largest of repositories; what came by then counts."""


def fix_file(path: str, settings: Settings | None = None, *, content: bytes | None = None) -> Outcome:
    """Plan the repair of the Dockerfile at ``path``; nothing is written.

    ``content`` stands for what the file holds, which then need not exist: an editor's buffer, say.

    The build context is ``settings.context``, else what the project's build definitions say (each of them, if there
    are several), else the Dockerfile's folder or the nearest parent, up to the repository's root, that holds what its
    COPY lines and its installs name. Never raises for bad input: that is a `Failed`.
    """
    settings = settings or Settings()
    source = _read_source(path) if content is None else Source.decode(path, content)
    return source if isinstance(source, Failed) else _attempt(source, _ways(path, settings), settings, _outcome)


def fix_file_since(path: str, settings: Settings, base: Baseline) -> Outcome | None:
    """As `fix_file`; None if nothing that decides about the outcome differs from the commit.

    That is the Dockerfile, what defines its builds, and whatever of its contexts the analysis looked at: ignore files,
    manifests, scripts. The history, which only weighs, does not count.
    """
    from reorder.world.baseline import is_concerned

    source = _read_source(path)
    if isinstance(source, Failed):
        return source
    ways, contexts, broken = _ways(path, settings), list[DiskTree](), list[IgnoreError]()
    noted = ways._replace(places=lambda names: _noted(ways.places(names), contexts, broken))
    outcome = _attempt(source, noted, settings, _outcome)
    try:
        return outcome if broken or is_concerned(base, path, contexts) else None
    except GitError as error:
        return Failed(path=path, context="", error=f"it cannot be told whether it changed: {error}")


def _noted(
    places: Iterable[Place | IgnoreError], contexts: list[DiskTree], broken: list[IgnoreError]
) -> Iterator[Place | IgnoreError]:
    for place in places:
        if isinstance(place, IgnoreError):
            broken.append(place)
        elif isinstance(place.context.tree, DiskTree):
            contexts.append(place.context.tree)
        yield place


class Comparison(NamedTuple):
    """A Dockerfile as it is and as it would be fixed, both analysed; ``context`` is the build context's folder.

    ``arguments``: the build arguments that move because every build gives them a new value.
    """

    path: str
    context: str
    before: Side
    after: Side
    arguments: frozenset[str]
    rates: Rates
    place: Place

    def history(self, commits: int) -> History:
        """The last ones that changed the context; no second question to git if the plan was weighed with the same."""
        return self.rates.history if commits == _COMMITS else self.place.read_history(commits)


def compare_file(path: str, settings: Settings | None = None) -> Comparison | Failed:
    """Analyse the Dockerfile at ``path`` and what `fix_file` would make of it; nothing is written."""
    settings = settings or Settings()
    source = _read_source(path)
    if isinstance(source, Failed):
        return source
    finish = _compare if _skipped(source) is None else _compare_with_itself
    compared = _attempt(source, _ways(path, settings), settings, finish, heeds_skip=False)
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
    ways = _Ways(lambda _: (open_place(tree, name, folder),), _builds((), settings))
    return _attempt(Source(path, text), ways, settings, _outcome)


def _skipped(source: Source) -> Unchanged | None:
    """The outcome, if a comment says that the file is to be left alone; it need not even be a Dockerfile."""
    skip = find_skip(source.text)
    return None if skip is None else Unchanged(path=source.path, context="", text=source.text, refusals=(skip,))


FindPlaces = Callable[[frozenset[str]], Iterable[Place | IgnoreError]]
"""Takes the names of the build arguments that matter."""


def fix_in_places(
    source: Source, places: FindPlaces, definitions: Sequence[Definition], settings: Settings
) -> Outcome:  # fmt: skip
    """Plan the repair of a Dockerfile, whose build contexts are ``places``; nothing is written.

    The project builds it as ``definitions`` say, or the user names the context: then it is built in all of these
    places. Otherwise the first one counts in which nothing is missing.
    """
    is_told = bool(definitions) or settings.context is not None
    return _attempt(source, _Ways(places, _builds(definitions, settings), is_told), settings, _outcome)


def _read_source(path: str) -> Source | Failed:
    try:
        return Source.decode(path, read_bytes(path))
    except OSError as error:
        return Failed(path=path, context="", error=f"cannot be read: {error.strerror or error}")


class _Ways(NamedTuple):
    """How a Dockerfile may be built: in which contexts, and for what.

    ``is_told``: it is built in all of these; if not, they are tried, the likeliest first.
    """

    places: FindPlaces
    builds: Builds = NOTHING_KNOWN
    is_told: bool = False


def _ways(path: str, settings: Settings) -> _Ways:
    project = settings.builds or read_builds_around(path)
    definitions = project.of(path)
    builds = _builds(definitions, settings)
    if settings.context is not None:
        return _Ways(partial(places_by_wish, settings.context, path, project), builds, is_told=True)
    if definitions:
        return _Ways(partial(places_by_definition, path, project), builds, is_told=True)
    return _Ways(lambda _: places_by_search(path, project), builds)


def _builds(definitions: Sequence[Definition], settings: Settings) -> Builds:
    targets = (*(d.target for d in definitions), settings.target)
    return Builds(
        frozenset(target.lower() for target in targets if target),
        frozenset(name.lower() for d in definitions for name, _ in d.contexts),
    )  # fmt: skip


_Result = TypeVar("_Result")
_Finish = Callable[[Dockerfile, "list[_Tried]"], _Result]


def _attempt(
    source: Source, ways: _Ways, settings: Settings, finish: _Finish[_Result], *, heeds_skip: bool = True
) -> _Result | Unchanged | Failed:
    """The one seam where exceptions become outcomes."""
    if heeds_skip and (skipped := _skipped(source)) is not None:
        return skipped
    if len(source.text) > DOCKERFILE_LIMIT:
        return Failed(path=source.path, context="", error="larger than 1 MiB: no Dockerfile is")
    try:
        dockerfile = parse(source)
        if (complaint := disagreement(dockerfile)) is not None:
            refusal = Refusal("parsers-disagree", 1, f"two parsers read the file differently: {complaint}")
            return Unchanged(path=source.path, context="", text=source.text, refusals=(refusal,))
        find_target(dockerfile.stages, settings.target)
        return finish(dockerfile, _read(dockerfile, ways, settings))
    except DockerfileError as error:
        return Failed(path=source.path, context="", error=error.message, line=error.line)
    except IgnoreError as error:
        return Failed(path=source.path, context="", error=f"the ignore file: {error}")
    except UnreadableError as error:
        return Failed(path=source.path, context="", error=str(error))
    except TargetError as error:
        return Failed(path=source.path, context="", error=f"{settings.target_from}: {error}")
    except CheckError as error:
        return Failed(path=source.path, context="", error=f"internal check failed, nothing was changed: {error}")
    except RecursionError:
        return Failed(path=source.path, context="", error="something in it, or in what it copies, is nested too deeply")


def _read(dockerfile: Dockerfile, ways: _Ways, settings: Settings) -> list[_Tried]:
    """In each context that the project builds it in, but for those in which the build would fail if it succeeds in
    others; without definitions in the first one in which nothing is missing, the nearest if all lack something.
    """
    tried: list[_Tried] = []
    for place in ways.places(deciding_names(dockerfile)):
        if isinstance(place, IgnoreError):
            raise place
        weights = _weights(place, settings)
        builds = ways.builds._replace(given=place.given)
        wishes = Wishes(settings.unsafe_fixes, settings.select, settings.ignore, weights, builds)
        tried.append(_Tried(place, wishes, weights, read(dockerfile, place.context, wishes), settings.target))
        if not ways.is_told and not tried[-1].lacks_files:
            return tried[-1:]
    return [each for each in tried if not each.lacks_files] or (tried if ways.is_told else tried[:1])


def _weights(place: Place, settings: Settings) -> Weights:
    history = settings.history
    load = partial(place.read_history, _COMMITS) if history is None else lambda: history
    return Weights(Rates(place.context, load), settings.costs)


class _Tried(NamedTuple):
    """A Dockerfile analysed and planned in one of the contexts that it may have."""

    place: Place
    wishes: Wishes
    weights: Weights
    reading: Reading
    target: str | None

    @property
    def lacks_files(self) -> bool:
        """Whether a COPY or an install names a file that this context does not have."""
        copies = (step.copy for analysis in self.reading.stages for step in analysis.steps)
        return any(copy is not None and copy.finds_nothing for copy in copies) or any(
            refusal.slug == "manifest-not-found" for refusal in self.reading.plan.refusals
        )


def _outcome(dockerfile: Dockerfile, tried: list[_Tried]) -> Outcome:
    """The repair, if it is the same in every context that counts."""
    first, path, text = tried[0], dockerfile.source.path, dockerfile.source.text
    place, done = first.place, _repair(first)
    told_by = tuple(dict.fromkeys(line for each in tried for line in each.place.told_by))
    managers = find_managers(first.reading.stages)
    others = tuple(dict.fromkeys(t.place.folder for t in tried if t.place.folder != place.folder))
    for other in tried[1:]:
        if not _is_same(done, first, other):
            why = _disagreement(done, first, other)
            refusals = () if why.slug in first.wishes.ignore else (why,)
            return Unchanged(path, place.folder, text, refusals, told_by, managers, other_contexts=others)
    if done.text == text:
        return Unchanged(path, place.folder, text, done.refusals, told_by, managers, other_contexts=others)
    files = (FileChange(path, text, done.text), *_ignore_file(done.ignore_patterns, place))
    return Changed(
        path=path, context=place.folder, files=files, diff=_judged_diff(files), changes=done.changes,
        gain=_gain(_sides(dockerfile, first, done), first), refusals=done.refusals, context_from=told_by,
        managers=managers, other_contexts=others,
        targets=tuple(sorted(s.name or str(s.index) for s in dockerfile.stages[:-1] if first.wishes.builds.aim_at(s))),
    )  # fmt: skip


def _repair(tried: _Tried) -> Repair:
    return repair(tried.reading, tried.place.context, tried.wishes)


def _is_same(done: Repair, first: _Tried, other: _Tried) -> bool:
    """Whether both ways lead to the same patch; each context has an ignore file of its own, so none may need a line."""
    repaired = _repair(other)
    is_one_context = first.place.folder == other.place.folder
    patterns = {done.ignore_patterns, repaired.ignore_patterns}
    return done.text == repaired.text and (len(patterns) == 1 if is_one_context else patterns == {()})


def _disagreement(done: Repair, first: _Tried, other: _Tried) -> Refusal:
    line = done.changes[0].line if done.changes else 1
    names = [_named(tried.place) for tried in (first, other)]
    reason = f"it is built in {names[0]} and in {names[1]}, and what is right for one is not for the other"
    return Refusal("contexts-disagree", line, reason)


def _named(place: Place) -> str:
    by = place.told_by[0] if place.told_by else ""
    known = ", ".join(filter(None, (by, f"with {told(place.given)}" if place.given else "")))
    return f"{place.folder or '.'}" + (f" ({known})" if known else "")


def _compare(dockerfile: Dockerfile, tried: list[_Tried]) -> Comparison:
    first, done = tried[0], _repair(tried[0])
    sides = _sides(dockerfile, first, done)
    if done.text == dockerfile.source.text or not all(_is_same(done, first, other) for other in tried[1:]):
        return sides._replace(after=sides.before)
    fixed, context = parse(Source(dockerfile.source.path, done.text)), sides.after.context
    return sides._replace(after=Side(fixed, analyze(fixed, context, None, first.wishes.builds), context))


def _compare_with_itself(dockerfile: Dockerfile, tried: list[_Tried]) -> Comparison:
    sides = _compare(dockerfile, tried)
    return sides._replace(after=sides.before, arguments=frozenset())


def _sides(dockerfile: Dockerfile, tried: _Tried, done: Repair) -> Comparison:
    """Both versions; the lines of the second one are those of the first."""
    place = tried.place
    before = Side(dockerfile, tried.reading.stages, place.context)
    after = Side(done.dockerfile, done.stages, place.context.with_patterns(done.ignore_patterns))
    arguments = frozenset(_moved_arguments(dockerfile, done.changes))
    return Comparison(dockerfile.source.path, place.folder, before, after, arguments, tried.weights.rates, place)


def _moved_arguments(dockerfile: Dockerfile, changes: tuple[Change, ...]) -> Iterator[str]:
    lines = {change.line for change in changes if change.slug == METADATA_SLUG}
    for instruction in dockerfile.instructions:
        if instruction.line in lines and instruction.keyword == "ARG":
            yield from (name for name, _ in assignments(instruction))


def _gain(sides: Comparison, tried: _Tried) -> Gain:
    """Over the history; a short one tells less than typical commits do."""
    history = sides.rates.history if sides.rates.is_sure else History()
    assumptions = Assumptions(costs=tried.weights.costs, target=tried.target, arguments=sides.arguments)
    return measure_gain(play(sides.path, sides.context, history, sides.before, sides.after, assumptions))


def _ignore_file(patterns: tuple[str, ...], place: Place) -> tuple[FileChange, ...]:
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
