"""What a migration works on, and how: the values that go to the process, here or elsewhere, that does the work."""

from __future__ import annotations

from typing import Literal, NamedTuple

from reorder.configuration.model import Given
from reorder.repository_outcome import RepositoryOutcome
from reorder.world.commits import CommitWishes

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


def picklable(given: Given) -> Given:
    """The same, with dicts for mappings that are views."""
    values = given.values
    values = values._replace(costs=dict(values.costs), per_file_ignores=dict(values.per_file_ignores))
    return Given(values, dict(given.origins))


class Orders(NamedTuple):
    """All settings of the work on one repository; picklable, so that any process on any machine can do it.

    ``clones``: the absolute path of the folder in which clones of URLs are kept. ``given``: what the command line says
    of settings (see `picklable`). ``commit``: None: nothing is written to any repository; its message is a template
    (`reorder.migrating.messages`). ``pushes``: the branch goes to ``remote``, or to where it was cloned from.
    """

    clones: str
    given: Given = picklable(Given())
    limits: Limits = Limits()
    commit: CommitWishes | None = None
    pushes: bool = False
    remote: str = "origin"


class Landing(NamedTuple):
    """What became of a patch in its repository (with ``--commit`` and ``--push``).

    ``commit``: the one that holds the patch, at the tip of ``branch``, 40 or 64 hex digits; whether it was made now or
    was there already makes no difference.
    """

    status: Literal["committed", "pushed", "failed"]
    branch: str
    commit: str | None = None
    error: str | None = None


class Done(NamedTuple):
    """The work on one repository: what was found, and what became of its patch (None: it was not asked for)."""

    outcome: RepositoryOutcome
    landing: Landing | None = None
