"""Other Dockerfiles of the same build context: a new line of the ignore file reaches them as well."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from reorder.context.context import BuildContext, clean_source
from reorder.context.model import Kind, UnreadableError
from reorder.dockerfile.model import Dockerfile, DockerfileError
from reorder.dockerfile.parse import parse
from reorder.effects import is_within
from reorder.lazy_patterns import lazy_pattern
from reorder.source import Source

_NAMES = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile*")
_LISTED = 5000
_INSTALLS = lazy_pattern(
    r"\b(npm\s+(ci|i|install|clean-install)|(pnpm|bun)\s+(i|install)|yarn(\s+install|\s*$|\s*&&))\b|yarn$"
)


def find_dependent_sibling(path: str, own: Dockerfile, context: BuildContext, *, is_present: bool) -> str | None:
    """The name of another Dockerfile at the context's root that takes the folder ``path`` from the context.

    It does so if it names the folder as a source or, where the folder is there now (``is_present``), copies a folder
    that holds it and installs nothing afterwards.
    """
    tree = context.tree  # the builder reads a Dockerfile that the ignore file hides as well
    # a root with thousands of files is not listed for the sake of Dockerfiles with other names
    names = ("Dockerfile",) if tree.holds_more("", _LISTED) else tree.names("")
    for name in names:
        if not any(fnmatch.fnmatchcase(name, pattern) for pattern in _NAMES) or name.endswith(".dockerignore"):
            continue
        if tree.kind(name) is not Kind.FILE or tree.kind(name + ".dockerignore") is not None:
            continue
        try:
            text = Source.decode(name, tree.read(name)).text
            if text != own.source.text and _depends(parse(Source(name, text)), path, is_present=is_present):
                return name
        except (UnreadableError, DockerfileError):
            continue
    return None


def _depends(sibling: Dockerfile, path: str, *, is_present: bool) -> bool:
    sources = list(_sources(sibling))
    if any(is_within(source, path) for source in sources):
        return True
    if not is_present:
        return False
    runs = [i.args for i in sibling.instructions if i.keyword == "RUN"]
    is_held = any(source == "" or is_within(path, source) for source in sources)
    return is_held and not any(_INSTALLS.search(run) for run in runs)


def _sources(dockerfile: Dockerfile) -> Iterator[str]:
    for instruction in dockerfile.instructions:
        if instruction.keyword in ("COPY", "ADD") and instruction.flag("from") is None:
            yield from (clean_source(word) for word in instruction.words[:-1])
