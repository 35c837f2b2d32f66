"""How a manifest's parser reaches the files beside it: the container's files as the steps above have left them."""

from __future__ import annotations

from typing import Any, Protocol

from reorder.context.model import Kind, UnreadableError


class Placed(Protocol):
    """What lies at a container path; no ``context_path``: a step above made it, and its content is unknown."""

    @property
    def kind(self) -> Kind:
        """File, directory, symbolic link or other."""

    @property
    def context_path(self) -> str | None:
        """Where it comes from in the build context."""


class Files(Protocol):
    """The part of the analyzer's view that manifests need, by absolute container path."""

    def find(self, path: str) -> Placed | None:
        """What lies at ``path``; None if nothing known does."""

    def names(self, path: str) -> tuple[str, ...]:
        """The sorted names that the context put into the directory ``path``."""

    def read(self, path: str) -> bytes:
        """The content of a file that comes from the context; raises `UnreadableError`."""


class ManifestError(Exception):
    """A manifest that cannot be followed: the slug of the refusal and the sentence that explains it."""

    def __init__(self, slug: str, why: str) -> None:
        super().__init__(why)
        self.slug = slug
        self.why = why


def read_manifest(files: Files, path: str, asked_by: str) -> bytes:
    """The content of the manifest at the container path ``path``, which ``asked_by`` names.

    Raises `ManifestError` if it is not a plain file of the build context, or cannot be read.
    """
    entry = files.find(path)
    if entry is None:
        raise ManifestError("manifest-not-found", f"{path} ({asked_by}) is not copied from the build context")
    if entry.kind is Kind.SYMLINK:
        raise ManifestError("manifest-is-a-symlink", f"{path} ({asked_by}) is a symbolic link")
    if entry.context_path is None:
        raise ManifestError(
            "manifest-not-from-context", f"{path} ({asked_by}) may have been written by an earlier step"
        )
    if entry.kind is not Kind.FILE:
        raise ManifestError("manifest-not-understood", f"{entry.context_path} ({asked_by}) is not a file")
    try:
        return files.read(path)
    except UnreadableError as error:
        raise ManifestError("manifest-unreadable", str(error)) from None


def read_toml(files: Files, path: str, asked_by: str) -> dict[str, Any]:
    """The tables of a TOML file of the context; raises `ManifestError`."""
    import tomllib

    raw = read_manifest(files, path, asked_by)
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestError("manifest-not-understood", f"{path}: {error}") from None
