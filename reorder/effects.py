"""What a step reads and writes in the container, as sets of absolute paths."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from enum import Enum, IntEnum
from typing import NamedTuple

from reorder.source import Opaque


def is_within(path: str, root: str) -> bool:
    """Whether ``path`` is ``root`` or lies under it."""
    # asked thousands of times for a file; nearly always the first question decides
    return path.startswith(root) and (len(path) == len(root) or root.endswith("/") or path[len(root)] == "/")


def join(directory: str, path: str) -> str:
    """``path`` as seen from ``directory``: absolute and normalised."""
    if path.startswith("/") and "/." not in path and "//" not in path and not path.endswith("/"):
        return path
    is_name = "/" not in path and path not in ("", ".", "..")
    if is_name and directory.startswith("/") and "/." not in directory and "//" not in directory:
        return directory + path if directory.endswith("/") else f"{directory}/{path}"
    joined = posixpath.normpath(posixpath.join(directory, path))
    return joined[1:] if joined.startswith("//") else joined


def ancestors(path: str) -> tuple[str, ...]:
    """The directories above the absolute ``path``, nearest first, up to the root."""
    found = []
    while path not in ("/", ""):
        path = path.rpartition("/")[0] or "/"
        found.append(path)
    return tuple(found)


class PathSet(NamedTuple):
    """A lattice of container paths: single ``files`` (which may be absent), whole ``trees``, or everything.

    Order is kept (it becomes the order of sources in a generated COPY) but does not count in the algebra.
    """

    files: tuple[str, ...] = ()
    trees: tuple[str, ...] = ()
    everything: bool = False

    @classmethod
    def of(cls, *files: str, trees: Iterable[str] = ()) -> PathSet:
        """The set of these paths and of all under these trees."""
        return cls(tuple(dict.fromkeys(files)), tuple(dict.fromkeys(trees)))

    def __or__(self, other: PathSet) -> PathSet:
        if self.everything or other.everything:
            return EVERYTHING
        if not (other.files or other.trees):
            return self
        if not (self.files or self.trees):
            return other
        return PathSet(tuple(dict.fromkeys(self.files + other.files)), tuple(dict.fromkeys(self.trees + other.trees)))

    def __bool__(self) -> bool:
        return bool(self.everything or self.files or self.trees)

    def has(self, path: str) -> bool:
        """Whether ``path`` is in the set."""
        if self.everything or path in self.files:
            return True
        # asked hundreds of times for a file; the first question nearly always decides
        return path.startswith(self.trees) and any(is_within(path, tree) for tree in self.trees)

    def meets(self, other: PathSet) -> bool:
        """Whether the two sets share a path."""
        if self.everything:
            return bool(other)
        if other.everything:
            return bool(self)
        return (
            any(other.has(path) for path in self.files)
            or any(self.has(path) for path in other.files)
            or any(is_within(a, b) or is_within(b, a) for a in self.trees for b in other.trees)
        )


NOTHING = PathSet()
EVERYTHING = PathSet(everything=True)

SYSTEM_TREES = (
    "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/boot", "/dev", "/proc", "/run", "/sys",
    "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/include", "/usr/share",
    "/usr/games", "/usr/local/bin", "/usr/local/sbin", "/usr/local/lib", "/usr/local/lib64", "/usr/local/include",
    "/usr/local/share", "/usr/local/etc", "/usr/local/man", "/var/lib", "/var/cache", "/var/log", "/var/spool",
    "/var/run", "/var/lock", "/var/tmp", "/var/mail", "/var/backups",
)  # fmt: skip
"""Where system packages and language installs write, and what their scripts read (RULEBOOK B6).

Finer than ``/usr`` and ``/var``: ``/usr/src/app``, ``/usr/app`` or ``/var/www`` hold applications, and no
package of a distribution may write there (Debian policy 9.1.1, 9.1.2; Filesystem Hierarchy Standard 3.0). ``/opt/NAME``
likewise. Dot files of a home directory are named by the managers one by one.
"""


PACKAGE_TREES = (*SYSTEM_TREES, "/var/www")
"""Where system packages write: also the document root that web servers fill if it is not there (apache2 of
Debian 12, tried on a real engine).
"""


class Role(IntEnum):
    """What kind of work a step does; above LOCAL it is worth keeping cached."""

    LOCAL = 0
    DOWNLOAD = 1
    SYSTEM = 2
    INSTALL = 3


class Safety(Enum):
    """Whether a change is proven (safe), plausible (unsafe: needs ``--unsafe-fixes``), or only shown (display)."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Output(NamedTuple):
    """A directory that a step makes inside the copied tree, and that a context may hold too.

    ``rebuilt`` says that the step deletes it first, so that what lay there never reaches the image.
    """

    path: str
    rebuilt: bool


class Effects(NamedTuple):
    """What one command or step does.

    ``reads`` are all paths that may influence it (probes for absent files included), ``writes`` all that it creates,
    changes or deletes; among the latter ``links`` are symbolic links, and ``removes`` what is deleted or moved away.
    ``homes``: users (by name or number) and their home directories, where the step makes or moves them. ``blocks``: it
    may read and write anything, and these are the reasons. ``doubts``: why a change that moves it is not proven.
    ``evidence``: how the reads are known, for ``-v``.
    """

    reads: PathSet = NOTHING
    writes: PathSet = NOTHING
    links: frozenset[str] = frozenset()
    removes: frozenset[str] = frozenset()
    homes: tuple[tuple[str, str], ...] = ()
    outputs: tuple[Output, ...] = ()
    role: Role = Role.LOCAL
    network: bool = False
    blocks: tuple[Opaque, ...] = ()
    doubts: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    def __or__(self, other: Effects) -> Effects:
        return Effects(
            reads=self.reads | other.reads,
            writes=self.writes | other.writes,
            links=self.links | other.links,
            removes=self.removes | other.removes,
            homes=self.homes + other.homes,
            outputs=self.outputs + other.outputs,
            role=max(self.role, other.role),
            network=self.network or other.network,
            blocks=self.blocks + other.blocks,
            doubts=self.doubts + other.doubts,
            evidence=self.evidence + other.evidence,
        )

    @classmethod
    def blocked(cls, slug: str, why: str, *, role: Role = Role.LOCAL) -> Effects:
        """The effects of what cannot be understood: everything, because of ``why``."""
        return cls(reads=EVERYTHING, writes=EVERYTHING, role=role, blocks=(Opaque(slug, why),))


NO_EFFECTS = Effects()
