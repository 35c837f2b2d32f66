"""Tiltfiles: calls of ``docker_build`` with constant arguments."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "tilt",
    ("iltfile",),
    r"(?:.*/)?(?:[Tt]iltfile(?:[._-][\w.-]+)?|[\w.-]+\.[Tt]iltfile)",
    ("docker_build", "docker_compose"),
)
