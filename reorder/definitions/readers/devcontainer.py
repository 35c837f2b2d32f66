"""devcontainer.json: the image of a development container.

containers.dev/implementors/json_reference and cursor.com/schemas/environment.schema.json: Dockerfile and context are
relative to the file itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reorder.definitions.kind import Found, Invocation, Place, define, folder_of
from reorder.definitions.kinds.devcontainer import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.values import Items, Table, Text, pairs
from reorder.definitions.yaml_files import read_json
from reorder.manager import UNKNOWN

_VARIABLE = re.compile(r"\$\{(\w+)(?::([^}:]*))?(?::([^}]*))?\}")


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The build of one file, or what it names as compose files; ``dockerFile`` and ``context`` at the top are the older
    form.
    """
    table = read_json(repository.read(path), path)
    if not isinstance(table, Table):
        return
    given = table.get("dockerComposeFile")
    files = given.texts() if isinstance(given, Items) else [given] if isinstance(given, Text) else []
    if files:
        line = table.line_of("dockerComposeFile")
        yield Invocation(Place(repository, path, line, KIND.name, folder_of(path)), "compose", tuple(map(str, files)))
    build = table.table("build")
    file = build.text("dockerfile") or build.text("dockerFile") or table.text("dockerFile")
    if file is None:
        return
    context = build.text("context") or table.text("context") or Text(".", 0)
    place = Place(repository, path, file.line, KIND.name, folder_of(path))
    args = {name: None if value is None else _filled(value) for name, value in pairs(build.get("args")).items()}
    yield define(place, _filled(context), _filled(file), target=build.text("target"), args=args)


def _filled(text: str) -> str:
    """``${localEnv:NAME:default}`` and ``${localWorkspaceFolder}``."""
    return _VARIABLE.sub(
        lambda found: ROOT if found[1] == "localWorkspaceFolder" else found[3] or UNKNOWN, text
    )  # fmt: skip
