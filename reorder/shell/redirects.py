"""Sorts the redirections of a command from its words, and gives heredocs their bodies."""

from __future__ import annotations

import re

from reorder.shell.model import Command, Dynamic, Item, Redirect, Word
from reorder.shell.words import Expansion, NotUnderstoodError, Operator
from reorder.source import Span


def split_redirects(tokens: list[Word | Operator], span: Span) -> tuple[list[Word], list[Redirect]]:
    """The words among ``tokens``, and each operator with the word after it; raises NotUnderstoodError."""
    words: list[Word] = []
    redirects: list[Redirect] = []
    pending: Operator | None = None
    for token in tokens:
        if isinstance(token, Operator):
            if pending is not None:
                break
            pending = token
        elif pending is not None:
            redirects.append(Redirect(pending.op, token, pending.descriptor))
            pending = None
        else:
            words.append(token)
    if pending is not None:
        raise NotUnderstoodError("a redirection without a target", span)
    return words, redirects


def attach_bodies(
    redirects: list[Redirect], bodies: list[str], expansions: dict[int, Expansion], end: int
) -> list[Redirect]:
    """Give each heredoc its body. What runs inside a body hangs on the delimiter's word, as dynamic parts."""
    remaining = list(bodies)
    below = tuple(
        part
        for offset, (_, part) in sorted(expansions.items())
        if offset >= end and isinstance(part, Dynamic) and part.commands
    )
    attached: list[Redirect] = []
    for redirect in redirects:
        if redirect.op in ("<<", "<<-"):
            if not remaining or redirect.target is None:
                raise NotUnderstoodError("a heredoc without a body", Span(end, end))
            body = remaining.pop(0)
            if redirect.op == "<<-":
                body = re.sub(r"^\t+", "", body, flags=re.MULTILINE)
            target = redirect.target._replace(parts=redirect.target.parts + below)
            redirect = redirect._replace(body=body, target=target)
        attached.append(redirect)
    if remaining:
        raise NotUnderstoodError("a heredoc that is not understood", Span(end, end))
    return attached


def extend(item: Item, words: list[Word], redirects: list[Redirect], end: int) -> Item:
    """``item`` with what stands behind it up to ``end``; raises NotUnderstoodError."""
    span = Span(item.span.start, end)
    if isinstance(item, Command):
        return item._replace(words=item.words + tuple(words), redirects=item.redirects + tuple(redirects), span=span)
    if words:
        raise NotUnderstoodError("words after a compound command", span)
    return item._replace(redirects=item.redirects + tuple(redirects), span=span)
