"""``dockerfile-fix verify``: prove a patch by building the Dockerfile as it is and as patched."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from reorder.api import Settings, compare_file, fix_file, fix_file_since
from reorder.commands.since import changed_since
from reorder.commands.targets import STDIN, Target, UsageError, check_folder, configured_targets
from reorder.configuration.model import Given
from reorder.outcome import Failed, Unchanged
from reorder.output.progress import make_progress
from reorder.output.text import place
from reorder.output.verify_json import render_verdict_json
from reorder.output.verify_text import render_verdict
from reorder.trial.pairs import own_ignore_file, pairs_of
from reorder.trial.trial import Wishes, put_to_test
from reorder.verifying.verdict import Pair, Variant, Verdict
from reorder.world.builders.choice import choose_builder
from reorder.world.builders.model import Builder, BuilderError, BuildOptions
from reorder.world.files import read_bytes
from reorder.world.scratch import Terminated, orderly_end

_INTERRUPTED = 130


class VerifyOptions(NamedTuple):
    """The command line of ``verify``."""

    paths: tuple[str, ...]
    given: Given
    build: BuildOptions
    wishes: Wishes
    builder: str | None = None
    against: str | None = None
    format: str = "text"
    quiet: bool = False
    changed_since: str | None = None


def run_verify(options: VerifyOptions) -> int:
    """Do it; the exit code (0 all equal or nothing to compare, 1 a patch is wrong, 2 a failure, 128+n a signal)."""
    _check(options)
    codes = {0}
    try:
        with orderly_end():
            builder: Builder | None = None
            for item in _tests(options):
                if isinstance(item, Verdict):
                    verdict = item
                else:
                    builder = builder or choose_builder(options.builder)
                    build = options.build._replace(target=item.target)
                    verdict = put_to_test(item.pair, builder, build, options.wishes, make_progress(options.quiet))
                _report(verdict, options)
                codes.add(verdict.code)
    except BuilderError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted; images, containers and temporary files were taken away\n")
        return _INTERRUPTED
    except Terminated as signal:
        return signal.code
    return max(codes)


def _check(options: VerifyOptions) -> None:
    check_folder(options.given.values.context)
    if options.against is not None and (len(options.paths) != 1 or os.path.isdir(options.paths[0])):
        raise UsageError("--against needs exactly one Dockerfile beside it")
    if options.against is not None and options.changed_since is not None:
        raise UsageError("--against compares what it names, whatever changed: it takes no --changed-since")
    if options.wishes.touch is not None and os.path.isabs(options.wishes.touch):
        raise UsageError("--touch takes a path relative to the build context")


class _Test(NamedTuple):
    """Two versions to build, up to the stage ``target``."""

    pair: Pair
    target: str | None


def _tests(options: VerifyOptions) -> Iterator[_Test | Verdict]:
    targets = configured_targets(options.paths, options.given)
    if options.changed_since is not None:
        targets = changed_since(targets, options.changed_since, options.given)
    for target in targets:
        if isinstance(target, Failed):
            yield Verdict(target.path, "", "error", reason=target.error)
            continue
        for pair in _pairs(target, options):
            yield pair if isinstance(pair, Verdict) else _Test(pair, target.settings.target)


def _pairs(target: Target, options: VerifyOptions) -> Iterator[Pair | Verdict]:
    path = target.path
    if path == STDIN:
        yield Verdict(path, "", "error", reason="verify builds files, and takes none from standard input")
    elif options.against is not None:
        yield _given_pair(path, options.against, target.settings)
    else:
        base, settings = target.base, target.settings
        outcome = fix_file(path, settings) if base is None else fix_file_since(path, settings, base)
        if outcome is None:
            return
        if isinstance(outcome, Failed):
            yield Verdict(path, outcome.context, "error", reason=_error(outcome))
        elif isinstance(outcome, Unchanged):
            yield Verdict(path, outcome.context, "unchanged", reason="nothing would change, so nothing is built")
        else:
            yield from pairs_of(outcome, target.settings.target)


def _error(outcome: Failed) -> str:
    return f"line {outcome.line}: {outcome.error}" if outcome.line else outcome.error


def _given_pair(path: str, other: str, settings: Settings) -> Pair | Verdict:
    texts = []
    for name in (path, other):
        try:
            texts.append(read_bytes(name))
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            return Verdict(path, "", "error", reason=f"{place(name, None)} {reason}" if name != path else reason)
    found = compare_file(path, settings)  # only for the context, which a file that is to be skipped has as well
    context = found.context or settings.context or os.path.dirname(path) or "."
    before, after = (Variant(text, own_ignore_file(name)) for text, name in zip(texts, (path, other), strict=True))
    return Pair(path, context, before, after)


def _report(verdict: Verdict, options: VerifyOptions) -> None:
    if options.format == "json":
        sys.stdout.write(render_verdict_json(verdict) + "\n")
    else:
        for line in render_verdict(verdict):
            sys.stdout.write(line + "\n")
    sys.stdout.flush()
