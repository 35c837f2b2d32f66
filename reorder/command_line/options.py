"""What the options of several subcommands have in common; and the environment variable that each option has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from reorder.command_line.completing import complete_changes, complete_costs, complete_folders
from reorder.command_line.layout import Choice

if TYPE_CHECKING:
    from reorder.configuration.model import Given, Origin

BUILDERS = Choice(["docker", "podman", "buildah"])

_SETTINGS = (
    click.option("--context", metavar="DIR", shell_complete=complete_folders,
                 help="The build context. Default: what compose, bake, workflows and scripts of the project say; else "
                 "the nearest folder upwards that holds what is copied."),
    click.option("--target", metavar="STAGE", help="The stage that counts: it is built, played or compared, and "
                 "fix keeps all that its image can show. Default: the last one."),
    click.option("--unsafe-fixes/--no-unsafe-fixes", default=False,
                 help="Also make changes that are plausible but not proven equivalent."),
    click.option("--select", metavar="SLUG", multiple=True, shell_complete=complete_changes,
                 help="Make only changes of this kind (repeatable)."),
    click.option("--ignore", metavar="SLUG", multiple=True, shell_complete=complete_changes,
                 help="Never make changes of this kind, or say nothing of what stays for this reason (repeatable)."),
    click.option("--exclude", metavar="GLOB", multiple=True, help="Leave out Dockerfiles that this fits, seen from "
                 "here, or that lie in such a folder, even if they are named (repeatable; '' for none)."),
    click.option("--cost", metavar="SLUG=SECONDS", multiple=True, shell_complete=complete_costs,
                 help="What steps of a kind cost (repeatable): install, system-packages, build, download, local, copy, "
                 "folder, metadata."),
)  # fmt: skip

changed_since_option = click.option(
    "--changed-since", metavar="REV", help="Only Dockerfiles of which a build file is not as it was where the branch "
    "left REV: the Dockerfile, its ignore file, what defines its builds, manifests and scripts that its steps read."
)  # fmt: skip


def setting_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options for what a configuration file may say as well."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def given_in(options: Mapping[str, Any]) -> Given:
    """What `setting_options` say, and where they say it. Raises `click.UsageError`."""
    from reorder.commands.given import read_given
    from reorder.commands.targets import UsageError

    parameters = {parameter.name: parameter for parameter in click.get_current_context().command.params}
    try:
        return read_given(options, lambda name: _origin(parameters[name], options[name]))
    except UsageError as error:
        raise click.UsageError(str(error)) from None


def _origin(parameter: click.Parameter, value: object) -> Origin:
    from reorder.configuration.model import DEFAULT, Origin

    source = click.get_current_context().get_parameter_source(parameter.name or "")
    if source is click.core.ParameterSource.COMMANDLINE:
        return Origin("flag", parameter.secondary_opts[0] if value is False else parameter.opts[0])
    if source is click.core.ParameterSource.ENVIRONMENT:
        return Origin("environment", str(parameter.envvar))
    return DEFAULT


class _Lines(click.types.StringParamType):
    """Several values in one environment variable stand on lines of their own: a command or a path may hold blanks."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line.strip() for line in rv.splitlines() if line.strip()]


def give_variables(command: click.Command) -> None:
    """Give each option an environment variable, the same one in every command that has the option.

    An option that means something else than its namesake in another command says its own ``envvar``.
    """
    for option in command.params:
        if not isinstance(option, click.Option):
            continue
        name = max(option.opts, key=len).removeprefix("--").replace("-", "_").upper()
        option.envvar = option.envvar or f"DOCKERFILE_FIX_{name}"
        option.show_envvar = True
        if option.multiple and not isinstance(option.type, _Lines):
            option.type = _Lines()
