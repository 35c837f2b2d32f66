"""What the options of several subcommands have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from reorder.api import Settings

BUILDERS = click.Choice(["docker", "podman", "buildah"])


def settings_of(options: Mapping[str, Any]) -> Settings:
    """What ``--context``, ``--unsafe-fixes``, ``--select`` and ``--ignore`` say. Raises `click.UsageError`."""
    from reorder.api import Settings

    return Settings(
        context=options["context"], unsafe_fixes=options["unsafe_fixes"],
        select=slugs_of("--select", options["select"]), ignore=slugs_of("--ignore", options["ignore"]),
    )  # fmt: skip


def slugs_of(option: str, values: tuple[str, ...]) -> frozenset[str]:
    """The kinds of change that the values of an option name. Raises `click.UsageError`."""
    from reorder.slugs import CHANGES

    slugs = frozenset(slug for value in values for slug in value.replace(",", " ").split())
    if unknown := sorted(slugs - CHANGES.keys()):
        raise click.UsageError(f"{option}: no such slug: {unknown[0]} (there are {', '.join(sorted(CHANGES))})")
    return slugs
