"""``dockerfile-fix explain`` on the command line: what the tool knows."""

from __future__ import annotations

import click

from reorder.command_line.completing import complete_topics
from reorder.command_line.layout import GroupedCommand


@click.command(cls=GroupedCommand, short_help="Tell what is known of a slug or a package manager.")
@click.argument("topic", required=False, metavar="[NAME]", shell_complete=complete_topics)
def explain(topic: str | None) -> None:
    """Tell what the tool knows: what a change or a refusal is, why it is slow, why it is safe, sources, an example.

    NAME is a slug, a package manager, or a program of one; without it all are listed. Exit code 2 if there is no such
    thing.

    \b
    Examples:
      dockerfile-fix explain broad-copy-before-install   a change
      dockerfile-fix explain lock-would-be-rewritten     a reason why a step stays
      dockerfile-fix explain pnpm                        a package manager
      dockerfile-fix explain pip3                        a program of one
    """  # noqa: D301 (click wants the control character itself)
    from reorder.commands.explain import run_explain

    raise SystemExit(run_explain(topic))
