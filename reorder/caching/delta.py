"""What changed between two builds of one Dockerfile."""

from __future__ import annotations

from typing import NamedTuple


class Delta(NamedTuple):
    """What changed between two builds.

    ``paths`` are context paths (relative, with ``/`` between parts) whose content or existence changed; they need not
    exist now. A URL among them is what an ADD of it fetches. ``modes``: context paths of which only the permission bits
    changed. ``arguments``: build arguments that are given another value. ``images``: base image references (as
    written, variables expanded) that stand for another digest now. ``everything``: any path may have changed.
    """

    paths: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()
    arguments: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    everything: bool = False
