"""Where an instruction or a file names a variable, in whatever form."""

from __future__ import annotations

import itertools
import json
import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Any

from reorder.analysis.copies import Copy
from reorder.analysis.view import ContainerView, Mounted
from reorder.context.model import Kind, UnreadableError
from reorder.dockerfile.model import Instruction
from reorder.effects import PathSet

_MOST_FILES = 1000
_MOST_BYTES = 8_000_000
"""Of one file: larger than lock files are."""

_PACKED = tuple(
    map(bytes.fromhex, "1f8b 425a68 fd377a585a00 28b52ffd 504b0304 213c617263683e edabeedb 5d000080".split())
)
"""How gzip, bzip2, xz, zstd, zip, ar (deb), rpm and lzma files begin: the names that scripts in them use are hidden."""


def mention(instruction: Instruction, names: Iterable[str]) -> str | None:
    """The first of ``names`` that stands in the instruction as a word of its own: used, quoted, or set."""
    text = "\n".join(
        (
            instruction.args,
            *(flag.raw for flag in instruction.flags),
            *instruction.words,
            *(heredoc.content for heredoc in instruction.heredocs),
        )
    )
    return next((name for name in names if _word(name).search(text)), None)


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])")


def mention_in_files(view: ContainerView, reads: PathSet, names: frozenset[str]) -> str | None:
    """Why a step that reads ``reads`` may find one of ``names`` in a file of the build context; None if it cannot.

    A file from another stage counts as one that names it. Of a package.json only those scripts count that an install
    runs. What RUNs have made of a file does not matter: their own text would name the variable.
    """
    view = view._replace(layers=tuple(layer for layer in view.layers if not isinstance(layer, PathSet)))
    if reads.everything:
        if any(isinstance(layer, Copy) and layer.origin == "stage" for layer in view.layers):
            return "it may read what another stage has made"
        reads = PathSet.of(trees=("/",))
    words = [re.compile(_word(name).pattern.encode()) for name in names]
    mounted = (layer.target for layer in view.layers if isinstance(layer, Mounted) and layer.source is not None)
    paths = itertools.chain(reads.files, _files_below(view, (*mounted, *reads.trees)))
    for count, path in enumerate(paths):
        if count == _MOST_FILES:
            return "it reads more files than can be looked through"
        if (why := _mention_in_file(view, path, words)) is not None:
            return why
    return None


def _files_below(view: ContainerView, trees: Iterable[str]) -> Iterator[str]:
    """The files that the context put into some folders."""
    waiting = list(dict.fromkeys(trees))
    while waiting:
        path = waiting.pop()
        entry = view.find(path)
        if entry is None or entry.kind is Kind.DIRECTORY:
            waiting += (posixpath.join(path, name) for name in view.names(path))
        else:
            yield path


def _mention_in_file(view: ContainerView, path: str, words: list[re.Pattern[bytes]]) -> str | None:
    entry = view.find(path)
    if entry is None or entry.kind is Kind.DIRECTORY:
        return None
    if entry.context_path is None:
        return f"what {path} holds is only known at build time" if _comes_from_a_stage(view, path) else None
    if entry.kind is not Kind.FILE:
        return f"{entry.context_path} is no plain file"
    try:
        data = view.read(path)
    except UnreadableError:
        return f"{entry.context_path} cannot be read"
    if len(data) > _MOST_BYTES:
        return f"{entry.context_path} is too large to look through"
    if data.startswith(_PACKED):
        return f"{entry.context_path} is packed, so that its scripts cannot be looked through"
    if posixpath.basename(path) == "package.json":
        data = _without_other_scripts(data)
    return f"{entry.context_path} names it" if any(word.search(data) for word in words) else None


def _comes_from_a_stage(view: ContainerView, path: str) -> bool:
    return any(
        isinstance(layer, Copy) and layer.origin == "stage" and layer.may_write().has(path) for layer in view.layers
    )


def _without_other_scripts(data: bytes) -> bytes:
    """A package.json without the scripts that no install runs."""
    from reorder.manifests.node_lifecycle import NPM_EVENTS  # few metadata are looked for in one

    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(document, dict) or not isinstance(document.get("scripts"), dict):
        return data
    scripts = {name: text for name, text in document["scripts"].items() if name in NPM_EVENTS}
    return json.dumps({**document, "scripts": scripts}, ensure_ascii=False).encode("utf-8", "surrogatepass")
