"""The two builders of Docker, which key their caches differently."""

from __future__ import annotations

from enum import Enum


class Builder(Enum):
    """BuildKit, or the classic builder (``DOCKER_BUILDKIT=0``)."""

    BUILDKIT = "buildkit"
    CLASSIC = "classic"
