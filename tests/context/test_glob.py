from __future__ import annotations

import pytest

from reorder.context.glob import GlobError, compile_component, has_wildcards


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        # the table of Go's own tests of filepath.Match, without slashes
        ("abc", "abc", True),
        ("*", "abc", True),
        ("*c", "abc", True),
        ("a*", "a", True),
        ("a*", "ab", True),
        ("a*b*c*d*e*", "axbxcxdxe", True),
        ("a*b*c*d*e*", "axbxcxdxexxx", True),
        ("a*b?c*x", "abxbbxdbxebxczzx", True),
        ("a*b?c*x", "abxbbxdbxebxczzy", False),
        ("ab[c]", "abc", True),
        ("ab[b-d]", "abc", True),
        ("ab[e-g]", "abc", False),
        ("ab[^c]", "abc", False),
        ("ab[^b-d]", "abc", False),
        ("ab[^e-g]", "abc", True),
        ("a\\*b", "a*b", True),
        ("a\\*b", "ab", False),
        ("a?b", "a☺b", True),
        ("a[^a]b", "a☺b", True),
        ("a???b", "a☺b", False),
        ("a[^a][^a][^a]b", "a☺b", False),
        ("[a-ζ]*", "α", True),
        ("*[a-ζ]", "A", False),
        ("[\\]a]", "]", True),
        ("[\\-]", "-", True),
        ("[x\\-]", "x", True),
        ("[x\\-]", "-", True),
        ("[x\\-]", "z", False),
        ("[\\-x]", "a", False),
        ("*x", "xxx", True),
        ("[z-a]", "b", False),
        # what narrow copies rely on
        (".npmr[c]", ".npmrc", True),
        (".npmr[c]", ".npmrc.bak", False),
        ("[[]id].js", "[id].js", True),
        ("[id].js", "[id].js", False),
        ("*", ".hidden", True),
        ("**", "one", True),
        ("a.c", "abc", False),
        ("*", "line\nbreak", True),
        ("[!a]", "!", True),
        ("[!a]", "b", False),
    ],
)
def test_matches_as_go_does(pattern: str, name: str, matches: bool) -> None:
    assert (compile_component(pattern).fullmatch(name) is not None) is matches


@pytest.mark.parametrize("pattern", ["[]a]", "[-]", "[x-]", "[-x]", "a[", "[", "[^", "[^bc", "a\\", "[a-b-c]", "[\\"])
def test_rejects_what_go_rejects(pattern: str) -> None:
    with pytest.raises(GlobError):
        compile_component(pattern)


@pytest.mark.parametrize(
    ("component", "has"),
    [("abc", False), ("a*", True), ("?", True), ("[a]", True), ("a\\*", False), ("a\\\\*", True), ("\\\\\\*", False)],
)
def test_an_escaped_wildcard_is_none(component: str, has: bool) -> None:
    assert has_wildcards(component) is has
