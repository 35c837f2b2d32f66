"""render.yaml: services that Render builds with Docker.

render.com/docs/blueprint-spec: ``dockerfilePath`` (``./Dockerfile``) and ``dockerContext`` (``.``) are relative to the
repository's root, or to ``rootDir`` where that makes sense.
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.kind import Found, Place, define
from reorder.definitions.kinds.render import KIND
from reorder.definitions.model import Definition
from reorder.definitions.repository import Repository, joined
from reorder.definitions.values import Table
from reorder.definitions.yaml_files import read_yaml


def read(repository: Repository, path: str) -> Iterator[Found]:
    """Every service with the runtime ``docker`` (``env`` in older files), in previews and projects, too."""
    blueprint = read_yaml(repository.read(path), path)
    if not isinstance(blueprint, Table):
        return
    projects = blueprint.items_at("projects").tables()
    environments = [each for project in projects for each in project.items_at("environments").tables()]
    for part in (blueprint, *environments):
        for service in part.items_at("services").tables():
            if (service.text("runtime") or service.text("env")) != "docker":
                continue
            folders = dict.fromkeys((joined("", service.text("rootDir") or "."), ""))
            context, file = service.text("dockerContext") or ".", service.text("dockerfilePath") or "./Dockerfile"
            ways = [define(Place(repository, path, service.line, KIND.name, each), context, file) for each in folders]
            yield next((way for way in ways if isinstance(way, Definition)), ways[0])
