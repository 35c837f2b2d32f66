"""The line of each key, however TOML lets it be written."""

from __future__ import annotations

import pytest

from reorder.configuration.positions import Key, find_line

TEXT = '''# [tool.dockerfile-fix] in a comment
title = """
[tool.dockerfile-fix]
select = 1
"""
[tool.other]
select = []
"tool".'dockerfile-fix'.x = 1
[ tool . "dockerfile-fix" ]
"ex\\u0063lude" = [ # one
  "a", "b",
  # two
  "c",
]
costs = { install = 1, "build" = 2 } # three
costs2.a.b = 1

[tool.dockerfile-fix.per-file-ignores]
"a b/*.x" = [
  "s"]
[[tool.list]]
x = 1
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ((), 9), (("exclude",), 10), (("exclude", 0), 11), (("exclude", 1), 11), (("exclude", 2), 13),
        (("exclude", 9), 10), (("costs",), 15), (("costs", "build"), 15), (("costs", "nothing"), 15),
        (("costs2", "a", "b"), 16), (("per-file-ignores",), 18), (("per-file-ignores", "a b/*.x"), 19),
        (("per-file-ignores", "a b/*.x", 0), 20), (("nothing",), 9),
    ],
)  # fmt: skip
def test_the_line_of_a_key(key: tuple[Key, ...], line: int) -> None:
    text = TEXT.replace("\"tool\".'dockerfile-fix'.x = 1\n", "\n")
    assert find_line(text, ("tool", "dockerfile-fix", *key)) == line


def test_at_the_top_and_where_there_is_nothing() -> None:
    assert find_line("a = 1\nb.c = 2\n", ("b", "c")) == 2
    assert find_line("a = 1\r\n\r\nb = 2\r\n", ("b",)) == 3
    assert find_line("a = 1\n", ("b",)) is None
