"""The state of a running shell: where it is, its variables, and how two ways through a script come together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reorder.analysis.view import TouchedView, layer_of
from reorder.effects import EVERYTHING, NO_EFFECTS, Effects, PathSet, is_within
from reorder.manager import UNKNOWN, Call, View
from reorder.shell.model import Group, Item

SPECIAL_BUILTINS = frozenset(
    ": . break continue eval exec exit export readonly return set shift times trap unset".split()
)
"""Assignments in front of them stay in a POSIX shell (POSIX.1-2024, Shell 2.14)."""

_ALWAYS_EXPORTED = ("PATH", "HOME")
"""What the environment of every RUN holds, whether an ENV names it or not."""


class Surroundings(NamedTuple):
    """What a RUN sees: the build state's part of it, and the files."""

    workdir: str
    env: dict[str, str]
    user: str
    home: str
    base: str
    view: View
    is_bare: bool


class State(NamedTuple):
    """What commands change in their shell. ``cwd`` is empty if two ways through the script end in two directories.

    ``exported`` names the variables that programs see.
    """

    cwd: str
    variables: Mapping[str, str]
    exported: frozenset[str]


class Outcome(NamedTuple):
    """The states in which a command may leave the shell; None is a way that is never taken.

    ``stay`` is the state after a ``cd`` that failed. Only what hangs on it by ``||`` is taken to run then: for a script
    that goes on in the wrong directory nobody cares.
    """

    success: State | None
    failure: State | None
    stay: State | None = None

    @property
    def any(self) -> State | None:
        """What is known whichever way it went; None if the shell has ended."""
        return merge(self.success, self.failure)

    @property
    def failed(self) -> State | None:
        """What is known where a failure is handled."""
        return merge(self.failure, self.stay)


def union(effects: Iterable[Effects]) -> Effects:
    """What several commands do together."""
    total = NO_EFFECTS
    for each in effects:
        total |= each
    return total


class Traced(NamedTuple):
    """A pipeline at the top of a script, what it does, and the state in which it begins.

    ``calls`` are the commands that it runs whose programs are known.
    """

    items: tuple[Item, ...]
    parts: tuple[Effects, ...]
    calls: tuple[Call, ...]
    before: State

    @property
    def effects(self) -> Effects:
        """The effects of its ``parts`` together; only the few RUNs that may be divided are asked."""
        return union(self.parts)


def merge(one: State | None, other: State | None) -> State | None:
    """What holds in both states; a variable that differs is unknown."""
    if one is None or other is None or one == other:
        return other if one is None else one
    names = dict.fromkeys((*one.variables, *other.variables))
    return State(
        cwd=one.cwd if one.cwd == other.cwd else "",
        variables={name: _merge_value(name, one, other) for name in names},
        exported=one.exported | other.exported,
    )


def _merge_value(name: str, one: State, other: State) -> str:
    first, second = one.variables.get(name), other.variables.get(name)
    if first == second and first is not None and (name in one.exported) == (name in other.exported):
        return first
    if name == "PATH":
        return _both_paths(first, second)
    return UNKNOWN


def _both_paths(one: str | None, other: str | None) -> str:
    """The directories of both search paths: a place that may be searched is a place to look at."""
    return ":".join(dict.fromkeys(f"{one or UNKNOWN}:{other or UNKNOWN}".split(":")))


@dataclass(slots=True)
class Shell:
    """A running shell; a subshell works on a copy, and adds to the same ``effects``.

    ``substitute`` runs the commands of a substitution. ``calls`` are the commands run so far. ``open_names`` are
    variables that one branch of a choice sets and another may read: their value is not known in any. ``is_script``: it
    runs a script file, whose ``functions`` are followed. ``branches``: how many loops and choices are around the
    command. ``returns`` are the states at each ``return`` of the function or sourced file. ``modes`` are the places in
    ``effects`` of what changes modes and owners only.
    """

    around: Surroundings
    state: State
    substitute: Callable[[tuple[Item, ...], Shell], Outcome]
    depth: int = 0
    exports_all: bool = False
    effects: list[Effects] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    open_names: frozenset[str] = frozenset()
    is_script: bool = False
    functions: Mapping[str, Group] = field(default_factory=dict)
    branches: int = 0
    returns: list[State] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)

    @classmethod
    def start(cls, around: Surroundings, substitute: Callable[[tuple[Item, ...], Shell], Outcome]) -> Shell:
        """The shell of a RUN."""
        return cls(around, _initial(around.workdir, around.env), substitute)

    def nested(self) -> Shell:
        """A subshell."""
        return replace(self, depth=self.depth + 1)

    def child(self, env: Mapping[str, str]) -> Shell:
        """A shell that is started as a program."""
        state = _initial(self.state.cwd, env)
        depth = self.depth + 1
        return Shell(
            self.around, state, self.substitute, depth, effects=self.effects, calls=self.calls, modes=self.modes
        )

    @property
    def cwd(self) -> str:
        """The working directory."""
        return self.state.cwd

    @property
    def home(self) -> str:
        """The home directory, as ``~`` has it."""
        return self.state.variables.get("HOME") or self.around.home

    @property
    def environment(self) -> dict[str, str]:
        """The variables that a program is given."""
        return {name: value for name, value in self.state.variables.items() if name in self.state.exported}

    def value(self, name: str) -> str:
        """The value of a variable."""
        if name == "PWD":
            return self.cwd
        return self.home if name == "HOME" else self.state.variables.get(name, UNKNOWN)

    def enter(self, state: State) -> None:
        """Go on in a state that earlier commands have left."""
        if not state.cwd:
            self.block(
                "working-directory-unknown", "a command that may not run changes the directory of those after it"
            )
            state = state._replace(cwd=self.around.workdir)
        self.state = state

    def assign(self, values: Mapping[str, str]) -> None:
        """Set variables; those that are exported stay so."""
        known = self.state.variables
        news = {name: self._seen(name, value) if name in self.open_names else value for name, value in values.items()}
        self.state = self.state._replace(variables={**known, **news})
        if self.exports_all:
            self.export(values)

    def _seen(self, name: str, value: str) -> str:
        return _both_paths(value, self.state.variables.get(name)) if name == "PATH" else UNKNOWN

    def export(self, names: Iterable[str]) -> None:
        """Give variables to programs from now on."""
        self.state = self.state._replace(exported=self.state.exported.union(names))

    def unset(self, names: Iterable[str]) -> None:
        """Remove variables."""
        gone = frozenset(names)
        self.assign(dict.fromkeys(gone & self.open_names, UNKNOWN))
        gone -= self.open_names
        kept = {name: value for name, value in self.state.variables.items() if name not in gone}
        self.state = self.state._replace(variables=kept, exported=self.state.exported - gone)

    def forget_numbers(self) -> None:
        """After arithmetic, which may set any variable that holds a number."""
        values = self.state.variables.items()
        self.assign({name: UNKNOWN for name, value in values if not value or value.lstrip("-").isdigit()})

    def block(self, slug: str, why: str) -> None:
        """Note what is not understood."""
        self.effects.append(Effects.blocked(slug, why))

    def add(self, effects: Effects, *, follows: bool = True) -> None:
        """Note what a command does; ``follows``: it goes through a symbolic link that it is given."""
        links = frozenset[str]().union(*(done.links for done in self.effects))
        if links and (link := _through(effects, links, follows=follows)):
            self.block("path-unknown", f"it goes through the symbolic link {link}, which it has made itself")
        self.effects.append(effects)

    def view(self) -> View:
        """The files as the commands before have left them."""
        return _touched(self.around.view, self.effects)

    def contents(self) -> View:
        """The same, but with files of which only the mode or the owner has changed as they came."""
        modes = frozenset(self.modes)
        return _touched(self.around.view, (done for index, done in enumerate(self.effects) if index not in modes))


def _touched(view: View, effects: Iterable[Effects]) -> View:
    made = [layer for layer in map(layer_of, effects) if layer is not None]
    if not made:
        return view
    if any(layer.everything for layer in made):
        return TouchedView(view, EVERYTHING)
    files = (path for layer in made for path in layer.files)
    return TouchedView(view, PathSet.of(*files, trees=(path for layer in made for path in layer.trees)))


def _initial(cwd: str, env: Mapping[str, str]) -> State:
    return State(cwd, dict(env), frozenset((*env, *_ALWAYS_EXPORTED)))


def _through(effects: Effects, links: frozenset[str], *, follows: bool) -> str | None:
    """A link that a path of ``effects`` leads through."""
    paths = (*effects.reads.files, *effects.reads.trees, *effects.writes.files, *effects.writes.trees)
    for path in paths:
        for link in links:
            if is_within(path, link) and (follows or path != link):
                return link
    return None
