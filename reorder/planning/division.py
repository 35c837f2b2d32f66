"""Where a RUN can be cut in two, so that a copy may come between: installs first, what needs the sources after.

A cut is made between two commands at the top of the script, or in front of an install whose dependencies can be fetched
without the project (`Prefetch`). The shell state that the second half needs is set up again in front of it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reorder.analysis.shell_state import Traced
from reorder.analysis.steps import StageAnalysis, Step
from reorder.dockerfile.heredocs import is_marker
from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role, is_within, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import Call, Prefetch, find_manager
from reorder.planning.exposure import find_parent, is_hidden, is_shipped
from reorder.planning.prelude import find_prelude, ignored_failure, is_fatal
from reorder.shell.model import Command
from reorder.source import Opaque

MOST_CUTS = 8
"""Cuts that are tried for one RUN; each costs an analysis of the file."""

_DELETING = frozenset(
    "purge remove autoremove auto-remove autoclean clean del uninstall prune cleanup erase rm delete".split()
)
_DELETERS = frozenset(("rm", "rmdir", "unlink", "find", "mv", "shred", "truncate"))
_INDEX_UPDATES = frozenset(("update", "makecache", "refresh", "upd"))
_ONE_CONTAINER = PathSet.of("/etc/hosts", "/etc/hostname", "/etc/resolv.conf", trees=("/dev", "/proc", "/sys"))
"""What a build gives each RUN anew, so that it is gone in the second half."""


class Division(NamedTuple):
    """A RUN becomes two: the pipelines before ``cut`` (and then ``prefetch``), and those from ``cut`` on.

    ``prelude``: the pipelines of the first half that the second repeats. ``doubts``: why that is not proven.
    """

    stage: int
    step: int
    cut: int
    prelude: tuple[int, ...] = ()
    prefetch: Prefetch | None = None
    doubts: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The pattern that is repaired."""
        return "dependencies-installed-with-project" if self.prefetch else "install-and-build-in-one-run"


def find_divisions(
    analysis: StageAnalysis, index: int, stages: Sequence[StageAnalysis]
) -> tuple[tuple[Division, ...], Opaque | None]:
    """The ways to divide the RUN with that index, the best first; and why there is no better one."""
    step = analysis.steps[index]
    if problem := _find_form_problem(step):
        return (), problem
    trace = step.trace
    found: list[Division] = []
    refusal: Opaque | None = None
    for cut, prefetch in _find_cuts(trace, analysis, index, stages):
        division = _divide(analysis, index, cut, prefetch, stages)
        if isinstance(division, Opaque):
            refusal = refusal or division
        elif len(found) < MOST_CUTS:
            found.append(division)
    return tuple(found), refusal


def _find_form_problem(step: Step) -> Opaque | None:
    instruction = step.instruction
    if not step.trace:
        return Opaque("install-chained-with-other-commands", "its script is not understood")
    if len(instruction.heredocs) > 1 or (instruction.heredocs and not is_marker(instruction.args)):
        return Opaque("install-chained-with-other-commands", "a heredoc feeds one of its commands")
    if instruction.heredocs and instruction.heredocs[0].content.startswith("#!"):
        return Opaque("install-chained-with-other-commands", "its script names its own interpreter")
    if any("\n" in flag.raw for flag in instruction.flags):
        return Opaque("install-chained-with-other-commands", "its flags are not understood")
    return None


def _find_cuts(
    trace: tuple[Traced, ...], analysis: StageAnalysis, index: int, stages: Sequence[StageAnalysis]
) -> Iterator[tuple[int, Prefetch | None]]:
    """Cuts with the most useful first: a prefetch, then right behind the last install, then earlier ones."""
    barrier = next((i for i, traced in enumerate(trace) if _is_barrier(traced.effects)), len(trace))
    installs = [i for i in range(barrier) if trace[i].effects.role > Role.LOCAL]
    for at in range(min(barrier, len(trace) - 1), -1, -1):
        prefetch = find_prefetch(trace[at])
        if prefetch is not None and not is_prefetched(prefetch, analysis, index, stages, trace[:at]):
            yield at, prefetch
    if not installs:
        return
    last = installs[-1]
    for cut in (*range(last + 1, barrier + 1), *range(last, installs[0], -1)):
        if 0 < cut < len(trace):
            yield cut, None


def _is_barrier(effects: Effects) -> bool:
    return bool(effects.blocks) or effects.reads.everything or effects.writes.everything


def find_prefetch(traced: Traced) -> Prefetch | None:
    """What the package manager of a pipeline that is a single command gives as its dependencies-only form."""
    call = install_call(traced)
    manager = find_manager(call.argv[0]) if call is not None else None
    if call is None or manager is None or manager.find_prefetch is None:
        return None
    return manager.find_prefetch(call)


def install_call(traced: Traced) -> Call | None:
    """The call of a pipeline that is a single command."""
    if len(traced.items) != 1 or len(traced.calls) != 1:
        return None
    item = traced.items[0]
    return traced.calls[0] if isinstance(item, Command) and not item.negated else None


def is_prefetched(
    prefetch: Prefetch, analysis: StageAnalysis, index: int, stages: Sequence[StageAnalysis], before: Sequence[Traced]
) -> bool:
    """Whether an earlier command has already brought the dependencies."""
    patterns = prefetch.done_by or ((prefetch.argv[:2],) if prefetch.argv else ())
    earlier = [call for traced in before for call in traced.calls]
    earlier += (call for step in analysis.steps[:index] for traced in step.trace for call in traced.calls)
    parent = find_parent(analysis, stages)
    while parent is not None:
        earlier += (call for step in parent.steps for traced in step.trace for call in traced.calls)
        parent = find_parent(parent, stages)
    return any(call.argv[: len(words)] == words for call in earlier for words in patterns)


def brings_dependencies_again(analysis: StageAnalysis, index: int, stages: Sequence[StageAnalysis]) -> bool:
    """Whether a RUN only builds the project, its dependencies having come in an earlier step (the author did right)."""
    trace = analysis.steps[index].trace
    for traced in trace:
        if _is_barrier(traced.effects):
            prefetch = find_prefetch(traced)
            return prefetch is not None and is_prefetched(prefetch, analysis, index, stages, ())
    return False


def _divide(
    analysis: StageAnalysis, index: int, cut: int, prefetch: Prefetch | None, stages: Sequence[StageAnalysis]
) -> Division | Opaque:
    step = analysis.steps[index]
    first, second = step.trace[:cut], step.trace[cut:]
    if any(traced.items[0].link == "background" for traced in step.trace):
        return Opaque("split-needs-shell-state", "it starts a command in the background")
    prelude = find_prelude(step.trace, cut)
    if isinstance(prelude, Opaque):
        return prelude
    if problem := _find_lost_mount(step, first) or _must_stay(first, second, is_shipped=is_shipped(analysis, stages)):
        return next((block for block in second[0].effects.blocks if second[0].effects.role > Role.LOCAL), problem)
    network = step.instruction.flag("network")
    if prefetch is not None and network is not None and network.value == "none":
        return Opaque("install-builds-project", "the RUN has no network")
    doubts: tuple[str, ...] = ()
    if cut > 0 and (why := ignored_failure(step.trace, cut, step.state.shell)):
        doubts += (why,)
    elif prefetch is not None and not is_fatal(step.trace, cut, step.state.shell):
        doubts += ("a failure of the install is ignored today, and would stop the build",)
    if prefetch is not None:
        doubts += prefetch.doubts
        if prefetch.leaves and not is_hidden(analysis, prefetch.leaves, stages):
            doubts += ("more may be downloaded than the build needs, and the image would hold it",)
    return Division(analysis.stage.index, index, cut, prelude, prefetch, doubts)


def _must_stay(first: Sequence[Traced], second: Sequence[Traced], *, is_shipped: bool) -> Opaque | None:
    """Why the halves belong into one layer."""
    written = PathSet()
    for traced in first:
        written |= traced.effects.writes
        written |= PathSet.of(trees=(output.path for output in traced.effects.outputs))
    if written.everything:
        return Opaque("split-needs-one-layer", "what its first commands write is not known")
    named = (word for traced in first for call in traced.calls for word in call.args)
    paths = (*written.files, *(tree for tree in written.trees if tree not in SYSTEM_TREES), *named)
    if any(_ONE_CONTAINER.has(path) for path in paths):
        return Opaque("split-needs-one-layer", "its first commands change files that each RUN is given anew")
    last_uses = {_family(call): call for traced in first for call in traced.calls}
    if unused := next((call for call in last_uses.values() if _is_update(call)), None):
        return Opaque("split-needs-one-layer", f"{_show(unused)} is for what follows, and would be out of date for it")
    updated = {_family(call) for traced in first for call in traced.calls if _is_update(call)}
    for traced in second:
        for call in traced.calls:
            if _family(call) in updated and not _is_update(call):
                return Opaque("split-needs-one-layer", f"{call.argv[0]} update and what uses it belong together")
            if _deletes(call, traced.effects, written if is_shipped else PathSet(written.files), is_shipped=is_shipped):
                return Opaque("split-needs-one-layer", f"{_show(call)} deletes what an earlier command wrote")
    return None


def _is_update(call: Call) -> bool:
    return not _INDEX_UPDATES.isdisjoint(call.args[:3])


def _family(call: Call) -> str:
    """The program, by one name for those that share an index."""
    return "apt-get" if call.argv[0] in ("apt", "aptitude") else call.argv[0]


_REFILLED = lazy_pattern(r"cache|\.npm|\.yarn|store|\.m2|\.gradle|\.nuget|registry|/pkg/mod|go-build|/apt|\.composer")
"""Targets of cache mounts that their tools fill again when they find them empty."""


def _find_lost_mount(step: Step, first: Sequence[Traced]) -> Opaque | None:
    """A mount that hands files from the first half to the second, which it would not do between two RUNs."""
    for flag in step.instruction.flags:
        kind, target = flag.options.get("type", "bind"), flag.mount_target
        is_writable = flag.options.keys() & {"rw", "readwrite"}
        if flag.name != "mount" or target is None or not (kind in ("tmpfs", "cache") or is_writable):
            continue
        place = join(step.state.workdir, step.state.expand(target))
        for effects in (traced.effects for traced in first):
            outputs = tuple(output.path for output in effects.outputs)
            inside = [path for path in (*effects.writes.files, *effects.writes.trees) if is_within(path, place)]
            is_product = kind != "cache" or not _REFILLED.search(place)
            is_lost = any(is_within(o, place) or is_within(place, o) for o in outputs) or (inside and is_product)
            is_scratch = kind == "tmpfs" and place != "/tmp" and effects.writes.meets(PathSet.of(trees=[place]))
            if is_lost or is_scratch:
                return Opaque("split-needs-one-layer", f"what it writes to the mount at {place} is gone in another RUN")
    return None


def _deletes(call: Call, effects: Effects, written: PathSet, *, is_shipped: bool) -> bool:
    """Whether a command of the second half takes away what the first half made.

    In a stage whose layers are not shipped only single files count: made, used and deleted, they are one thing.
    """
    if call.argv[0] in _DELETERS:
        return effects.writes.meets(written)
    if not is_shipped:
        return False
    manager = find_manager(call.argv[0])
    is_package_tool = manager is not None and (manager.kind == "manager" or manager.role is Role.INSTALL)
    return is_package_tool and bool(_DELETING.intersection(call.args[:3]))


def _show(call: Call) -> str:
    return " ".join((posixpath.basename(call.argv[0]), *call.args[:2])).replace("\0", "…")
