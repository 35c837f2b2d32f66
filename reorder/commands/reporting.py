"""Where outcomes are told: the artifact on standard output, the talk on standard error, a report in a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reorder.commands.targets import UsageError
from reorder.outcome import Failed, Outcome
from reorder.output.color import is_color_wanted
from reorder.output.formats import FORMATS, Format
from reorder.output.report import Folders, ReportOptions
from reorder.output.text import printable, render_text
from reorder.source import encode
from reorder.world.files import write_all
from reorder.world.git import repository_root

_SUMMARY_LIMIT = 1024 * 1024
"""Bytes of a step summary, above which GitHub shows none of it."""


class Reporting(NamedTuple):
    """``report``: the file that gets what ``format`` makes; None: standard output does, in place of all else.

    ``diff``: patches are wanted. ``would``: nothing is written at all. ``is_done``: all files are rewritten in place.
    """

    format: str = "text"
    report: str | None = None
    diff: bool = False
    would: bool = False
    is_done: bool = False
    verbose: bool = False

    @property
    def takes_stdout(self) -> bool:
        """Whether the report is the artifact on standard output."""
        return self.format != "text" and self.report is None


def check_reporting(wanted: Reporting) -> None:
    """Raise `UsageError` for a report that cannot be written, before anything else is."""
    if wanted.report is None:
        return
    if wanted.format == "text":
        raise UsageError("--report needs a --format other than text")
    if wanted.report == "-":
        raise UsageError("--report takes a file; without it the report goes to standard output")
    folder = os.path.dirname(wanted.report) or "."
    if not os.path.isdir(folder) or os.path.isdir(wanted.report):
        raise UsageError(f"--report: {printable(wanted.report)} cannot be written: it lies in no folder, or is one")
    place = os.path.realpath(wanted.report)
    needed = [os.path.dirname(place), *([place] if os.path.exists(place) else [])]
    if not _is_stream(wanted.report) and not all(os.access(path, os.W_OK) for path in needed):
        raise UsageError(f"--report: {printable(wanted.report)} cannot be written: permission denied")


def _is_stream(path: str) -> bool:
    """Whether a device or a pipe is there, which is written to and not replaced."""
    return os.path.exists(path) and not os.path.isfile(path)


def report_all(outcomes: Iterable[Outcome], wanted: Reporting) -> bool:
    """Tell them as they come; whether all that was to be written could be."""
    chosen = FORMATS[wanted.format]
    console = chosen if wanted.report is None else FORMATS["text"]
    options = _options(wanted)
    summary = _Summary(os.environ.get(chosen.summary or "") or None)
    kept: list[Outcome] = []
    is_kept = wanted.report is not None or summary.path is not None
    told = _told(_kept(outcomes, kept) if is_kept else outcomes, console, wanted)
    for piece in console.load()(told, options._replace(color=_is_diff_for_eyes())):
        _print(piece)
    summary.append(kept, options)
    if wanted.report is None:
        return True
    return _write(wanted.report, "".join(chosen.load()(kept, options)))


def _options(wanted: Reporting) -> ReportOptions:
    own = os.getcwd()
    options = ReportOptions(
        diff=wanted.diff, is_done=wanted.is_done, verbose=wanted.verbose,
        folders=Folders(own, repository_root(own) or own),
    )  # fmt: skip
    if not FORMATS[wanted.format].is_signed:
        return options
    from importlib.metadata import version

    return options._replace(version=version("dockerfile-fix"))


def _kept(outcomes: Iterable[Outcome], kept: list[Outcome]) -> Iterator[Outcome]:
    for outcome in outcomes:
        kept.append(outcome)
        yield outcome


def _told(outcomes: Iterable[Outcome], console: Format, wanted: Reporting) -> Iterator[Outcome]:
    """The same outcomes, each told on standard error when its artifact is out."""
    color = is_color_wanted(sys.stderr, os.environ)
    for outcome in outcomes:
        yield outcome
        if console.talk == "all" or (console.talk == "failures" and isinstance(outcome, Failed)):
            for line in render_text(outcome, verbose=wanted.verbose, would=wanted.would, color=color):
                sys.stderr.write(line + "\n")


def _is_diff_for_eyes() -> bool:
    """A diff in a pipe or a file is for programs, whatever a variable forces."""
    return sys.stdout.isatty() and is_color_wanted(sys.stdout, os.environ)


def _print(piece: str) -> None:
    if piece:
        sys.stdout.buffer.write(encode(piece))
        sys.stdout.buffer.flush()


class _Summary(NamedTuple):
    """A file to which markdown is appended; None: there is none."""

    path: str | None

    def append(self, outcomes: Iterable[Outcome], options: ReportOptions) -> None:
        """A summary that cannot be written is told, and no failure: the annotations say the same."""
        if self.path is None:
            return
        try:
            with open(self.path, "ab") as file:
                limit = _SUMMARY_LIMIT - file.tell()
                text = "".join(FORMATS["markdown"].load()(outcomes, options._replace(limit=limit, diff=True)))
                file.write(encode(text))
        except OSError as error:
            sys.stderr.write(f"{printable(self.path)}: the summary cannot be written: {error.strerror or error}\n")


def _write(path: str, text: str) -> bool:
    try:
        write_all([(path, encode(text))])
    except OSError as error:
        sys.stderr.write(f"{printable(path)}: error: cannot be written: {error.strerror or error}\n")
        return False
    return True
