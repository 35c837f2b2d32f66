"""Two images compared: their merged file systems, layer by layer out of ``docker save``, and their configurations.

What may differ between two builds of one Dockerfile is left out (RULEBOOK E3): times, logs, caches, random ids.
"""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_NOISE = re.compile(
    r"var/log/(dpkg|alternatives|bootstrap)\.log|var/log/apt/.+|var/cache/apt/.+\.bin|var/cache/ldconfig/aux-cache"
    r"|var/lib/dpkg/.+-old|var/cache/debconf/.+-old|var/lib/apt/lists/.+"
    r"|(root|home/[^/]+)/\.npm/(_logs/.+|_cacache/index-v5/.+|_update-notifier-last-checked)"
    r"|(root|home/[^/]+|usr/local/share)/\.cache/(?!pypoetry/virtualenvs/).+"
    # Composer tidies its cache in one run of fifty, and makes the cache's folder then
    r"|(root|home/[^/]+)/\.composer/cache(/.+)?"
    r"|tmp/(v8-compile-cache|node-compile-cache|yarn--)[^/]*(/.+)?"
    r"|tmp/(poetry-chef-|pip-|tmp\w+cacert\.pem)[^/]*(/.+)?|tmp/\.[0-9a-f]+-[0-9]+\.node-gyp(/.+)?"
    r"|(.+/)?pnpm/store/v\d+/(index/.+\.json|files/.+-index\.json)"
    r"|(.+/)?(\.yarn-integrity|\.modules\.yaml|\.pnpm-workspace-state[^/]*|install-state\.gz)"
)
_MASKED = re.compile(rb"(ComposerAutoloaderInit|ComposerStaticInit)[0-9a-f]{32}")
_PRESENT_ONLY = frozenset(["etc/machine-id", "var/lib/dbus/machine-id", "etc/resolv.conf", "etc/hosts", "etc/hostname"])
_CONFIG = (
    "Env", "Cmd", "Entrypoint", "WorkingDir", "User", "ExposedPorts", "Volumes", "Labels", "StopSignal", "Shell",
    "OnBuild", "Healthcheck", "ArgsEscaped",
)  # fmt: skip


class Entry(NamedTuple):
    """What makes a path of an image; ``content`` is a digest, a link's target or a device number."""

    kind: str
    mode: int
    uid: int
    gid: int
    content: str
    capability: str


@dataclass(slots=True)
class Layer:
    """One layer: its entries, the paths that it deletes, and the directories that it empties first."""

    entries: dict[str, Entry] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)


Files = dict[str, Entry]


def read_images(stream: IO[bytes]) -> dict[str, Files]:
    """The merged file systems in a ``docker save`` archive, by tag."""
    layers: dict[str, Layer] = {}
    manifest: list[dict[str, Any]] = []
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                continue
            if member.name == "manifest.json":
                manifest = json.load(content)
            elif (layer := _read_layer(content)) is not None:
                layers[posixpath.normpath(member.name)] = layer
    merged: dict[str, Files] = {}
    for image in manifest:
        files = _merge([layers[posixpath.normpath(name)] for name in image["Layers"]])
        merged.update(dict.fromkeys(image["RepoTags"] or (), files))
    return merged


def _read_layer(content: IO[bytes]) -> Layer | None:
    """None for a file of the archive that is no layer."""
    start = content.read(512)
    if len(start) == 512 and not any(start):
        return Layer()  # a WORKDIR that exists already adds an empty layer
    if len(start) < 512 or start[257:262] != b"ustar":
        return None
    layer = Layer()
    with tarfile.open(fileobj=_Rest(start, content), mode="r|") as archive:
        for member in archive:
            path = posixpath.normpath(member.name)
            folder, name = posixpath.split(path)
            if name == _OPAQUE:
                layer.emptied.append(folder)
            elif name.startswith(_WHITEOUT):
                layer.deleted.append(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
            else:
                layer.entries[path] = _read_entry(archive, member, path, layer)
    return layer


class _Rest(io.RawIOBase):
    """A stream with its first bytes put back."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._start:
            piece, self._start = self._start, b""
            return piece + (self._rest.read(size - len(piece)) if size > len(piece) else b"")
        return self._rest.read(size)


def _read_entry(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, layer: Layer) -> Entry:
    capability = member.pax_headers.get("SCHILY.xattr.security.capability", "")
    kind, content = "file", ""
    if member.islnk():
        # a hard link counts by content; its target stands earlier in the same layer
        return layer.entries[posixpath.normpath(member.linkname)]
    if member.issym():
        kind, content = "link", member.linkname
    elif member.isdir():
        kind = "directory"
    elif member.isfile():
        stream = archive.extractfile(member)
        assert stream is not None
        content = _digest(stream, path)
    else:
        kind, content = f"special {member.type!r}", f"{member.devmajor}:{member.devminor}"
    return Entry(kind, member.mode & 0o7777, member.uid, member.gid, content, capability)


def _digest(stream: IO[bytes], path: str) -> str:
    data = stream.read()
    if path.endswith(".pyc"):
        data = data[:8] + data[16:]  # the time and the size of the source
    elif b"ComposerAutoloaderInit" in data or b"ComposerStaticInit" in data:
        data = _MASKED.sub(rb"\1", data)
    return hashlib.sha256(data).hexdigest()


def _merge(layers: list[Layer]) -> Files:
    """Whiteouts act on lower layers only; a directory over a directory keeps the children (RULEBOOK E2)."""
    files: Files = {}
    for layer in layers:
        for path in (*layer.deleted, *layer.emptied):
            if path in files or path in layer.emptied:
                _remove_below(files, path)
        for path in layer.deleted:
            files.pop(path, None)
        for path, entry in layer.entries.items():
            old = files.get(path)
            if old is not None and old.kind == "directory" and entry.kind != "directory":
                _remove_below(files, path)
            files[path] = entry
    return files


def _remove_below(files: Files, folder: str) -> None:
    for path in [path for path in files if path.startswith(folder + "/")]:
        del files[path]


def differing_paths(one: Files, other: Files, *, edited: frozenset[str] = frozenset()) -> set[str]:
    """Paths that are not the same in both, without the known noise. ``edited``: names of files that a patch edits."""
    return {
        path
        for path in one.keys() | other.keys()
        if one.get(path) != other.get(path)
        and not _NOISE.fullmatch(path)
        and posixpath.basename(path) not in edited
        and not (path in _PRESENT_ONLY and path in one and path in other)
    }  # fmt: skip


def configuration(image: dict[str, Any]) -> dict[str, Any]:
    """The part of ``docker image inspect`` that a container is started from; empty values are left out."""
    return dict(_configuration(image))


def _configuration(image: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    config = image.get("Config") or {}
    for name in _CONFIG:
        if config.get(name):
            yield name, config[name]
    for name in ("Os", "Architecture", "Variant", "Author"):
        if image.get(name):
            yield name, image[name]
