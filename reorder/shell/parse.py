"""Turns the text of a shell script into a `Script`, or says why it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from reorder.shell.grammar import bash_parser
from reorder.shell.model import Command, Dynamic, Group, Item, Link, Redirect, Script, Variable, Word
from reorder.shell.redirects import attach_bodies, extend, split_redirects
from reorder.shell.words import Expansion, NotUnderstoodError, WordCutter, commands_in, split_assignment
from reorder.source import Opaque, Span

if TYPE_CHECKING:
    from tree_sitter import Node

SLUG = "shell-not-understood"
_MAX_DEPTH = 60
"""Deeper nesting is no real script, and would end in a RecursionError."""


@lru_cache(maxsize=256)
def parse_script(text: str) -> Script | Opaque:
    """The commands of ``text``, read as bash; spans are offsets of ``text``. Raises nothing.

    The text must be what the shell sees, free of Dockerfile comments. Assumptions that err on the safe side: all
    branches of a compound command run; brace expansion happens (in dash it does not). A `Group` begins with the
    commands in its own words; the words of a ``for`` are the variable and the values, of a ``case`` the subject and the
    patterns, of a function its name. A command in a heredoc's body hangs on the delimiter, as a `Dynamic` part.
    """
    if "\0" in text:
        return Opaque(SLUG, "the script holds a NUL character", Span(0, len(text)))
    tree_text = _ascii(text)
    root = bash_parser().parse(tree_text.encode("ascii")).root_node
    if root.has_error:
        text = _EMPTY_COMMENT.sub(lambda found: " " * len(found[0]), text)
        tree_text = _CLOSED_TWICE.sub(";", _ascii(text))
        error = _error_span(root)
        root = bash_parser().parse(tree_text.encode("ascii")).root_node
        if root.has_error:
            return Opaque(SLUG, "the script is not understood as bash", error)
    if lost := _lost_escape(root, tree_text):
        return Opaque(SLUG, "an escaped blank between commands", lost)
    try:
        return Script(tuple(_Builder(text).block(root.children, "first", 0)), _has_background(root, text))
    except NotUnderstoodError as refusal:
        return Opaque(SLUG, refusal.why, refusal.span)


def _ascii(text: str) -> str:
    """``text`` as the grammar is given it.

    Every letter outside ASCII is an ordinary letter to the shell, so one ASCII letter stands in for each: the
    grammar's byte offsets are then offsets of the text.
    """
    return text if text.isascii() else re.sub(r"[^\x00-\x7f]", "x", text)


_CLOSED_TWICE = re.compile(
    r"(?:(?<=[\s;]fi)|(?<=[\s;]done)|(?<=[\s;]esac))[ \t]"
    r"(?=(?:[ \t]|\\\r?\n)*(?:(?:fi|done|esac|else|elif)(?![\w-])|\}))"
)
"""The blank in ``fi fi``, which the grammar only takes with a ``;`` in it."""

_EMPTY_COMMENT = re.compile(r"`#[^`\n\\$]*`")
"""A comment between backquotes, a way to comment a part of a long command: it gives no word."""


def _error_span(node: Node) -> Span:
    """Where the first error of a tree with errors lies."""
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return Span(node.start_byte, node.end_byte)


def _lost_escape(root: Node, ascii_text: str) -> Span | None:
    """An escape that the grammar skips as if it were a blank, where we do not cut words ourselves.

    That is an escaped blank between words, which begins a word to the shell, and a ``#`` that looks like a comment
    because an escaped newline stands between it and the word that it belongs to.
    """
    for escape in re.finditer(r"\\(?:[ \t\v\f]|(?<=\S.)\r?\n(?=#))", ascii_text):
        node = root.descendant_for_byte_range(escape.start(), escape.end() + ("\n" in escape[0]))
        while node is not None and node.type not in _HOLDS_ESCAPES:
            if node.type in _GROUPS or node.type in ("program", "list", "pipeline"):
                return Span(*escape.span())
            node = node.parent
    return None


_SIMPLE = frozenset({
    "command", "declaration_command", "unset_command", "variable_assignment", "variable_assignments", "file_redirect",
    "herestring_redirect",
})  # fmt: skip
_GROUPS: dict[str, Literal["subshell", "brace", "if", "for", "while", "case", "function"]] = {
    "subshell": "subshell", "compound_statement": "brace", "if_statement": "if", "for_statement": "for",
    "c_style_for_statement": "for", "while_statement": "while", "case_statement": "case",
    "function_definition": "function",
}  # fmt: skip
_INNER_BLOCKS = frozenset({"do_group", "elif_clause", "else_clause", "case_item"})
_NOT_STATEMENTS = frozenset({"comment", "heredoc_body", "heredoc_end"})
_EXPANSIONS = frozenset({
    "simple_expansion", "expansion", "command_substitution", "arithmetic_expansion", "process_substitution", "array",
    "ansi_c_string",
})  # fmt: skip
_HOLDS_ESCAPES = _SIMPLE | {"redirected_statement", "test_command", "heredoc_body", "comment"}
_PLAIN_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_ARITHMETIC = re.compile(r"\(\((?:[\w\s+*/%=<>!-]|\$\{?\w+\}?|\$\([^()]*\))*\)\)")
"""What cannot be mistaken for the nested subshells that ``((`` opens in a shell without arithmetic commands."""
_SEPARATORS: dict[str, Link] = {"&&": "and", "||": "or", "|": "pipe", "|&": "pipe"}


def _has_background(root: Node, text: str) -> bool:
    if "&" not in text.replace("&&", ""):
        return False
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.type == "&":
            return True
        waiting += node.children
    return False


class _Builder:
    """Walks the tree of one text. Each method gives items in the order in which they would run."""

    def __init__(self, text: str) -> None:
        self._text = text

    def block(self, nodes: Iterable[Node], link: Link, depth: int) -> list[Item]:
        """The items of a sequence of statements, the first hanging on what came before by ``link``."""
        items: list[Item] = []
        for node in nodes:
            if node.type == "&":
                link = "background"
            elif not node.is_named or node.type in _NOT_STATEMENTS:
                continue
            else:
                items += self.statement(node, link, depth)
                link = "then"
        return items

    def statement(self, node: Node, link: Link, depth: int) -> list[Item]:
        """The items of one statement."""
        if depth > _MAX_DEPTH:
            raise NotUnderstoodError("the script is nested too deeply", _span(node))
        if node.type in _SIMPLE:
            return [self.simple(_span(node), self.expansions(node, depth), link)]
        if node.type in _GROUPS:
            return [self.group(node, link, depth)]
        match node.type:
            case "list" | "pipeline":
                return self.chain(node, link, depth)
            case "redirected_statement" if _redirected_chain(node):
                return self.chain(node, link, depth)
            case "redirected_statement":
                others = [child for child in node.children if child.is_named and not child.type.endswith("_redirect")]
                items = self.block(others, link, depth + 1)
                return self.with_redirects(items, node, depth) if items else self.only_redirects(node, link, depth)
            case "negated_command":
                inner = self.block(node.children, link, depth + 1)
                return [item._replace(negated=not item.negated) for item in inner[:1]] + inner[1:]
            case "test_command":
                return [self.test(node, link, depth)]
            case _:
                raise NotUnderstoodError(f"a {node.type.replace('_', ' ')} that is not understood", _span(node))

    def chain(self, node: Node, link: Link, depth: int) -> list[Item]:
        """``a && b || c``, ``a | b``: the tree leans left, one level for each operator."""
        spine: list[tuple[Link | None, Node]] = []
        while True:
            if node.type in ("list", "pipeline"):
                parts = [child for child in node.children if child.type not in _NOT_STATEMENTS]
                separators = [_SEPARATORS.get(child.type) for child in parts[1::2]]
                if len(parts) % 2 == 0 or None in separators:
                    raise NotUnderstoodError("a chain of commands that is not understood", _span(node))
                spine += zip(reversed(separators), reversed(parts[2::2]), strict=True)
                node = parts[0]
            elif body := _redirected_chain(node):
                spine.append((None, node))
                node = body
            else:
                break
        items = self.statement(node, link, depth + 1)
        for separator, child in reversed(spine):
            if separator is None:
                items = self.with_redirects(items, child, depth)
            else:
                items += self.statement(child, separator, depth + 1)
        return items

    def simple(self, span: Span, expansions: dict[int, Expansion], link: Link) -> Command:
        """A command without a compound inside."""
        words, redirects = split_redirects(WordCutter(self._text, span, expansions).tokens(), span)
        assignments = []
        for word in words:
            assignment = split_assignment(self._text, word)
            if assignment is None:
                break
            assignments.append(assignment)
        return Command(
            words=tuple(words[len(assignments) :]), assignments=tuple(assignments), redirects=tuple(redirects),
            link=link, span=span,
        )  # fmt: skip

    def test(self, node: Node, link: Link, depth: int) -> Item:
        """``[ … ]`` is a command like any other; ``[[ … ]]`` and ``(( … ))`` are not."""
        expansions = self.expansions(node, depth)
        if node.children[0].type == "[":
            return self.simple(_span(node), expansions, link)
        inner = Span(node.children[0].end_byte, node.children[-1].start_byte)
        tokens = WordCutter(self._text, inner, expansions, is_test=True).tokens()
        words = tuple(token for token in tokens if isinstance(token, Word))
        return Group(kind="test", items=commands_of(words), words=words, link=link, span=_span(node))

    def group(self, node: Node, link: Link, depth: int) -> Group:
        """A compound command: its words, then the items of all its branches."""
        if node.children and node.children[0].type == "((":
            expansions = self.expansions(node, depth)
            if not _ARITHMETIC.fullmatch(self._text, *_span(node)):
                raise NotUnderstoodError("'((' that may be two subshells", _span(node))
            items = commands_in(expansion.part for expansion in expansions.values())
            return Group(kind="test", items=items, link=link, span=_span(node))
        words, blocks = self.parts_of_group(node, depth)
        items = commands_of(words)
        for block in blocks:
            items += tuple(self.statement(block, "then" if items else "first", depth + 1))
        return Group(kind=_GROUPS[node.type], items=items, words=words, link=link, span=_span(node))

    def parts_of_group(self, node: Node, depth: int) -> tuple[tuple[Word, ...], list[Node]]:
        """The words of a compound command and the statements in it, with clauses opened."""
        words: list[Word] = []
        statements: list[Node] = []
        fields = {"value", "variable", "name"} if node.type != "if_statement" else set()
        stack = [(node, index) for index in range(len(node.children))]
        while stack:
            parent, index = stack.pop(0)
            child = parent.children[index]
            field = parent.field_name_for_child(index)
            if field in fields:
                words += self.words_at(child, depth)
            elif child.type in _INNER_BLOCKS:
                stack[:0] = [(child, inner) for inner in range(len(child.children))]
            elif node.type == "c_style_for_statement" and field in ("initializer", "condition", "update"):
                words.append(Word((self.dynamic(child, depth).part,), _span(child)))
            elif child.type == "&":
                raise NotUnderstoodError("a background command in a compound command", _span(node))
            elif child.is_named and child.type not in _NOT_STATEMENTS:
                statements.append(child)
        return tuple(words), statements

    def words_at(self, node: Node, depth: int) -> Iterator[Word]:
        """The word that a node is."""
        tokens = WordCutter(self._text, _span(node), self.expansions(node, depth), is_test=True).tokens()
        return (token for token in tokens if isinstance(token, Word))

    def expansions(self, node: Node, depth: int) -> dict[int, Expansion]:
        """The outermost expansions at and under a node, by their start."""
        found: dict[int, Expansion] = {}
        stack = [node]
        while stack:
            current = stack.pop()
            if current.type in _EXPANSIONS:
                found[self.start_of(current)] = self.dynamic(current, depth)
            else:
                stack += current.children
        return found

    def start_of(self, node: Node) -> int:
        """Where an expansion begins: between quotes, the tree counts the blanks before it as part of it."""
        start: int = node.start_byte
        while self._text[start].isspace():
            start += 1
        return start

    def dynamic(self, node: Node, depth: int) -> Expansion:
        """What an expansion is: a plain variable, or something that only a run can tell."""
        if depth > _MAX_DEPTH:
            raise NotUnderstoodError("the script is nested too deeply", _span(node))
        raw = self._text[self.start_of(node) : node.end_byte]
        if plain := _PLAIN_VARIABLE.fullmatch(raw):
            return Expansion(node.end_byte, Variable(plain[1] or plain[2], quoted=False))
        if raw.startswith("`") and re.search(r"\\[`$\\]", raw):
            raise NotUnderstoodError("escapes between backquotes", _span(node))
        if node.type in ("command_substitution", "process_substitution"):
            return Expansion(node.end_byte, Dynamic(raw, tuple(self.block(node.children, "first", depth + 1))))
        inner = (self.dynamic(child, depth + 1).part for child in _expansions_below(node))
        return Expansion(node.end_byte, Dynamic(raw, commands_in(inner)))

    def with_redirects(self, items: list[Item], node: Node, depth: int) -> list[Item]:
        """The redirections after a statement belong to its last command; items behind a heredoc come after it."""
        start = max(child.end_byte for child in node.children if not child.type.endswith("_redirect"))
        words, redirects, end, following = self.redirects(node, start, depth)
        return [*items[:-1], extend(items[-1], words, redirects, end), *following]

    def only_redirects(self, node: Node, link: Link, depth: int) -> list[Item]:
        """``> file`` without a command before it."""
        words, redirects, end, following = self.redirects(node, node.start_byte, depth)
        span = Span(node.start_byte, end)
        return [Command(words=tuple(words), redirects=tuple(redirects), link=link, span=span), *following]

    def redirects(self, node: Node, start: int, depth: int) -> tuple[list[Word], list[Redirect], int, list[Item]]:
        """Words and redirections from ``start`` on, where they end, and the items behind a heredoc's operator."""
        following: list[Item] = []
        bodies: list[str] = []
        expansions: dict[int, Expansion] = {}
        end = start
        for redirect in node.children:
            if redirect.type.endswith("_redirect"):
                end, body, next_items = self.redirect_end(redirect, depth)
                following += next_items
                bodies += body
                expansions |= self.expansions(redirect, depth)
        span = Span(start, end)
        words, found = split_redirects(WordCutter(self._text, span, expansions).tokens(), span)
        return words, attach_bodies(found, bodies, expansions, end), end, following

    def redirect_end(self, node: Node, depth: int) -> tuple[int, list[str], list[Item]]:
        """Where a redirection's part of the command line ends, a heredoc's body, and the items after it."""
        if node.type != "heredoc_redirect":
            return node.end_byte, [], []
        end, body, items = node.start_byte, "", list[Item]()
        separator: Link | None = None
        for child in node.children:
            if child.type == "heredoc_body":
                body = self._text[child.start_byte : child.end_byte]
            elif child.type == "heredoc_end":
                continue
            elif child.type in _SEPARATORS:
                separator = _SEPARATORS[child.type]
            elif child.type == "pipeline":
                items += self.block_after_pipe(child, depth)
            elif separator is not None:
                items += self.statement(child, separator, depth + 1)
            elif not items:
                end = child.end_byte
        return end, [body], items

    def block_after_pipe(self, node: Node, depth: int) -> list[Item]:
        """``| b | c``, as it hangs below a heredoc."""
        items: list[Item] = []
        for child in node.children:
            if child.is_named and child.type not in _NOT_STATEMENTS:
                items += self.statement(child, "pipe", depth + 1)
        return items


def _redirected_chain(node: Node) -> Node | None:
    """The list or pipeline before the redirections of ``a && b > f``."""
    if node.type != "redirected_statement":
        return None
    body = node.children[0]
    return body if body.type in ("list", "pipeline") and node.children[1].type.endswith("_redirect") else None


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)


def _expansions_below(node: Node) -> Iterator[Node]:
    """The outermost expansions strictly under a node."""
    stack = list(node.children)
    while stack:
        current = stack.pop(0)
        if current.type in _EXPANSIONS:
            yield current
        else:
            stack[:0] = current.children


def commands_of(words: Iterable[Word]) -> tuple[Item, ...]:
    """The commands that run inside the substitutions of words."""
    return tuple(item for word in words for item in commands_in(word.parts))
