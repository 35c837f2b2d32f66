"""``dockerfile-fix verify`` on the command line: build both, and compare the images."""

from __future__ import annotations

from typing import Any

import click

from reorder.command_line.completing import complete_files
from reorder.command_line.layout import Choice, GroupedCommand
from reorder.command_line.options import BUILDERS, changed_since_option, given_in, setting_options


@click.command(cls=GroupedCommand, short_help="Build both versions, and compare the images.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=complete_files)
@click.option("--against", metavar="FILE", shell_complete=complete_files,
              help="Compare with this Dockerfile instead of the patched one.")  # fmt: skip
@changed_since_option
@click.option("--builder", type=BUILDERS, help="Default: the first that answers.")
@setting_options
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
@click.option("--format", "format_", type=Choice(["text", "json"]), default="text", show_default=True,
              help="json: one line a Dockerfile on standard output.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def verify(**options: Any) -> None:
    """Prove a patch: build the Dockerfile as it is and as fix would make it, and compare the images.

    Nothing in your files is touched, and nothing is left behind but what the builder keeps as its build cache. Disk:
    six images at most in the builder's store; in the temporary folder 250 bytes for each path of each image, and for
    the gain a copy of the build context, of hard links where that is possible.

    Exit code 0: equal, or nothing to fix; 1: not equal, or only the patched file does not build; 2: a failure.

    \b
    Examples:
      dockerfile-fix verify Dockerfile
      dockerfile-fix verify --against Dockerfile.new Dockerfile
      dockerfile-fix verify --smoke 'python -c "import app"' Dockerfile
      dockerfile-fix verify --build-arg VERSION=1 --target runtime --network host Dockerfile
    """  # noqa: D301 (click wants the control character itself)
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
        paths=options["paths"], given=given_in(options), build=build, wishes=wishes, builder=options["builder"],
        against=options["against"], changed_since=options["changed_since"], format=options["format_"],
        quiet=options["quiet"],
    )  # fmt: skip
    try:
        raise SystemExit(run_verify(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
