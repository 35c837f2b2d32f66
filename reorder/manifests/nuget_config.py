"""The settings of NuGet: which files count, and the folders that they name.

https://learn.microsoft.com/nuget/consume-packages/configuring-nuget-behavior and .../reference/nuget-config-file
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from reorder.effects import PathSet, ancestors, join
from reorder.manifests.files import Files, ManifestError
from reorder.manifests.xml_text import attribute, children, name_of, read_xml

_NAMES = ("nuget.config", "NuGet.config", "NuGet.Config", "NUGET.CONFIG")


class NugetSettings(NamedTuple):
    """``reads`` are the files, found or not, and folders that serve as sources; ``packages`` where packages land."""

    reads: PathSet
    packages: tuple[str, ...]


def read_nuget_settings(files: Files, directories: tuple[str, ...], given: tuple[str, ...]) -> NugetSettings:
    """The settings that hold in ``directories``, or only the ``given`` files; raises `ManifestError`."""
    places = dict.fromkeys(place for directory in directories for place in (directory, *ancestors(directory)))
    paths = list(given)
    for place in () if given else places:
        paths += [posixpath.join(place, name) for name in _NAMES]
        paths += [posixpath.join(place, name) for name in files.names(place) if name.lower() == "nuget.config"]
    reads, packages = PathSet.of(*paths), []
    for path in dict.fromkeys(paths):
        if files.find(path) is not None:
            folders, target = _read_settings(files, path)
            reads |= folders
            packages += target
    return NugetSettings(reads, tuple(packages))


def _read_settings(files: Files, path: str) -> tuple[PathSet, list[str]]:
    root = read_xml(files, path, "settings of NuGet")
    folders, packages = PathSet(), []
    for section in root:
        for element in children(section, "add"):
            key, value = (attribute(element, "key") or "").lower(), attribute(element, "value") or ""
            is_source = name_of(section) == "packageSources" and is_folder(value)
            if is_source or name_of(section) == "fallbackPackageFolders" or key == "repositorypath":
                folders |= PathSet.of(trees=[_place(path, value)])
            elif key == "globalpackagesfolder":
                packages.append(_place(path, value))
    return folders, packages


def is_folder(source: str) -> bool:
    """Whether a package source is a folder rather than an address."""
    return "://" not in source


def _place(path: str, value: str) -> str:
    if "%" in value or "$" in value:
        raise ManifestError("manifest-not-understood", f"{path} names {value}, which the environment decides")
    return join(posixpath.dirname(path), value.replace("\\", "/"))
