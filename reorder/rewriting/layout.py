"""How generated lines look: they follow the copy that they come from, in case, indentation, quoting and spelling."""

from __future__ import annotations

import json
import posixpath

from reorder.analysis.steps import Step
from reorder.dockerfile.model import Instruction
from reorder.effects import is_within
from reorder.planning.model import NarrowLine
from reorder.source import Source


def indentation(source: Source, instruction: Instruction) -> str:
    """The blanks before the keyword."""
    text = source.slice(instruction.span)
    return text[: len(text) - len(text.lstrip(" \t"))].lstrip("\ufeff")


def keyword_like(source: Source, instruction: Instruction) -> str:
    """COPY (never ADD: it would extract archives) in the letter case of the original."""
    word = source.slice(instruction.span).lstrip("\ufeff \t")[: len(instruction.keyword)]
    return "copy" if word.islower() else "COPY"


def narrow_text(source: Source, step: Step, line: NarrowLine, workdir: str) -> str:
    """One generated COPY without its line ending; ``workdir`` is the working directory where it will stand."""
    instruction = step.instruction
    flags = "".join(f"{flag.raw} " for flag in instruction.flags)
    prefix = "./" if _is_dotted(instruction) else ""
    sources = list(line.words) or [prefix + path + ("/" if line.is_tree else "") for path in line.sources]
    dest = _spell_directory(step, line.target, workdir, is_single=len(sources) == 1 and not line.is_tree)
    words = [*sources, dest]
    if instruction.json or any(" " in word or "\t" in word for word in words):
        arguments = json.dumps(words, ensure_ascii=False)
    else:
        arguments = " ".join(words)
    return f"{indentation(source, instruction)}{keyword_like(source, instruction)} {flags}{arguments}"


def _is_dotted(instruction: Instruction) -> bool:
    return any(word.startswith("./") and word != "./" for word in instruction.words[:-1])


def _spell_directory(step: Step, target: str, workdir: str, *, is_single: bool) -> str:
    """``target`` in the original's own spelling of its destination where that still means the same."""
    copy = step.copy
    assert copy is not None
    raw, root = copy.raw_dest, copy.dest
    is_relative = not step.state.expand(raw).startswith("/")
    if not is_within(target, root) or (is_relative and workdir != step.state.workdir):
        return target.rstrip("/") + "/"
    inner = target[len(root.rstrip("/")) :].strip("/")
    if not inner:
        return raw if raw.endswith("/") or (raw == "." and is_single) else _with_slash(raw)
    if raw in (".", ""):
        return inner + "/"
    return posixpath.join(raw, inner) + "/"


def _with_slash(raw: str) -> str:
    return raw if raw.endswith("/") else raw + "/"


def moved_text(source: Source, step: Step, kept: tuple[int, ...] | None, dest: str | None) -> str:
    """The text of a copy that moves: as it is, or with fewer sources or another spelling of the destination."""
    instruction = step.instruction
    text = source.slice(instruction.span)
    if kept is None and dest is None:
        return text
    words = list(instruction.words)
    arguments = source.slice(instruction.args_span)
    sources = [words[i] for i in kept] if kept is not None else words[:-1]
    last = dest or words[-1]
    if kept is not None and last != "." and not last.endswith("/"):
        last += "/"  # several sources make a directory of it, a single one would not
    new_words = [*sources, last]
    if kept is None and not instruction.json and arguments.rstrip().endswith(words[-1]):
        body = arguments.rstrip()[: -len(words[-1])] + new_words[-1]
    elif instruction.json:
        body = json.dumps(new_words, ensure_ascii=False)
    else:
        body = " ".join(new_words)
    start = instruction.args_span.start - instruction.span.start
    end = instruction.args_span.end - instruction.span.start
    return text[:start] + body + text[end:]
