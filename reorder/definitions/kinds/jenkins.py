"""Jenkinsfiles: ``sh`` steps that call ``docker build``, ``docker.build`` and agents with a Dockerfile."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "jenkins",
    ("enkinsfile",),
    r"(?:.*/)?(?:[\w.-]+[._-])?[Jj]enkinsfile(?:[._-][\w.-]+)?",
    IMAGE_BUILDERS,
)
