"""The ways in which a project builds its Dockerfiles, as values."""

from __future__ import annotations

from typing import NamedTuple

ANY_TARGET = "*"
"""Stands for the name of a stage that only a run can tell."""


class Definition(NamedTuple):
    """One way the project builds one Dockerfile.

    All paths are relative to the repository's root, with ``""`` for the root itself. ``source`` and ``line`` (1-based):
    the file that says so; ``kind``: the name of a module in ``reorder/definitions/kinds``. ``target``: `ANY_TARGET`
    where only a run can tell it. ``args`` are build arguments (None: the environment of the build decides, `UNKNOWN`:
    only a run can tell), ``contexts`` named contexts as they are written.
    """

    source: str
    line: int
    kind: str
    context: str
    dockerfile: str
    target: str | None = None
    args: tuple[tuple[str, str | None], ...] = ()
    contexts: tuple[tuple[str, str], ...] = ()


class Skipped(NamedTuple):
    """A definition that is left out, and why: a remote context, an inline Dockerfile, a broken file, ...

    ``is_warning``: something is wrong in the file, rather than out of reach for us. ``is_note``: nothing is wrong, but
    a build that people may wait for us to repair.
    """

    source: str
    line: int
    why: str
    is_warning: bool = False
    is_note: bool = False


class Definitions(NamedTuple):
    """All that a repository says about its builds, sorted by file and line."""

    found: tuple[Definition, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def of(self, dockerfile: str) -> tuple[Definition, ...]:
        """The definitions of one Dockerfile, by its path from the repository's root."""
        return tuple(definition for definition in self.found if definition.dockerfile == dockerfile)

    def built_in(self, context: str) -> frozenset[str]:
        """The Dockerfiles that are built in one context; all are seen from the repository's root."""
        return frozenset(definition.dockerfile for definition in self.found if definition.context == context)
