"""package.json, as npm, yarn and pnpm read it: https://docs.npmjs.com/cli/v11/configuring-npm/package-json"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reorder.effects import join
from reorder.manifests.files import Files, ManifestError, read_manifest


class ProjectFiles(Files, Protocol):
    """Files, with the modes that decide about a package's programs."""

    def is_executable(self, path: str) -> bool:
        """Whether that file may be executed by its owner."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package.json: its container ``path`` and what it says."""

    path: str
    data: Mapping[str, Any]

    @property
    def directory(self) -> str:
        """The package's own directory."""
        return posixpath.dirname(self.path)

    @property
    def name(self) -> str:
        """The package's name, empty if it has none."""
        return _text(self.data.get("name"))

    @property
    def scripts(self) -> dict[str, str]:
        """The scripts by name."""
        return _texts(self.data.get("scripts"))

    @property
    def bins(self) -> dict[str, str]:
        """The programs that an install links, by name: paths relative to the package."""
        found = self.data.get("bin")
        if isinstance(found, str):
            return {self.name.rpartition("/")[2]: found}
        return _texts(found)

    @property
    def workspaces(self) -> tuple[str, ...]:
        """The patterns of the members' directories, for npm and yarn."""
        found = self.data.get("workspaces")
        if isinstance(found, Mapping):
            found = found.get("packages")
        return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()

    def section(self, name: str) -> dict[str, str]:
        """The ranges of one section, by package name."""
        return _texts(self.data.get(name))

    def ranges(self) -> dict[str, str]:
        """The ranges of all that an install of this package brings; what is listed later wins."""
        merged: dict[str, str] = {}
        for name in ("devDependencies", "dependencies", "optionalDependencies"):
            merged |= self.section(name)
        return merged

    def mapping(self, *keys: str) -> Mapping[str, Any]:
        """The object under ``keys``, empty if there is none."""
        found: Any = self.data
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}


def read_package(files: Files, path: str, asked_by: str) -> Package:
    """The package.json at ``path``; raises `ManifestError`."""
    data = read_json(files, path, asked_by)
    if not isinstance(data, dict):
        raise ManifestError("manifest-not-understood", f"{path}: it is not a JSON object")
    return Package(path, data)


def read_json(files: Files, path: str, asked_by: str) -> Any:
    """The value of a JSON file (a byte order mark is skipped, as npm does); raises `ManifestError`."""
    import json

    raw = read_manifest(files, path, asked_by)
    entry = files.find(path)
    shown = (entry.context_path if entry else None) or path
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ManifestError("manifest-not-understood", f"{shown}:{error.lineno}: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise ManifestError("manifest-not-understood", f"{shown}: {type(error).__name__}") from None


def is_from_context(files: Files, path: str) -> bool:
    """Whether the build context put something at ``path`` (and its content can be read)."""
    entry = files.find(path)
    return entry is not None and entry.context_path is not None


def parents(directory: str) -> tuple[str, ...]:
    """The directories above ``directory``, nearest first."""
    found = []
    while (above := posixpath.dirname(directory)) != directory:
        found.append(above)
        directory = above
    return tuple(found)


def local_path(directory: str, spec: str) -> str | None:
    """The container path that a ``file:``, ``link:`` or ``portal:`` range means; None for any other range."""
    scheme, colon, rest = spec.partition(":")
    if colon and scheme in {"file", "link", "portal"}:
        return join(directory, rest.removeprefix("//") if not rest.startswith("///") else rest[2:])
    if spec.startswith(("./", "../", "/", "~/")) or spec in {".", ".."}:
        return join(directory, spec)
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        return {}
    return {key: item for key, item in value.items() if isinstance(key, str) and isinstance(item, str)}
