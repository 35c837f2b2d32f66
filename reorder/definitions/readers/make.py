"""Makefiles whose recipes call ``docker build`` and its like; make is run where the makefile lies."""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.kind import Found, Place, folder_of
from reorder.definitions.kinds.make import KIND
from reorder.definitions.make_recipes import find_recipes
from reorder.definitions.readers.script import in_either_folder
from reorder.definitions.repository import ROOT, Repository, joined


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of all recipes of one makefile."""
    text = repository.read(path)
    folder = folder_of(path)
    # a part of a makefile may be included from anywhere
    is_part = path.endswith(".mk")
    for recipe in find_recipes(text, joined(ROOT, folder) if not is_part else ROOT, repository.effort):
        place = Place(repository, path, recipe.line, KIND.name)
        yield from in_either_folder(recipe.text, place, {}, None, prefers_own=not is_part)
