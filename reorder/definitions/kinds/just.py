"""Justfiles: recipes that call ``docker build`` and its like."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "just",
    ("ustfile", ".just"),
    r"(?:.*/)?(?:\.?[Jj]ustfile|[\w.-]+\.just)",
    IMAGE_BUILDERS,
)
