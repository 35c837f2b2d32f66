"""Every slug that a user can meet, with what it means."""

from __future__ import annotations

CHANGES = {
    "broad-copy-before-install": "a copy of the tree or of a folder stands above an install that reads a few files",
    "source-copy-before-install": "sources that the install does not read are copied above it",
    "mixed-copy-before-install": "one COPY brings manifests and sources together above the install",
    "copy-before-independent-step": "system packages, global tools or downloads stand below a copy they do not need",
    "built-files-before-install": "files built in another stage are copied above an install that does not read them",
}
"""Patterns that are repaired."""
