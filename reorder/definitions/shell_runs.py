"""Follows a shell script as far as constants go: which commands it runs, in which folder. Nothing is executed.

Known are variables with constant values, ``cd``, functions with their arguments, loops over constant words, and the
usual ways of a script to find its own folder. What only a run can tell is `UNKNOWN`; all branches are taken.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.definitions.effort import Effort, TooLongError, parse_with_patience
from reorder.definitions.error import DefinitionError
from reorder.definitions.repository import LONGEST, ROOT, bounded, joined
from reorder.manager import UNKNOWN, is_known
from reorder.shell.grammar import bash_parser
from reorder.shell.model import Command, Dynamic, Group, Item, Opaque, Script, Variable, Word
from reorder.shell.parse import parse_script
from reorder.shell.wrappers import unwrap

MANY = UNKNOWN + UNKNOWN
"""Stands for words that only a run can tell, perhaps none at all."""

_MOST_TEXT = 200_000
"""Characters; the largest of 579 real scripts that build has 143,000, and each takes a kilobyte of memory."""
_MOST_COMMANDS = 5000
_MOST_CALLS = 8
_MOST_TURNS = 60
_DECLARES = frozenset(("export", "local", "declare", "readonly", "typeset"))
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.ASCII | re.DOTALL)
_PARAMETER = re.compile(r"\$\{(\w+|\*|@)(?:(:?[-=])(.*)|(%%?/\*|%/))?\}|\$(\d|[*@])", re.ASCII | re.DOTALL)
_OWN_PATH = frozenset(("$0", "${0}", "${BASH_SOURCE[0]}", "${BASH_SOURCE}", "${(%):-%x}", "${BASH_SOURCE[0]:-$0}"))
_OWN_FOLDER = frozenset(("${0%/*}", "${BASH_SOURCE%/*}", "${BASH_SOURCE[0]%/*}"))
_SEVERAL = re.compile(r"\$[@*]|\$\{(?:[@*]|\w+\[[@*]\])", re.ASCII)
_NAMES = re.compile(r"\$(?:(\w+)|\{(\w+)\})", re.ASCII)


class Ran(NamedTuple):
    """A command that a script runs; ``folder`` is absolute (see `ROOT`), ``line`` counts from 1 in the script."""

    argv: tuple[str, ...]
    folder: str
    line: int
    variables: Mapping[str, str]


@dataclass(slots=True)
class _State:
    variables: dict[str, str]
    folder: str
    arguments: tuple[str, ...] | None = None
    visited: list[str] = field(default_factory=list)

    def copy(self) -> _State:
        return _State(dict(self.variables), self.folder, self.arguments, list(self.visited))


def commands_run(
    text: str, folder: str, variables: Mapping[str, str], effort: Effort, *, own_path: str | None = None,
    is_wanted: Callable[[tuple[str, ...]], bool],
) -> Iterator[Ran]:  # fmt: skip
    """The wanted commands that the script ``text`` runs in ``folder``, in order.

    ``own_path`` is that of the script itself (absolute, see `ROOT`). A script that is no bash is read line by line.
    Raises `DefinitionError` if that is too much work.
    """
    if len(text) > _MOST_TEXT:
        raise DefinitionError(f"a script of more than {_MOST_TEXT // 1000} kB", is_warning=True)
    yield from _Follower(text, own_path, is_wanted, effort).run(_State(dict(variables), folder))


@dataclass(slots=True)
class _Follower:
    text: str
    own_path: str | None
    is_wanted: Callable[[tuple[str, ...]], bool]
    effort: Effort
    functions: dict[str, Group] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    calls: int = 0
    count: int = 0

    def run(self, state: _State) -> Iterator[Ran]:
        script = self.parse()
        if script is None:
            for first, line in _logical_lines(self.text):
                part = _Follower(line, self.own_path, self.is_wanted, self.effort)
                yield from (ran._replace(line=ran.line + first) for ran in part.run_whole(state))
        else:
            yield from self.follow(script, state)

    def run_whole(self, state: _State) -> Iterator[Ran]:
        """As `run`, unless the text is no bash."""
        script = self.parse()
        if script is not None:
            yield from self.follow(script, state)

    def follow(self, script: Script, state: _State) -> Iterator[Ran]:
        """The script, and then the functions that it does not call itself."""
        yield from self.walk(script.items, state)
        for name in [name for name in self.functions if name not in self.called]:
            yield from self.walk(self.functions[name].items, state.copy())

    def parse(self) -> Script | None:
        """None if it is no bash, or too much work."""
        self.effort.spend(2)
        try:
            parse_with_patience(bash_parser(), self.text, self.effort)
        except TooLongError:
            return None
        script = parse_script.__wrapped__(self.text)  # scripts of this size are not kept
        return None if isinstance(script, Opaque) else script

    def walk(self, items: Iterable[Item], state: _State) -> Iterator[Ran]:
        for item in items:
            self.count += 1
            self.effort.spend(1)
            if self.count > _MOST_COMMANDS:
                return
            if isinstance(item, Command):
                yield from self.command(item, state)
            else:
                yield from self.group(item, state)

    def group(self, group: Group, state: _State) -> Iterator[Ran]:
        if group.kind == "function":
            self.functions[group.words[0].literal or ""] = group
        elif group.kind == "brace":
            yield from self.walk(group.items, state)
        elif group.kind == "subshell":
            yield from self.walk(group.items, state.copy())
        elif group.kind == "for":
            yield from self.loop(group, state)
        else:
            before, folder = dict(state.variables), state.folder
            yield from self.walk(group.items, state)
            changed = [name for name, value in state.variables.items() if before.get(name) != value]
            state.variables |= dict.fromkeys(changed, UNKNOWN)
            state.folder = folder if state.folder == folder else UNKNOWN

    def loop(self, group: Group, state: _State) -> Iterator[Ran]:
        name = group.words[0].literal if group.words else None
        values = [value for word in group.words[1:] for value in self.values(word, state)]
        has_pattern = any(word.glob for word in group.words[1:])
        if not values or has_pattern or not all(map(is_known, values)) or len(values) > _MOST_TURNS:
            values = [UNKNOWN]
        for value in values:
            if name:
                state.variables[name] = value
            yield from self.walk(group.items, state)

    def command(self, command: Command, state: _State) -> Iterator[Ran]:
        for word in (*command.words, *(word for _, word in command.assignments)):
            yield from self.substituted(word, state)
        argv = tuple(value for word in command.words for value in self.values(word, state))
        if not argv:
            state.variables |= {name: self.value(word, state) for name, word in command.assignments}
            return
        name = argv[0]
        if name in self.functions:
            yield from self.call(name, argv[1:], state)
        elif name in _DECLARES:
            state.variables |= {found[1]: found[2] for word in argv[1:] if (found := _ASSIGNMENT.fullmatch(word))}
        elif name in ("cd", "pushd", "popd"):
            self.change_folder(argv, state)
        elif name == "unset":
            for gone in argv[1:]:
                state.variables.pop(gone, None)
        elif (inner := unwrap(argv)) and self.is_wanted(inner := _without_assignments(inner)):
            own = {name: self.value(word, state) for name, word in command.assignments}
            line = self.text.count("\n", 0, command.span.start) + 1
            yield Ran(inner, state.folder, line, {**state.variables, **own})

    def substituted(self, word: Word, state: _State) -> Iterator[Ran]:
        """What runs inside ``$(…)``."""
        for part in word.parts:
            if isinstance(part, Dynamic) and part.commands:
                yield from self.walk(part.commands, state.copy())

    def call(self, name: str, arguments: tuple[str, ...], state: _State) -> Iterator[Ran]:
        self.called.add(name)
        if self.calls >= _MOST_CALLS:
            return
        self.calls += 1
        before = state.arguments
        state.arguments = arguments
        yield from self.walk(self.functions[name].items, state)
        state.arguments = before
        self.calls -= 1

    def change_folder(self, argv: tuple[str, ...], state: _State) -> None:
        words = [word for word in argv[1:] if not word.startswith("-") or word == "-"]
        if argv[0] == "popd" or words == ["-"]:
            state.folder = state.visited.pop() if state.visited else UNKNOWN
            return
        state.visited.append(state.folder)
        state.folder = go(state.folder, words[0]) if words else UNKNOWN

    def values(self, word: Word, state: _State) -> list[str]:
        """What a word of a command becomes: one word, none, or several."""
        if len(word.parts) == 1 and isinstance(part := word.parts[0], Dynamic) and _SEVERAL.match(part.raw):
            if part.raw in ("$@", "$*", "${@}", "${*}") and state.arguments is not None:
                return list(state.arguments)
            return [MANY]
        value = self.value(word, state)
        bare = any(isinstance(part, Variable) and not part.quoted for part in word.parts)
        if not bare and not self.is_bare_substitution(word):
            return [value]
        if value == UNKNOWN:
            return [MANY]
        return value.split() if is_known(value) else [value]

    def is_bare_substitution(self, word: Word) -> bool:
        return len(word.parts) == 1 and isinstance(word.parts[0], Dynamic) and self.text[word.span.start] != '"'

    def value(self, word: Word, state: _State) -> str:
        if word.span.end - word.span.start > LONGEST:
            return UNKNOWN
        return bounded("".join(self.part(part, state) for part in word.parts))

    def part(self, part: str | Variable | Dynamic, state: _State) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Variable):
            return self.variable(part.name, state)
        if part.raw in _OWN_PATH:
            return self.own_path or UNKNOWN
        if part.raw in _OWN_FOLDER:
            return posixpath.dirname(self.own_path) if self.own_path else UNKNOWN
        if part.raw.startswith(("$(", "`")) and not part.raw.startswith("$(("):
            return self.output(part.commands, state.copy())
        found = _PARAMETER.fullmatch(part.raw)
        return self.parameter(found, state) if found else UNKNOWN

    def variable(self, name: str, state: _State) -> str:
        if name.isdigit():
            index = int(name) - 1
            known = state.arguments
            return UNKNOWN if known is None or index < 0 else known[index] if index < len(known) else ""
        if name == "PWD":
            return state.folder
        if name == "BASH_SOURCE":
            return self.own_path or UNKNOWN
        return state.variables.get(name, UNKNOWN)

    def parameter(self, found: re.Match[str], state: _State) -> str:
        name, operator, default, cut = found[1] or found[5], found[2], found[3], found[4]
        value = self.variable(name, state)
        if operator and (not is_known(value) or not value):
            # what the environment holds is taken to be nothing
            return _NAMES.sub(lambda m: self.variable(m[1] or m[2], state), default.strip("\"'"))
        if cut and is_known(value):
            return value.removesuffix("/") if cut == "%/" else posixpath.dirname(value) or value
        return value

    def output(self, items: Iterable[Item], state: _State) -> str:
        """What a substitution prints, where that is a path."""
        printed: str | None = None
        for item in items:
            argv = tuple(v for w in item.words for v in self.values(w, state)) if isinstance(item, Command) else ()
            if not argv or (isinstance(item, Command) and item.link == "pipe"):
                return UNKNOWN
            words = [word for word in argv[1:] if not word.startswith("-")]
            if argv[0] in ("cd", "pushd", "popd"):
                self.change_folder(argv, state)
            elif item.link != "or":
                printed = _printed(argv, words, state.folder) if printed is None else UNKNOWN
        return UNKNOWN if printed is None else printed


def _printed(argv: tuple[str, ...], words: list[str], folder: str) -> str:
    word = words[-1] if words else UNKNOWN
    match argv[0]:
        case "pwd":
            return folder
        case "git" if argv[1:3] == ("rev-parse", "--show-toplevel") or "--show-toplevel" in argv:
            return ROOT
        case "dirname" if is_known(word):
            return posixpath.dirname(word.rstrip("/")) or "."
        case "basename" if is_known(word) and len(words) == 1:
            return posixpath.basename(word.rstrip("/"))
        case "realpath" | "readlink":
            return go(folder, word)
        case "echo" if len(words) == 1:
            return word
        case _:
            return UNKNOWN


def go(folder: str, path: str) -> str:
    """The folder after ``cd path``; `UNKNOWN` if that cannot be told."""
    if not is_known(path) or path.startswith("~"):
        return UNKNOWN
    if path.startswith("/"):
        return joined("/", path)
    return UNKNOWN if not is_known(folder) else joined(folder, path)


def _without_assignments(argv: tuple[str, ...]) -> tuple[str, ...]:
    while argv and _ASSIGNMENT.fullmatch(argv[0]):
        argv = argv[1:]
    return argv or ("",)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, and how many lines stand above."""
    held: list[str] = []
    for number, line in enumerate(text.splitlines()):
        held.append(line)
        if not line.endswith("\\"):
            yield number + 1 - len(held), "\n".join(held)
            held = []
    if held:
        yield text.count("\n") + 1 - len(held), "\n".join(held)


