"""The recipes of a makefile as small scripts, with the variables that have constant values filled in.

Unlike `reorder.manifests.makefile`, which must know what a target does and refuses what it does not understand, this
takes what it can get: every recipe, whoever asks for it, and of the variables those with one constant value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.definitions.effort import Effort
from reorder.definitions.repository import ROOT, bounded
from reorder.manager import UNKNOWN

_ASSIGNMENT = re.compile(
    r"[ \t]*(?:(?:export|override|private)\s+)*([\w.-]+)\s*(::?=|:::=|\?=|\+=|=|!=)\s*(.*)", re.ASCII | re.DOTALL
)
_OF_TARGET = re.compile(r"[^\t#:=\s][^:=]*:\s*(?:(?:export|override|private)\s+)*([\w.-]+)\s*[:?+]?=\s*", re.ASCII)
_REFERENCE = re.compile(r"\$(?:\(([^()$]*)\)|\{([^{}$]*)\}|([A-Za-z@<^+?*%]))")
_THIS_FILE = r"\$[({](?:realpath|abspath) \$[({](?:first|last)word \$[({]MAKEFILE_LIST[)}]{3}"
_OWN_FOLDER = re.compile(
    rf"\$[({{]shell (?:pwd|dirname {_THIS_FILE})[)}}]"
    rf"|\$[({{]patsubst %/,%,\$[({{]dir {_THIS_FILE}[)}}]{{2}}"
    rf"|\$[({{]dir {_THIS_FILE}[)}}]"
    r"|\$[({](?:CURDIR|PWD)[)}]"
)
"""How a makefile finds the folder it is in."""
_GIT_ROOT = re.compile(r"\$[({]shell git rev-parse --show-toplevel[)}]")
_MOST_TURNS = 20
_MOST_CHANGING, _MOST_VALUES = 20, 6
_MOST_TEXT = 8000
"""Characters of a line; real ones are far shorter, and patterns take their time on long ones."""


class Recipe(NamedTuple):
    """One recipe line with its continuations; ``line`` is 1-based."""

    text: str
    line: int


@dataclass(slots=True)
class _Lines:
    variables: dict[str, str] = field(default_factory=dict)
    changing: dict[str, list[str]] = field(default_factory=dict)
    recipes: list[Recipe] = field(default_factory=list)


def find_recipes(text: str, folder: str, effort: Effort) -> Iterator[Recipe]:
    """Every recipe line, ready for a shell; ``folder`` (absolute, see `ROOT`) is where make runs."""
    text = _GIT_ROOT.sub(ROOT, _OWN_FOLDER.sub(folder, text))
    lines = _read(text)
    for name in lines.changing:
        lines.variables[name] = UNKNOWN
    for recipe in lines.recipes:
        for expanded in dict.fromkeys(_variants(recipe.text, lines, effort)):
            yield Recipe(expanded.replace(UNKNOWN, "${_unknown_}"), recipe.line)


def _variants(text: str, lines: _Lines, effort: Effort) -> Iterator[str]:
    """The recipe line once, or for each of the values that conditions give to a variable it needs."""
    effort.spend(1 + len(text) // 100)
    expanded = _expand(text, lines.variables)
    effort.spend(len(expanded) // 20)
    made = [expanded]
    if UNKNOWN in expanded and "build" in text:
        for name, values in list(lines.changing.items())[:_MOST_CHANGING]:
            for value in values[:_MOST_VALUES]:
                effort.spend(1 + len(text) // 20)
                made.append(_expand(text, {**lines.variables, name: value}))
    yield from [each for each in made if UNKNOWN not in each] or made[:1]


def _read(text: str) -> _Lines:
    lines = _Lines()
    in_rule = False
    for number, line in _logical_lines(text):
        if len(line) > _MOST_TEXT:
            continue
        if line.startswith("\t") and in_rule:
            lines.recipes.append(Recipe(line[1:].lstrip("@-+ \t"), number))
            continue
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        flat = re.sub(r"\s*\\\n\s*", " ", line)
        if found := _OF_TARGET.match(flat):
            lines.changing.setdefault(found[1], [])
        elif found := _ASSIGNMENT.fullmatch(flat):
            _assign(lines, found[1], found[2], re.split(r"\s#|^#", found[3])[0].strip())
        else:
            in_rule = ":" in flat or (in_rule and re.match(r"\s*(?:ifn?eq|ifn?def|else|endif)\b", flat) is not None)
            _, semicolon, inline = flat.partition(";")
            if semicolon and ":" in flat.partition(";")[0]:
                lines.recipes.append(Recipe(inline.lstrip("@-+ \t"), number))
    return lines


def _assign(lines: _Lines, name: str, operator: str, value: str) -> None:
    old = lines.variables.get(name)
    if operator == "!=" or (operator == "+=" and old is None):
        lines.variables[name] = UNKNOWN if operator == "!=" else value
    elif operator == "+=":
        lines.variables[name] = f"{old} {value}"
    elif operator == "?=":
        lines.variables.setdefault(name, value)
    elif old is not None and old != value and f"({name})" not in value:
        # which of them counts, a condition may decide
        lines.changing.setdefault(name, [old]).append(value)
    else:
        lines.variables[name] = value if old is None else _expand(value, {name: old})


def _expand(text: str, variables: dict[str, str]) -> str:
    """References replaced from the inside out; ``$$`` is a dollar for the shell."""
    text = text.replace("$$", "\x02")
    for _ in range(_MOST_TURNS):
        new = _REFERENCE.sub(lambda found: _value(found, variables), text)
        if new == text or len(new) > _MOST_TEXT:
            break
        text = new.replace("$$", "\x02")
    return _REFERENCE.sub(UNKNOWN, text).replace("\x02", "$")


def _value(found: re.Match[str], variables: dict[str, str]) -> str:
    inside = found[1] if found[1] is not None else found[2]
    if inside is None:
        return variables.get(found[3], UNKNOWN)
    word, _, rest = inside.partition(" ")
    if rest:
        given = [part.strip() for part in rest.split(",")]
        match word, given:
            case ("abspath" | "realpath" | "strip"), [path]:
                return path
            case "or", [first, *_] if first and UNKNOWN not in first:
                return first
            case _:
                return UNKNOWN
    return bounded(variables.get(inside, UNKNOWN))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    held: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        held.append(line)
        if not line.endswith("\\"):
            yield number + 1 - len(held), "\n".join(held)
            held = []
    if held:
        yield 1, "\n".join(held)
