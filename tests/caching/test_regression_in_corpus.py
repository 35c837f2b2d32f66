"""The judge of patches over the corpus: no expected patch is a step back, and each one undone is."""

from __future__ import annotations

from pathlib import Path

import pytest
from rebuilds import Rebuild

from corpus import case_names, load_case

CHANGED = [name for name in case_names() if load_case(name).expected is not None]


@pytest.mark.parametrize("name", CHANGED)
def test_no_patch_is_a_regression_and_undoing_it_is_one(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    before, after = Rebuild.before(case, tmp_path / "before"), Rebuild.after(case, tmp_path / "after")
    assert before.regression(after) is None
    assert after.regression(before) is not None
