"""``dockerfile-fix explain`` on the command line: what the tool knows."""

from __future__ import annotations

import click


@click.command()
@click.argument("topic", required=False, metavar="[NAME]")
def explain(topic: str | None) -> None:
    """List every package manager and every slug with its safety, or tell one of them in full.

    NAME is a slug, a package manager, or a program of one. Exit code 2 if there is no such thing.
    """
    from reorder.commands.explain import run_explain

    raise SystemExit(run_explain(topic))
