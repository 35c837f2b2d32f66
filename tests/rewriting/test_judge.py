from __future__ import annotations

import pytest

from reorder.output.diff import unified_diff
from reorder.rewriting.judge import judge_diff

_OLD = "FROM x\nCOPY . .\nRUN y\nCMD z\n"
_NEW = "FROM x\nRUN y\nCOPY . .\nCMD z\n"
_DIFF = unified_diff(_OLD, _NEW, "Dockerfile")


def test_a_good_diff_passes() -> None:
    assert judge_diff(_DIFF, _OLD, _NEW) is None
    assert judge_diff("", _OLD, _OLD) is None


def test_a_hunk_that_cannot_be_valid_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from unidiff.patch import Hunk

    monkeypatch.setattr(Hunk, "is_valid", lambda _: False)
    assert "other lengths" in (judge_diff(_DIFF, _OLD, _NEW) or "")


@pytest.mark.parametrize(
    ("diff", "complaint"),
    [
        ("", "empty"),
        (_DIFF.replace("-1,4", "-1,5"), "does not parse"),
        (_DIFF.replace("-1,4", "-2,4"), "does not fit"),
        (_DIFF.replace(" FROM x", " FROM y"), "does not fit"),
        (_DIFF.replace("+RUN y", "+RUN z"), "does not give"),
        (_DIFF + "\\ No newline at end of file\n", "does not fit"),
        (_DIFF.removesuffix("\n"), "no end"),
        (_DIFF + _DIFF, "2 files"),
        ("nothing of the kind\n", "0 files"),
        (_DIFF.replace("@@ -1,4 +1,4 @@\n", "@@ -1,4 +1,4 @@\n*"), "does not parse"),
    ],
)
def test_a_bad_diff_is_told(diff: str, complaint: str) -> None:
    assert complaint in (judge_diff(diff, _OLD, _NEW) or "")


@pytest.mark.parametrize(
    ("old", "new"),
    [("a", "a\n"), ("a\n", "a"), ("", "a"), ("a\r\nb", "a\nb"), ("a\x0cb\n", "b\x0ca\n"), ("\u2028\n", "\r\n"),
     ("\udcff", "\udcfe")],
)  # fmt: skip
def test_a_difference_in_line_ends_counts(old: str, new: str) -> None:
    diff = unified_diff(old, new, "f")
    assert judge_diff(diff, old, new) is None
    assert judge_diff(diff, old, old) is not None
    assert judge_diff(diff, old, new + "\n") is not None


def test_a_diff_by_splitlines_is_caught() -> None:
    """What the standard library's usual recipe gives for a form feed and for a missing final newline."""
    import difflib

    for old, new in (("a\x0cb\nc\n", "a\x0cx\nc\n"), ("a\nb", "x\nb")):
        diff = "".join(difflib.unified_diff(old.splitlines(True), new.splitlines(True), "a/f", "b/f"))
        assert judge_diff(diff, old, new) is not None
