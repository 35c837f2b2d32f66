"""The container's files as the steps above have left them, as far as they are known."""

from __future__ import annotations

import posixpath
from typing import NamedTuple, Union

from reorder.analysis.copies import Copy, Placement
from reorder.context.context import BuildContext
from reorder.context.model import Kind
from reorder.effects import PACKAGE_TREES, Effects, PathSet, is_within
from reorder.manager import Entry, View


class Mounted(NamedTuple):
    """A bind mount: the context's ``source`` (None: something unknown) is seen at ``target``."""

    source: str | None
    target: str


_PACKAGE_TREES = frozenset(PACKAGE_TREES)

Layer = Union[Copy, PathSet, Mounted]
"""What one step added: copied files, paths that a RUN wrote, or (for that RUN alone) a mount."""


def layer_of(effects: Effects) -> PathSet | None:
    """What a RUN leaves in places where a context may have put files, too."""
    writes = effects.writes
    if writes.everything:
        return writes
    trees = [tree for tree in writes.trees if tree not in _PACKAGE_TREES]
    if not (writes.files or trees or effects.outputs):
        return None
    outputs = [output.path for output in effects.outputs]
    return PathSet.of(*writes.files, *outputs, trees=trees + outputs)


class ContainerView(NamedTuple):
    """A `reorder.manager.View` over the layers of a stage, oldest first."""

    layers: tuple[Layer, ...]
    context: BuildContext

    def find(self, path: str) -> Entry | None:
        """The newest layer that has ``path`` decides."""
        is_touched = False
        for layer in reversed(self.layers):
            if isinstance(layer, PathSet):
                if layer.everything:
                    is_touched = True
                elif layer.has(path):
                    return Entry(Kind.FILE, None)
                continue
            entry = self._find_in(layer, path)
            if entry is not None:
                return Entry(entry.kind, None) if is_touched else entry
        return None

    def _find_in(self, layer: Copy | Mounted, path: str) -> Entry | None:
        if isinstance(layer, Mounted):
            return self._find_in_mount(layer, path)
        if layer.origin == "heredoc" or not layer.placements:
            is_here = is_within(path, layer.dest) and layer.origin != "image"
            return Entry(Kind.FILE, None) if is_here else None
        for placement in reversed(tuple(layer.origins(path))):
            kind = self.context.kind(placement.source)
            if kind is not None:
                if placement.source and self.context.passes_symlink(placement.source):
                    return Entry(Kind.SYMLINK, placement.source)
                return Entry(kind, placement.source)
        for placement in layer.placements:
            if placement.target != path and is_within(placement.target, path):
                return Entry(Kind.DIRECTORY, _folder_of(placement, path))
        return None

    def _find_in_mount(self, mount: Mounted, path: str) -> Entry | None:
        if not is_within(path, mount.target):
            return None
        if mount.source is None:
            return Entry(Kind.FILE, None)
        source = posixpath.normpath(posixpath.join(mount.source, path[len(mount.target) :].lstrip("/")))
        source = "" if source == "." else source
        kind = self.context.kind(source)
        return None if kind is None else Entry(kind, source)

    def names(self, path: str) -> tuple[str, ...]:
        """The names that copies and mounts put into the directory ``path``."""
        found: set[str] = set()
        for layer in self.layers:
            if isinstance(layer, Copy):
                for placement in layer.placements:
                    if placement.target != path and is_within(placement.target, path):
                        found.add(placement.target[len(path.rstrip("/")) + 1 :].partition("/")[0])
                for placement in layer.origins(path):
                    found.update(self.context.names(placement.source))
            elif isinstance(layer, Mounted) and (entry := self._find_in_mount(layer, path)):
                found.update(self.context.names(entry.context_path or ""))
        return tuple(sorted(found))

    def read(self, path: str) -> bytes:
        """The content of a file of the context; raises `UnreadableError`."""
        entry = self.find(path)
        assert entry is not None, path
        assert entry.context_path is not None, path
        return self.context.read(entry.context_path)

    def is_executable(self, path: str) -> bool:
        """Whether that file may be executed by its owner."""
        entry = self.find(path)
        return entry is not None and entry.context_path is not None and self.context.is_executable(entry.context_path)


def _folder_of(placement: Placement, path: str) -> str | None:
    """The context's folder that a directory on the way to a copied file stands for, if names agree."""
    inner = placement.target[len(path.rstrip("/")) :]
    return placement.source.removesuffix(inner) if placement.source.endswith(inner) else None


class TouchedView(NamedTuple):
    """A view in which some paths have been written since: what lies there is no longer the context's."""

    inner: View
    written: PathSet

    def find(self, path: str) -> Entry | None:
        """As the inner view says, unless the path was written."""
        return Entry(Kind.FILE, None) if self.written.has(path) else self.inner.find(path)

    def names(self, path: str) -> tuple[str, ...]:
        """The names that the context gave."""
        return self.inner.names(path)

    def read(self, path: str) -> bytes:
        """The content of a file that `find` knows to be the context's."""
        return self.inner.read(path)

    def is_executable(self, path: str) -> bool:
        """Whether that file may be executed by its owner."""
        return self.inner.is_executable(path)
