"""heroku.yml: images that Heroku builds, each in the folder of its Dockerfile."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "heroku",
    ("heroku",),
    r"(?:.*/)?heroku\.yml",
    ("docker",),
)
