"""The verdict on a patch in plain words, for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reorder.output.text import printable
from reorder.verifying.build_log import StepRun
from reorder.verifying.model import Comparison, Difference, Group, Side
from reorder.verifying.verdict import Gain, Played, Replayed, Verdict

_GROUPS = 10
_UNREPEATED = 5
_STEP_WIDTH = 60


def render_verdict(verdict: Verdict) -> Iterator[str]:
    """Lines without their ends."""
    yield f"{printable(verdict.path)}: {_headline(verdict)}"
    for note in verdict.notes:
        yield f"  {printable(note)}"
    if verdict.comparison is not None:
        yield from _comparison(verdict.comparison)
    if verdict.timings:
        times = ", ".join(f"{timing.label} {timing.seconds:.1f} s" for timing in verdict.timings)
        yield f"  built without cache by {verdict.builder}: {times}"
    for smoke in verdict.smokes:
        result = smoke.problem or f"the same, exit code {smoke.code_before}"
        yield f"  smoke test {printable(smoke.command)}: {printable(result)}"
    if verdict.log:
        yield "  the end of the build's log:"
        yield from (f"    {printable(line)}" for line in verdict.log)
    if verdict.gain is not None:
        yield from _gain(verdict.gain)
    if verdict.commits:
        yield from _commits(verdict.commits)


def _headline(verdict: Verdict) -> str:
    if verdict.status == "equal":
        return "the images are the same"
    return printable(verdict.reason)


def _comparison(comparison: Comparison) -> Iterator[str]:
    excused = f", {comparison.listed:,} differing logs and caches left out" if comparison.listed else ""
    if comparison.measured:
        excused += f", {comparison.measured:,} paths that two builds of the original differ in"
    yield f"  {comparison.paths:,} paths compared{excused}"
    if comparison.unrepeated:
        shown = [f"/{printable(path)}" for path in comparison.unrepeated[:_UNREPEATED]]
        shown += ["..."] * (comparison.measured > len(shown))
        yield f"  never the same twice: {', '.join(shown)}"
    for field in comparison.fields:
        yield f"  configuration: {field.name}: {printable(field.before)} before, {printable(field.after)} after"
    for group in comparison.groups[:_GROUPS]:
        yield from _group(group)
    if rest := comparison.groups[_GROUPS:]:
        yield f"  {sum(group.number for group in rest):,} more in {len(rest)} folders"


def _group(group: Group) -> Iterator[str]:
    tally = ", ".join(f"{count:,} {aspect}" for aspect, count in sorted(group.tally.items()))
    yield f"  {printable(group.folder)}: {group.number:,} paths differ ({tally})"
    for item in group.examples:
        yield f"    /{printable(item.path)}: {_both(item)}"
    if group.number > len(group.examples):
        yield f"    and {group.number - len(group.examples):,} more"


def _both(item: Difference) -> str:
    if item.before is None or item.after is None:
        side = item.before or item.after
        assert side is not None
        return f"{item.aspects[0]}: {_whole(side)}"
    if "type" in item.aspects:
        return f"{_whole(item.before)} before, {_whole(item.after)} after"
    one, other = _parts(item.before), _parts(item.after)
    return "; ".join(f"{name} {one[name]} before, {other[name]} after" for name in item.aspects)


def _parts(side: Side) -> dict[str, str]:
    return {
        "mode": f"{side.mode:04o}",
        "owner": f"{side.uid}:{side.gid}",
        "content": printable(side.content),
        "attributes": printable(side.attributes.replace("\n", ", ")) or "none",
    }


def _whole(side: Side) -> str:
    target = f" to {printable(side.content)}" if side.kind == "link" else ""
    return f"{side.kind}{target}, {side.mode:04o}, {side.uid}:{side.gid}"


def _gain(gain: Gain) -> Iterator[str]:
    yield ""
    yield f"  after an edit of {printable(gain.touched)} ({gain.chosen}), built again from the cache:"
    yield ""
    rows = [("step", "before", "after"), *_rows(gain.before.steps, gain.after.steps)]
    rows.append(("whole build", f"{gain.before.seconds:.1f} s", f"{gain.after.seconds:.1f} s"))
    width = max(len(row[0]) for row in rows)
    for text, before, after in rows:
        yield f"  {text:{width}}  {before:>8}  {after:>8}"


def _rows(before: Sequence[StepRun], after: Sequence[StepRun]) -> Iterator[tuple[str, str, str]]:
    """In the order of the patched file, each step beside the same one of the original; at the end what it lost."""
    rest = list(before)
    for step in after:
        partner = next((old for old in rest if (old.stage, old.text) == (step.stage, step.text)), None)
        if partner is not None:
            rest.remove(partner)
        yield _named(step), _time(partner), _time(step)
    for step in rest:
        yield _named(step), _time(step), "-"


def _named(step: StepRun) -> str:
    text = printable(f"[{step.stage}] {step.text}" if step.stage else step.text)
    return text if len(text) <= _STEP_WIDTH else text[: _STEP_WIDTH - 1] + "…"


def _time(step: StepRun | None) -> str:
    if step is None:
        return "-"
    return "cached" if step.cached else f"{step.seconds:.1f} s"


def _commits(commits: Sequence[Replayed]) -> Iterator[str]:
    yield ""
    yield "  commits built one after the other from the cache; steps that ran, in brackets those the simulator expects:"
    yield ""
    yield f"  {'commit':12}  {'before':>16}  {'after':>16}  subject"
    for item in commits:
        before, after = _played(item.before), _played(item.after)
        yield f"  {item.commit[:12]:12}  {before:>16}  {after:>16}  {printable(item.subject)[:50]}"
        for label, side in (("before", item.before), ("after", item.after)):
            yield from (f"    {label}: not as expected: {printable(wrong)}" for wrong in side.wrong)
            if side.error is not None:
                yield f"    {label}: {printable(side.error)}"
    before, after = (
        f"{sum(side.rebuild.seconds for side in sides):.1f} s"
        for sides in ([item.before for item in commits], [item.after for item in commits])
    )
    yield f"  {'all':12}  {before:>16}  {after:>16}"


def _played(side: Played) -> str:
    if side.error is not None:
        return "does not build"
    return f"{len(side.rebuild.ran)} ({side.expected}) {side.rebuild.seconds:.1f} s"
