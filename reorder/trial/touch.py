"""Which file of a build context to edit in order to see what an edit costs, and how to edit it without harm."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from reorder.context.context import IGNORE_NAME, BuildContext, IgnoreFile, open_context
from reorder.context.ignore import IgnoreError
from reorder.context.model import Kind, UnreadableError
from reorder.verifying.verdict import Pair, Variant
from reorder.world.disk import DiskTree
from reorder.world.files import is_dockerfile_name
from reorder.world.git_log import read_history

_HISTORY = 200
_MOST_LOOKED_AT = 20_000
_SLASHES = ".js .mjs .cjs .jsx .ts .mts .cts .tsx .go .rs .java .kt .scala .c .h .cc .cpp .hpp .cs .swift .dart .php"
_HASHES = ".py .rb .ex .exs .pl .pm .sh .r .R .jl .nim"
_MARKS = dict.fromkeys(_SLASHES.split(), "//") | dict.fromkeys(_HASHES.split(), "#")
"""Endings of source files, and what begins a comment in them."""

_MANIFESTS = frozenset(("setup.py", "mix.exs", "build.rs", "Package.swift", "extconf.rb"))
"""Source files that an install reads: an edit of one is no typical edit."""


class Touch(NamedTuple):
    """A context path to edit, and why this one."""

    path: str
    chosen: str


class TouchError(Exception):
    """A file that cannot be edited for the measurement; the message says why."""


def contexts_of(pair: Pair) -> tuple[BuildContext, BuildContext]:
    """The build context as each of the two Dockerfiles sees it; raises `IgnoreError`."""
    return open_variant(pair.context, pair.before), open_variant(pair.context, pair.after)


def open_variant(folder: str, variant: Variant) -> BuildContext:
    """The context ``folder`` through the ignore file of ``variant``; raises `IgnoreError`."""
    text = None if variant.ignore is None else variant.ignore.decode("utf-8", "surrogateescape")
    return open_context(DiskTree(folder), None, None if text is None else IgnoreFile(IGNORE_NAME, text))


def choose_file(pair: Pair, wanted: str | None) -> Touch:
    """The file ``wanted``, or the source file that the last commits edited most often, or else the first one by name.

    Raises `TouchError`.
    """
    try:
        contexts = contexts_of(pair)
        if wanted is not None:
            return _given(posixpath.normpath(wanted.replace(os.sep, "/")), contexts)
        history = read_history(pair.context, limit=_HISTORY)
        edits = Counter(path for commit in history.commits for path in commit.paths)
        for path, times in sorted(edits.items(), key=lambda item: (-item[1], item[0])):
            if _is_source(path) and _is_seen(path, contexts):
                number = len(history.commits)
                return Touch(path, f"the source file edited most often, in {times} of {number} commits")
        first = next((path for path in _walk(contexts[0]) if _is_source(path) and _is_seen(path, contexts)), None)
    except (IgnoreError, UnreadableError) as error:
        raise TouchError(str(error)) from None
    if first is None:
        raise TouchError("the build context holds no source file of a known kind; name a file with --touch")
    return Touch(first, "the first source file, since there is no history")


def edited(path: str, data: bytes, mark: str) -> bytes:
    """The content with a comment, or in an unknown kind of file an empty line, at its end; ``mark`` makes it new."""
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    start = data if not data or data.endswith(b"\n") else data + newline
    comment = _MARKS.get(posixpath.splitext(path)[1])
    # after "?>" a comment would be output
    if comment is None or (path.endswith(".php") and b"?>" in data):
        return start + newline
    return start + f"{comment} edited {mark}".encode() + newline


def _given(path: str, contexts: tuple[BuildContext, BuildContext]) -> Touch:
    if path.endswith(".json") or ".json" in posixpath.basename(path):
        raise TouchError(f"--touch {path}: a JSON file takes no harmless edit")
    if contexts[0].tree.kind(path) is not Kind.FILE:
        raise TouchError(f"--touch {path}: there is no such file in the build context")
    if not _is_seen(path, contexts):
        raise TouchError(f"--touch {path}: the ignore file keeps it out of the build context")
    return Touch(path, "as asked for")


def _is_source(path: str) -> bool:
    name = posixpath.basename(path)
    return posixpath.splitext(name)[1] in _MARKS and name not in _MANIFESTS and not is_dockerfile_name(name)


def _is_seen(path: str, contexts: tuple[BuildContext, BuildContext]) -> bool:
    return all(context.kind(path) is Kind.FILE for context in contexts)


def _walk(context: BuildContext) -> Iterator[str]:
    """Files, those of upper folders first, as far as is bearable."""
    folders, seen = [""], 0
    for folder in folders:
        for name in context.names(folder):
            path = posixpath.join(folder, name)
            seen += 1
            if seen > _MOST_LOOKED_AT:
                return
            kind = context.kind(path)
            if kind is Kind.DIRECTORY:
                folders.append(path)
            elif kind is Kind.FILE:
                yield path
