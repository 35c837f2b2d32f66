"""Docker's rules, as its engine applies them: each expectation here was seen in a real build."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reorder.context.ignore import IgnoreError, IgnoreRules


@pytest.mark.parametrize(
    ("text", "path", "excluded"),
    [
        # the tables of moby's own tests of its matcher
        ("**", "file", True),
        ("**/", "dir/file", True),
        ("**", "dir/file", True),
        ("**/**", "dir/file", True),
        ("dir/**", "dir/file", True),
        ("dir/**", "dir/dir2/file", True),
        ("dir/**", "dir", False),
        ("**/dir", "dir", True),
        ("**/dir", "dir/file", True),
        ("**/dir2/*", "dir/dir2/file", True),
        ("**/dir2/**", "dir/dir2/dir2/file", True),
        ("**file", "file", True),
        ("**file", "dir/file", True),
        ("**/file", "dir/file", True),
        ("**file", "dir/dir/file", True),
        ("**/file*", "dir/dir/file.txt", True),
        ("**/file*txt", "dir/dir/file.txt", True),
        ("**/**/*.txt", "dir/dir/file.txt", True),
        ("**/**/*.txt2", "dir/dir/file.txt", False),
        ("**/*.txt", "file.txt", True),
        ("a**/*.txt", "a/file.txt", True),
        ("a**/*.txt", "a/dir/dir/file.txt", True),
        ("a[b-d]e", "ae", False),
        ("a[b-d]e", "ace", True),
        ("a[^b-d]e", "ace", False),
        (".*", ".foo", True),
        (".*", "foo", False),
        ("abc.def", "abcZdef", False),
        ("\\\\", "\\", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "axb", False),
        ("**/foo/bar", "foo/bar", True),
        ("**/foo/bar", "dir/dir2/foo/bar", True),
        ("**/.foo", "bar.foo", False),
        ("a(b)c/def", "a(b)c/def", True),
        # where it is not what git does
        ("node_modules", "node_modules/x", True),
        ("node_modules", "app/node_modules", False),
        ("*.md", "docs/README.md", False),
        ("/b", "b", True),
        ("b/", "b", True),
        ("./b//c/", "b/c", True),
        ("../b", "b", False),
        # the reader: marks, blanks, comments
        ("\ufeffa", "a", True),
        ("x\r\na\r\n", "a", True),
        ("  a \t", "a", True),
        ("# a\na # b", "a", False),
        (" #a", "#a", True),
        ("bar /", "bar", True),
        ("a\x0cb", "a", False),
        (".", "a", False),
        ("/", "a", False),
        # the last match wins, and what a "!" brings back stays inside an excluded folder
        ("*\n!a", "a", False),
        ("!a\n*", "a", True),
        ("*\n! a", "a", False),
        ("*\n/!a", "a", False),
        ("nm\n!nm/p", "nm/p/x", False),
        ("nm\n!nm/p", "nm/q", True),
        ("nm\n!**/*.md", "nm/x.md", False),
        ("nm\n!**/*.md\nnm", "nm/x.md", False),  # the second "nm" is not tried on a folder that is excluded already
        ("*\n!src\n!**/*.md\nsrc/nm", "src/nm/x.md", True),
    ],
)
def test_excludes(text: str, path: str, excluded: bool) -> None:
    assert IgnoreRules.parse(text).excludes(path) is excluded


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a[", 1),
        ("ok\n[]a]\n", 2),
        ("#\n\na[b-]", 3),
        ("x\\", 1),
        ("!", 1),
        ("x\n!/", 2),
        ("! \t", 1),
        ("q" * 70_000, 1),
    ],
)
def test_a_bad_pattern_fails_as_in_a_build(text: str, line: int) -> None:
    with pytest.raises(IgnoreError) as caught:
        IgnoreRules.parse(text)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"line {line}: ")


@pytest.mark.parametrize(
    ("text", "path", "held"),
    [
        ("nm", "nm", False),
        ("nm\n!**/.keep", "nm", True),
        ("nm\n!nm/p/x", "nm/p", True),
        ("nm\n!nm/p/x", "nm/q", False),
        ("*\n!src\n!package.json", "node_modules", False),
        # a later line that excludes the folder settles it
        ("**/*.env\n!**/.env.example\n**/nm", "nm", False),
        ("*\n!src\n!**/*.md\nsrc/nm", "src/nm", False),
        ("nm\n!**/*.md\nnm", "nm", True),
        ("[[]a\n!**/x", "[a", True),
    ],
)
def test_may_hold(text: str, path: str, held: bool) -> None:
    rules = IgnoreRules.parse(text)
    assert rules.excludes(path)
    assert rules.may_hold(path) is held


def test_no_rules_exclude_nothing_and_the_root_is_never_excluded() -> None:
    assert not IgnoreRules().excludes("a")
    assert not IgnoreRules.parse("# nothing\n\n").excludes("a")
    assert not IgnoreRules.parse("**\n*").excludes("")


_LINES = st.sampled_from(
    ["a", "b", "*", "**", "a/b", "*/b", "**/a", "b/**", "!a", "!b", "!**/a", "!a/b", "!a/*/c", "!*", "a/*/c", "!b/**"]
)
_PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)


@given(st.lists(_LINES, max_size=6), _PATHS, st.lists(st.sampled_from("abc"), min_size=1, max_size=2))
def test_what_a_folder_cannot_hold_is_excluded(lines: list[str], folder: str, below: list[str]) -> None:
    rules = IgnoreRules.parse("\n".join(lines))
    if rules.excludes(folder) and not rules.may_hold(folder):
        assert rules.excludes("/".join((folder, *below)))
