"""composer.json and composer.lock: what an install reads beside them, and what it runs.

https://getcomposer.org/doc/04-schema.md and https://getcomposer.org/doc/05-repositories.md
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reorder.effects import PathSet, join
from reorder.manifests.files import Files, ManifestError, read_manifest

INSTALL_EVENTS = frozenset(
    "pre-install-cmd post-install-cmd pre-autoload-dump post-autoload-dump pre-operations-exec pre-package-install"
    " post-package-install pre-command-run init command pre-pool-create".split()
)
"""Events of ``composer install`` (https://getcomposer.org/doc/articles/scripts.md)."""


@dataclass(frozen=True, slots=True)
class ComposerProject:
    """A composer.json with its lock (None if there is none) at container paths."""

    path: str
    lock_path: str
    data: Mapping[str, Any]
    lock: Mapping[str, Any] | None

    @property
    def directory(self) -> str:
        """Where relative paths start."""
        return posixpath.dirname(self.path)

    @property
    def config(self) -> Mapping[str, Any]:
        """The section ``config``."""
        found = self.data.get("config")
        return found if isinstance(found, dict) else {}

    def packages(self) -> Iterator[Mapping[str, Any]]:
        """What the lock installs, development packages included."""
        for section in ("packages", "packages-dev"):
            found = (self.lock or {}).get(section)
            yield from (item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()

    def plugins(self) -> tuple[str, ...]:
        """Packages whose code runs inside Composer, where the project allows them."""
        allowed = self.config.get("allow-plugins", {})
        if allowed is False:
            return ()
        named = [p for p in self.packages() if p.get("type") in ("composer-plugin", "composer-installer")]
        names = [str(p.get("name", "")) for p in named]
        return tuple(n for n in names if not isinstance(allowed, dict) or allowed.get(n) is not False)

    def scripts(self) -> tuple[str, ...]:
        """The events of an install that the project has scripts for."""
        found = self.data.get("scripts")
        return tuple(name for name in found if name in INSTALL_EVENTS) if isinstance(found, dict) else ()

    def repositories(self) -> Iterator[Mapping[str, Any]]:
        """The repositories, in their list or object form."""
        found = self.data.get("repositories", ())
        items = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
        yield from (item for item in items if isinstance(item, dict))

    def local_reads(self) -> PathSet:
        """Folders and archives that the install takes packages from; raises `ManifestError`."""
        trees, files = [], []
        for repository in self.repositories():
            url = repository.get("url")
            if repository.get("type") not in ("path", "artifact") or not isinstance(url, str):
                continue
            trees.append(self._folder(url))
        for package in self.packages():
            dist = package.get("dist")
            url = dist.get("url") if isinstance(dist, dict) else None
            if isinstance(url, str) and "://" not in url:
                trees.append(self._folder(url))
            elif isinstance(url, str) and url.startswith("file://"):
                files.append(url.removeprefix("file://"))
        patches = [self.data.get("extra", {}).get("patches-file")] if isinstance(self.data.get("extra"), dict) else []
        files += [join(self.directory, name) for name in patches if isinstance(name, str)]
        return PathSet.of(*files, trees=trees)

    def _folder(self, url: str) -> str:
        """The folder of a path repository; of a pattern, the folder that its beginning names."""
        if url.startswith("~") or "$" in url or "%" in url:
            raise ManifestError("path-unknown", f"the path repository {url} is only known in a build")
        head = url.partition("*")[0].partition("{")[0].partition("?")[0].partition("[")[0]
        folder = join(self.directory, head if head == url else posixpath.dirname(head))
        if folder == "/" or self.directory == folder or self.directory.startswith(folder + "/"):
            raise ManifestError("install-builds-project", f"the path repository {url} may take all of the project")
        return folder


def read_project(files: Files, path: str) -> ComposerProject:
    """The project of the composer.json at ``path``; raises `ManifestError`."""
    data = _read_object(files, path)
    lock_path = path.removesuffix(".json") + ".lock"
    lock = _read_object(files, lock_path) if files.find(lock_path) is not None else None
    return ComposerProject(path, lock_path, data, lock)


def _read_object(files: Files, path: str) -> Mapping[str, Any]:
    import json

    raw = read_manifest(files, path, "read by composer")
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ManifestError("manifest-not-understood", f"{path}:{error.lineno}: {error.msg}") from None
    except (UnicodeDecodeError, RecursionError) as error:
        raise ManifestError("manifest-not-understood", f"{path}: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise ManifestError("manifest-not-understood", f"{path}: it is not a JSON object")
    return found
