"""Whether the settings that an install looks for are known, or an earlier step may have written them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from reorder.effects import join
from reorder.manifests.files import Files, ManifestError


class SettingsFile(NamedTuple):
    """A file that a tool looks for, by container path.

    ``place`` is the directory from which on it is the tool's own: a step that writes all of ``place`` (``chown -R`` of
    a home directory, ``useradd`` with its skeleton, the making of a virtual environment) puts no such file there.
    """

    path: str
    place: str

    @classmethod
    def directly_in(cls, *directories: str, name: str) -> tuple[SettingsFile, ...]:
        """The file ``name`` of each of these directories."""
        return tuple(cls(posixpath.join(directory, name), directory) for directory in directories)


def is_changed(files: Files, wanted: SettingsFile) -> bool:
    """Whether a step above wrote the file, or a link to its folder, so that its content is not known."""
    entry = files.find(wanted.path)
    if entry is not None and entry.context_path is not None:
        return False
    directory, name = posixpath.split(wanted.path)
    if entry is None:
        folder = files.find(directory) if directory != wanted.place else None
        return folder is not None and folder.context_path is None
    return name in files.names(directory) or files.find(join(wanted.place, _NO_SUCH_NAME)) is None


_NO_SUCH_NAME = ".no-step-writes-this-name"


def check_unchanged(files: Files, wanted: Iterable[SettingsFile], tool: str) -> None:
    """Raise `ManifestError` if one of these settings files of ``tool`` was made by an earlier step."""
    for each in wanted:
        if is_changed(files, each):
            why = f"{each.path} (settings of {tool}) may have been written by an earlier step"
            raise ManifestError("manifest-not-from-context", why)


def check_home(home: str) -> None:
    """Raise `ManifestError` if the user's home directory may be any; of ``/home/…`` only the name is not known."""
    if home.startswith("\0"):
        raise ManifestError("path-unknown", "the user's home directory is only known at build time")
