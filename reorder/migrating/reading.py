"""STAND-IN until the reading of commits is merged."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple

from reorder.api import Settings, fix_text
from reorder.context.memory import MemoryTree
from reorder.migrating.model import Orders, Repository
from reorder.outcome import Changed, Outcome
from reorder.world.files import is_dockerfile_name
from reorder.world.git import git_environment


class ReadingError(Exception):
    """A repository that cannot be read."""


class Opened(NamedTuple):
    """A repository's folder and the commit that is looked at."""

    folder: str
    commit: str


def open_repository(repository: Repository, orders: Orders) -> Opened:
    """Raises `ReadingError`."""
    if not os.path.isdir(repository.location):
        raise ReadingError("there is no such folder")
    return Opened(repository.location, _git(repository.location, "rev-parse", "HEAD").decode().strip())


def fix_repository(opened: Opened, orders: Orders) -> tuple[Outcome, ...]:
    """Of each Dockerfile in the commit."""
    files: dict[str, bytes | str] = {}
    for record in filter(None, _git(opened.folder, "ls-tree", "-r", "-z", opened.commit).split(b"\0")):
        head, _, name = record.partition(b"\t")
        files[os.fsdecode(name)] = _git(opened.folder, "cat-file", "blob", head.split()[2].decode())
    tree = MemoryTree(files)
    settings = Settings(unsafe_fixes=orders.unsafe_fixes, select=orders.select, ignore=orders.ignore)
    names = sorted(name for name in files if is_dockerfile_name(os.path.basename(name)))
    return tuple(fix_text(os.fsdecode(bytes(tree.read(name))), tree, settings, path=name) for name in names)


def patch_of(outcomes: tuple[Outcome, ...]) -> str:
    """The diff of all."""
    return "".join(outcome.diff for outcome in outcomes if isinstance(outcome, Changed))


def _git(folder: str, *words: str) -> bytes:
    done = subprocess.run(["git", "-C", folder, *words], env=git_environment(folder), capture_output=True, check=False)
    if done.returncode:
        raise ReadingError(done.stderr.decode(errors="replace").strip())
    return done.stdout
