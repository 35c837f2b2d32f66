"""package.json: scripts that call ``docker build``; npm runs them in the folder of the file."""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.docker_words import builds_in_script
from reorder.definitions.kind import Found, Place, folder_of
from reorder.definitions.kinds.npm_scripts import KIND
from reorder.definitions.repository import Repository
from reorder.definitions.values import Table
from reorder.definitions.yaml_files import read_json


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of all scripts of one file."""
    table = read_json(repository.read(path), path)
    if not isinstance(table, Table):
        return
    for script in table.table("scripts").values():
        if isinstance(script, str):
            place = Place(repository, path, script.line, KIND.name, folder_of(path))
            yield from builds_in_script(script, place, variables={}, first_line=script.line)
