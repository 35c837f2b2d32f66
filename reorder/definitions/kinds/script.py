"""Shell scripts that call ``docker build`` and its like."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "script",
    (".sh", ".bash", ".ksh", ".zsh"),
    r"(?:.*/)?[^/]+\.(?:sh|bash|ksh|zsh)",
    IMAGE_BUILDERS,
)
