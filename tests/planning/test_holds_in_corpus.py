"""What the corpus changes, with comments that hold: nothing of it happens where they stand, and the rest still may."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import Case, case_names, load_case, memory_tree
from reorder.api import fix_text
from reorder.dockerfile.model import Dockerfile, Instruction
from reorder.dockerfile.parse import parse
from reorder.outcome import Changed, Outcome, Unchanged
from reorder.source import Source

CHANGED = [name for name in case_names() if load_case(name).expected is not None]
EVERY_FIFTH = CHANGED[::5]


def fix(case: Case, text: str, scratch: Path) -> Outcome:
    return fix_text(text, memory_tree(case, scratch, text=text), case.settings, path=case.dockerfile)


def parsed(text: str) -> Dockerfile:
    return parse(Source("Dockerfile", text))


def with_notes(text: str, above: list[Instruction], note: str) -> str:
    for instruction in sorted(above, key=lambda each: -each.span.start):
        start = instruction.span.start + text[instruction.span.start :].startswith("\ufeff")
        text = text[:start] + note + text[start:]
    return text


@pytest.mark.parametrize("name", [name for name in CHANGED if not load_case(name).context_option])
def test_with_a_comment_above_each_stage_nothing_changes(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    stages = [stage.instructions[0] for stage in parsed(case.text).stages]
    text = with_notes(case.text, stages, "# dockerfile-fix: ignore\n")
    outcome = fix(case, text, tmp_path / "tree")
    assert isinstance(outcome, Unchanged), outcome
    assert {refusal.slug for refusal in outcome.refusals} == {"ignored-by-comment"}


def instructions_of(dockerfile: Dockerfile) -> list[str]:
    return [dockerfile.source.slice(instruction.span).strip() for instruction in dockerfile.instructions]


@pytest.mark.parametrize("name", EVERY_FIFTH)
def test_one_instruction_after_the_other_is_held(name: str, tmp_path: Path) -> None:
    """A held RUN keeps all above it above; any other instruction keeps its place among the RUNs."""
    case = load_case(name)
    texts = instructions_of(parsed(case.text))
    for index, instruction in enumerate(parsed(case.text).instructions):
        if instruction.keyword == "FROM" or texts.count(texts[index]) > 1:
            continue
        text = with_notes(case.text, [instruction], "# dockerfile-fix: ignore\n")
        outcome = fix(case, text, tmp_path / str(index))
        if not isinstance(outcome, Changed):
            assert isinstance(outcome, Unchanged), outcome
            continue
        new = parsed(outcome.files[0].new)
        after = instructions_of(new)
        at = after.index(texts[index])
        comment = new.instructions[at].comment
        assert comment is not None
        assert "dockerfile-fix: ignore" in new.source.slice(comment)
        is_run = instruction.keyword == "RUN"
        kept = [t for t in texts if t in after and texts.count(t) == 1 and (is_run or t.upper().startswith("RUN"))]
        above = [t for t in kept if texts.index(t) < index]
        assert [t for t in above if after.index(t) > at] == [], outcome.diff
        if not is_run:
            assert [t for t in kept if texts.index(t) > index and after.index(t) < at] == [], outcome.diff


@pytest.mark.parametrize("name", EVERY_FIFTH)
def test_each_change_can_be_held_by_its_name(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    plain = fix(case, case.text, tmp_path / "plain")
    assert isinstance(plain, Changed)
    for change in plain.changes:
        held = [each for each in parsed(case.text).instructions if each.line == change.line]
        text = with_notes(case.text, held, f"# dockerfile-fix: ignore[{change.slug}]\n")
        outcome = fix(case, text, tmp_path / f"{change.slug}{change.line}")
        assert isinstance(outcome, Changed | Unchanged), outcome
        assert (change.slug, change.line + 1) not in {(c.slug, c.line) for c in getattr(outcome, "changes", ())}
        told = {refusal.slug for refusal in outcome.refusals}
        assert "ignored-by-comment" in told or isinstance(outcome, Changed), outcome
