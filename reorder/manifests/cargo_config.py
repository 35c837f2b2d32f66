"""``.cargo/config.toml``: where crates come from, and what else it makes cargo read.

https://doc.rust-lang.org/cargo/reference/config.html, https://doc.rust-lang.org/cargo/reference/source-replacement.html
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from reorder.effects import PathSet, ancestors, join
from reorder.manifests.cargo_toml import table_of
from reorder.manifests.files import Files, ManifestError, read_toml


class CargoConfig(NamedTuple):
    """All configuration files in force: what they and the local sources that they name make cargo read.

    ``is_vendored``: crates come from a directory, so that there is nothing to fetch. ``is_offline``: cargo is told so.
    """

    reads: PathSet
    is_vendored: bool
    is_offline: bool


def read_config(files: Files, directory: str, cargo_home: tuple[str, ...]) -> CargoConfig:
    """The configuration for a command in ``directory``; raises `ManifestError` for what is not followed."""
    folders = [join(place, ".cargo") for place in (directory, *ancestors(directory))]
    paths = [posixpath.join(folder, name) for folder in (*folders, *cargo_home) for name in ("config", "config.toml")]
    reads = PathSet.of(*paths)
    is_vendored = is_offline = False
    for path in paths:
        entry = files.find(path)
        if entry is None or (entry.context_path is None and not path.startswith(tuple(folders))):
            continue  # a step that fills CARGO_HOME (a toolchain, an install by name) writes no configuration
        data = read_toml(files, path, "read by cargo")
        if odd := next((key for key in ("include", "paths", "patch") if key in data), None):
            raise ManifestError("manifest-not-understood", f"{path}: {odd} is not followed")
        base = posixpath.dirname(posixpath.dirname(path))
        for source in table_of(data, "source").values():
            for kind in ("directory", "local-registry"):
                if isinstance(source, dict) and isinstance(source.get(kind), str):
                    reads |= PathSet.of(trees=[join(base, source[kind])])
                    is_vendored = is_vendored or kind == "directory"
        is_offline = is_offline or table_of(data, "net").get("offline") is True
    return CargoConfig(reads, is_vendored, is_offline)
