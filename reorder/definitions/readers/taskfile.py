"""Taskfiles: commands of tasks that call ``docker build`` and its like.

taskfile.dev/reference/schema: a task runs in the folder of the file or in its ``dir``; those of an included file run in
the folder of the including one. ``{{.NAME}}`` is a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reorder.definitions.kind import Found, Place, folder_of
from reorder.definitions.kinds.taskfile import KIND
from reorder.definitions.readers.script import in_either_folder
from reorder.definitions.repository import ROOT, Repository, joined
from reorder.definitions.values import Items, Table, Text, Value
from reorder.definitions.yaml_files import read_yaml
from reorder.manager import UNKNOWN, is_known

_TEMPLATE = re.compile(r"\{\{-?\s*(?:\.(\w+)\s*)?(?:[^}]|\}(?!\}))*\}\}", re.ASCII)
_PLAIN = re.compile(r"\{\{-?\s*\.\w+\s*-?\}\}", re.ASCII)


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of all tasks of one file."""
    table = read_yaml(repository.read(path), path)
    if not isinstance(table, Table):
        return
    general = {"ROOT_DIR": ROOT, "TASKFILE_DIR": joined(ROOT, folder_of(path)), "USER_WORKING_DIR": UNKNOWN}
    general = _variables(table, general)
    tasks = table.table("tasks")
    for task in tasks.values():
        variables = _variables(task, general) if isinstance(task, Table) else general
        lines = list(_commands(task))
        if not lines:
            continue
        folder = task.text("dir") if isinstance(task, Table) else None
        head = "" if folder is None else f"cd '{_filled(folder, variables)}' && "
        for line in lines:
            place = Place(repository, path, line.line, KIND.name)
            yield from in_either_folder(head + _filled(line, variables), place, dict(variables), None)


def _commands(task: Value) -> Iterator[Text]:
    if isinstance(task, Text):
        yield task
    elif isinstance(task, Items):
        yield from task.texts()
    elif isinstance(task, Table):
        for entry in task.items_at("cmds"):
            found = entry.get("cmd") if isinstance(entry, Table) else entry
            if isinstance(found, Text):
                yield found
        if (only := task.text("cmd")) is not None:
            yield only


def _variables(table: Table, below: Mapping[str, str]) -> dict[str, str]:
    found = dict(below)
    for key in ("env", "vars"):
        for name, value in table.table(key).items():
            found[name] = _filled(value, found, UNKNOWN) if isinstance(value, Text) else UNKNOWN
    return found


def _filled(text: str, variables: Mapping[str, str], otherwise: str = "${_unknown_}") -> str:
    def value(found: re.Match[str]) -> str:
        known = variables.get(found[1] or "", UNKNOWN) if _PLAIN.fullmatch(found[0]) else UNKNOWN
        return known if is_known(known) else otherwise

    return _TEMPLATE.sub(value, text)
