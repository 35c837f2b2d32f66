"""The shell script of an instruction, such that each of its characters can be found in the file."""

from __future__ import annotations

from typing import NamedTuple

from reorder.dockerfile.arguments import split_first
from reorder.dockerfile.heredocs import is_marker
from reorder.dockerfile.model import Dockerfile, Instruction
from reorder.dockerfile.scan import is_dropped, trim_continuation
from reorder.lazy_patterns import lazy_pattern

_SHELL_KEYWORDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})
_SHELL_SHEBANG = lazy_pattern(
    r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-S[ \t]+)?)?(?:\S*/)?(?:sh|bash|dash|ash)(?:[ \t\r\n]|\Z)"
)


class ShellBody(NamedTuple):
    """A script: ``text[i]`` stands at ``offset + i`` of the Dockerfile."""

    text: str
    offset: int


def shell_body(dockerfile: Dockerfile, instruction: Instruction) -> ShellBody | None:
    """The script that a shell-form instruction hands to the shell, or None if it is not one we can read.

    Continuations become a backslash right before a newline, whatever comments and blank lines stand
    between. The body of ``RUN <<EOF`` is the script itself, unless its first line names another
    interpreter; ``RUN command <<EOF`` keeps its heredocs. None for the JSON form, for another escape
    character than the backslash, for other keywords, and where the line breaks leave no text of equal length.
    """
    if instruction.keyword not in _SHELL_KEYWORDS or instruction.json or dockerfile.escape != "\\":
        return None
    if instruction.heredocs and is_marker(instruction.args):
        return _heredoc_body(dockerfile, instruction)
    text = _joined(dockerfile.source.slice(instruction.args_span))
    if text is None:
        return None
    if instruction.keyword == "HEALTHCHECK":
        if instruction.words[0] != "CMD":
            return None
        text = " " * len(split_first(text)[0]) + text[len(split_first(text)[0]) :]
    return ShellBody(text + _tail(dockerfile, instruction), instruction.args_span.start)


def _heredoc_body(dockerfile: Dockerfile, instruction: Instruction) -> ShellBody | None:
    body = instruction.heredocs[0].body
    text = dockerfile.source.slice(body)
    if text.startswith("#!") and not _SHELL_SHEBANG.match(text):
        return None
    return ShellBody(text, body.start)


def _tail(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """The heredocs of ``RUN command <<EOF``, from the end of the command on.

    BuildKit accepts a terminator before CR LF, a shell does not: such a CR becomes a newline.
    """
    if not instruction.heredocs:
        return ""
    text = dockerfile.source.text
    at = instruction.args_span.end
    pieces: list[str] = []
    for heredoc in instruction.heredocs:
        body = heredoc.body
        between = text[at : body.start]
        pieces += (between.replace("\r\n", "\n\n" if pieces else " \n"), text[body.start : body.end])
        at = body.end
    pieces.append(text[at : instruction.span.end].replace("\r\n", "\n\n"))
    return "".join(pieces)


def _joined(text: str) -> str | None:
    r"""``text`` in equal length, with what lies between two parts of the logical line turned into ``\`` + newline.

    Where neither part has a blank at the seam, blanks would split a word in two: a gap of even length is
    then filled with several continuations, and for an odd one there is no such text (None).
    """
    if "\n" not in text:
        return text
    out: list[str] = []
    gap = 0
    for number, row in enumerate(text.split("\n")):
        line = row.rstrip("\r")
        if number and is_dropped(line):
            gap += len(row) + 1
            continue
        if number:
            seam = _seam(gap, blank_near=out[-1].endswith((" ", "\t")) or line.startswith((" ", "\t")))
            if seam is None:
                return None
            out.append(seam)
        trimmed = trim_continuation(line, "\\")
        out.append(line if trimmed is None else trimmed)
        gap = len(row) + 1 - len(out[-1])
    return "".join(out)


def _seam(length: int, *, blank_near: bool) -> str | None:
    if blank_near:
        return " " * (length - 2) + "\\\n"
    return None if length % 2 else "\\\n" * (length // 2)
