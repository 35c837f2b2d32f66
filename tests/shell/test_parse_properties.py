"""Whatever the text: no exception, spans inside the text, and words as a real shell cuts them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reorder.shell.model import Command, Dynamic, Item, Script
from reorder.shell.parse import parse_script

FRAGMENTS = [
    " ", "\n", "\\\n", ";", "&&", "||", "|", "&", "(", ")", "{ ", "; }", "$(", "`", "'", '"', "$", "$A", "${A}",
    "${A:-", "}", "<", ">", ">>", "2>", "<<E\n", "E\n", "<<-'E'\n", "<<<", "#", "!", "[", "[[", "]]", "]", "if ",
    "then ",
    "fi", "for x in ", "do ", "done", "case ", "esac",
    "a", "b=", "c", "*", "~", "é", "\udc80", "\0", "\r\n", "\\", ",",
    "..", "((", "))", "f()", "export ", "=", "+=", "function ", "while ", ";;", "\ud800", "\u2028", "\f",
]  # fmt: skip


def every_item(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if not isinstance(item, Command):
            yield from every_item(item.items)
        for word in item.words:
            for part in word.parts:
                if isinstance(part, Dynamic):
                    yield from every_item(part.commands)


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join) | st.text())
@example("a" + " && a" * 3000)
@example("(" * 2000 + "a" + ")" * 2000)
@example("$(" * 500 + "a" + ")" * 500)
@example("a " + "${A:-" * 300 + "}" * 300)
@settings(max_examples=600, deadline=None)
def test_any_text_gives_a_script_or_a_reason(text: str) -> None:
    parsed = parse_script(text)
    if isinstance(parsed, Script):
        for item in every_item(parsed.items):
            assert 0 <= item.span.start <= item.span.end <= len(text)
            for word in item.words:
                assert item.span.start <= word.span.start <= word.span.end <= item.span.end
    else:
        assert parsed.slug == "shell-not-understood"
        assert parsed.why


WORD_PIECES = [
    "a", "b.c", "-x", "/", "=", "'q r'", '"d s"', "''", '"\\$x"', '"\\a"', "\\ ", "\\\\", "\\'", '"\'"', "'\"'", "\\\n",
    '"\\\n"', "%", "+", ":", "@", ",", "^", '"\\""', "é", "a#", "]", "}", "!", "\\n", "\\*", "'*'",
]  # fmt: skip
words = st.lists(st.lists(st.sampled_from(WORD_PIECES), min_size=1, max_size=5).map("".join), min_size=1, max_size=5)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash as the oracle")
@given(words)
@settings(max_examples=150, deadline=None)
def test_words_are_cut_as_bash_cuts_them(arguments: list[str]) -> None:
    script = "printf '<%s>' " + " ".join(arguments)
    parsed = parse_script(script)
    if not isinstance(parsed, Script):
        return
    real = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout.decode()
    [command] = parsed.items
    assert "".join(f"<{word.literal}>" for word in command.words[2:]) == (real if len(command.words) > 2 else "")


def test_the_oracle_is_not_dodged() -> None:
    script = "printf '<%s>' " + " ".join(WORD_PIECES)
    assert isinstance(parse_script(script), Script)
