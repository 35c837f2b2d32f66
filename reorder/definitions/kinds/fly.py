"""fly.toml: what ``fly deploy`` builds in the folder of the file."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "fly",
    ("fly",),
    r"(?:.*/)?fly(?:[._-][\w.-]+)?\.toml",
)
