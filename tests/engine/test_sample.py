"""The sample that is built by default leaves out no manager that a case builds."""

from __future__ import annotations

from collections.abc import Iterable

from engine.sample import SAMPLE

from corpus import case_names, load_case


def test_the_sample_holds_a_changed_case_of_every_manager_that_can_be_built() -> None:
    cases = [case for case in map(load_case, case_names()) if case.is_for_engine]
    assert SAMPLE - {case.name for case in cases} == set()
    changed = {case.name for case in cases if case.expected is not None}
    assert _managers(changed) == _managers(SAMPLE & changed)


def _managers(names: Iterable[str]) -> set[str]:
    return {name.partition("-")[0] for name in names}
