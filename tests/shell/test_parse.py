"""Scripts and what they are made of, written compactly: ``link command <redirects``."""

from __future__ import annotations

import pytest

from reorder.shell.model import Command, Dynamic, Item, Script, Variable, Word
from reorder.shell.parse import parse_script
from reorder.source import Opaque


def show_word(word: Word) -> str:
    """A word with ``<NAME>`` for a variable (``<NAME">`` if quoted) and ``<raw: commands>`` for the rest."""
    text = ""
    for part in word.parts:
        if isinstance(part, str):
            text += part
        elif isinstance(part, Variable):
            text += f"<{part.name}{chr(34) if part.quoted else ''}>"
        else:
            assert isinstance(part, Dynamic)
            text += f"<{part.raw}: {'; '.join(map(show, part.commands))}>" if part.commands else f"<{part.raw}>"
    return text + ("?" if word.glob else "")


def show(item: Item) -> str:
    redirects = [
        f"{r.descriptor}{r.op}({show_word(r.target) if r.target else ''})"
        + (repr(r.body) if r.body is not None else "")
        for r in item.redirects
    ]
    head = item.link + ("!" if item.negated else "")
    if isinstance(item, Command):
        assignments = [f"{name}:={show_word(value)}" for name, value in item.assignments]
        return " | ".join([head, *assignments, *map(show_word, item.words), *redirects])
    inner = "; ".join(map(show, item.items))
    return " | ".join([head, f"{item.kind}({' '.join(map(show_word, item.words))}){{{inner}}}", *redirects])


def shown(text: str) -> list[str]:
    script = parse_script(text)
    assert isinstance(script, Script), script
    return [show(item) for item in script.items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("# only a comment", []),
        ("a && b || c; d\ne & f | g",
         ["first | a", "and | b", "or | c", "then | d", "then | e", "background | f", "pipe | g"]),
        ("! a | b && ! c", ["first! | a", "pipe | b", "and! | c"]),
        ("a |& b", ["first | a", "pipe | b"]),
        ("set -eux; \\\n\ta \\\n    b", ["first | set | -eux", "then | a | b"]),
        ("a x\\\ny", ["first | a | xy"]),
        ("A=1 B='x y' c", ["first | A:=1 | B:=x y | c"]),
        ("A=$B C+=d E[1]=f", ["first | A:=<B> | C:=<d> | E:=<f>"]),
        ("export A=1 B", ["first | export | A=1 | B"]),
        ("A=(a $(b))", ["first | A:=<(a $(b)): first | b>"]),
    ],
)  # fmt: skip
def test_links_and_assignments(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a'b c'\"d\"\\ e", "ab cd e"),
        ('"$A"$B${C}', '<A"><B><C>'),
        ('"${A}  ${B} $(c)"', '<A">  <B"> <$(c): first | c>'),
        ('" ${A}$"', ' <A">$'),
        ('"\\$A \\n \\""', '$A \\n "'),
        ("'$A'", "$A"),
        ("${A:-b}", "<${A:-b}>"),
        ("$((1 + 2))", "<$((1 + 2))>"),
        ("$?", "<$?>"),
        ("$(a | b)", "<$(a | b): first | a; pipe | b>"),
        ('"x$(a "$(b)")"', 'x<$(a "$(b)"): first | a | <$(b): first | b>>'),
        ("`a b`", "<`a b`: first | a | b>"),
        ("${A:-$(b)}", "<${A:-$(b)}: first | b>"),
        ("$'a\\n'", "<$'a\\n'>"),
        ("{a,b}", "<{a,b}>"),
        ("a{1..3}/c", "a<{1..3}>/c"),
        ("{}", "{}"),
        ("'{a,b}'", "{a,b}"),
        ("*.txt", "*.txt?"),
        ("'*'.txt", "*.txt"),
        ("a[dev]", "a[dev]?"),
        ('"a[dev]"', "a[dev]"),
        ("\\ b", " b"),
        ("~/x", "~/x?"),
        ("'~'", "~"),
        ("a~", "a~"),
        ('""', ""),
        ("é$é", "é<$é>"),
        ("$A/$B.zip", "<A>/<B>.zip"),
        ("<(a)", "<<(a): first | a>"),
    ],
)
def test_words(word: str, expected: str) -> None:
    assert shown("cmd " + word) == [f"first | cmd | {expected}"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a && b > f", ["first | a", "and | b | >(f)"]),
        ("a | b 2>> f", ["first | a", "pipe | b | 2>>(f)"]),
        ("a || { b; } > f", ["first | a", "or | brace(){first | b} | >(f)"]),
        ("dd 2>/dev/null if=a", ["first | dd | if=a | 2>(/dev/null)"]),
        (">f a 2>&1 b", ["first | a | b | >(f) | 2>&(1)"]),
        ("> $F", ["first | >(<F>)"]),
        ("a <<< x", ["first | a | <<<(x)"]),
        ("a &> f", ["first | a | &>(f)"]),
        ("python - <<'E'\nx $A\nE", ["first | python | - | <<(E)'x $A\\n'"]),
        ("cat <<E > f && b\nx\nE\nc", ["first | cat | <<(E)'x\\n' | >(f)", "and | b", "then | c"]),
        ("cat <<-E | b | c\n\tx\n\tE\n", ["first | cat | <<-(E)'x\\n'", "pipe | b", "pipe | c"]),
        ("cat <<E\n$(b) $A\nE\n", ["first | cat | <<(E<$(b): first | b>)'$(b) $A\\n'"]),
    ],
)
def test_redirects(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a; b) && c", ["first | subshell(){first | a; then | b}", "and | c"]),
        ("if a; then b; elif c; then d; else e; fi",
         ["first | if(){first | a; then | b; then | c; then | d; then | e}"]),
        ("if a; then if b; then c; fi fi && d",
         ["first | if(){first | a; then | if(){first | b; then | c}}", "and | d"]),
        ("while a; do if b; then c; fi \\\n done", ["first | while(){first | a; then | if(){first | b; then | c}}"]),
        ("a b `# why b` c `# why c` && d", ["first | a | b | c", "and | d"]),
        ("for x in a $b $(c); do d; done",
         ["first | for(x a <b> <$(c): first | c>){first | c; then | d}"]),
        ("for ((i=0; i<$(a); i++)); do b; done",
         ["first | for(<i=0> <i<$(a): first | a> <i++>){first | a; then | b}"]),
        ("while a; do b; done < f", ["first | while(){first | a; then | b} | <(f)"]),
        ("case $x in a|b) c;; *) d; e;; esac", ["first | case(<x> a b *?){first | c; then | d; then | e}"]),
        ("f() { a; }", ["first | function(f){first | brace(){first | a}}"]),
        ("[[ $a =~ (x|y) && -f b ]]", ["first | test(<a> =~ (x|y) && -f b){}"]),
        ("[ -f a ] || b", ["first | [ | -f | a | ]", "or | b"]),
        ("((i = $(a)))", ["first | test(){first | a}"]),
    ],
)  # fmt: skip
def test_groups(text: str, expected: list[str]) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("a && (b", None),
        ("a 'b", None),
        ("if a; then b", None),
        ("a `b \\`c\\`` d", "`b \\`c\\``"),
        ("a \0 b", "a \0 b"),
        ("( " * 100 + "a" + ")" * 100, None),
        ("((a) && (b))", "((a) && (b))"),
        ("a; \\ b", "\\ "),
        ("a 'b'\\ # c", "\\ "),
        ("a b\\\n# c", "\\\n"),
    ],
)
def test_what_is_not_understood_says_where(text: str, stretch: str | None) -> None:
    opaque = parse_script(text)
    assert isinstance(opaque, Opaque)
    assert opaque.slug == "shell-not-understood"
    assert opaque.span is not None
    if stretch is not None:
        assert text[opaque.span.start : opaque.span.end] == stretch


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("é\udc80 'ü' && b > ç; (c)", ["é\udc80 'ü'", "b > ç", "(c)"]),
        ("a \\\n  b; cat <<E\nx\nE\nc", ["a \\\n  b", "cat <<E", "c"]),
    ],
)
def test_spans_are_text_offsets(text: str, stretches: list[str]) -> None:
    script = parse_script(text)
    assert isinstance(script, Script)
    assert [text[item.span.start : item.span.end] for item in script.items] == stretches


def test_long_chains_of_redirections_are_not_deep() -> None:
    text = "echo a > f" + " && echo b >> f" * 500
    assert shown(text) == ["first | echo | a | >(f)"] + ["and | echo | b | >>(f)"] * 500


def test_a_background_command_inside_a_compound_is_declined() -> None:
    assert isinstance(parse_script("if a; then b & fi"), Opaque)
