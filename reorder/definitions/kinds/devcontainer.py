"""devcontainer.json: the image of a development container."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "devcontainer",
    (".devcontainer",),
    r"(?:.*/)?(?:\.devcontainer/(?:[^/]+/)?devcontainer|\.devcontainer)\.json",
    ("dockerfile", "dockerFile"),
)
