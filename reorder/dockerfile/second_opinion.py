"""A second parser's view of a Dockerfile: where it differs from ours, the file is not safe to edit.

The second parser is dockerfile-parse. It does not know heredocs, byte order marks, blank lines
inside a continuation and a few more things, so it gets a copy with the same number of lines
in which those are neutralised.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from reorder.dockerfile.model import Dockerfile, Instruction
from reorder.lazy_patterns import lazy_pattern
from reorder.source import Span

if TYPE_CHECKING:
    from dockerfile_parse import DockerfileParser

_BARE_KEYWORD = lazy_pattern(r"^(\s*[^\s\\`]+)([\\`]\s*)$")
_TOO_MUCH_WORK = 2_000_000_000
"""Lines times characters, summed over instructions: dockerfile-parse copies what it has of one for each line."""


def disagreement(dockerfile: Dockerfile) -> str | None:
    """Where dockerfile-parse sees other instructions or start lines: a message with the line, or None.

    None also where the instructions are too long to cross-check: the second parser takes quadratic time.
    """
    parser = _parser(dockerfile)
    if parser is None:
        return None
    theirs = [
        (str(found["instruction"]), int(found["startline"]) + 1)
        for found in parser.structure
        if found["instruction"] != "COMMENT"
    ]
    ours = [(instruction.keyword, instruction.line) for instruction in dockerfile.instructions]
    if ours == theirs:
        return None
    for (keyword, line), (other, other_line) in zip(ours, theirs, strict=False):
        if (keyword, line) != (other, other_line):
            return f"line {line}: {keyword} here, but dockerfile-parse reads {other} at line {other_line}"
    keyword, line = max(ours, theirs, key=len)[min(len(ours), len(theirs))]
    reader = "dockerfile-parse" if len(theirs) > len(ours) else "this tool"
    return f"line {line}: only {reader} reads {keyword} here"


def parent_images(dockerfile: Dockerfile) -> tuple[str, ...] | None:
    """The image of each FROM with the defaults of the ARGs before it filled in; None if too long to read."""
    parser = _parser(dockerfile)
    return None if parser is None else tuple(parser.parent_images)


def _parser(dockerfile: Dockerfile) -> DockerfileParser | None:
    text = dockerfile.source.text
    if len(text) > 50_000 and sum(_work(text, found.span) for found in dockerfile.instructions) > _TOO_MUCH_WORK:
        return None
    from dockerfile_parse import DockerfileParser

    copy = io.BytesIO(_sanitised(dockerfile).encode("utf-8", "replace"))
    return DockerfileParser(fileobj=copy, cache_content=False)


def _work(text: str, span: Span) -> int:
    return text.count("\n", span.start, span.end) * (span.end - span.start)


def _sanitised(dockerfile: Dockerfile) -> str:
    """The file, line by line, without what dockerfile-parse is known to misread."""
    source = dockerfile.source
    rows = source.text.removeprefix("\ufeff").split("\n")
    for number, (name, _) in enumerate(dockerfile.directives):
        if name != "escape":
            rows[number] = "# syntax=x"  # it stops looking for escape= after a directive it does not know
    for instruction in dockerfile.instructions:
        _sanitise(rows, source.text, instruction, dockerfile.escape)
    return "\n".join(rows) + "\n"


def _sanitise(rows: list[str], text: str, instruction: Instruction, escape: str) -> None:
    """Change the rows of one instruction in place."""
    first = instruction.line - 1
    head_end = instruction.heredocs[0].body.start if instruction.heredocs else instruction.span.end
    last = first + max(text.count("\n", instruction.span.start, head_end) - (text[head_end - 1] == "\n"), 0)
    if instruction.heredocs:
        end = last + text.count("\n", head_end, instruction.span.end) + (text[instruction.span.end - 1] != "\n")
        rows[last + 1 : end + 1] = ["#"] * (end - last)
    if last > first:
        rows[first] = _BARE_KEYWORD.sub(r"\1 \2", rows[first])
        for number in range(first + 1, last + 1):
            rows[number] = rows[number] if rows[number].strip() else "#"
        while rows[last].lstrip()[:1] == "#" and last > first:
            last -= 1
    bare = rows[last].rstrip()
    if bare.endswith(escape):
        rows[last] = bare.rstrip(escape + " \t")
