"""heroku.yml: images that Heroku builds, each in the folder of its Dockerfile.

devcenter.heroku.com/articles/build-docker-images-heroku-yml.
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.kind import Found, Place, define, folder_of
from reorder.definitions.kinds.heroku import KIND
from reorder.definitions.repository import Repository
from reorder.definitions.values import Table, Text, pairs
from reorder.definitions.yaml_files import read_yaml


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The images under ``build.docker``: a Dockerfile, or one with a target."""
    manifest = read_yaml(repository.read(path), path)
    if not isinstance(manifest, Table):
        return
    build = manifest.table("build")
    images = build.table("docker")
    for name, value in images.items():
        file = value.text("dockerfile") if isinstance(value, Table) else value
        if isinstance(file, Text):
            place = Place(repository, path, images.line_of(name), KIND.name, folder_of(path))
            target = value.text("target") if isinstance(value, Table) else None
            yield define(place, folder_of(file) or ".", file, target=target, args=pairs(build.get("config")))
