"""Justfiles: recipes that call ``docker build`` and its like.

just.systems/man: a recipe runs in the folder of its file, each line in a shell of its own unless it begins with ``#!``.
``{{name}}`` is a variable, a parameter or an expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reorder.definitions.kind import Found, Place, folder_of
from reorder.definitions.kinds.just import KIND
from reorder.definitions.readers.script import in_either_folder
from reorder.definitions.repository import ROOT, Repository, joined
from reorder.manager import UNKNOWN, is_known

_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][\w-]*)\s*:=\s*(.*)", re.ASCII)
_CONSTANT = re.compile(r"'([^']*)'|\"([^\"\\]*)\"")
_TEMPLATE = re.compile(r"\{\{\s*([\w-]+(?:\(\))?)\s*\}\}|\{\{(?:[^}]|\}(?!\}))*\}\}", re.ASCII)


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of all recipes of one file."""
    folder = joined(ROOT, folder_of(path))
    variables = {"justfile_directory()": folder, "source_directory()": folder}
    is_part = path.endswith(".just")
    for text, line in _recipes(repository.read(path), variables):
        place = Place(repository, path, line, KIND.name)
        yield from in_either_folder(text, place, {}, None, prefers_own=not is_part)


def _recipes(text: str, variables: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Every line of a recipe with its continuations, or a whole one that is a script, and where it begins."""
    held: list[str] = []
    start, is_script = 1, False
    for number, line in enumerate(text.splitlines(), 1):
        if not line[:1].isspace() and line:
            if held:
                yield _filled("\n".join(held), variables), start
            held, is_script = [], False
            if found := _ASSIGNMENT.fullmatch(line.split(" #")[0].rstrip()):
                constant = _CONSTANT.fullmatch(found[2])
                variables[found[1]] = (constant[1] or constant[2] or "") if constant else UNKNOWN
            continue
        bare = line.strip()
        if not held:
            start, is_script = number, bare.startswith("#!")
            bare = bare.lstrip("@-")
        held.append(line if is_script else bare)
        if not is_script and not bare.endswith("\\"):
            yield _filled("\n".join(held), variables), start
            held = []
    if held:
        yield _filled("\n".join(held), variables), start


def _filled(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        known = variables.get(found[1] or "", UNKNOWN)
        return known if is_known(known) else "${_unknown_}"

    return _TEMPLATE.sub(value, text)
