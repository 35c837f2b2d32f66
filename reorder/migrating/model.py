"""What a migration works on, and how: the values that go to the process, here or elsewhere, that does the work."""

from __future__ import annotations

from typing import Literal, NamedTuple

from reorder.repository_outcome import RepositoryOutcome

Kind = Literal["path", "url"]


class Repository(NamedTuple):
    """One repository of a migration.

    ``name``: unique in the migration, made of letters, digits and ``._-`` between slashes, so that it is a safe file
    name once its slashes are replaced. ``source``: as the user gave it, without a password. ``location``: the absolute
    path of a checkout or bare repository, or the URL with whatever it holds. ``default_branch``: None: the one that
    the repository itself has checked out.
    """

    name: str
    source: str
    location: str
    kind: Kind
    owner: str | None = None
    default_branch: str | None = None


class Limits(NamedTuple):
    """What one repository may take: seconds of wall time, and bytes of memory in each of its processes."""

    seconds: float = 300.0
    memory: int = 1024 * 1024 * 1024


class Signature(NamedTuple):
    """How a commit is made: its branch, its message, its author (None: git's own configuration), and a sign-off."""

    branch: str = "dockerfile-fix"
    message: str = ""
    author: tuple[str, str] | None = None
    sign_off: bool = False


class Orders(NamedTuple):
    """All settings of the work on one repository; picklable, so that any process on any machine can do it.

    ``select`` and ``ignore`` are slugs, as for ``fix``. ``clones``: the absolute path of the folder in which clones of
    URLs are kept. ``commit``: None: nothing is written to any repository. ``pushes``: the branch goes to ``remote``.
    """

    clones: str
    unsafe_fixes: bool = False
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    limits: Limits = Limits()
    commit: Signature | None = None
    pushes: bool = False
    remote: str = "origin"


class Landing(NamedTuple):
    """What became of a patch in its repository (with ``--commit`` and ``--push``).

    ``commit``: the commit at the tip of ``branch``, 40 or 64 hex digits. "present": the branch held it already.
    """

    status: Literal["committed", "present", "pushed", "failed"]
    branch: str
    commit: str | None = None
    error: str | None = None


class Done(NamedTuple):
    """The work on one repository: what was found, and what became of its patch (None: it was not asked for)."""

    outcome: RepositoryOutcome
    landing: Landing | None = None
