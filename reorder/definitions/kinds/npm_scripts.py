"""package.json: scripts that call ``docker build``; npm runs them in the folder of the file."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "npm_scripts",
    ("package.json",),
    r"(?:.*/)?package\.json",
    IMAGE_BUILDERS,
)
