"""GitHub workflows: steps that use a building action, or run ``docker build``."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "github",
    ("/workflows/",),
    r"\.(?:github|gitea|forgejo)/workflows/[^/]+\.ya?ml",
    (*IMAGE_BUILDERS, "uses: ./", "context:", "dockerfile"),
)
