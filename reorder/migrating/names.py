"""What repositories are called: a name for people that is safe as a file name, and what tells two of them apart."""

from __future__ import annotations

import hashlib
import os
import re

from reorder.migrating.model import Kind

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HELPER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*::")
_SCP_LIKE = re.compile(r"(?:[^/:@\s]+@)?[^/:@\s]+\.?[^/:@\s]*:(?!/*$)")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 150
"""Characters of a file name; file systems take 255 bytes, and we add endings."""


def is_url(text: str) -> bool:
    """Whether git would take it for an address: ``scheme://``, ``host:path`` of ssh, or a helper's ``ext::``."""
    if _SCHEME.match(text) or _HELPER.match(text):
        return True
    return "@" in text.partition(":")[0] and bool(_SCP_LIKE.match(text)) and not os.path.exists(text)


def identity_of(location: str, kind: Kind) -> str:
    """The same for two ways to name one repository: links followed; https and ssh to the same path of a host."""
    if kind == "path":
        return os.path.realpath(location).removesuffix("/.git")
    host, path = _host_and_path(location)
    return f"{host.lower()}:{path}"


def name_of_url(url: str) -> list[str]:
    """``owner/name``, then with the host in front of it."""
    host, path = _host_and_path(url)
    return [path, f"{host}/{path}"]


def name_of_path(path: str) -> list[str]:
    """The folder's name, then with the one above it."""
    plain = path.rstrip("/").removesuffix("/.git").removesuffix(".git")
    parent, own = os.path.split(plain)
    return [own, f"{os.path.basename(parent)}/{own}"]


def file_name_of(name: str) -> str:
    """The name as a file's, without an ending."""
    return name.replace("/", "__")


def _host_and_path(url: str) -> tuple[str, str]:
    rest = _SCHEME.sub("", url, count=1)
    if rest != url:
        host, _, path = rest.partition("/")
    else:
        host, _, path = url.partition(":")
    host = host.rpartition("@")[2]
    return host, path.partition("?")[0].strip("/").removesuffix(".git").strip("/")


class Names:
    """Names given so far; also on a file system that does not tell capitals apart, each is a file of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, wanted: list[str], identity: str) -> str:
        """The first of the ``wanted`` names that is free, made safe; else one that ``identity`` makes unique."""
        names = [_safe(name) for name in wanted]
        digest = hashlib.sha256(identity.encode("utf-8", "surrogateescape")).hexdigest()
        for name in (*names, f"{names[-1]}-{digest[:8]}", f"{names[-1][:100]}-{digest}"):
            key = file_name_of(name).casefold()
            if len(key) <= _LONGEST + 70 and key not in self._taken:
                self._taken.add(key)
                return name
        raise AssertionError("two repositories of one identity")


def _safe(name: str) -> str:
    """Only letters, digits and ``._-`` between slashes; it neither leads elsewhere, nor looks like an option.

    ``owner/.github`` stays as it is: without the dot it is another repository's name.
    """
    parts = (_UNSAFE.sub("-", part) for part in name.split("/"))
    return "/".join(part for part in parts if part.strip("."))[-_LONGEST:].lstrip("/.-") or "repository"
