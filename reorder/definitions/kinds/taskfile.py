"""Taskfiles: commands of tasks that call ``docker build`` and its like."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "taskfile",
    ("askfile",),
    r"(?:.*/)?(?:[\w.-]+[._-])?[Tt]askfile(?:[._-][\w.-]+)?\.ya?ml",
    IMAGE_BUILDERS,
)
