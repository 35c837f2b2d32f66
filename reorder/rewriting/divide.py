"""The text of a divided RUN: two RUNs with the old one's layout, byte for byte where nothing has to change."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Sequence

from reorder.analysis.shell_state import Traced
from reorder.analysis.steps import Step
from reorder.dockerfile.model import Dockerfile, Flag
from reorder.dockerfile.shell_body import shell_body
from reorder.effects import Effects, is_within, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import Prefetch
from reorder.planning.division import Division, install_call
from reorder.shell.model import Command, Redirect
from reorder.shell.parse import parse_script
from reorder.source import Edit, Opaque, Patch

_BLANK = r"(?:\s|\\[ \t]*\r?\n|(?<=\n)[ \t]*#[^\n]*\n)*"
_SEPARATOR = lazy_pattern(rf"{_BLANK}(?:&&|;|\n)?{_BLANK}")
_COMMENT_LINE = lazy_pattern(r"(?m)^[ \t]*#[^\n]*\n")


def divided_text(dockerfile: Dockerfile, step: Step, division: Division) -> str | Opaque:
    """The whole file with the RUN divided; or why its layout does not allow it."""
    halves = _Halves.of(dockerfile, step, division)
    if isinstance(halves, Opaque):
        return halves
    return Patch(dockerfile.source, (Edit(step.instruction.span, halves),)).apply()


def prefetch_text(text: str, traced: Traced, prefetch: Prefetch) -> str | None:
    """The dependencies-only form of the command whose script is ``text``; None if it cannot be spelled."""
    item = traced.items[0]
    call = install_call(traced)
    if not isinstance(item, Command) or not item.words or call is None:
        return None
    if any(redirect.op not in (">&", "<&") and not _is_discarded(redirect) for redirect in item.redirects):
        return None  # what is appended to a file would be there twice
    if prefetch.argv and posixpath.basename(item.words[0].literal or "") != call.argv[0]:
        return None  # another command runs it, and may set variables for it
    if prefetch.argv:
        kept = _kept_assignments(text, item, prefetch.drops)
        return None if kept is None else " ".join((*kept, shlex.join(prefetch.argv)))
    start, end = item.span.start, item.words[-1].span.end
    return f"{text[start:end]} {shlex.join(prefetch.flags)}{text[end : item.span.end]}"


def _is_discarded(redirect: Redirect) -> bool:
    return redirect.target is not None and redirect.target.literal == "/dev/null"


def _kept_assignments(text: str, item: Command, drops: Sequence[str]) -> list[str] | None:
    """The command's own assignments as they are written, without those to ``drops``."""
    found = []
    for name, value in item.assignments:
        start = value.span.start - len(name) - 1
        if text[start : value.span.start] != f"{name}=":
            return None
        if name not in drops:
            found.append(text[start : value.span.end])
    return found


class _Halves:
    """Puts the two halves together from slices of the file."""

    def __init__(self, dockerfile: Dockerfile, step: Step, division: Division, offset: int) -> None:
        self.source = dockerfile.source
        self.step, self.division = step, division
        self.offset = offset
        self.newline = self.source.newline

    @classmethod
    def of(cls, dockerfile: Dockerfile, step: Step, division: Division) -> str | Opaque:
        body = shell_body(dockerfile, step.instruction)
        script = parse_script(body.text) if body is not None else None
        if body is None or script is None or isinstance(script, Opaque):
            return Opaque("install-chained-with-other-commands", "its script is not understood")
        if script.has_background:
            return Opaque("split-needs-shell-state", "it starts a command in the background")
        return cls(dockerfile, step, division, body.offset).text()

    @property
    def trace(self) -> tuple[Traced, ...]:
        return self.step.trace

    def _start(self, index: int) -> int:
        return self.offset + self.trace[index].items[0].span.start

    def _end(self, index: int) -> int:
        return self.offset + self.trace[index].items[-1].span.end

    def _slice(self, start: int, end: int) -> str:
        return self.source.text[start:end]

    def text(self) -> str | Opaque:
        cut, span = self.division.cut, self.step.instruction.span
        problem = Opaque("install-chained-with-other-commands", "the layout of its script is not understood")
        joints = {*(range(cut, cut + 1) if cut else ()), *(i + 1 for i in self.division.prelude if i + 1 <= cut)}
        if not all(_SEPARATOR.fullmatch(self._slice(self._end(i - 1), self._start(i))) for i in joints):
            return problem
        fetch = self._prefetch()
        if fetch is None:
            return problem
        head = self._slice(span.start, self.offset)
        tail = self._slice(self._last_end(), span.end)
        first_end = self._end(cut - 1) if cut and not fetch else self._start(cut) if cut else self.offset
        first = self._slice(self.offset, first_end) + fetch
        comments, lead = self._between()
        start = self._start(cut) if cut else self.offset
        second = "".join(map(self._repeated, self.division.prelude)) + lead + self._slice(start, self._last_end())
        first_head, second_head = self._heads(head)
        return first_head + first.rstrip() + self._closing() + comments + second_head + second + tail

    def _is_heredoc(self) -> bool:
        return bool(self.step.instruction.heredocs)

    def _last_end(self) -> int:
        return self._end(len(self.trace) - 1)

    def _closing(self) -> str:
        """What ends the first half: the rest of the heredoc with its terminator, or the end of the line."""
        if not self._is_heredoc():
            return self.newline
        terminator = self._slice(self.step.instruction.heredocs[0].body.end, self.step.instruction.span.end)
        return self.newline + terminator if terminator.endswith("\n") else self.newline + terminator + self.newline

    def _prefetch(self) -> str | None:
        """The text of the prefetch; empty where there is none."""
        prefetch = self.division.prefetch
        if prefetch is None:
            return ""
        traced = self.trace[self.division.cut]
        text = prefetch_text(self._slice(self.offset, self._last_end()), traced, prefetch)
        return _without_comments(text) if text is not None else None

    def _between(self) -> tuple[str, str]:
        """Comment lines at the cut, and the blanks in front of the second half's first command."""
        cut = self.division.cut
        if not cut or self.division.prefetch is not None:
            return "", ""
        gap = self._slice(self._end(cut - 1), self._start(cut))
        if self._is_heredoc():
            return "", gap[gap.index("\n") + 1 :] if "\n" in gap else ""
        comments = "".join(line.lstrip(" \t") for line in _COMMENT_LINE.findall(gap))
        return comments, ""

    def _repeated(self, index: int) -> str:
        """A pipeline of the prelude with the separator behind it."""
        end = self._start(index + 1) if index + 1 < len(self.trace) else self._end(index)
        return _without_comments(self._slice(self._start(index), end))

    def _heads(self, head: str) -> tuple[str, str]:
        """Keyword and flags of the two halves: a mount goes where it may be needed."""
        cut, trace = self.division.cut, self.trace
        first = [traced.effects for traced in trace[:cut]]
        if self.division.prefetch is not None:
            first.append(Effects.blocked("unknown-command", "the prefetch"))
        second = [trace[i].effects for i in self.division.prelude] + [traced.effects for traced in trace[cut:]]
        return self._head(head, first), _without_comments(self._head(head, second))

    def _head(self, head: str, effects: Sequence[Effects]) -> str:
        for flag in self.step.instruction.flags:
            if flag.name == "mount" and not mount_may_matter(flag, self.step, effects):
                head = head.replace(flag.raw + " ", "", 1)
        return head


def mount_may_matter(flag: Flag, step: Step, effects: Sequence[Effects]) -> bool:
    """Whether commands with these effects may see what a ``--mount`` brings, or put something there.

    A cache always may: a tool that keeps one where a variable says would leave it in the image.
    """
    target = flag.mount_target
    if flag.options.get("type", "bind") != "bind" or target is None:
        return True
    place = join(step.state.workdir, step.state.expand(target))
    for each in effects:
        if each.blocks or each.reads.everything or each.writes.everything:
            return True
        for paths in (each.reads, each.writes):
            if any(is_within(path, place) for path in paths.files):
                return True
            if any(is_within(tree, place) or is_within(place, tree) for tree in paths.trees):
                return True
        if any(is_within(output.path, place) or is_within(place, output.path) for output in each.outputs):
            return True
    return False


def _without_comments(text: str) -> str:
    first, newline, rest = text.partition("\n")
    return first + newline + _COMMENT_LINE.sub("", rest)
