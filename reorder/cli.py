"""The command line: click wiring, and no decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from reorder.configuration.model import Given


class _Lines(click.types.StringParamType):
    """Several values in one environment variable stand on lines of their own: a command or a path may hold blanks."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return [line.strip() for line in rv.splitlines() if line.strip()]


class Command(click.Command):
    """A command of whose options each has an environment variable, the same one wherever the option occurs.

    An option that means something else than its namesake in another command says its own ``envvar``.
    """

    def __init__(self, *names: Any, **attributes: Any) -> None:
        super().__init__(*names, **attributes)
        for option in self.params:
            if isinstance(option, click.Option) and (long := max(option.opts, key=len)).startswith("--"):
                name = long.removeprefix("--").replace("-", "_").upper()
                option.envvar = option.envvar or f"DOCKERFILE_FIX_{name}"
                option.show_envvar = True
                if option.multiple:
                    option.type = _Lines()


class DefaultGroup(click.Group):
    """A group that sends an unknown first word to ``fix``, so that ``dockerfile-fix Dockerfile`` works."""

    command_class = Command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``fix`` in front unless a command or the group's own option stands there."""
        own = {"--help", "--version"}
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["fix", *args]
        return super().parse_args(ctx, args)


@click.group(cls=DefaultGroup, context_settings={"help_option_names": ["-h", "--help"]})
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
    """  # noqa: D301 (click wants the control character itself)


_BUILDERS = click.Choice(["docker", "podman", "buildah"])
_SETTINGS = (
    click.option("--context", metavar="DIR", help="The build context. Default: what compose, bake, workflows and "
                 "scripts of the project say; else the nearest folder upwards that holds what is copied."),
    click.option("--target", metavar="STAGE", help="The stage that counts: it is built, played or compared, and "
                 "fix keeps all that its image can show. Default: the last one."),
    click.option("--unsafe-fixes/--no-unsafe-fixes", default=False,
                 help="Also make changes that are plausible but not proven equivalent."),
    click.option("--select", metavar="SLUG", multiple=True, help="Make only changes of this kind (repeatable)."),
    click.option("--ignore", metavar="SLUG", multiple=True, help="Never make changes of this kind (repeatable)."),
    click.option("--exclude", metavar="GLOB", multiple=True, help="Leave out Dockerfiles that this fits, seen from "
                 "here, or that lie in such a folder, even if they are named (repeatable; '' for none)."),
    click.option("--cost", metavar="SLUG=SECONDS", multiple=True, help="What steps of a kind cost (repeatable): "
                 "install, system-packages, build, download, local, copy, folder, metadata."),
)  # fmt: skip


def _settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that a configuration file may say as well."""
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


def _given(options: dict[str, Any]) -> Given:
    """The settings of the command line and the environment."""
    from reorder.commands.given import read_given
    from reorder.commands.targets import UsageError
    from reorder.configuration.model import DEFAULT, Origin

    context = click.get_current_context()
    parameters = {parameter.name: parameter for parameter in context.command.params}

    def origin_of(name: str) -> Origin:
        parameter, source = parameters[name], context.get_parameter_source(name)
        if source is click.core.ParameterSource.COMMANDLINE:
            flags = (*parameter.opts, *parameter.secondary_opts)
            return Origin("flag", flags[-1] if options[name] is False else flags[0])
        if source is click.core.ParameterSource.ENVIRONMENT:
            return Origin("environment", str(parameter.envvar))
        return DEFAULT

    try:
        return read_given(options, origin_of)
    except UsageError as error:
        raise click.UsageError(str(error)) from None



@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Print one unified diff; write nothing. Exit 1 if there is one.")
@click.option("--check", is_flag=True, help="Name what would change; write nothing. Exit 1 if anything would.")
@click.option("-o", "--output", metavar="FILE", help="Write the patched Dockerfile there (one PATH only).")
@_settings
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="json: one line a Dockerfile on standard output.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Say which files each step reads, and how that is known.")
@click.option("--verify", "verifies", is_flag=True, help="Build both first; write only what gives the same image.")
@click.option("--builder", type=_BUILDERS, help="For --verify. Default: the first that answers.")
@click.option("--network", metavar="MODE", help="For --verify: passed to the builder.")
def fix(**options: Any) -> None:
    """Repair Dockerfiles: PATHs are files, folders to search, or - for standard input. Default: this folder.

    Exit code 0: nothing to do, or written; 1: --diff or --check found a change; 2: a failure.
    """
    from reorder.commands.fix import FixOptions, Verification, run_fix
    from reorder.commands.targets import UsageError

    wanted = FixOptions(
        paths=options["paths"], given=_given(options), diff=options["diff"], check=options["check"],
        output=options["output"], verbose=options["verbose"], format=options["format_"],
        verification=Verification(options["builder"], options["network"]) if options["verifies"] else None,
    )  # fmt: skip
    try:
        raise SystemExit(run_fix(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("-n", "--commits", type=click.IntRange(1, 100_000), default=200, show_default=True, metavar="N",
              help="How many commits, the last ones that changed the build context.")  # fmt: skip
@_settings
@click.option("--timings", metavar="FILE", help="Take the seconds of steps from the log of a real build "
              "(--progress=plain or rawjson), as it is or as a CI service kept it.")  # fmt: skip
@click.option("--builder", type=click.Choice(["buildkit", "classic"]), default="buildkit", show_default=True,
              envvar="DOCKERFILE_FIX_REPLAY_BUILDER")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(["text", "json", "svg", "html"]), default="text",
              show_default=True, help="json: one line a Dockerfile; svg and html: a picture of one.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write it there instead of to standard output.")
def replay(**options: Any) -> None:
    """Tell what the fix would have been worth in the last commits: how often each step ran, and would have run.

    PATHs are as for fix; nothing is written or built. Exit code 0, or 2 for a failure.
    """
    from reorder.caching.builder import Builder
    from reorder.commands.replay import ReplayOptions, run_replay
    from reorder.commands.targets import UsageError

    wanted = ReplayOptions(
        paths=options["paths"], given=_given(options), commits=options["commits"], timings=options["timings"],
        builder=Builder(options["builder"]), format=options["format_"], output=options["output"],
    )  # fmt: skip
    try:
        raise SystemExit(run_replay(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--against", metavar="FILE", help="Compare with this Dockerfile instead of the patched one.")
@click.option("--builder", type=_BUILDERS, help="Default: the first that answers.")
@_settings
@click.option("--build-arg", metavar="NAME=VALUE", multiple=True, help="Passed to the builder (repeatable).")
@click.option("--secret", metavar="SPEC", multiple=True, help="Passed to the builder (repeatable).")
@click.option("--ssh", metavar="SPEC", multiple=True, help="Passed to the builder (repeatable).")
@click.option("--network", metavar="MODE", help="Passed to the builder, and to --smoke (default there: none).")
@click.option("--platform", metavar="PLATFORM", help="Passed to the builder.")
@click.option("--smoke", metavar="CMD", multiple=True, help="Run in both images, compare exit code and output: "
              "a line for /bin/sh, or a JSON array of words (repeatable).")  # fmt: skip
@click.option("--touch", metavar="FILE", help="The file of the context to edit for the gain; default: from history.")
@click.option("--no-gain", is_flag=True, help="Do not build again after an edit.")
@click.option("--commits", metavar="N", type=click.IntRange(min=0), default=0, help="Replay the last N commits, too.",
              envvar="DOCKERFILE_FIX_VERIFY_COMMITS")  # fmt: skip
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=1), default=1800, show_default=True,
              help="A build that takes longer is ended.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="json: one line a Dockerfile on standard output.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def verify(**options: Any) -> None:
    """Prove a patch: build the Dockerfile as it is and as fix would make it, and compare the images.

    Nothing in your files is touched, and nothing is left behind but what the builder keeps as its build cache. Disk:
    six images at most in the builder's store; in the temporary folder 250 bytes for each path of each image, and for
    the gain a copy of the build context, of hard links where that is possible.

    Exit code 0: equal, or nothing to fix; 1: not equal, or only the patched file does not build; 2: a failure.
    """
    from reorder.commands.targets import UsageError
    from reorder.commands.verify import VerifyOptions, run_verify
    from reorder.trial.trial import Wishes
    from reorder.world.builders.model import BuildOptions

    build = BuildOptions(
        build_args=options["build_arg"], secrets=options["secret"], ssh=options["ssh"],
        network=options["network"], platform=options["platform"], timeout=options["timeout"],
    )  # fmt: skip
    wishes = Wishes(
        smoke=options["smoke"], measures_gain=not options["no_gain"], touch=options["touch"],
        commits=options["commits"],
    )  # fmt: skip
    wanted = VerifyOptions(
        paths=options["paths"], given=_given(options), build=build, wishes=wishes, builder=options["builder"],
        against=options["against"], format=options["format_"], quiet=options["quiet"],
    )  # fmt: skip
    try:
        raise SystemExit(run_verify(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@_settings
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="json: one line a Dockerfile.")  # fmt: skip
def config(**options: Any) -> None:
    """Show what holds for a Dockerfile, and where each value comes from: flag, environment variable, file, default.

    PATHs are as for fix. The file is .dockerfile-fix.toml, or [tool.dockerfile-fix] in pyproject.toml; the nearest one
    counts, in the folder of the Dockerfile or above it, up to the repository's root. Exit code 0, or 2 for a failure.
    """
    from reorder.commands.config import ConfigOptions, run_config
    from reorder.commands.targets import UsageError

    try:
        raise SystemExit(run_config(ConfigOptions(options["paths"], _given(options), options["format_"])))
    except UsageError as error:
        raise click.UsageError(str(error)) from None


@main.command()
@click.argument("topic", required=False, metavar="[NAME]")
def explain(topic: str | None) -> None:
    """List every package manager and every slug with its safety, or tell one of them in full.

    NAME is a slug, a package manager, or a program of one. Exit code 2 if there is no such thing.
    """
    from reorder.commands.explain import run_explain

    raise SystemExit(run_explain(topic))
