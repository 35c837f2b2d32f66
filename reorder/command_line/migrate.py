"""``dockerfile-fix migrate`` on the command line: many repositories."""

from __future__ import annotations

from typing import Any

import click

from reorder.command_line.completing import complete_files, complete_folders
from reorder.command_line.layout import GroupedCommand
from reorder.command_line.options import given_in, setting_options


@click.command(cls=GroupedCommand, short_help="Prepare a reviewed change for each of many repositories.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", shell_complete=complete_files)
@click.option("-o", "--output", metavar="DIR", default="migration", show_default=True,
              envvar="DOCKERFILE_FIX_MIGRATE_OUTPUT", shell_complete=complete_folders,
              help="The folder for patches, bodies, outcomes, the report and the ledger.")  # fmt: skip
@click.option("-j", "--jobs", type=click.IntRange(1, 1024), metavar="N",
              help="Repositories at a time. Default: one a core.")  # fmt: skip
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(0.1, 10**6), default=300, show_default=True,
              envvar="DOCKERFILE_FIX_MIGRATE_TIMEOUT",
              help="A repository that takes longer has failed.")  # fmt: skip
@click.option("--memory", metavar="MIB", type=click.IntRange(128, 2**30), default=1024, show_default=True,
              help="A repository that takes more of it has failed.")  # fmt: skip
@click.option("--dask", metavar="ADDRESS", help="Have the Dask cluster with this scheduler do the work. It needs "
              "the same files at the same paths, and this program.")  # fmt: skip
@click.option("--retry-failed", is_flag=True, help="Look once more at repositories that failed in an earlier run.")
@click.option("--clones", metavar="DIR", shell_complete=complete_folders,
              help="The folder for clones of URLs. Default: in the output folder.")  # fmt: skip
@setting_options
@click.option("--commit", is_flag=True, help="Commit each patch to a branch of its own in the repository.")
@click.option("--push", is_flag=True, help="Push these branches, too; never a default branch, never by force.")
@click.option("--branch", metavar="NAME", default="dockerfile-fix", show_default=True, help="For --commit.")
@click.option("--author", metavar="NAME <ADDRESS>", help="For --commit. Default: git's own configuration.")
@click.option("--message", metavar="TEXT", help="For --commit: a template with $repository, $owner, $count, $files.")
@click.option("--message-file", metavar="FILE", shell_complete=complete_files,
              help="For --commit: the same, from a file.")  # fmt: skip
@click.option("--remote", metavar="NAME", default="origin", show_default=True, help="For --push, from checkouts.")
@click.option("--sign-off", is_flag=True, help="For --commit: add the line Signed-off-by.")
@click.option("--builds", metavar="N", type=click.IntRange(min=1), default=100, show_default=True,
              help="For the report: builds of a repository in a month.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def migrate(**options: Any) -> None:
    """Look at many repositories, and prepare a reviewed change for each; nothing is written to them.

    \b
    A SOURCE is a repository (a checkout, or a bare one), a folder to search for them, a git URL,
    a file with one path or URL a line (- for standard input), or a file of JSON lines:
      {"url": "https://example.org/a/b.git", "owner": "team", "default_branch": "main"}

    Settings of configuration files in the repositories hold. A build context, and what is to be left out, are seen
    from the root of each repository.

    What is done is not done again, unless its commit, the options or this program's version changed: the same command
    goes on where an interrupted one ended.

    \b
    Examples:
      dockerfile-fix migrate ~/checkouts                survey every repository below a folder
      dockerfile-fix migrate repositories.txt -o out    those that a file names, by path or URL
      dockerfile-fix migrate --commit repositories.txt  commit each patch to a branch, too

    Exit code 0: all repositories were looked at; 2: at least one failed, the outcomes tell which; 130: interrupted.
    """  # noqa: D301 (click wants the control character itself)
    from reorder.commands.migrate import MigrateOptions, read_wishes, run_migrate
    from reorder.commands.targets import UsageError
    from reorder.migrating.model import Limits

    try:
        wishes = read_wishes(
            options["branch"], options["author"], options["message"], options["message_file"],
            sign_off=options["sign_off"],
        )  # fmt: skip
        wanted = MigrateOptions(
            sources=options["sources"], output=options["output"], given=given_in(options), jobs=options["jobs"],
            limits=Limits(options["timeout"], options["memory"] * 2**20), clones=options["clones"],
            scheduler=options["dask"], retries_failed=options["retry_failed"],
            commit=wishes if options["commit"] or options["push"] else None, pushes=options["push"],
            remote=options["remote"], builds_a_month=options["builds"], is_quiet=options["quiet"],
        )  # fmt: skip
        raise SystemExit(run_migrate(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None
