"""devcontainer.json, and Cursor's environment.json of the same form: the image of a development container."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "devcontainer",
    (".devcontainer", ".cursor/"),
    r"(?:.*/)?(?:\.devcontainer/(?:[^/]+/)?devcontainer|\.devcontainer|\.cursor/environment)\.json",
    ("dockerfile", "dockerFile", "dockerComposeFile"),
)
