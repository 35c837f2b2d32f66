"""Compose files: what ``docker compose build`` builds."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "compose",
    ("compose",),
    r"(?:.*/)?(?:[\w.-]+[._-])?(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml",
    ("build", "extends", "include"),
)
