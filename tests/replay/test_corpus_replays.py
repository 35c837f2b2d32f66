"""Every changed case of the corpus, replayed with typical commits: the fix is worth something, and no step is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus import case_names, lay_out, load_case
from reorder.api import compare_file
from reorder.outcome import Failed
from reorder.replay.play import Assumptions, play
from reorder.weighing.history import History

CHANGED = [name for name in case_names() if load_case(name).expected is not None]


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_case_builds_faster(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    folder = lay_out(case, tmp_path / "top")
    context = str(folder) if case.context_option else None
    compared = compare_file(str(tmp_path / "top" / case.dockerfile), replace(case.settings, context=context))
    assert not isinstance(compared, Failed)
    assert compared.after.dockerfile.source.text == case.expected
    assumptions = Assumptions(arguments=compared.arguments)
    played = play(compared.path, compared.context, History(), compared.before, compared.after, assumptions)
    assert sum(row.total for row in played.after) < sum(row.total for row in played.before)
    whole = [sum(row.seconds for row in rows) for rows in (played.before, played.after)]
    assert whole[0] == pytest.approx(whole[1], abs=1), "a build of everything costs what it did, but for copies"
    runs = {i for i, row in enumerate(played.before) if row.text.startswith("RUN")}
    assert runs == {row.partner for row in played.after if row.text.startswith("RUN")}
    for row in played.after:
        if row.partner is not None and row.text.startswith("RUN"):
            spared = zip(row.ran, played.before[row.partner].ran, strict=True)
            assert all(before for after, before in spared if after), "no RUN runs again that did not before"
