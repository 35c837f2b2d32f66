"""``dockerfile-fix config`` on the command line: which settings hold, and why."""

from __future__ import annotations

from typing import Any

import click

from reorder.command_line.completing import complete_files
from reorder.command_line.layout import Choice, GroupedCommand
from reorder.command_line.options import given_in, setting_options


@click.command(cls=GroupedCommand, short_help="Show which settings hold, and where they come from.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=complete_files)
@setting_options
@click.option("--format", "format_", type=Choice(["text", "json"]), default="text", show_default=True,
              help="json: one line a Dockerfile.")  # fmt: skip
def config(**options: Any) -> None:
    """Show what holds for a Dockerfile, and where each value comes from: flag, environment variable, file, default.

    PATHs are as for fix. The file is .dockerfile-fix.toml, or [tool.dockerfile-fix] in pyproject.toml; the nearest one
    counts, in the folder of the Dockerfile or above it, up to the repository's root. Exit code 0, or 2 for a failure.

    \b
    Examples:
      dockerfile-fix config                  of each Dockerfile below this folder
      dockerfile-fix config docker/Dockerfile
      dockerfile-fix config --format json
    """  # noqa: D301 (click wants the control character itself)
    from reorder.commands.config import ConfigOptions, run_config
    from reorder.commands.targets import UsageError

    try:
        raise SystemExit(run_config(ConfigOptions(options["paths"], given_in(options), options["format_"])))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
