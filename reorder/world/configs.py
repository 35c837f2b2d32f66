"""The configuration files on disk that hold for a Dockerfile."""

from __future__ import annotations

import os
from typing import NamedTuple

from reorder.configuration.model import Given, Resolved
from reorder.configuration.nearest import Configurations
from reorder.configuration.resolve import resolve
from reorder.world.disk import DiskTree
from reorder.world.git import repository_root
from reorder.world.places import as_given


class _Area(NamedTuple):
    """A folder that bounds the search, as an absolute path without links, and what was found in it."""

    root: str
    configurations: Configurations


class DiskConfigurations:
    """Finds them, and reads each but once. Seen from a Dockerfile, they lie in its folder and in those above it.

    Bounds of the search: the root of the repository; without one the current folder, if the Dockerfile lies below it,
    or else the folder ``top`` that was searched, or the Dockerfile's own. Nothing outside of them is read.
    """

    def __init__(self) -> None:
        self._areas: dict[str, _Area] = {}
        self._roots: dict[tuple[str, str | None], str] = {}

    def resolve(self, path: str, given: Given, *, top: str | None = None) -> Resolved:
        """What holds for the Dockerfile at ``path``; a ``context`` from a file is a path on disk then.

        Raises `reorder.configuration.model.ConfigError`.
        """
        folder = os.path.realpath(os.path.dirname(path))
        root = self._root_of(folder, top)
        area = self._areas.get(root)
        if area is None:
            area = self._areas[root] = _open(root)
        inside = _relative(folder, root)
        file = area.configurations.nearest(inside)
        name = os.path.basename(path)
        from_here = os.path.relpath(path).replace(os.sep, "/")
        found = resolve(file, f"{inside}/{name}" if inside else name, given, path_from_here=from_here)
        context = found.values.context
        if context is None or found.origins["context"].kind != "file":
            return found
        place = os.path.normpath(os.path.join(as_given(root, path), context))
        place = place if os.path.isabs(path) else os.path.relpath(place)
        return found._replace(values=found.values._replace(context=place))

    def _root_of(self, folder: str, top: str | None) -> str:
        key = (folder, top)
        if key not in self._roots:
            root, here = repository_root(folder), os.path.realpath(os.curdir)
            if root is None:
                above = [here, os.path.realpath(top) if top is not None else folder]
                root = next((each for each in above if os.path.commonpath((each, folder)) == each), folder)
            self._roots[key] = root
        return self._roots[key]


def _open(root: str) -> _Area:
    def show(path: str) -> str:
        return os.path.relpath(os.path.join(root, path))

    return _Area(root, Configurations(DiskTree(root), show))


def _relative(folder: str, root: str) -> str:
    inside = os.path.relpath(folder, root).replace(os.sep, "/")
    return "" if inside == "." else inside
