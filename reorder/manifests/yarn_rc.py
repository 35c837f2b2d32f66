"""The settings of yarn: ``.yarnrc`` of yarn 1, ``.yarnrc.yml`` of yarn 2 and later, and which of the two is in use.

https://classic.yarnpkg.com/en/docs/yarnrc and https://yarnpkg.com/configuration/yarnrc
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reorder.effects import PathSet, join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.package_json import Package, is_from_context, parents

_MOVED = frozenset(
    "installStatePath pnpDataPath pnpUnpluggedFolder virtualFolder lockfileFilename patchFolder deferredVersionFolder"
    " enableConstraintsChecks".split()
)
_CA_KEYS = ("caFilePath", "httpsCaFilePath", "httpsCertFilePath", "httpsKeyFilePath")


@dataclass(slots=True)
class ClassicSettings:
    """What ``.yarnrc`` files say. ``flags`` are options of ``yarn install`` that they add."""

    reads: PathSet = field(default_factory=PathSet)
    flags: list[str] = field(default_factory=list)


def read_classic(files: Files, directory: str, home: str) -> ClassicSettings:
    """All ``.yarnrc`` and ``.npmrc`` from the user's to the project's; raises `ManifestError`."""
    found = ClassicSettings()
    places = [home, "/usr/local/share", *reversed(parents(directory)), directory]
    for place in places:
        path = posixpath.join(place, ".yarnrc")
        found.reads |= PathSet.of(path, posixpath.join(place, ".npmrc"))
        if is_from_context(files, path):
            for line in read_manifest(files, path, "yarn's configuration").decode("utf-8", "replace").splitlines():
                _take_classic(found, place, line.strip())
    return found


def _take_classic(found: ClassicSettings, place: str, line: str) -> None:
    match = re.fullmatch(r"\"?([^\s\"]+)\"?\s+\"?([^\"]*)\"?", line)
    if match is None or line.startswith("#"):
        return
    key, value = match[1], match[2]
    if key == "yarn-path":
        found.reads |= _release(place, value)
    elif key == "yarn-offline-mirror":
        found.reads |= PathSet.of(trees=(join(place, value),))
    elif key == "cafile":
        found.reads |= PathSet.of(join(place, value))
    elif key.startswith("--"):
        command, dot, option = key[2:].rpartition(".")
        if (not dot or command in ("install", "*")) and value not in ("false",):
            found.flags += [f"--{option}"] if value in ("true", "") else [f"--{option}", value]


def _release(place: str, value: str) -> PathSet:
    path = join(place, value)
    if not re.fullmatch(r".*/\.yarn/releases/yarn-[\w.-]+\.c?js", path):
        raise ManifestError("install-runs-project-code", f"{path} takes yarn's place, and may read any file")
    return PathSet.of(path)


@dataclass(frozen=True, slots=True)
class BerrySettings:
    """What ``.yarnrc.yml`` says, and what it makes an install read."""

    data: Mapping[str, Any]
    reads: PathSet

    @property
    def linker(self) -> str:
        """``pnp``, ``pnpm`` or ``node-modules``."""
        found = self.data.get("nodeLinker", "pnp")
        return found if isinstance(found, str) else "pnp"


def read_berry(files: Files, directory: str, home: str) -> BerrySettings:
    """The settings of the project in ``directory``; raises `ManifestError` for those that are not followed."""
    data: dict[str, Any] = {}
    reads = PathSet.of(posixpath.join(directory, ".env.yarn"))
    for place in (home, *reversed(parents(directory)), directory):
        path = posixpath.join(place, ".yarnrc.yml")
        reads |= PathSet.of(path)
        if is_from_context(files, path):
            own = _load_yaml(files, path)
            data |= own
            reads |= _berry_reads(own, place, path)
    return BerrySettings(data, reads)


def _berry_reads(data: Mapping[str, Any], place: str, path: str) -> PathSet:
    for key in _MOVED:
        if data.get(key):
            raise ManifestError("unknown-option", f"{path}: what {key} changes is not followed")
    reads = PathSet()
    if isinstance(release := data.get("yarnPath"), str):
        reads |= _release(place, release)
    for key in _CA_KEYS:
        if isinstance(value := data.get(key), str):
            reads |= PathSet.of(join(place, value))
    plugins = data.get("plugins")
    for plugin in plugins if isinstance(plugins, list) else ():
        plugin_path = plugin.get("path") if isinstance(plugin, dict) else plugin
        if not isinstance(plugin_path, str) or "@yarnpkg/plugin-" not in plugin_path:
            raise ManifestError("install-runs-project-code", f"{path}: the plug-in {plugin_path} may read any file")
        reads |= PathSet.of(join(place, plugin_path))
    return reads


def _load_yaml(files: Files, path: str) -> dict[str, Any]:
    from reorder.manifests.yaml_text import load_yaml

    data = load_yaml(read_manifest(files, path, "yarn's configuration"), path)
    return data if isinstance(data, dict) else {}


def yarn_major(files: Files, package: Package | None, directory: str) -> int | None:
    """1 for yarn 1; a later major version if package.json or ``yarnPath`` tells it; None for some version after 1."""
    field_ = package.data.get("packageManager") if package else None
    if isinstance(field_, str) and (match := re.match(r"yarn@(\d+)", field_)):
        return int(match[1])
    for place in (directory, *parents(directory)):
        path = posixpath.join(place, ".yarnrc.yml")
        if is_from_context(files, path):
            release = str(_load_yaml(files, path).get("yarnPath", ""))
            match = re.search(r"yarn-(\d+)\.", release)
            return int(match[1]) if match else None
    lock = posixpath.join(directory, "yarn.lock")
    if is_from_context(files, lock) and b"\n__metadata:" in read_manifest(files, lock, "yarn's lock file"):
        return None
    return 1
