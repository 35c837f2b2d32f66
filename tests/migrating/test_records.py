"""What the ledger keeps is whole: every outcome of the corpus comes back equal."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import case_names, load_case, memory_tree
from reorder.api import fix_text
from reorder.migrating.records import pack, unpack
from reorder.outcome import Failed, Unchanged
from reorder.repository_outcome import RepositoryOutcome


def test_every_outcome_of_the_corpus_comes_back_equal(tmp_path: Path) -> None:
    cases = [load_case(name) for name in case_names()]
    outcomes = tuple(fix_text(case.text, memory_tree(case, tmp_path / case.name), case.settings) for case in cases)
    outcome = RepositoryOutcome("a/b", "/srv/a", "changed", "0" * 40, "team", "main", outcomes, "diff")
    again = unpack(pack(outcome))
    assert again == outcome
    assert [type(each) for each in again.outcomes] == [type(each) for each in outcomes]
    assert hash(again) == hash(outcome)  # no lists inside


def test_bytes_that_are_no_text_come_back() -> None:
    outcomes = (Unchanged("\udcff/Dockerfile", "", "FROM \udcfe\n\x00"), Failed("a", "", "bad", 3))
    outcome = RepositoryOutcome("a", "\udc80", "failed", outcomes=outcomes, trouble="crash", error="why")
    assert unpack(pack(outcome)) == outcome


@pytest.mark.parametrize("data", [b"", b"x", pack(RepositoryOutcome("a", "b", "failed"))[:-3]])
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no record of an outcome"):
        unpack(data)
