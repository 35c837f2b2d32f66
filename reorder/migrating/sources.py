"""Which repositories a migration is about: folders, lists, bare repositories and URLs become `Repository` values."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress

from reorder.migrating.lists import Entry, SourceError, read_list
from reorder.migrating.model import Repository
from reorder.migrating.names import Names, identity_of, is_url, name_of_path, name_of_url
from reorder.world.remotes import without_credentials
from reorder.world.repositories import find_shared_dir, is_repository

STDIN = "-"


def find_repositories(sources: Iterable[str], own: Iterable[str] = ()) -> list[Repository]:
    """Each repository that the ``sources`` name, once, in their order.

    A source is a repository's folder (bare or not), a folder to search for repositories (not inside of them, and
    links are not followed), a file with one path or URL a line, a file of JSON lines (see `read_list`), a URL, or
    ``-`` for a list on standard input. Of a repository's work trees the main one counts, else the first. ``own`` are
    folders that are not searched: our output is no input. Raises `SourceError` where a source cannot be understood as
    a whole; that a repository in a list is not there is found out, and told, when it is its turn.
    """
    entries = [(entry, _identify(entry)) for entry in _entries(sources, frozenset(map(os.path.realpath, own)))]
    whole = {identity for _, (identity, is_linked) in entries if not is_linked}
    names, seen, found = Names(), set[str](), list[Repository]()
    for entry, (identity, is_linked) in entries:
        if identity in seen or (is_linked and identity in whole):
            continue
        seen.add(identity)
        name = names.take(_wanted_names(entry), identity)
        shown = without_credentials(entry.source) if entry.kind == "url" else entry.source
        found.append(Repository(name, shown, entry.location, entry.kind, entry.owner, entry.default_branch))
    return found


def _identify(entry: Entry) -> tuple[str, bool]:
    """What tells the repository from others, and whether this is a linked work tree of it."""
    shared = find_shared_dir(entry.location) if entry.kind == "path" else None
    return identity_of(shared or entry.location, entry.kind), shared is not None


def _wanted_names(entry: Entry) -> list[str]:
    """The likeliest first; another repository may have it already."""
    if entry.name:
        return [entry.name]
    if entry.kind == "url":
        return name_of_url(entry.location)
    return name_of_path(entry.location)


def _entries(sources: Iterable[str], own: frozenset[str]) -> Iterator[Entry]:
    for source in sources:
        if source == STDIN:
            yield from read_list(sys.stdin.buffer.read(), "standard input", os.getcwd())
        elif is_url(source):
            yield Entry(source, source, "url")
        elif os.path.isdir(source):
            yield from _in_folder(source, own)
        elif os.path.exists(source):
            try:
                with open(source, "rb") as file:
                    data = file.read()
            except OSError as error:
                raise SourceError(f"{source}: cannot be read: {error.strerror or error}") from None
            yield from read_list(data, source, os.path.dirname(os.path.abspath(source)))
        else:
            raise SourceError(f"{source}: there is no such folder or file, and it is no URL")


def _in_folder(folder: str, own: frozenset[str]) -> Iterator[Entry]:
    if is_repository(folder):
        yield Entry(folder, os.path.abspath(folder), "path")
        return
    try:
        found = list(_search(folder, own))
    except OSError as error:
        raise SourceError(f"{folder}: cannot be searched: {error.strerror or error}") from None
    if not found:
        raise SourceError(f"{folder}: no git repository in this folder")
    for path in found:
        inside = os.path.relpath(path, folder).replace(os.sep, "/")
        yield Entry(path, os.path.abspath(path), "path", inside.removesuffix(".git"))


def _search(folder: str, own: frozenset[str]) -> Iterator[str]:
    """Repositories below, sorted folder by folder; raises OSError for ``folder`` itself only."""
    top = os.path.realpath(folder)
    pending = _folders_in(folder)
    while pending:
        path = pending.pop()
        if is_repository(path):
            yield path
        elif os.path.normpath(os.path.join(top, os.path.relpath(path, folder))) not in own:
            with suppress(OSError):  # a folder that may not be listed, or is gone
                pending += _folders_in(path)


def _folders_in(folder: str) -> list[str]:
    """In reverse order; links are none."""
    with os.scandir(folder) as listing:
        names = (entry.name for entry in listing if entry.is_dir(follow_symlinks=False))
        return [os.path.join(folder, name) for name in sorted(names, reverse=True)]

