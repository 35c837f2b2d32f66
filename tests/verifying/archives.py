"""Saved images made by hand, as ``docker save`` writes them."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from reorder.verifying.archive import read_archive
from reorder.verifying.compare import Findings, compare_files, measure_noise
from reorder.verifying.store import Store

TYPES = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "hard": tarfile.LNKTYPE, "link": tarfile.SYMTYPE,
         "device": tarfile.CHRTYPE, "pipe": tarfile.FIFOTYPE}  # fmt: skip


class Member(NamedTuple):
    """An entry of a layer; ``data`` is a link's target, too."""

    name: str
    kind: str = "file"
    data: bytes = b""
    mode: int | None = None
    owner: tuple[int, int] = (0, 0)
    xattrs: Mapping[str, str] = MappingProxyType({})
    numbers: tuple[int, int] = (0, 0)


def tar(members: Iterable[Member]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.type = TYPES[member.kind]
            info.mode = member.mode if member.mode is not None else 0o755 if member.kind == "dir" else 0o644
            info.uid, info.gid = member.owner
            info.devmajor, info.devminor = member.numbers
            info.pax_headers = {f"SCHILY.xattr.{name}": value for name, value in member.xattrs.items()}
            data = member.data
            if member.kind in ("hard", "link"):
                info.linkname, data = data.decode("utf-8", "surrogateescape"), b""
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def saved(
    *layers: list[Member], config: Mapping[str, Any] | None = None, zipped: bool = False, last: bool = True
) -> bytes:
    """An archive of one image ``x:1``; ``last``: its manifest comes after the layers, which come top first."""
    names = [f"blobs/sha256/{index}" for index in range(len(layers))]
    document = {"config": config or {}, "os": "linux", "architecture": "amd64"}
    head = [
        Member("blobs/sha256/config", data=json.dumps(document).encode()),
        Member("manifest.json", data=json.dumps(
            [{"Config": "blobs/sha256/config", "RepoTags": ["x:1"], "Layers": names}]).encode()),
    ]  # fmt: skip
    blobs = [tar(layer) for layer in layers]
    body = [Member(name, data=gzip.compress(blob) if zipped else blob) for name, blob in zip(names, blobs, strict=True)]
    return tar([*reversed(body), *head] if last else [*head, *body])


def open_store() -> Store:
    return Store(sqlite3.connect(""))


def merge(store: Store, number: int, *layers: list[Member], **options: Any) -> None:
    """Put an image made of these layers into a store."""
    image, = read_archive(io.BytesIO(saved(*layers, **options)), store)
    store.merge(number, image.layers)
    store.database.execute("UPDATE layer SET name = name || '-' || ?", (number,))  # the next archive's are others


def files(*layers: list[Member], **options: Any) -> dict[str, tuple[Any, ...]]:
    """The merged file system: path to (kind, mode, uid, gid, content, attributes)."""
    store = open_store()
    merge(store, 1, *layers, **options)
    return {row[0].decode("utf-8", "surrogateescape"): row[1:] for row in store.database.execute(
        "SELECT path, kind, mode, uid, gid, content, attributes FROM file ORDER BY path")}  # fmt: skip


def compare(before: list[Member], after: list[Member], *again: list[Member]) -> Findings:
    """Two images of one layer each; ``again``: a second build of the first."""
    store = open_store()
    for number, members in enumerate((before, after, *again)):
        merge(store, number, members)
    if again:
        measure_noise(store, 0, 2)
    return compare_files(store, 0, 1)
