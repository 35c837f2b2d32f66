"""Makefiles whose recipes call ``docker build`` and its like; make is run where the makefile lies."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "make",
    ("akefile", ".mk"),
    r"(?:.*/)?(?:GNU[mM]akefile|[mM]akefile(?:[.-][\w.-]+)?|[\w.-]+\.(?:mk|[mM]akefile))",
    IMAGE_BUILDERS,
)
