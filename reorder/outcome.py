"""What the tool decided about one Dockerfile: changes, refusals, and how it ended."""

from __future__ import annotations

from typing import Literal, NamedTuple, Union

from reorder.effects import Safety


class Change(NamedTuple):
    """One repair; ``line`` is the 1-based line of the copy that moves."""

    slug: str
    line: int
    safety: Safety
    reason: str
    evidence: tuple[str, ...] = ()


class Refusal(NamedTuple):
    """A step that would gain from a move, and why it stays where it is."""

    slug: str
    line: int
    reason: str
    evidence: tuple[str, ...] = ()
    safety: Safety | None = None


class FileChange(NamedTuple):
    """A file that the patch writes; ``old`` is None for a new file. Paths are as the user gave them."""

    path: str
    old: str | None
    new: str


class Gain(NamedTuple):
    """What the changes would have saved in the last ``commits``, each taken for one build.

    ``source``: "history", or "priors" where there is none and the commits are typical ones. ``installs``: the steps of
    the original that install or download; ``runs_before`` and ``runs_after``: how often those of each version ran, all
    together. Seconds are those of an average build, all steps together, as `reorder.weighing.costs` has them.
    """

    source: Literal["history", "priors"]
    commits: int
    installs: int
    runs_before: int
    runs_after: int
    seconds_before: float
    seconds_after: float


class Changed(NamedTuple):
    """The Dockerfile can be repaired; ``files`` holds the Dockerfile first, ``diff`` all of them.

    ``context_from``: the lines of build definitions that name the context (``compose.yaml:5``), if any do; there may be
    others, in which the same change is right. ``managers``: the package managers whose commands its RUNs hold, sorted.
    ``other_contexts``: the folders, besides ``context``, in which the project builds the file and the change is right.
    ``targets``: the stages, besides the last one, that the project builds for their own sake, sorted.
    """

    path: str
    context: str
    files: tuple[FileChange, ...]
    diff: str
    changes: tuple[Change, ...]
    gain: Gain
    refusals: tuple[Refusal, ...] = ()
    context_from: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    status: Literal["changed"] = "changed"
    other_contexts: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


class Unchanged(NamedTuple):
    """Nothing to repair, or nothing that may be repaired; ``text`` is the Dockerfile as it is.

    ``other_contexts``: the folders, besides ``context``, in which the project builds the file.
    """

    path: str
    context: str
    text: str
    refusals: tuple[Refusal, ...] = ()
    context_from: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()
    status: Literal["unchanged"] = "unchanged"
    other_contexts: tuple[str, ...] = ()


class Failed(NamedTuple):
    """The input is bad, or a check of our own result failed; ``line`` is 1-based where there is one."""

    path: str
    context: str
    error: str
    line: int | None = None
    status: Literal["failed"] = "failed"


Outcome = Union[Changed, Unchanged, Failed]
