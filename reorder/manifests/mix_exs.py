"""mix.exs is Elixir code; this module finds out which files it reads by its text, and never runs it.

https://hexdocs.pm/mix/Mix.Project.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from reorder.effects import join
from reorder.manifests.files import Files, ManifestError, read_manifest

_READ = re.compile(r'\bFile\.(?:read!?|exists\?|stream!?)\(\s*(?:"([^"#{}]*)"\s*\)|(?=.))')
_RUNNING = re.compile(
    r"\b(?:Code|System\.(?:cmd|shell)|:os\.cmd|Path\.wildcard|File\.(?!read|exists|stream)\w+|Mix\.Shell|Mix\.shell"
    r"|Port|__DIR__|__ENV__|import_file|use (?!Mix\.Project))"
)


class MixProject(NamedTuple):
    """What a mix.exs names: ``reads`` are files, ``trees`` path dependencies, ``aliases`` tasks that it redefines."""

    reads: tuple[str, ...]
    trees: tuple[str, ...]
    aliases: frozenset[str]


def read_mix_exs(files: Files, directory: str) -> MixProject:
    """The mix.exs of ``directory``; raises `ManifestError` where it runs code that is not followed."""
    path = join(directory, "mix.exs")
    text = read_manifest(files, path, "read by mix").decode("utf-8", "replace")
    text = re.sub(r"(?m)^\s*#.*$", "", text)
    if found := _RUNNING.search(text):
        raise ManifestError("manifest-not-understood", f"{path} is code, and uses {found[0].strip()}")
    opened = [match[1] for match in _READ.finditer(text)]
    if not all(opened):
        raise ManifestError("manifest-not-understood", f"{path} is code, and opens a file whose name is not literal")
    local = re.findall(r'\bpath:\s*"([^"#{}]+)"', text)
    aliases = frozenset(a or b for a, b in re.findall(r'(?:"([\w.]+)":|\b([a-z_]+):)(?=\s*\[?\s*[&"\[])', text))
    return MixProject(
        (path, *(join(directory, name) for name in opened)), tuple(join(directory, name) for name in local), aliases
    )
