"""The command line: the subcommands, each loaded when it is wanted."""

from __future__ import annotations

import atexit
import gc
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

from reorder.command_line.options import give_variables

_INTERRUPTED = 130
COMMANDS = ("fix", "replay", "verify", "migrate", "explain", "config", "completion")
"""Each is the command of its name in the module of its name in `reorder.command_line`."""

_COMPLETE = "_DOCKERFILE_FIX_COMPLETE"
"""click's variable for the program of this name."""


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is asked for, and takes ``fix`` where none is named."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, or answer a shell that wants to complete a command line."""
        if _COMPLETE in os.environ:
            from reorder.command_line.shells import use_own_shells

            use_own_shells()
        # else the end of the process looks for garbage in all that was loaded: a fifth of the time of a small file
        atexit.register(gc.freeze)
        return super().main(*args, **kwargs)

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

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; Ctrl-C ends it with 130, as shells say it (click would say 1: a change was found)."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``fix`` in front unless a command or the group's own option stands there."""
        own = {"-h", "--help", "--version"}
        if ctx.resilient_parsing and not args:
            return super().parse_args(ctx, args)
        if not args or (args[0] not in COMMANDS and args[0] not in own):
            if args:
                _check_first_path(args[0], ctx)
            args = ["fix", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """The first word: a command, or what may follow ``fix``."""
        command = self.get_command(ctx, "fix")
        assert command is not None
        inner = command.make_context("fix", [], parent=ctx, resilient_parsing=True)
        if incomplete.startswith("-"):
            return [*super().shell_complete(ctx, incomplete), *command.shell_complete(inner, incomplete)]
        paths = next(param for param in command.params if param.name == "paths")
        # bash forgets what stands before an item that leaves it to the shell
        return [*paths.shell_complete(inner, incomplete), *super().shell_complete(ctx, incomplete)]


def _check_first_path(word: str, ctx: click.Context) -> None:
    """Raise `click.UsageError` for a misspelled command: without this it is a Dockerfile that does not exist."""
    if ctx.resilient_parsing or not word.isalpha() or os.path.lexists(word):
        return
    from reorder.suggestions import suggest

    if close := suggest(word, COMMANDS, most=1):
        raise click.UsageError(f"there is no file and no command {word} (did you mean the command {close[0]}?)", ctx)


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
      dockerfile-fix explain pnpm        tell what is known of a package manager, or of a slug
      dockerfile-fix config Dockerfile   show which settings hold for it, and where they come from
      dockerfile-fix migrate repos.txt   prepare a change for each of many repositories

    Every option has an environment variable, named in its help; several values of one stand on lines of their own.
    """  # noqa: D301 (click wants the control character itself)
