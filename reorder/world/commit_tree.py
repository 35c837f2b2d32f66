"""The files of a commit as a `Tree`, read from git's objects: nothing of the repository ever lies on disk.

So there is no checkout that a filter, a hook, a symbolic link or the name of a file could make use of.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager

from reorder.context.memory import MemoryTree
from reorder.context.model import Kind, UnreadableError
from reorder.context.vcs_ignore import VcsIgnore
from reorder.world.files import READ_LIMIT
from reorder.world.git import GitError
from reorder.world.git_objects import Objects
from reorder.world.git_run import ask_git
from reorder.world.repositories import find_common_dir

MOST_LISTED = 64 << 20
"""Bytes of all paths of a commit together, with 50 for each; those of Linux (90,000 files) are a ninth of that."""
_MOST_CACHED = 8 << 20
_KINDS = {"120000": Kind.SYMLINK, "160000": Kind.DIRECTORY}
_GIT_FOLDER = ".git"
_FRESH = {"HEAD": "ref: refs/heads/main\n", "config": "", "index": "", "objects/": "", "refs/": ""}
_NEVER = frozenset(("", ".", ".."))
_LONGEST_LINK = 4096


class CommitTree:
    """A `Tree` over one commit as a fresh checkout of it would be; make it with `open_commit`.

    A submodule is the empty folder that a checkout leaves. Entries that no checkout would make (``..``, ``.git``) are
    passed over. ``absent``: the contents that a partial clone does not have; ``missing``: those of them that were asked
    for, and that may still be fetched.
    """

    def __init__(
        self, git_dir: str, commit: str, entries: list[tuple[str, str]], objects: Objects, absent: frozenset[str]
    ) -> None:
        self.git_dir, self.commit, self.absent = git_dir, commit, absent
        self.missing: set[str] = set()
        self._paths = [path for path, _ in entries]
        self._heads = [head for _, head in entries]
        self._objects = objects
        self._cache: dict[str, bytes] = {}
        self._cached = 0
        self._ignore = VcsIgnore(self)
        # as `git clone` makes it: install hooks look for it, and a copy of everything copies it
        self._git = MemoryTree(_FRESH)

    @property
    def paths(self) -> tuple[str, ...]:
        """All files, links and submodules, sorted."""
        return tuple(self._paths)

    def kind(self, path: str) -> Kind | None:
        """What a checkout would have at ``path``."""
        if (inside := _inside_git(path)) is not None:
            return self._git.kind(inside)
        index = self._index(path)
        if index is not None:
            return _KINDS.get(self._mode(index), Kind.FILE)
        return Kind.DIRECTORY if not path or self._is_above(path) else None

    def names(self, path: str) -> tuple[str, ...]:
        """The sorted names in a directory."""
        if (inside := _inside_git(path)) is not None:
            return self._git.names(inside)
        own = (_GIT_FOLDER,) if not path else ()
        return tuple(sorted({*own, *self._children(path)}))

    def holds_more(self, path: str, limit: int) -> bool:
        """Whether the directory has more entries than that."""
        count = 0 if path else 1
        for _ in self._children(path):
            count += 1
            if count > limit:
                break
        return count > limit

    def read(self, path: str) -> bytes:
        """The content of a file of at most `READ_LIMIT` bytes; raises `UnreadableError`."""
        if (inside := _inside_git(path)) is not None:
            return self._git.read(inside)
        index = self._index(path)
        if index is None:
            raise UnreadableError(f"{path}: {'Is a directory' if self.kind(path) else 'No such file or directory'}")
        if (kind := self.kind(path)) is not Kind.FILE:
            raise UnreadableError(f"{path}: {'a symbolic link' if kind is Kind.SYMLINK else 'Is a directory'}")
        return self._content(path, self._blob(index), READ_LIMIT)

    def link(self, path: str) -> str | None:
        """The text of a symbolic link, or None if it is none or cannot be read."""
        index = self._index(path)
        if index is None or self.kind(path) is not Kind.SYMLINK:
            return None
        try:
            return self._content(path, self._blob(index), _LONGEST_LINK).decode("utf-8", "surrogateescape")
        except UnreadableError:
            return None

    def is_executable(self, path: str) -> bool:
        """Whether git has it as an executable file."""
        index = self._index(path)
        return index is not None and self._mode(index) == "100755"

    def is_tracked(self, path: str) -> bool | None:
        """Whether the commit holds anything at or under ``path``; None if a link or a submodule lies above it."""
        if self._index(path) is not None or self._is_above(path):
            return True
        parts = path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return None if any(self._index(each) is not None for each in above) else False

    def is_vcs_ignored(self, path: str) -> bool | None:
        """Whether its ``.gitignore`` files ignore ``path``, which tracked files never are."""
        return None if (tracked := self.is_tracked(path)) is None else not tracked and self._ignore.ignores(path)

    def mode(self, path: str) -> str | None:
        """Git's mode of a file, link or submodule."""
        return None if (index := self._index(path)) is None else self._mode(index)

    def blob(self, path: str) -> str | None:
        """The name of the content of a file or link."""
        return None if (index := self._index(path)) is None else self._blob(index)

    def close(self) -> None:
        """End git."""
        self._objects.close()

    def _index(self, path: str) -> int | None:
        index = bisect_left(self._paths, path)
        return index if index < len(self._paths) and self._paths[index] == path else None

    def _is_above(self, path: str) -> bool:
        start = path + "/" if path else ""
        index = bisect_left(self._paths, start)
        return index < len(self._paths) and self._paths[index].startswith(start)

    def _children(self, path: str) -> Iterator[str]:
        """The names in a folder, by leaps over what lies below them."""
        start = path + "/" if path else ""
        index = bisect_left(self._paths, start)
        seen = ""
        while index < len(self._paths) and self._paths[index].startswith(start):
            name, slash, _ = self._paths[index][len(start) :].partition("/")
            if name != seen:
                yield name
            seen = name
            # "0" is the character behind "/"
            index = bisect_left(self._paths, f"{start}{name}0", index + 1) if slash else index + 1

    def _mode(self, index: int) -> str:
        return self._heads[index][:6]

    def _blob(self, index: int) -> str:
        return self._heads[index][7:]

    def _content(self, path: str, blob: str, most: int) -> bytes:
        if blob in self._cache:
            return self._cache[blob]
        if blob in self.absent:
            self.missing.add(blob)
            raise UnreadableError(f"{path}: the clone does not have its content")
        try:
            size = self._objects.size(blob)
            if size is None:
                raise UnreadableError(f"{path}: git has no object {blob[:12]}")
            if size > most:
                raise UnreadableError(f"{path}: larger than {most >> 20} MiB" if most >> 20 else f"{path}: too long")
            data = self._objects.read(blob)
        except GitError as error:
            raise UnreadableError(f"{path}: {error}") from None
        if self._cached + len(data) <= _MOST_CACHED:
            self._cached += len(data)
            self._cache[blob] = data
        return data


def _inside_git(path: str) -> str | None:
    if path != _GIT_FOLDER and not path.startswith(_GIT_FOLDER + "/"):
        return None
    return path[len(_GIT_FOLDER) + 1 :]


@contextmanager
def open_commit(git_dir: str, commit: str) -> Iterator[CommitTree]:
    """The tree of a commit (its full name) of the repository in the folder ``git_dir``.

    Raises `GitError` if git cannot list it, or if it is too large.
    """
    tree = CommitTree(git_dir, commit, list_commit(git_dir, commit), Objects(git_dir), _find_absent(git_dir, commit))
    try:
        yield tree
    finally:
        tree.close()


def list_commit(git_dir: str, commit: str) -> list[tuple[str, str]]:
    """The files of a commit, sorted by path, each with its mode and the name of its content."""
    data = ask_git(git_dir, "ls-tree", "-r", "-z", "--full-tree", commit, most=MOST_LISTED)
    found: dict[str, str] = {}
    for record in data.split(b"\0"):
        head, tab, name = record.partition(b"\t")
        path = name.decode("utf-8", "surrogateescape")
        if not tab or not _NEVER.isdisjoint(parts := path.split("/")):
            continue
        if any(part.lower() == _GIT_FOLDER for part in parts):
            continue
        mode, _, blob = head.decode("ascii").split()
        found.setdefault(path, f"{mode} {blob}")
    return sorted(found.items())


def _find_absent(git_dir: str, commit: str) -> frozenset[str]:
    """What a partial clone lacks of a commit; to ask ``git cat-file`` for it would end that."""
    try:
        packs = os.listdir(os.path.join(find_common_dir(git_dir), "objects", "pack"))
    except OSError:
        return frozenset()
    if not any(name.endswith(".promisor") for name in packs):
        return frozenset()
    words = ("rev-list", "--objects", "--missing=print", "--no-object-names", "--end-of-options", commit + "^{tree}")
    lines = ask_git(git_dir, *words, most=MOST_LISTED).decode("ascii", "replace").split()
    return frozenset(line[1:] for line in lines if line.startswith("?"))
