"""``dockerfile-fix completion`` on the command line: the script that teaches a shell our options."""

from __future__ import annotations

import click

from reorder.command_line.layout import Choice, GroupedCommand

_SHELLS = ("bash", "zsh", "fish")


@click.command(cls=GroupedCommand, short_help="Print a script for the completion of a shell.")
@click.argument("shell", type=Choice(_SHELLS), metavar="bash|zsh|fish")
def completion(shell: str) -> None:
    """Print the script that lets a shell complete commands, options, slugs and files.

    \b
    Put it where your shell looks when it starts:
      bash   echo 'eval "$(dockerfile-fix completion bash)"' >> ~/.bashrc
      zsh    echo 'eval "$(dockerfile-fix completion zsh)"' >> ~/.zshrc      (below compinit)
      fish   dockerfile-fix completion fish > ~/.config/fish/completions/dockerfile-fix.fish

    \b
    Examples:
      dockerfile-fix completion bash
      dockerfile-fix completion fish
    """  # noqa: D301 (click wants the control character itself)
    from click.shell_completion import get_completion_class

    root = click.get_current_context().find_root()
    maker = get_completion_class(shell)
    assert maker is not None, shell
    click.echo(maker(root.command, {}, "dockerfile-fix", "_DOCKERFILE_FIX_COMPLETE").source(), nl=False)
