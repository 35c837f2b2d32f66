"""``dockerfile-fix fix``: repair Dockerfiles in place, or show what would change."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reorder.api import fix_file, fix_file_since, fix_text
from reorder.commands.reporting import Reporting, check_reporting, report_all
from reorder.commands.targets import STDIN, Target, UsageError, check_folder, configured_targets, find_warnings
from reorder.configuration.model import Given
from reorder.outcome import Changed, Failed, Outcome, Refusal, Unchanged
from reorder.output.text import printable
from reorder.source import Source, encode
from reorder.world.files import write_all
from reorder.world.processes import count_cores, spread


class Verification(NamedTuple):
    """Builds before anything is written: the builder (None: any), its network, and whether progress is shown."""

    builder: str | None
    network: str | None
    quiet: bool = False


class FixOptions(NamedTuple):
    """The command line of ``fix``."""

    paths: tuple[str, ...]
    given: Given = Given()
    diff: bool = False
    check: bool = False
    output: str | None = None
    verbose: bool = False
    format: str = "text"
    report: str | None = None
    verification: Verification | None = None
    stdin_filename: str | None = None
    changed_since: str | None = None

    @property
    def writes(self) -> bool:
        """Whether files are rewritten in place."""
        return not (self.diff or self.check or self.output)

    def is_from_stdin(self, path: str) -> bool:
        """Whether the Dockerfile of this name was read from standard input; then its result goes to standard output."""
        return path == STDIN or self.stdin_filename is not None

    @property
    def shows_only(self) -> bool:
        """Whether no whole Dockerfile is wanted, but a diff, a report or an exit code."""
        return self.diff or self.check or (self.reporting.takes_stdout and not self.output)

    @property
    def reporting(self) -> Reporting:
        """How the outcomes are told."""
        is_from_stdin = any(map(self.is_from_stdin, (*self.paths, "")))  # a name for standard input stands for a path
        return Reporting(
            self.format, self.report, diff=self.diff, would=not self.writes and not self.output,
            is_done=self.writes and not is_from_stdin, verbose=self.verbose,
        )  # fmt: skip


def run_fix(options: FixOptions) -> int:
    """Do it; the exit code (0 nothing to do or written, 1 a change was found by --diff or --check, 2 a failure)."""
    _check_words(options)
    check_folder(options.given.values.context)
    _check_outputs(options)
    targets = _find_all(options)
    if options.report is not None:
        _check_report_is_no_target(targets, options.report)
    _warn(targets, options)
    if options.output and len(targets) != 1:
        raise UsageError(f"--output takes one Dockerfile, and there are {len(targets)}")
    tally = _Tally()
    is_told = report_all(tally.watch(_carried_out(targets, options)), options.reporting)
    if tally.failed or not is_told:
        return 2
    return 1 if tally.changed and (options.diff or options.check) else 0


def _check_words(options: FixOptions) -> None:
    """Raise `UsageError` for the name of a file that is empty, as that of a variable is that somebody forgot to set."""
    for name in ("output", "report", "stdin_filename"):
        if getattr(options, name) == "":
            raise UsageError(f"--{name.replace('_', '-')}: the name is empty")


def _check_outputs(options: FixOptions) -> None:
    """Raise `UsageError` where two artifacts would go to the same place."""
    check_reporting(options.reporting)
    if options.output and (options.diff or options.check):
        raise UsageError("--output wants a file written, and --diff and --check write nothing")
    if options.output == STDIN and options.reporting.takes_stdout:
        raise UsageError(f"--format {options.format} and --output - both go to standard output: give --report FILE")
    if options.report and options.output and _is_same_file(options.report, options.output):
        raise UsageError("--report and --output name the same file")


def _check_report_is_no_target(targets: Iterable[Target | Failed], report: str) -> None:
    """Raise `UsageError` where the report would take the place of a Dockerfile."""
    for target in targets:
        if target.path != STDIN and _is_same_file(report, target.path):
            raise UsageError(f"--report: {printable(report)} is a Dockerfile that is looked at")


def _is_same_file(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


class _Tally:
    """Which kinds of outcome there were."""

    def __init__(self) -> None:
        self.changed = self.failed = False

    def watch(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """The same outcomes, counted as they pass."""
        for outcome in outcomes:
            self.failed = self.failed or isinstance(outcome, Failed)
            self.changed = self.changed or isinstance(outcome, Changed)
            yield outcome


def _carried_out(targets: list[Target | Failed], options: FixOptions) -> Iterator[Outcome]:
    """The outcomes in order, each when all that it asks for is written."""
    # what one file's repair writes, an ignore file, the next one reads: then they are taken one by one
    # (and another process has no standard input)
    is_alone = options.writes or any(options.is_from_stdin(target.path) for target in targets)
    cores = 1 if is_alone else count_cores()
    for target, planned in zip(targets, spread(_outcome, targets, cores), strict=True):
        if planned is None:
            continue
        outcome = _whole(planned, options)
        if isinstance(outcome, Changed) and options.verification is not None and isinstance(target, Target):
            outcome = _verified(outcome, options.verification, target.settings.target)
        yield _carry_out(outcome, options)


def _find_all(options: FixOptions) -> list[Target | Failed]:
    targets = list(configured_targets(options.paths, options.given, options.stdin_filename))
    if not targets and options.stdin_filename is not None and not options.output and not options.shows_only:
        # left out by the configuration; an editor takes what it gets for the new content
        _write_result(Source.decode(STDIN, sys.stdin.buffer.read()).text, None)
    if options.changed_since is None:
        return targets
    from reorder.commands.since import changed_since

    return list(changed_since(targets, options.changed_since, options.given))


def _warn(targets: list[Target | Failed], options: FixOptions) -> None:
    """What the project's build definitions lack, once each."""
    found = (find_warnings(t, all_skipped=options.verbose) for t in targets if isinstance(t, Target))
    for line in dict.fromkeys(line for lines in found for line in lines):
        sys.stderr.write(line + "\n")


def _outcome(target: Target | Failed) -> Outcome | None:
    """None: the target does not count, since nothing changed."""
    if isinstance(target, Failed):
        return target
    if target.base is not None:
        return fix_file_since(target.path, target.settings, target.base)
    if target.is_buffer:
        return fix_file(target.path, target.settings, content=sys.stdin.buffer.read())
    if target.path != STDIN:
        return fix_file(target.path, target.settings)
    text = Source.decode(STDIN, sys.stdin.buffer.read()).text
    return fix_text(text, target.settings.context or ".", target.settings, path=STDIN)


def _whole(outcome: Outcome, options: FixOptions) -> Outcome:
    """No change, if only one of the files that it needs would be written."""
    is_one = options.output is not None or options.is_from_stdin(outcome.path)
    if options.shows_only or not is_one or not isinstance(outcome, Changed) or len(outcome.files) == 1:
        return outcome
    reason = f"{outcome.files[1].path} would have to change with it, and only the Dockerfile is written"
    refusal = Refusal("ignore-file-must-change", outcome.changes[0].line, reason)
    return Unchanged(
        path=outcome.path, context=outcome.context, text=outcome.files[0].old or "", refusals=(refusal,),
        context_from=outcome.context_from, managers=outcome.managers, other_contexts=outcome.other_contexts,
    )  # fmt: skip


def _verified(outcome: Changed, wanted: Verification, target: str | None) -> Outcome:
    """The outcome, or why its patch is not written."""
    from reorder.output.progress import make_progress
    from reorder.trial.pairs import pairs_of
    from reorder.trial.trial import Wishes, put_to_test
    from reorder.world.builders.choice import choose_builder
    from reorder.world.builders.model import BuilderError, BuildOptions
    from reorder.world.scratch import Terminated, orderly_end

    try:
        with orderly_end():
            builder, build = choose_builder(wanted.builder), BuildOptions(network=wanted.network, target=target)
            wishes = Wishes(measures_gain=False)
            for pair in pairs_of(outcome):
                verdict = put_to_test(pair, builder, build, wishes, make_progress(wanted.quiet))
                if verdict.status != "equal":
                    break
    except BuilderError as error:
        return Failed(path=outcome.path, context=outcome.context, error=f"not verified, nothing was changed: {error}")
    except Terminated as signal:
        raise SystemExit(signal.code) from None
    if verdict.status == "equal":
        return outcome
    where = f"in the build context {verdict.context}: " if outcome.other_contexts else ""
    reason = f"not verified, nothing was changed: {where}{verdict.reason}"
    return Failed(path=outcome.path, context=outcome.context, error=reason)


def _carry_out(outcome: Outcome, options: FixOptions) -> Outcome:
    """Write what is to be written; a failure to write is an outcome, too."""
    text = _result_text(outcome)
    try:
        is_one = options.output or options.is_from_stdin(outcome.path)
        if text is not None and is_one and not (options.diff or options.check):
            if options.output or not options.reporting.takes_stdout:
                _write_result(text, options.output)
        elif isinstance(outcome, Changed) and options.writes:
            write_all([(file.path, encode(file.new)) for file in outcome.files])
    except OSError as error:
        reason = f"cannot be written, nothing was changed: {error.strerror or error}"
        return Failed(path=outcome.path, context=outcome.context, error=reason)
    return outcome


def _result_text(outcome: Outcome) -> str | None:
    """The whole Dockerfile for --output and for standard input, changed or not."""
    return (
        None if isinstance(outcome, Failed) else outcome.files[0].new if isinstance(outcome, Changed) else outcome.text
    )


def _write_result(text: str, output: str | None) -> None:
    if output is None or output == STDIN:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    else:
        write_all([(output, encode(text))])
