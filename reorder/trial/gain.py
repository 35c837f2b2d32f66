"""What the patch is worth, measured: both Dockerfiles are built again from the cache after an edit of a source file."""

from __future__ import annotations

import os

from reorder.context.context import IGNORE_NAME
from reorder.trial.bench import Bench
from reorder.trial.touch import TouchError, choose_file, contexts_of, edited
from reorder.verifying.verdict import Gain, Rebuild, Verdict
from reorder.world.builders.model import Build
from reorder.world.context_copy import copy_context, replace_file


def measure_gain(bench: Bench, verdict: Verdict, wanted: str | None) -> Verdict:
    """The verdict with a `Gain`, or with a note that says why there is none. Raises OSError and `BuilderError`."""
    try:
        touch = choose_file(bench.pair, wanted)
    except TouchError as error:
        return _noted(verdict, f"no gain measured: {error}")
    copy = os.path.join(bench.folder, "context")
    _copy(bench, copy)
    if not bench.builder.keeps_steps:
        for label, variant in (("original", bench.pair.before), ("patched", bench.pair.after)):
            done = bench.rebuild(f"{label}-cached", label, variant, copy)
            if done.error is not None:
                return _noted(verdict, f"no gain measured: the {label} file does not build again: {done.error}")
    place = os.path.join(copy, touch.path)
    with open(place, "rb") as file:
        data = file.read()
    replace_file(place, edited(touch.path, data, bench.run))
    sides = []
    for label, variant in (("original", bench.pair.before), ("patched", bench.pair.after)):
        done = bench.rebuild(f"{label}-edited", label, variant, copy)
        if done.error is not None:
            return _noted(verdict, f"no gain measured: after an edit of {touch.path} the {label} file does not build: "
                                   f"{done.error}")  # fmt: skip
        sides.append(rebuild_of(done))
    return verdict._replace(gain=Gain(touch.path, touch.chosen, *sides))


def rebuild_of(build: Build) -> Rebuild:
    """What a build from the cache tells."""
    return Rebuild(round(build.seconds, 2), build.steps)


def _copy(bench: Bench, copy: str) -> None:
    """The context without what neither Dockerfile sees."""
    before, after = contexts_of(bench.pair)
    copy_context(
        bench.pair.context, copy,
        lambda path: path != IGNORE_NAME and before.excludes(path) and after.excludes(path),
    )  # fmt: skip


def _noted(verdict: Verdict, note: str) -> Verdict:
    return verdict._replace(notes=(*verdict.notes, note))
