"""Builds a Dockerfile as it is and as patched, and says whether the images are the same.

Both are built without cache. Only if they differ is the original built once more: what differs between its two builds
is measured noise. Since the patched build lies between the two, a package published meanwhile is noise, too. Images
that are the same need no such excuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reorder.trial.bench import Bench, open_bench
from reorder.trial.commits import replay_commits
from reorder.trial.gain import measure_gain
from reorder.trial.smoke import run_smokes
from reorder.trial.touch import TouchError, choose_file
from reorder.verifying.compare import compare_files, measure_noise
from reorder.verifying.configuration import compare_configurations
from reorder.verifying.model import Comparison
from reorder.verifying.verdict import Pair, Status, Verdict, Watch
from reorder.world.builders.failures import is_ours
from reorder.world.builders.model import Build, Builder, BuilderError, BuildOptions

_BEFORE, _AFTER, _AGAIN = 0, 1, 2
_LOG_LINES = 25


class Wishes(NamedTuple):
    """What to do beside the comparison. ``commits``: how many to replay; ``touch``: the context path to edit."""

    smoke: tuple[str, ...] = ()
    measures_gain: bool = True
    touch: str | None = None
    commits: int = 0


def put_to_test(pair: Pair, builder: Builder, options: BuildOptions, wishes: Wishes, watch: Watch) -> Verdict:
    """Build, compare, and measure; never raises for what a builder, a Dockerfile or the disk is like."""
    verdict = Verdict(pair.path, pair.context, "error", builder.name, notes=pair.notes)
    try:
        if wishes.touch is not None and wishes.measures_gain:
            choose_file(pair, wishes.touch)  # a file that is not there is told before minutes of building
        with open_bench(builder, pair, options, watch) as bench:
            verdict = _judge(bench, verdict)._replace(timings=tuple(bench.timings))
            if verdict.status == "equal" and wishes.smoke:
                verdict = run_smokes(bench, verdict, wishes.smoke)
            if verdict.status == "equal":
                verdict = _measure(bench, verdict, wishes)
    except TouchError as error:
        return verdict._replace(status="error", reason=f"--touch: {error}")
    except BuilderError as error:
        return verdict._replace(status="error", reason=str(error))
    except OSError as error:
        return verdict._replace(status="error", reason=f"{error.filename or 'a file'}: {error.strerror or error}")
    return verdict


def _measure(bench: Bench, verdict: Verdict, wishes: Wishes) -> Verdict:
    if wishes.measures_gain:
        verdict = measure_gain(bench, verdict, wishes.touch)
    if wishes.commits:
        verdict = replay_commits(bench, verdict, wishes.commits)
    return verdict


def _judge(bench: Bench, verdict: Verdict) -> Verdict:
    notes: list[str] = []
    before = bench.build("original", bench.pair.before)
    if before.error is not None:
        if is_ours(before.error):
            return _failed(verdict, "error", f"the original: {before.error}", before)
        return _failed(verdict, "original-fails", f"the original does not build: {before.error}", before)
    after = bench.build("patched", bench.pair.after)
    if after.error is not None and not is_ours(after.error):
        after = bench.build("patched", bench.pair.after)
        if after.error is None:
            notes.append("the patched file failed to build once, and then built: a registry or the network failed")
    if after.error is not None:
        return _explain_failure(bench, verdict, after)
    comparison = _compare(bench)
    verdict = verdict._replace(comparison=comparison, notes=(*verdict.notes, *notes))
    if comparison.is_equal:
        return verdict._replace(status="equal")
    return verdict._replace(status="differs", reason=_summary(comparison))


def _explain_failure(bench: Bench, verdict: Verdict, after: Build) -> Verdict:
    """The patched file does not build. Is it the patch, or would the original fail now, too?"""
    assert after.error is not None
    if is_ours(after.error):
        return _failed(verdict, "error", f"the patched file: {after.error}", after)
    again = bench.build("original-again", bench.pair.before)
    if again.error is not None:
        reason = f"the original built once, and now neither it nor the patched file does: {again.error}"
        return _failed(verdict, "error", reason, again)
    return _failed(verdict, "patch-fails", f"the patched file does not build, the original does: {after.error}", after)


def _failed(verdict: Verdict, status: Status, reason: str, build: Build) -> Verdict:
    return verdict._replace(status=status, reason=reason, log=build.tail[-_LOG_LINES:])


def _compare(bench: Bench) -> Comparison:
    bench.read(("original", _BEFORE), ("patched", _AFTER))
    found = compare_files(bench.store, _BEFORE, _AFTER)
    fields = compare_configurations(bench.configs[_BEFORE], bench.configs[_AFTER])
    if found.groups or fields:
        again = bench.build("original-again", bench.pair.before)
        if again.error is not None:
            raise BuilderError(f"the original built once, and not again: {again.error}")
        bench.read(("original-again", _AGAIN))
        bench.forget("original-again")
        measure_noise(bench.store, _BEFORE, _AGAIN)
        found = compare_files(bench.store, _BEFORE, _AFTER)
        unstable = {f.name for f in compare_configurations(bench.configs[_BEFORE], bench.configs[_AGAIN])}
        fields = tuple(field for field in fields if field.name not in unstable)
    return Comparison(bench.store.count(_BEFORE), found.listed, found.measured, found.groups, fields, found.unrepeated)


def _summary(comparison: Comparison) -> str:
    parts: Sequence[str] = (
        f"{comparison.differing:,} of {comparison.paths:,} paths" if comparison.groups else "",
        "the configuration" if comparison.fields else "",
    )
    return " and ".join(filter(None, parts)) + " of the images differ"
