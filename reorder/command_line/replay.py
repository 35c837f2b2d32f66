"""``dockerfile-fix replay`` on the command line: what the fix would have been worth."""

from __future__ import annotations

from typing import Any

import click

from reorder.command_line.completing import complete_files
from reorder.command_line.layout import Choice, GroupedCommand
from reorder.command_line.options import given_in, setting_options


@click.command(cls=GroupedCommand, short_help="Tell what that would have been worth in the last commits.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=complete_files)
@click.option("-n", "--commits", type=click.IntRange(1, 100_000), default=200, show_default=True, metavar="N",
              help="How many commits, the last ones that changed the build context.")  # fmt: skip
@setting_options
@click.option("--timings", metavar="FILE", shell_complete=complete_files,
              help="Take the seconds of steps from the log of a real build "
              "(--progress=plain or rawjson), as it is or as a CI service kept it.")  # fmt: skip
@click.option("--builder", type=Choice(["buildkit", "classic"]), default="buildkit", show_default=True,
              envvar="DOCKERFILE_FIX_REPLAY_BUILDER")  # fmt: skip
@click.option("--format", "format_", type=Choice(["text", "json", "svg", "html"]), default="text",
              show_default=True, help="json: one line a Dockerfile; svg and html: a picture of one.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", shell_complete=complete_files,
              help="Write it there instead of to standard output.")  # fmt: skip
def replay(**options: Any) -> None:
    """Tell what the fix would have been worth in the last commits: how often each step ran, and would have run.

    PATHs are as for fix; nothing is written or built. Exit code 0, or 2 for a failure.

    \b
    Examples:
      dockerfile-fix replay                          each Dockerfile below this folder
      dockerfile-fix replay -n 1000 Dockerfile       more commits
      dockerfile-fix replay --timings build.log Dockerfile
      dockerfile-fix replay --format html -o replay.html Dockerfile
    """  # noqa: D301 (click wants the control character itself)
    from reorder.caching.builder import Builder
    from reorder.commands.replay import ReplayOptions, run_replay
    from reorder.commands.targets import UsageError

    wanted = ReplayOptions(
        paths=options["paths"], given=given_in(options), commits=options["commits"], timings=options["timings"],
        builder=Builder(options["builder"]), format=options["format_"], output=options["output"],
    )  # fmt: skip
    try:
        raise SystemExit(run_replay(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
