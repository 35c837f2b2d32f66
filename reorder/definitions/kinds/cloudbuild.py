"""Google Cloud Build: steps that run ``docker build`` or the executor of kaniko."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "cloudbuild",
    ("cloudbuild",),
    r"(?:.*/)?(?:[\w.-]+[.-])?cloudbuild(?:[._-][\w.-]+)?\.(?:ya?ml|json)",
    IMAGE_BUILDERS,
)
