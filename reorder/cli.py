"""The command line: click wiring, and no decisions."""

from __future__ import annotations

from typing import Any

import click

from reorder.output.formats import FORMATS


class DefaultGroup(click.Group):
    """A group that sends an unknown first word to ``fix``, so that ``dockerfile-fix Dockerfile`` works."""

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


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Print one unified diff (or what --format says); write nothing. "
              "Exit 1 if there is one.")  # fmt: skip
@click.option("--check", is_flag=True, help="Name what would change; write nothing. Exit 1 if anything would.")
@click.option("-o", "--output", metavar="FILE", help="Write the patched Dockerfile there (one PATH only).")
@click.option("--context", metavar="DIR", help="The build context. Default: what compose, bake, workflows and "
              "scripts of the project say; else the nearest folder upwards that holds what is copied.")  # fmt: skip
@click.option("--unsafe-fixes", is_flag=True, help="Also make changes that are plausible but not proven equivalent.")
@click.option("--select", metavar="SLUG", multiple=True, help="Make only changes of this kind (repeatable).")
@click.option("--ignore", metavar="SLUG", multiple=True, help="Never make changes of this kind (repeatable).")
@click.option("--format", "format_", type=click.Choice([*FORMATS]), default="text", show_default=True,
              help="; ".join(f"{name}: {each.meaning}" for name, each in FORMATS.items()) + ".")  # fmt: skip
@click.option("--report", metavar="FILE", help="Write what --format says there, and text to the terminal.")
@click.option("-v", "--verbose", is_flag=True, help="Say which files each step reads, and how that is known.")
@click.option("--verify", "verifies", is_flag=True, help="Build both first; write only what gives the same image.")
@click.option("--builder", type=_BUILDERS, help="For --verify. Default: the first that answers.")
@click.option("--network", metavar="MODE", help="For --verify: passed to the builder.")
def fix(**options: Any) -> None:
    """Repair Dockerfiles: PATHs are files, folders to search, or - for standard input. Default: this folder.

    Exit code 0: nothing to do, or written; 1: --diff or --check found a change; 2: a failure.
    """
    from reorder.api import Settings
    from reorder.commands.fix import FixOptions, Verification, run_fix
    from reorder.commands.targets import UsageError

    settings = Settings(
        context=options["context"], unsafe_fixes=options["unsafe_fixes"], select=_slugs("--select", options["select"]),
        ignore=_slugs("--ignore", options["ignore"]),
    )  # fmt: skip
    wanted = FixOptions(
        paths=options["paths"], settings=settings, diff=options["diff"], check=options["check"],
        output=options["output"], verbose=options["verbose"], format=options["format_"],
        report=options["report"],
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
@click.option("--context", metavar="DIR", help="The build context, as for fix.")
@click.option("--unsafe-fixes", is_flag=True, help="Compare with what fix would make with --unsafe-fixes.")
@click.option("--select", metavar="SLUG", multiple=True, help="Only changes of this kind (repeatable).")
@click.option("--ignore", metavar="SLUG", multiple=True, help="No changes of this kind (repeatable).")
@click.option("--timings", metavar="FILE", help="Take the seconds of steps from the log of a real build "
              "(--progress=plain or rawjson), as it is or as a CI service kept it.")  # fmt: skip
@click.option("--cost", metavar="SLUG=SECONDS", multiple=True, help="What steps of a kind cost (repeatable): install, "
              "system-packages, build, download, local, copy, folder, metadata.")  # fmt: skip
@click.option("--builder", type=click.Choice(["buildkit", "classic"]), default="buildkit", show_default=True)
@click.option("--target", metavar="STAGE", help="The stage that is built. Default: the last one.")
@click.option("--format", "format_", type=click.Choice(["text", "json", "svg", "html"]), default="text",
              show_default=True, help="json: one line a Dockerfile; svg and html: a picture of one.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write it there instead of to standard output.")
def replay(**options: Any) -> None:
    """Tell what the fix would have been worth in the last commits: how often each step ran, and would have run.

    PATHs are as for fix; nothing is written or built. Exit code 0, or 2 for a failure.
    """
    from reorder.api import Settings
    from reorder.caching.builder import Builder
    from reorder.commands.replay import ReplayOptions, run_replay
    from reorder.commands.targets import UsageError

    settings = Settings(
        context=options["context"], unsafe_fixes=options["unsafe_fixes"], select=_slugs("--select", options["select"]),
        ignore=_slugs("--ignore", options["ignore"]),
    )  # fmt: skip
    wanted = ReplayOptions(
        paths=options["paths"], settings=settings, commits=options["commits"], timings=options["timings"],
        costs=options["cost"], builder=Builder(options["builder"]), target=options["target"],
        format=options["format_"], output=options["output"],
    )  # fmt: skip
    try:
        raise SystemExit(run_replay(wanted))
    except UsageError as error:
        raise click.UsageError(str(error)) from None


@main.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--against", metavar="FILE", help="Compare with this Dockerfile instead of the patched one.")
@click.option("--builder", type=_BUILDERS, help="Default: the first that answers.")
@click.option("--context", metavar="DIR", help="The build context; default as for fix.")
@click.option("--unsafe-fixes", is_flag=True, help="Test the patch with changes that are not proven equivalent, too.")
@click.option("--select", metavar="SLUG", multiple=True, help="Test only changes of this kind (repeatable).")
@click.option("--ignore", metavar="SLUG", multiple=True, help="Leave out changes of this kind (repeatable).")
@click.option("--build-arg", metavar="NAME=VALUE", multiple=True, help="Passed to the builder (repeatable).")
@click.option("--target", metavar="STAGE", help="Passed to the builder: this stage is compared.")
@click.option("--secret", metavar="SPEC", multiple=True, help="Passed to the builder (repeatable).")
@click.option("--ssh", metavar="SPEC", multiple=True, help="Passed to the builder (repeatable).")
@click.option("--network", metavar="MODE", help="Passed to the builder, and to --smoke (default there: none).")
@click.option("--platform", metavar="PLATFORM", help="Passed to the builder.")
@click.option("--smoke", metavar="CMD", multiple=True, help="Run in both images, compare exit code and output: "
              "a line for /bin/sh, or a JSON array of words (repeatable).")  # fmt: skip
@click.option("--touch", metavar="FILE", help="The file of the context to edit for the gain; default: from history.")
@click.option("--no-gain", is_flag=True, help="Do not build again after an edit.")
@click.option("--commits", metavar="N", type=click.IntRange(min=0), default=0, help="Replay the last N commits, too.")
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
    from reorder.api import Settings
    from reorder.commands.targets import UsageError
    from reorder.commands.verify import VerifyOptions, run_verify
    from reorder.trial.trial import Wishes
    from reorder.world.builders.model import BuildOptions

    settings = Settings(
        context=options["context"], unsafe_fixes=options["unsafe_fixes"], select=_slugs("--select", options["select"]),
        ignore=_slugs("--ignore", options["ignore"]),
    )  # fmt: skip
    build = BuildOptions(
        build_args=options["build_arg"], target=options["target"], secrets=options["secret"], ssh=options["ssh"],
        network=options["network"], platform=options["platform"], timeout=options["timeout"],
    )  # fmt: skip
    wishes = Wishes(
        smoke=options["smoke"], measures_gain=not options["no_gain"], touch=options["touch"],
        commits=options["commits"],
    )  # fmt: skip
    wanted = VerifyOptions(
        paths=options["paths"], settings=settings, build=build, wishes=wishes, builder=options["builder"],
        against=options["against"], format=options["format_"], quiet=options["quiet"],
    )  # fmt: skip
    try:
        raise SystemExit(run_verify(wanted))
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


def _slugs(option: str, values: tuple[str, ...]) -> frozenset[str]:
    from reorder.slugs import CHANGES

    slugs = frozenset(slug for value in values for slug in value.replace(",", " ").split())
    if unknown := sorted(slugs - CHANGES.keys()):
        raise click.UsageError(f"{option}: no such slug: {unknown[0]} (there are {', '.join(sorted(CHANGES))})")
    return slugs
