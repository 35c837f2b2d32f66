"""``dockerfile-fix replay``: what the fix would have been worth in the last commits of the repository."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Literal, NamedTuple

from reorder.api import compare_file
from reorder.caching.builder import Builder
from reorder.commands.targets import Target, UsageError, check_folder, configured_targets
from reorder.configuration.model import Given
from reorder.outcome import Failed
from reorder.output.replay_json import render_replay_json
from reorder.output.replay_text import render_replay_text
from reorder.output.text import render_text
from reorder.replay.model import Replay
from reorder.replay.play import Assumptions, play
from reorder.source import encode
from reorder.weighing.costs import Costs
from reorder.weighing.timings import Timings, TimingsError, parse_timings
from reorder.world.files import read_bytes, write_all

Format = Literal["text", "json", "svg", "html"]


class ReplayOptions(NamedTuple):
    """The command line of ``replay``."""

    paths: tuple[str, ...]
    given: Given = Given()
    commits: int = 200
    timings: str | None = None
    builder: Builder = Builder.BUILDKIT
    format: Format = "text"
    output: str | None = None


def run_replay(options: ReplayOptions) -> int:
    """Do it; the exit code (0, or 2 where a file failed). Raises `UsageError` for what cannot be."""
    check_folder(options.given.values.context)
    measured = _timings(options.timings)
    targets = list(configured_targets(options.paths, options.given))
    if options.format in ("svg", "html") and len(targets) != 1:
        raise UsageError(f"--format {options.format} takes one Dockerfile, and there are {len(targets)}")
    replays = [target if isinstance(target, Failed) else _replay(target, options, measured) for target in targets]
    failed = [replay for replay in replays if isinstance(replay, Failed)]
    for failure in failed:
        for line in render_text(failure, verbose=False, would=False):
            sys.stderr.write(line + "\n")
    text = _render(replays, options.format)
    return 2 if not _write(text, options.output) or failed else 0


def _replay(target: Target, options: ReplayOptions, measured: Timings) -> Replay | Failed:
    settings = target.settings
    compared = compare_file(target.path, settings)
    if isinstance(compared, Failed):
        return compared
    costs = Costs(settings.costs.seconds, measured)
    assumed = Assumptions(costs, options.builder, settings.target, compared.arguments)
    return play(
        compared.path, compared.context, compared.history(options.commits), compared.before, compared.after, assumed
    )


def _render(replays: Iterable[Replay | Failed], format_: Format) -> str:
    if format_ == "json":
        return "".join(render_replay_json(replay) + "\n" for replay in replays)
    done = [replay for replay in replays if isinstance(replay, Replay)]
    if format_ == "text":
        return "\n".join("".join(line + "\n" for line in render_replay_text(replay)) for replay in done)
    if format_ == "svg":
        from reorder.output.replay_svg import render_svg as render
    else:
        from reorder.output.replay_html import render_html as render
    return "".join(map(render, done))


def _write(text: str, output: str | None) -> bool:
    """Whether it was written, all of it."""
    if not text:
        return True
    if output is None or output == "-":
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
        return True
    try:
        write_all([(output, encode(text))])
    except OSError as error:
        sys.stderr.write(f"{output}: error: cannot be written: {error.strerror or error}\n")
        return False
    return True


def _timings(path: str | None) -> Timings:
    if path is None:
        return Timings()
    try:
        return parse_timings(read_bytes(path))
    except OSError as error:
        raise UsageError(f"--timings: {path} cannot be read: {error.strerror or error}") from None
    except TimingsError as error:
        raise UsageError(f"--timings: {path}: {error}") from None
