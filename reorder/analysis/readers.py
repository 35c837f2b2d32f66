"""May an instruction see a variable? If not, the ARG or ENV that sets it may move below the instruction.

An ARG with a value is part of the environment of every later RUN (RULEBOOK A1), so a RUN is proven blind only if it is
understood, runs nothing but programs that mind their own variables, and neither it nor a file of the build context that
it reads names the variable. (RULEBOOK D3.)
"""

from __future__ import annotations

import re

from reorder.analysis.mentions import mention, mention_in_files
from reorder.analysis.metadata_names import MetadataKind, metadata_kind
from reorder.analysis.mindful import commands_in, is_mindful, is_mindful_call
from reorder.analysis.steps import Step
from reorder.effects import EVERYTHING, Role, is_within
from reorder.lazy_patterns import lazy_pattern
from reorder.shell.model import Command
from reorder.source import Opaque

IS_READ = "variable-is-read"
"""The instruction names the variable: below it is where its ARG cannot go, and need not."""

_SHOWS_ALL = lazy_pattern(r"/proc\b|\bself/|\bproc/|environ\b|\$\{!|\bBASH_ENV\b")
_NEWEST = lazy_pattern(
    r"(?i)https?://\S*\b(?:latest|nightly|master|main|head|trunk|edge|snapshots?)\b|\bapi\.github\.com\b|\bgit\+"
    r"|\b(?:apt-get|apt|dnf|yum|microdnf|tdnf|zypper|apk)\b[^&;|\n]*(?<![\w-])(?:dist-|full-)?upgrade\b"
)
"""Downloads of what changes under the same name, and upgrades: they may be meant to run again with each new value."""


_ONLY_PATHS = frozenset(
    """
    path-unknown working-directory-unknown unknown-argument system-packages-from-a-variable
    install-chained-with-other-commands
    """.split()
)
"""What a known program reads and writes is open, but not which programs there are; the last one comes with another."""


def find_reader(step: Step, names: frozenset[str]) -> Opaque | tuple[str, ...]:
    """Why ``step`` may see one of the variables ``names``; or else the doubts that its blindness is left with."""
    if (name := mention(step.instruction, names)) is not None:
        return Opaque(IS_READ, f"{step.instruction.keyword} in line {step.instruction.line} names {name}")
    if step.effects is None:
        return ()
    why = _find_open_eye(step, names)
    if why is not None:
        shown = ", ".join(sorted(names))
        return Opaque("variable-may-be-read", f"RUN in line {step.instruction.line} may read {shown}: {why}")
    return tuple(_find_doubts(step, names))


def _find_open_eye(step: Step, names: frozenset[str]) -> str | None:
    assert step.effects is not None
    assert step.view is not None
    effects = step.effects
    if (block := next((block for block in effects.blocks if block.slug not in _ONLY_PATHS), None)) is not None:
        return block.why
    if "BASH_ENV" in step.state.env or _SHOWS_ALL.search(_text(step)) or _reads_processes(step):
        return "it looks at all variables"
    if any(re.fullmatch(r"-\w*[il]\w*|--login", option) for option in step.state.shell[1:]):
        return "its shell reads the profile first"
    if (stranger := _find_stranger(step)) is not None:
        return f"{stranger} is not known to mind its own variables only"
    is_open = bool(effects.doubts) and effects.role < Role.INSTALL
    return mention_in_files(step.view, EVERYTHING if is_open else effects.reads, names)


def _reads_processes(step: Step) -> bool:
    """Whether a command reads in /proc, where each process shows its variables, however the path is spelled.

    That of all system folders /proc, too, may be read (`SYSTEM_TREES`), says nothing.
    """
    parts = [part.reads for traced in step.trace for part in traced.parts]
    return any(path != "/proc" and is_within(path, "/proc") for part in parts for path in (*part.files, *part.trees))


def _find_stranger(step: Step) -> str | None:
    """A program that is not on the list."""
    if step.instruction.json:
        words = step.instruction.words
        return None if is_mindful_call(words) else words[0]
    for command in _commands(step):
        if not is_mindful(command):
            return (command.words[0].literal if command.words else None) or "a command that only a run can tell"
    return None


def _text(step: Step) -> str:
    return "\n".join((step.instruction.args, *(heredoc.content for heredoc in step.instruction.heredocs)))


def _commands(step: Step) -> list[Command]:
    return list(commands_in(item for traced in step.trace for item in traced.items))


def _find_doubts(step: Step, names: frozenset[str]) -> list[str]:
    """What speaks against it all the same. Where a RUN works on files alone, nothing does."""
    effects, instruction = step.effects, step.instruction
    assert effects is not None
    if effects.role is Role.LOCAL:
        return []
    doubts = [
        f"a program of RUN in line {instruction.line} may look for {name} in its environment"
        for name in sorted(names)
        if metadata_kind(name) is not MetadataKind.PLAIN
    ]
    programs = {command.words[0].literal for command in _commands(step) if command.words}
    if "git" in programs or _NEWEST.search(_text(step)):
        doubts.append(f"RUN in line {instruction.line} takes what is newest, and would no longer run with every build")
    if "cargo" in programs and re.search(r"\bcargo\s[^;&|]*\binstall\b", _text(step)):
        doubts.append(f"cargo in line {instruction.line} compiles packages, and some put a commit into the program")
    # what a download or a system package is in doubt about are files, and then all of them were looked through
    return doubts + list(effects.doubts if effects.role is Role.INSTALL else ())
