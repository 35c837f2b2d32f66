"""Ruby source as a list of tokens: enough for Gemfiles and gemspecs, which are Ruby programs.

The text is never run. What the lexer cannot take apart (heredocs, regular expressions with ``#{}``) raises, so that the
caller assumes the worst. https://docs.ruby-lang.org/en/3.1/syntax_rdoc.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

TokenKind = Literal["word", "text", "open text", "symbol", "mark", "shell"]
"""``text``: a string without interpolation; ``open text``: one with it; ``shell``: a command in backquotes."""


class Token(NamedTuple):
    """``value`` is the content of strings, the name of symbols and keys (``name:`` is a symbol, too)."""

    kind: TokenKind
    value: str
    line: int


class RubyTextError(Exception):
    """A text that this lexer cannot take apart; the message says where."""


_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t\r\f\v]+|\\\r?\n|\#[^\n]*)
    |(?P<newline>\n|;)
    |(?P<document>^=begin\b.*?^=end\b[^\n]*|^__END__\s.*)
    |(?P<heredoc><<[~-]?["'`]?[A-Z_]\w*)
    |(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")(?P<key>:(?!:))?
    |(?P<shell>`(?:[^`\\]|\\.)*`|%x[^\w\s].*)
    |%(?P<percent>[qQwWiI]?)(?P<bracket>[(\[{<|!/])
    |:(?P<symbol>"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*[?!=]?(?!:))
    |(?P<keyword>[A-Za-z_]\w*[?!]?):(?!:)
    |(?P<word>[@$]{0,2}[A-Za-z_]\w*[?!]?|\$[:;0-9~!@/\\,.<>"]|\d[\d_]*(?:\.\d+)?)
    |(?P<mark>=>|->|<=>|===?|=~|!~|!=|>=|<=|&&=?|\|\|=?|&\.|::|\.\.\.?|\+=|<<|[-+*/%&|^!~?:=<>(){}\[\],.])
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_REGEXP = re.compile(r"/((?:[^/\\\n]|\\.)*)/[imxounse]*")
_BEFORE_REGEXP = frozenset("( , =~ !~ && || ! [ = => { |".split())


def tokens(text: str) -> Iterator[Token]:
    """The tokens of ``text``; a line's end (or ``;``) is a mark, too. Raises `RubyTextError`."""
    position, line = 0, 1
    last = Token("mark", "\n", 0)
    while position < len(text):
        found = _REGEXP.match(text, position) if _opens_regexp(text, position, last) else None
        match = found or _TOKEN.match(text, position)
        if match is None:
            raise RubyTextError(f"line {line} is not understood")
        end = match.end()
        if found is not None:
            token: Token | None = Token("open text" if "#{" in match[0] else "text", "", line)
        elif match["bracket"]:
            end, token = _percent(text, match, line)
        else:
            token = _token(match, line)
        if token is not None:
            yield token
            last = token
        line += text.count("\n", position, end)
        position = end


def _opens_regexp(text: str, position: int, last: Token) -> bool:
    return text[position] == "/" and last.kind == "mark" and last.value in _BEFORE_REGEXP


def _token(match: re.Match[str], line: int) -> Token | None:
    kind = match.lastgroup
    if kind in ("blank", "document"):
        return None
    if kind == "heredoc":
        raise RubyTextError(f"line {line} holds a text to its end mark")
    if kind == "newline":
        return Token("mark", "\n", line)
    if match["text"]:
        if match["key"]:
            return Token("symbol", match["text"][1:-1], line)
        return _string(match["text"], line)
    if match["symbol"]:
        return Token("symbol", match["symbol"].strip('"'), line)
    if match["keyword"]:
        return Token("symbol", match["keyword"], line)
    if match["shell"]:
        return Token("shell", match["shell"], line)
    return Token("word", match["word"], line) if match["word"] else Token("mark", match["mark"], line)


def _string(written: str, line: int) -> Token:
    inner = written[1:-1]
    if written[0] == '"' and re.search(r"(?<!\\)#[{@$]", inner):
        return Token("open text", inner, line)
    return Token("text", re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL), line)


def _percent(text: str, match: re.Match[str], line: int) -> tuple[int, Token]:
    """``%w[a b]`` and its like; brackets inside do not nest in manifests, so that they are refused."""
    closing = _CLOSING.get(match["bracket"], match["bracket"])
    end = text.find(closing, match.end())
    inner = text[match.end() : end]
    if end < 0 or match["bracket"] in inner:
        raise RubyTextError(f"line {line} is not understood")
    is_open = "#{" in inner and match["percent"] in ("", "Q", "W", "I")
    return end + 1, Token("open text" if is_open else "text", inner, line)


def interpolated(value: str) -> Iterator[str]:
    """The code inside ``#{…}`` of a string."""
    yield from re.findall(r"#\{([^{}]*)\}", value)
    if "{" in re.sub(r"#\{[^{}]*\}", "", value):
        raise RubyTextError("a string with code in braces is not understood")


def statements(text: str) -> Iterator[list[Token]]:
    """Tokens line by line; a line goes on after an open bracket, a comma or an operator. Raises `RubyTextError`."""
    current: list[Token] = []
    depth = 0
    stream = list(tokens(text))
    for index, token in enumerate(stream):
        if token.kind == "mark":
            depth += (token.value in ("(", "[", "{")) - (token.value in (")", "]", "}"))
        if token == ("mark", "\n", token.line):
            following = next((t for t in stream[index:] if t[:2] != ("mark", "\n")), None)
            is_chained = following is not None and following[:2] in (("mark", "."), ("mark", "&."))
            if depth > 0 or not current or _goes_on(current[-1]) or is_chained:
                continue
            yield current
            current = []
        else:
            current.append(token)
    if current:
        yield current


def _goes_on(token: Token) -> bool:
    return token.kind == "mark" and token.value in (",", "=>", "&&", "||", "=", "+", ".", "&.", "<<", "?", ":")
