"""What becomes of words in a shell: variables, substitutions, field splitting, the tilde, and patterns."""

from __future__ import annotations

import fnmatch
import re

from reorder.analysis.parameters import all_arguments, evaluate
from reorder.analysis.shell_state import Shell
from reorder.effects import Effects, PathSet, join
from reorder.manager import UNKNOWN, is_known
from reorder.shell.model import Dynamic, Part, Variable, Word

_WILDCARDS = frozenset("*?[")
_DEFAULT = re.compile(r"\$\{(\w+):?=")
_COUNTS = re.compile(r"\+\+|--|(?<![=!<>])=(?!=)")


def expand_words(words: tuple[Word, ...], shell: Shell) -> tuple[str, ...]:
    """The words after expansion; unquoted variables that are known split at blanks, as the shell does."""
    return tuple(field for word in words for field in expand_fields(word, shell))


def expand_fields(word: Word, shell: Shell) -> list[str]:
    """The words that come of one."""
    is_pattern = word.glob
    fields: list[str] = []
    current: str | None = None
    if len(word.parts) == 1 and isinstance(word.parts[0], Dynamic):
        arguments = all_arguments(word.parts[0].raw, shell)
        if arguments is not None:
            return list(arguments)
    for part in word.parts or ("",):
        text = _text(part, shell)
        if not (isinstance(part, Variable) and not part.quoted and is_known(text)):
            current = (current or "") + text
            continue
        is_pattern = is_pattern or bool(_WILDCARDS.intersection(text))
        pieces = text.split()
        if current is not None and pieces and not text[0].isspace():
            pieces[0] = current + pieces[0]
        elif current is not None and text:
            fields.append(current)
        if text:
            current = pieces.pop() if pieces and not text[-1].isspace() else None
        fields += pieces
    if current is not None:
        fields.append(current)
    if fields and word.glob:
        fields[0] = _without_tilde(fields[0], shell)
    for field in fields if is_pattern else ():
        _read_names(field, shell)
    return fields


def expand(word: Word, shell: Shell) -> str:
    """The word where no field splitting takes place: in assignments, redirections, patterns."""
    text = "".join(_text(part, shell) for part in word.parts)
    return _without_tilde(text, shell) if word.glob else text


def assigned(word: Word, shell: Shell) -> str:
    """The value of an assignment, in which a tilde counts at the beginning and after a colon."""
    return ":".join(_without_tilde(item, shell) for item in expand(word, shell).split(":"))


def _text(part: Part, shell: Shell) -> str:
    if isinstance(part, Variable):
        return shell.value(part.name)
    if not isinstance(part, Dynamic):
        return part
    if part.commands:
        shell.substitute(part.commands, shell.nested())
    if set_names := _DEFAULT.findall(part.raw):
        shell.assign(dict.fromkeys(set_names, UNKNOWN))
    if part.raw.startswith(("$((", "$[")) and _COUNTS.search(part.raw):
        shell.forget_numbers()
    return evaluate(part.raw, shell)


def _without_tilde(text: str, shell: Shell) -> str:
    if not text.startswith("~"):
        return text
    name, slash, rest = text[1:].partition("/")
    return (UNKNOWN if name else shell.home) + slash + rest


def _read_names(pattern: str, shell: Shell) -> None:
    """The shell looks names up for a pattern: those that the context brings are read, and those that nobody knows."""
    parts = join(shell.cwd, pattern).split("/") if is_known(pattern) else ["", *shell.cwd.strip("/").split("/"), "*"]
    first = next((i for i, part in enumerate(parts) if _WILDCARDS.intersection(part)), None)
    if first is None:
        return
    folder = "/".join(parts[:first]) or "/"
    view = shell.around.view
    inside = view.find(join(folder, UNKNOWN))
    is_filled = inside is not None and inside.context_path is None  # by another stage, say
    if is_filled or any(fnmatch.fnmatchcase(name, parts[first]) for name in view.names(folder)):
        shell.add(Effects(reads=PathSet.of(trees=(folder,))))
