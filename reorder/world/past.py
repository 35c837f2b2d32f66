"""The files of a commit, looked up one by one in git's objects; nothing is checked out."""

from __future__ import annotations

import os
import posixpath
import subprocess
from functools import cache

from reorder.context.model import Kind, UnreadableError
from reorder.world.git import GitError, git_command, git_environment
from reorder.world.git_tree import Blob

_SECONDS = 60.0
_FOLDER, _LINK, _EXECUTABLE, _MODULE = "040000", "120000", "100755", "160000"
_KINDS = {_FOLDER: Kind.DIRECTORY, _MODULE: Kind.DIRECTORY, _LINK: Kind.SYMLINK}


class GitFailure(GitError):
    """A git command that failed; ``words`` is what it said."""

    def __init__(self, command: str, code: int, words: str) -> None:
        super().__init__(f"git {command}: {words or f'exit code {code}'}")
        self.words = words


class PastTree:
    """A `Tree` of a commit; paths are relative to the repository's root. A submodule is an empty directory."""

    def __init__(self, root: str, entries: dict[str, Blob]) -> None:
        self.root, self._entries = root, entries
        self._names: dict[str, list[str]] = {}
        for path in entries:
            folder, _, name = path.rpartition("/")
            self._names.setdefault(folder, []).append(name)

    @property
    def paths(self) -> tuple[str, ...]:
        """All but directories."""
        return tuple(path for path, blob in self._entries.items() if blob.mode != _FOLDER)

    def entry(self, path: str) -> Blob | None:
        """Git's mode and the name of the content."""
        return self._entries.get(path)

    def module_above(self, path: str) -> str | None:
        """The submodule that ``path`` is, or lies in."""
        while path:
            blob = self._entries.get(path)
            if blob is not None:
                return path if blob.mode == _MODULE else None
            path = posixpath.dirname(path)
        return None

    def kind(self, path: str) -> Kind | None:
        """What lay at ``path``."""
        blob = self._entries.get(path)
        return (None if path else Kind.DIRECTORY) if blob is None else _KINDS.get(blob.mode, Kind.FILE)

    def names(self, path: str) -> tuple[str, ...]:
        """The names in a directory."""
        return tuple(sorted(self._names.get(path, ())))

    def holds_more(self, path: str, limit: int) -> bool:
        """Whether a directory had more than ``limit`` entries."""
        return len(self._names.get(path, ())) > limit

    def read(self, path: str) -> bytes:
        """The content of a file; raises `UnreadableError`."""
        if self.kind(path) is not Kind.FILE:
            raise UnreadableError(f"{path}: no such file in the commit")
        return self._content(path)

    def link(self, path: str) -> str | None:
        """The text of a symbolic link."""
        return os.fsdecode(self._content(path)) if self.kind(path) is Kind.SYMLINK else None

    def is_executable(self, path: str) -> bool:
        """Whether the owner might execute the file."""
        blob = self._entries.get(path)
        return blob is not None and blob.mode == _EXECUTABLE

    def is_tracked(self, path: str) -> bool:
        """Whether the commit held anything at or under ``path``."""
        return path in self._entries or path in self._names

    def is_vcs_ignored(self, path: str) -> bool:
        """Nothing that is in a commit is ignored."""
        return False

    def _content(self, path: str) -> bytes:
        try:
            return ask_git(self.root, "cat-file", "blob", self._entries[path].id)
        except GitError as error:
            raise UnreadableError(f"{path}: {error}") from None


@cache
def read_past(root: str, commit: str) -> PastTree:
    """The files of a commit of the repository at ``root``, which never change; raises `GitError`."""
    entries = {}
    for record in filter(None, ask_git(root, "ls-tree", "-r", "-t", "-z", "--full-tree", commit).split(b"\0")):
        head, _, name = record.partition(b"\t")
        mode, _, content = head.decode("ascii").split()
        entries[os.fsdecode(name)] = Blob(mode, content)
    return PastTree(root, entries)


def ask_git(root: str, *command: str) -> bytes:
    """What git prints; raises `GitError` with its last words if it fails."""
    try:
        done = subprocess.run(
            git_command(root, *command), env=git_environment(root), timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git {command[0]}: {error}") from None
    if done.returncode:
        words = next(iter(done.stderr.decode("utf-8", "replace").strip().splitlines()), "")
        raise GitFailure(command[0], done.returncode, words.removeprefix("fatal: ")[:200])
    return done.stdout
