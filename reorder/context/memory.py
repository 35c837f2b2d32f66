"""A build context held in a dict: for tests, and for text without a folder."""

from __future__ import annotations

from collections.abc import Mapping

from reorder.context.model import Kind, UnreadableError


class MemoryTree:
    """A `Tree` over ``{path: content}``; an empty directory is a path that ends in ``/``.

    ``links`` are symbolic links and their texts; their paths are not among the files.
    """

    def __init__(
        self, files: Mapping[str, bytes | str], *, executable: frozenset[str] = frozenset(),
        tracked: frozenset[str] | None = None, vcs_ignored: frozenset[str] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._files = {k: v.encode() if isinstance(v, str) else v for k, v in files.items() if not k.endswith("/")}
        self._executable = executable
        self._tracked = tracked
        self._vcs_ignored = vcs_ignored
        self._links = dict(links or {})
        self._names: dict[str, set[str]] = {"": set()}
        for path in (*files, *self._links):
            parts = path.rstrip("/").split("/")
            for depth in range(len(parts)):
                self._names.setdefault("/".join(parts[:depth]), set()).add(parts[depth])
            if path.endswith("/"):
                self._names.setdefault(path.rstrip("/"), set())

    def kind(self, path: str) -> Kind | None:
        """A file if it has content, a directory if it has children."""
        if path in self._links:
            return Kind.SYMLINK
        if path in self._files:
            return Kind.FILE
        return Kind.DIRECTORY if path in self._names else None

    def names(self, path: str) -> tuple[str, ...]:
        """The children's names."""
        return tuple(sorted(self._names.get(path, ())))

    def holds_more(self, path: str, limit: int) -> bool:
        """Whether there are more children than that."""
        return len(self._names.get(path, ())) > limit

    def read(self, path: str) -> bytes:
        """The content; raises UnreadableError."""
        try:
            return self._files[path]
        except KeyError:
            raise UnreadableError(f"{path}: no such file") from None

    def link(self, path: str) -> str | None:
        """As told at the start."""
        return self._links.get(path)

    def is_executable(self, path: str) -> bool:
        """As told at the start."""
        return path in self._executable

    def is_tracked(self, path: str) -> bool | None:
        """As told at the start."""
        if self._tracked is None:
            return None
        return any(p == path or p.startswith(path + "/") for p in self._tracked)

    def is_vcs_ignored(self, path: str) -> bool | None:
        """As told at the start."""
        return None if self._vcs_ignored is None else path in self._vcs_ignored
