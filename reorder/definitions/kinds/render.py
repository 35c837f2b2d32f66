"""render.yaml: services that Render builds with Docker."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "render",
    ("render.y",),
    r"(?:.*/)?render\.ya?ml",
    ("docker",),
)
