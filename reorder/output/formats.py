"""The formats that outcomes are written in: one module each, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

if TYPE_CHECKING:
    from reorder.outcome import Outcome
    from reorder.output.report import ReportOptions

    Renderer = Callable[[Iterable[Outcome], ReportOptions], Iterator[str]]


class Format(NamedTuple):
    """``module`` lies beside this one and has a function ``render``, whose pieces joined are the report.

    ``talk``: which outcomes are told on standard error as well; "none" where the report is read in the same log.
    ``summary``: the environment variable that names a file to which a host wants markdown appended. ``is_signed``: the
    report names the tool's version, which takes a while to find out.
    """

    module: str
    meaning: str
    talk: Literal["all", "failures", "none"] = "failures"
    summary: str | None = None
    is_signed: bool = False

    def load(self) -> Renderer:
        """The function that renders it; text and json come outcome by outcome, the others when all are known."""
        return cast("Renderer", import_module(f"reorder.output.{self.module}").render)


FORMATS = {
    "text": Format("text", "for people", talk="all"),
    "json": Format("json_lines", "one line a Dockerfile"),
    "sarif": Format("sarif", "SARIF 2.1.0 with fixes, for code scanning and editors", is_signed=True),
    "github": Format("github", "annotations of a workflow, and its step summary", "none", "GITHUB_STEP_SUMMARY", True),
    "gitlab": Format("gitlab", "a Code Quality report"),
    "junit": Format("junit", "test results in XML"),
    "markdown": Format("markdown", "the body of a pull request", is_signed=True),
    "rdjson": Format("rdjson", "diagnostics with suggestions for reviewdog"),
}
"""By name."""
