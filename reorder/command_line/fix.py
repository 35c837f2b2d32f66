"""``dockerfile-fix fix`` on the command line: repair Dockerfiles in place, or show what would change."""

from __future__ import annotations

import gc
from typing import Any

import click

from reorder.command_line.completing import complete_files
from reorder.command_line.layout import Choice, GroupedCommand
from reorder.command_line.options import BUILDERS, changed_since_option, given_in, setting_options
from reorder.output.formats import FORMATS


@click.command(cls=GroupedCommand, short_help="Repair Dockerfiles, or show what would change.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=complete_files)
@click.option("--diff", is_flag=True, help="Print one unified diff; write nothing. Exit 1 if there is one. With "
              "--format the report stands in its place.")  # fmt: skip
@click.option("--check", is_flag=True, help="Name what would change; write nothing. Exit 1 if anything would.")
@click.option("-o", "--output", metavar="FILE", shell_complete=complete_files,
              help="Write the patched Dockerfile there (one PATH only).")  # fmt: skip
@setting_options
@click.option("--format", "format_", type=Choice([*FORMATS]), default="text", show_default=True,
              help="; ".join(f"{name}: {each.meaning}" for name, each in FORMATS.items()) + ".")  # fmt: skip
@click.option("--report", metavar="FILE", shell_complete=complete_files,
              help="Write what --format says there; the terminal gets text as ever.")  # fmt: skip
@changed_since_option
@click.option("--stdin-filename", metavar="PATH", help="Read the Dockerfile from standard input as if it lay at PATH "
              "(for editors); the result goes to standard output.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Say which files each step reads, and how that is known.")
@click.option("--verify", "verifies", is_flag=True, help="Build both first; write only what gives the same image.")
@click.option("--builder", type=BUILDERS, help="For --verify. Default: the first that answers.")
@click.option("--network", metavar="MODE", help="For --verify: passed to the builder.")
def fix(**options: Any) -> None:
    """Repair Dockerfiles: PATHs are files, folders to search, or - for standard input. Default: this folder.

    Exit code 0: nothing to do, or written; 1: --diff or --check found a change; 2: a failure.

    \b
    Examples:
      dockerfile-fix                                repair what lies below this folder
      dockerfile-fix --diff Dockerfile              show the patch of one file
      dockerfile-fix --check -v services            say why each step moves or stays
      dockerfile-fix --context .. docker/Dockerfile the build context is another folder
      dockerfile-fix --verify Dockerfile            write only what gives the same image
      dockerfile-fix - < Dockerfile > patched       from standard input to standard output
    """  # noqa: D301 (click wants the control character itself)
    gc.set_threshold(100_000, 30, 30)  # our values hold no cycles; as mypy does, look for garbage less often
    from reorder.commands.fix import FixOptions, Verification, run_fix
    from reorder.commands.targets import UsageError

    wanted = FixOptions(
        paths=options["paths"], given=given_in(options), diff=options["diff"], check=options["check"],
        output=options["output"], verbose=options["verbose"], format=options["format_"],
        report=options["report"],
        verification=Verification(options["builder"], options["network"]) if options["verifies"] else None,
        stdin_filename=options["stdin_filename"], changed_since=options["changed_since"],
    )  # fmt: skip
    try:
        raise SystemExit(run_fix(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
