"""Reads a saved image, as ``docker save``, ``podman save`` and ``buildah push`` write it, in one pass over the stream.

The archive is a tar of JSON documents and of layers, which are tars themselves. Which file is what, and the order of
the layers, is told by ``manifest.json``, which may come last; so each layer is recognised by its first bytes, and only
a few bytes a path are kept (`store`). Layout: https://github.com/moby/docker-image-spec, version 1.2 and later.
"""

from __future__ import annotations

import hashlib
import io
import json
import posixpath
import tarfile
import zlib
from collections.abc import Callable
from typing import IO, Any, NamedTuple

from reorder.verifying.noise import NORMALISED_LIMIT, normaliser
from reorder.verifying.store import ArchiveError, Entry, Store

_BLOCK = 512
_PIECE = 256 * 1024
_DOCUMENT_LIMIT = 16 * 1024 * 1024
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_XATTR = "SCHILY.xattr."
_KINDS = {tarfile.CHRTYPE: "c", tarfile.BLKTYPE: "b", tarfile.FIFOTYPE: "p"}


class SavedImage(NamedTuple):
    """An image of the archive: its tags, its configuration, and its layers in the `Store`, lowest first."""

    tags: tuple[str, ...]
    config: dict[str, Any]
    layers: tuple[int, ...]


def read_archive(stream: IO[bytes], store: Store) -> list[SavedImage]:
    """Put the layers of all images in the archive into ``store``; raises `ArchiveError`."""
    documents: dict[str, bytes] = {}
    links: dict[str, str] = {}
    try:
        with _open(stream) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined]  # else each member read is kept
                _read_member(archive, member, store, documents, links)
        return _find_images(documents, links, store)
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise ArchiveError(f"the saved image breaks off or is damaged: {error}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"the saved image has a manifest that cannot be read: {error!r}") from None


def _open(stream: IO[bytes]) -> tarfile.TarFile:
    return tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape")


def _read_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, store: Store, documents: dict[str, bytes], links: dict[str, str]
) -> None:
    name = posixpath.normpath(member.name)
    if member.issym() or member.islnk():
        folder = "" if member.islnk() else posixpath.dirname(name)
        links[name] = posixpath.normpath(posixpath.join(folder, member.linkname))
        return
    content = archive.extractfile(member)
    if content is None:
        return
    start = content.read(_BLOCK)
    if start.lstrip()[:1] in (b"{", b"["):
        if member.size <= _DOCUMENT_LIMIT:
            documents[name] = start + content.read()
    elif (opened := _open_layer(start, content)) is not None and (layer := store.new_layer(name)) is not None:
        _read_layer(opened, layer, store)


def _open_layer(start: bytes, content: IO[bytes]) -> IO[bytes] | None:
    """The tar that the file holds, unpacked; None if it holds none."""
    stream: IO[bytes] = _Joined(start, content)  # type: ignore[assignment]
    if start[:4] == b"\x28\xb5\x2f\xfd":
        raise ArchiveError("a layer is packed with zstd, which cannot be read here")
    if start[:2] == b"\x1f\x8b":
        stream = _Unzipped(stream)  # type: ignore[assignment]
        start = stream.read(_BLOCK)
        stream = _Joined(start, stream)  # type: ignore[assignment]
    is_empty = len(start) == _BLOCK and not any(start)
    is_tar = len(start) == _BLOCK and start[257:262] == b"ustar"
    return stream if is_empty or is_tar else None


class _Joined(io.RawIOBase):
    """A stream with its first bytes put back."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self._start:
            piece, self._start = self._start[:size], self._start[size:]
            return piece + (self._rest.read(size - len(piece)) if size > len(piece) else b"")
        return self._rest.read(size)


class _Unzipped(io.RawIOBase):
    """A gzip stream, unpacked piece by piece; it may consist of several members (RFC 1952)."""

    def __init__(self, packed: IO[bytes]) -> None:
        super().__init__()
        self._packed = packed
        self._inflate = zlib.decompressobj(wbits=31)
        self._buffer = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        pieces, wanted = [], size
        while wanted > 0 and (piece := self._some(wanted)):
            pieces.append(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def _some(self, limit: int) -> bytes:
        while True:
            if self._inflate.eof:
                self._buffer = self._inflate.unused_data or self._packed.read(_PIECE)
                if not self._buffer:
                    return b""
                self._inflate = zlib.decompressobj(wbits=31)
            packed = self._inflate.unconsumed_tail or self._buffer or self._packed.read(_PIECE)
            self._buffer = b""
            if not packed:
                raise EOFError("a layer ends in the middle")
            if piece := self._inflate.decompress(packed, limit):
                return piece


def _read_layer(content: IO[bytes], layer: int, store: Store) -> None:
    with _open(content) as archive, store.writing(layer) as writer:
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]
            path = posixpath.normpath("/" + member.name).lstrip("/")
            folder, name = posixpath.split(path)
            if name == _OPAQUE:
                writer.empty(folder)
            elif name.startswith(_WHITEOUT):
                writer.delete(posixpath.join(folder, name.removeprefix(_WHITEOUT)))
            elif member.islnk():
                writer.link(path, posixpath.normpath("/" + member.linkname).lstrip("/"))
            else:
                writer.add(_read_entry(archive, member, path))


def _read_entry(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> Entry:
    attributes = "\n".join(
        f"{key.removeprefix(_XATTR)}={value}"
        for key, value in sorted(member.pax_headers.items())
        if key.startswith(_XATTR)
    )
    content = b""
    if member.issym():
        kind, content = "l", member.linkname.encode("utf-8", "surrogateescape")
    elif member.isdir():
        kind = "d"
    elif member.type in _KINDS:
        kind = _KINDS[member.type]
        content = b"" if kind == "p" else f"{member.devmajor}:{member.devminor}".encode()
    else:
        stream = archive.extractfile(member)
        assert stream is not None
        kind, content = "f", _digest(stream, member.size, normaliser(path))
    # headers of Docker 20.10 carry the file type in the mode, too
    return Entry(path, kind, member.mode & 0o7777, member.uid, member.gid, content, attributes)


def _digest(stream: IO[bytes], size: int, normalise: Callable[[bytes], bytes] | None) -> bytes:
    if normalise is not None and size <= NORMALISED_LIMIT:
        return hashlib.sha256(normalise(stream.read())).digest()
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.digest()


def _find_images(documents: dict[str, bytes], links: dict[str, str], store: Store) -> list[SavedImage]:
    if "manifest.json" not in documents:
        raise ArchiveError("the saved image has no manifest.json")
    found = []
    for image in json.loads(documents["manifest.json"]):
        config = json.loads(documents[posixpath.normpath(image["Config"])])
        layers = []
        for raw in image["Layers"] or ():
            name = posixpath.normpath(raw)
            layer = store.find_layer(links.get(name, name))
            if layer is None:
                raise ArchiveError(f"the saved image lacks its layer {name}")
            layers.append(layer)
        found.append(SavedImage(tuple(image.get("RepoTags") or ()), config, tuple(layers)))
    return found
