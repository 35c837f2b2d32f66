"""``dockerfile-fix verify``: prove a patch by building the Dockerfile as it is and as patched."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import NamedTuple

from reorder.api import Settings, fix_file
from reorder.outcome import Failed, Unchanged
from reorder.output.progress import make_progress
from reorder.output.text import place
from reorder.output.verify_json import render_verdict_json
from reorder.output.verify_text import render_verdict
from reorder.trial.pairs import own_ignore_file, pair_of
from reorder.trial.trial import Wishes, put_to_test
from reorder.verifying.verdict import Pair, Variant, Verdict
from reorder.world.builders.choice import choose_builder
from reorder.world.builders.model import Builder, BuilderError, BuildOptions
from reorder.world.files import find_dockerfiles, read_bytes
from reorder.world.scratch import Terminated, orderly_end

_INTERRUPTED = 130


class VerifyOptions(NamedTuple):
    """The command line of ``verify``."""

    paths: tuple[str, ...]
    settings: Settings
    build: BuildOptions
    wishes: Wishes
    builder: str | None = None
    against: str | None = None
    format: str = "text"
    quiet: bool = False


class VerifyUsageError(Exception):
    """The command line asks for something that cannot be."""


def run_verify(options: VerifyOptions) -> int:
    """Do it; the exit code (0 all equal or nothing to compare, 1 a patch is wrong, 2 a failure, 128+n a signal)."""
    _check(options)
    codes = {0}
    try:
        with orderly_end():
            builder: Builder | None = None
            for item in _pairs(options):
                if isinstance(item, Verdict):
                    verdict = item
                else:
                    builder = builder or choose_builder(options.builder)
                    verdict = put_to_test(item, builder, options.build, options.wishes, make_progress(options.quiet))
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
    folder = options.settings.context
    if folder is not None and not os.path.isdir(folder):
        raise VerifyUsageError(f"--context: there is no folder {folder}")
    if options.against is not None and (len(options.paths) != 1 or os.path.isdir(options.paths[0])):
        raise VerifyUsageError("--against needs exactly one Dockerfile beside it")
    if options.wishes.touch is not None and os.path.isabs(options.wishes.touch):
        raise VerifyUsageError("--touch takes a path relative to the build context")


def _pairs(options: VerifyOptions) -> Iterator[Pair | Verdict]:
    for path in _targets(options.paths):
        if isinstance(path, Verdict):
            yield path
        elif options.against is not None:
            yield _given_pair(path, options.against, options.settings)
        else:
            outcome = fix_file(path, options.settings)
            if isinstance(outcome, Failed):
                yield Verdict(path, outcome.context, "error", reason=_error(outcome))
            elif isinstance(outcome, Unchanged):
                yield Verdict(path, outcome.context, "unchanged", reason="nothing would change, so nothing is built")
            else:
                yield pair_of(outcome)


def _error(outcome: Failed) -> str:
    return f"line {outcome.line}: {outcome.error}" if outcome.line else outcome.error


def _targets(paths: tuple[str, ...]) -> Iterator[str | Verdict]:
    seen: set[str] = set()
    for path in paths or (".",):
        names = list(find_dockerfiles(path)) if os.path.isdir(path) else [path]
        if not names:
            yield Verdict(path, "", "error", reason="no Dockerfile in this folder")
        for name in names:
            if name not in seen:
                seen.add(name)
                yield name


def _given_pair(path: str, other: str, settings: Settings) -> Pair | Verdict:
    texts = []
    for name in (path, other):
        try:
            texts.append(read_bytes(name))
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            return Verdict(path, "", "error", reason=f"{place(name, None)} {reason}" if name != path else reason)
    outcome = fix_file(path, settings)  # only to find the context
    context = outcome.context or settings.context or os.path.dirname(path) or "."
    before, after = (Variant(text, own_ignore_file(name)) for text, name in zip(texts, (path, other), strict=True))
    return Pair(path, context, before, after)


def _report(verdict: Verdict, options: VerifyOptions) -> None:
    if options.format == "json":
        sys.stdout.write(render_verdict_json(verdict) + "\n")
    else:
        for line in render_verdict(verdict):
            sys.stdout.write(line + "\n")
    sys.stdout.flush()
