"""Finds the configuration file that is nearest to a Dockerfile, in any tree of files, up to the tree's root."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from reorder.configuration.model import NAMES, OWN_NAME, ConfigError
from reorder.context.model import Kind, Tree, UnreadableError

if TYPE_CHECKING:
    from reorder.configuration.reading import ConfigFile

_MOST_LINKS = 8


class Configurations:
    """The configuration files of one tree, each read once. ``show``: how a path of the tree is named in messages."""

    def __init__(self, tree: Tree, show: Callable[[str], str] = str) -> None:
        self._tree, self._show = tree, show
        self._known: dict[str, ConfigFile | ConfigError | None] = {}

    def nearest(self, folder: str) -> ConfigFile | None:
        """What holds for the Dockerfiles in ``folder``. Raises `ConfigError`, every time that it is asked."""
        if folder not in self._known:
            try:
                self._known[folder] = self._find(folder)
            except ConfigError as error:
                self._known[folder] = error
        found = self._known[folder]
        if isinstance(found, ConfigError):
            raise found.with_traceback(None)
        return found

    def _find(self, folder: str) -> ConfigFile | None:
        for name in NAMES:
            path = posixpath.join(folder, name)
            place = self._follow(path)
            found = None if place is None else self._read(path, place, folder)
            if found is not None:
                return found
        return self.nearest(posixpath.dirname(folder)) if folder else None

    def _follow(self, path: str) -> str | None:
        """Where the file lies that ``path`` names, by links within the tree; None if there is none to read."""
        place = path
        for _ in range(_MOST_LINKS):
            try:
                kind = self._tree.kind(place)
            except UnreadableError as error:
                raise ConfigError(self._show(path), None, f"cannot be read: {error}") from None
            if kind is not Kind.SYMLINK:
                break
            place = posixpath.normpath(posixpath.join(posixpath.dirname(place), self._tree.link(place) or "/"))
            if place.startswith(("/", "../")):
                break
        else:
            kind = None
        if kind is Kind.FILE:
            return place
        if kind is not None and posixpath.basename(path) == OWN_NAME:
            what = "a link that leads out of the repository" if kind is Kind.SYMLINK else "not a file"
            raise ConfigError(self._show(path), None, f"cannot be read: it is {what}")
        return None

    def _read(self, path: str, place: str, folder: str) -> ConfigFile | None:
        try:
            data = self._tree.read(place)
        except UnreadableError as error:
            raise ConfigError(self._show(path), None, f"cannot be read: {error}") from None
        from reorder.configuration.reading import read_config  # most projects have no configuration

        found = read_config(self._show(path), folder, data)
        if found is None or found.values.context is None:
            return found
        return found._replace(values=found.values._replace(context=self._find_context(found, found.values.context)))

    def _find_context(self, file: ConfigFile, named: str) -> str:
        """The folder, seen from the root of the tree; it must be in there, without a link on the way."""
        place = posixpath.normpath(posixpath.join(file.folder, named))
        if posixpath.isabs(place) or place == ".." or place.startswith("../"):
            raise _wrong_context(file, f"{named} leads out of the repository")
        parts = [] if place == "." else place.split("/")
        for depth in range(1, len(parts) + 1):
            try:
                kind = self._tree.kind("/".join(parts[:depth]))
            except UnreadableError as error:
                raise _wrong_context(file, f"{named} cannot be read: {error}") from None
            if kind is Kind.SYMLINK:
                raise _wrong_context(file, f"{'/'.join(parts[:depth])} is a symbolic link, and links are not followed")
            if kind is not Kind.DIRECTORY:
                raise _wrong_context(file, f"there is no folder {named}")
        return "/".join(parts)


def _wrong_context(file: ConfigFile, why: str) -> ConfigError:
    place, _, line = file.place_of("context").rpartition(":")
    return ConfigError(place or line, int(line) if place else None, f"context: {why}")
