"""Bake files, HCL and JSON: what ``docker buildx bake`` builds."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "bake",
    ("bake",),
    r"(?:.*/)?(?:[\w.-]+[.-])?(?:docker-)?bake(?:[.-][\w.-]+)?\.(?:hcl|json)",
)
