"""From a plan to edits: copies are cut out of their places and put below the steps they sink to.

Everything else stays where it is, byte for byte. Blank lines keep separating what they separated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reorder.analysis.steps import StageAnalysis, Step
from reorder.dockerfile.model import Dockerfile, Instruction
from reorder.planning.comments import is_about_the_install
from reorder.planning.model import Narrow, Plan, Sink
from reorder.rewriting.gaps import gap_above, gap_below
from reorder.rewriting.layout import moved_text, narrow_text
from reorder.rewriting.moves import move_edits
from reorder.source import Edit, Patch, Span


def make_patch(dockerfile: Dockerfile, stages: Sequence[StageAnalysis], plan: Plan) -> Patch:
    """The edits that carry out the plan's sinks or, if there are none, its moves."""
    edits: list[Edit] = []
    for analysis in stages:
        if not plan.sinks:
            edits += move_edits(dockerfile, analysis.steps, [m for m in plan.moves if m.stage == analysis.stage.index])
        sinks = [sink for sink in plan.sinks if sink.stage == analysis.stage.index]
        if sinks:
            edits += _StageEditor(dockerfile, analysis.steps, {sink.copy: sink for sink in sinks}).edits()
    return Patch(dockerfile.source, tuple(_merge(edits)))


def _merge(edits: list[Edit]) -> Iterator[Edit]:
    """Sorted, with insertions at one place joined and adjacent edits made one."""
    pending: Edit | None = None
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        if pending is not None and edit.span.start <= pending.span.end:
            pending = Edit(Span(pending.span.start, max(pending.span.end, edit.span.end)), pending.text + edit.text)
            continue
        if pending is not None:
            yield pending
        pending = edit
    if pending is not None:
        yield pending


@dataclass(slots=True)
class _StageEditor:
    dockerfile: Dockerfile
    steps: Sequence[Step]
    sinks: dict[int, Sink]
    result: list[Edit] = field(default_factory=list)

    def edits(self) -> list[Edit]:
        for run in self._runs_of_sinks():
            self._cut(run)
        for after in sorted({sink.after for sink in self.sinks.values()}):
            self._paste(after)
        for index, sink in self.sinks.items():
            for narrow in sink.narrow:
                if narrow.before is not None:
                    self._insert_narrow(index, narrow)
        return self.result

    def _runs_of_sinks(self) -> Iterator[list[int]]:
        """Sinking copies that stand together, in groups."""
        group: list[int] = []
        for index in sorted(self.sinks):
            if group and index != group[-1] + 1:
                yield group
                group = []
            group.append(index)
        if group:
            yield group

    def _block(self, index: int) -> Span:
        """An instruction with the comment that goes along with it."""
        instruction = self.steps[index].instruction
        start = instruction.comment.start if instruction.comment and not self._keeps_comment(index) else None
        return Span(instruction.span.start if start is None else start, instruction.span.end)

    def _keeps_comment(self, index: int) -> bool:
        """Whether the comment stays in the copy's old place: it speaks of the install."""
        sink = self.sinks.get(index)
        if sink is None or not any(narrow.before is None for narrow in sink.narrow):
            return False
        return is_about_the_install(self.dockerfile, self.steps[index].instruction)

    def _cut(self, group: list[int]) -> None:
        """Take the group out, and put its narrow lines there."""
        slots = [self._slot_lines(index) for index in group]
        for index, lines in zip(group, slots, strict=True):
            self.result.append(Edit(self._block(index), lines))
        if any(slots):
            self._close_gaps(group, slots)
            return
        before = self._gap(group[0])
        after = self._gap_right_below(group[-1])
        if after is not None:
            spare = after if len(self._text(after)) <= len(self._text(before or after)) else before
            if spare is not None and self._text(spare):
                self.result.append(Edit(spare, ""))
        for index in group[1:]:
            self._drop_gap(index)

    def _close_gaps(self, group: list[int], slots: list[str]) -> None:
        """Blank lines in front of group members that leave nothing in their place go along with them."""
        for position, index in enumerate(group):
            if not slots[position] and position > 0:
                self._drop_gap(index)

    def _drop_gap(self, index: int) -> None:
        gap = self._gap(index)
        if gap is not None and self._text(gap):
            self.result.append(Edit(gap, ""))

    def _slot_lines(self, index: int) -> str:
        sink = self.sinks[index]
        step = self.steps[index]
        newline = self._newline(step.instruction)
        return "".join(
            narrow_text(self.dockerfile.source, step, line, step.state.workdir) + newline
            for narrow in sink.narrow
            if narrow.before is None
            for line in narrow.lines
        )

    def _insert_narrow(self, index: int, narrow: Narrow) -> None:
        assert narrow.before is not None
        step, run = self.steps[index], self.steps[narrow.before]
        newline = self._newline(step.instruction)
        text = "".join(
            narrow_text(self.dockerfile.source, step, line, run.state.workdir) + newline for line in narrow.lines
        )
        start = run.instruction.comment.start if run.instruction.comment else run.instruction.span.start
        self.result.append(Edit(Span(start, start), text))

    def _paste(self, after: int) -> None:
        """Put all copies that sink below step ``after`` there, in their old order."""
        indices = sorted(index for index, sink in self.sinks.items() if sink.after == after)
        source = self.dockerfile.source
        end = self.steps[after].instruction.span.end
        text = ""
        previous = None
        for index in indices:
            block = self._block(index)
            comment = source.text[block.start : self.steps[index].instruction.span.start]
            sink = self.sinks[index]
            body = comment + moved_text(source, self.steps[index], sink.kept, sink.dest)
            is_next = previous is not None and previous + 1 == index
            gap = self._gap(index) if is_next else self._gap_below(index)
            text += (self._text(gap) if gap else "") + _ended(body, self._newline(self.steps[index].instruction))
            previous = index
        if end and not source.text[:end].endswith("\n"):
            newline = source.newline
            text = newline + text.removesuffix(newline)
        self.result.append(Edit(Span(end, end), text))

    def _gap_below(self, index: int) -> Span | None:
        """The blank lines below the group of copies that ``index`` belongs to."""
        while index + 1 in self.sinks:
            index += 1
        return self._gap(index + 1)

    def _gap(self, index: int) -> Span | None:
        return gap_above(self.dockerfile, self.steps, index)

    def _gap_right_below(self, index: int) -> Span | None:
        return gap_below(self.dockerfile, self.steps, index)

    def _text(self, span: Span) -> str:
        return self.dockerfile.source.slice(span)

    def _newline(self, instruction: Instruction) -> str:
        return "\r\n" if self._text(instruction.span).endswith("\r\n") else self.dockerfile.source.newline


def _ended(text: str, newline: str) -> str:
    return text if text.endswith("\n") else text + newline
