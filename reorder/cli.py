"""The command line: the subcommands, each loaded when it is wanted."""

from __future__ import annotations

from importlib import import_module

import click

from reorder.command_line.options import give_variables

COMMANDS = ("fix", "replay", "verify", "explain", "config")
"""Each is the command of its name in the module of its name in `reorder.command_line`."""


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is asked for, and takes ``fix`` where none is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand; None: there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"reorder.command_line.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        give_variables(command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``fix`` in front unless a command or the group's own option stands there."""
        own = {"-h", "--help", "--version"}
        if not args or (args[0] not in COMMANDS and args[0] not in own):
            args = ["fix", *args]
        return super().parse_args(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dockerfile-fix", prog_name="dockerfile-fix")
def main() -> None:
    """Reorder Dockerfiles so that dependency installs stay cached, provably without changing the image.

    \b
    Examples:
      dockerfile-fix --diff              show what would change below this folder
      dockerfile-fix Dockerfile          repair one file in place
      dockerfile-fix --check -v          say what would change, and why the rest stays
      dockerfile-fix replay              tell what that would have been worth in the last commits
      dockerfile-fix verify Dockerfile   build it as it is and as repaired, and compare the images
      dockerfile-fix config Dockerfile   show which settings hold for it, and where they come from
    """  # noqa: D301 (click wants the control character itself)
