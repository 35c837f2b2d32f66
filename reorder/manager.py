"""The protocol between the analyzer and what it knows of single commands, and the registry of the latter.

A module in ``reorder/managers`` makes one `Manager` and decorates its functions; the folder is
walked at the first look-up, so that a new package manager edits no existing code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Literal, NamedTuple, Protocol

from reorder.context.model import Kind
from reorder.effects import NOTHING, Effects, PathSet, Role, Safety

UNKNOWN = "\0"
"""Stands in a word or a value for a part that only a run can tell."""


def is_known(word: str) -> bool:
    """Whether the word holds no unknown part."""
    return UNKNOWN not in word


class Entry(NamedTuple):
    """What lies at a container path. ``context_path`` is None if something may lie there that is not from the context
    (made by an earlier RUN, or copied from another stage): its content is unknown.
    """

    kind: Kind
    context_path: str | None


class View(Protocol):
    """The container's files as the steps above have left them, seen by absolute container path."""

    def find(self, path: str) -> Entry | None:
        """What lies at ``path``; None if nothing of the context does and no step above made it."""

    def names(self, path: str) -> tuple[str, ...]:
        """The sorted names that the context put into the directory ``path``."""

    def read(self, path: str) -> bytes:
        """The content of a file whose entry has a ``context_path``; raises `UnreadableError`."""

    def is_executable(self, path: str) -> bool:
        """Whether that file may be executed by its owner."""


class Call(NamedTuple):
    """One command as a manager sees it.

    ``argv[0]`` is the tool's base name (``program`` the word as written); unknown parts of words and of values hold
    `UNKNOWN`. ``env`` is what ENV, ARG and assignments before the command give. ``base`` is the name of the image at
    the root of the stage (``python:3.11-slim``), ``home`` the user's home directory. ``is_bare``: no step above put
    programs into the image, so that it has those of its base and no others.
    """

    argv: tuple[str, ...]
    program: str
    cwd: str
    env: Mapping[str, str]
    user: str
    home: str
    base: str
    view: View
    is_bare: bool = False

    @property
    def args(self) -> tuple[str, ...]:
        """The words after the tool's name."""
        return self.argv[1:]


Analyze = Callable[[Call], Effects]


class Prefetch(NamedTuple):
    """The form of an install that brings the dependencies only, to be run before the project is there.

    The install itself runs again afterwards, unchanged, and finds its dependencies in place; so the end is the same if
    the tool converges. The form is either the command as it is written with ``flags`` behind it, or the words ``argv``
    behind the command's own assignments but those to ``drops``.
    ``leaves``: where it may leave more than the install would (a module cache); that is no harm in a stage from which
    only other paths are taken. ``doubts``: why it is not proven otherwise. ``done_by``: words that an earlier command
    begins with if it already does this (``("go", "mod", "download")``).
    """

    why: str
    flags: tuple[str, ...] = ()
    argv: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    leaves: PathSet = NOTHING
    doubts: tuple[str, ...] = ()
    done_by: tuple[tuple[str, ...], ...] = ()


FindPrefetch = Callable[[Call], Prefetch | None]


class Rule(NamedTuple):
    """What becomes of one kind of command: for users, who read it in the README and in ``dockerfile-fix explain``.

    ``form``: it ``moves`` as it is, it is run in ``two phases``, there is only ``advice``, or it ``stays``. ``safety``:
    how far the change is proven (None where there is none). ``proof``: real builds, the tool tried outside of an image,
    or its documentation. ``why``: one clause.
    """

    command: str
    form: Literal["moves", "two phases", "advice", "stays"]
    safety: Safety | None
    proof: Literal["built", "tried", "documented", ""]
    why: str


class Options(NamedTuple):
    """A command line taken apart: ``values`` by option name in order, ``switches`` as written."""

    positionals: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    switches: frozenset[str]
    unknown: tuple[str, ...]


def parse_options(args: Sequence[str], *, valued: frozenset[str], switches: frozenset[str]) -> Options:
    """Take apart ``args`` as getopt_long does: ``--name=v``, ``--name v``, ``-n v``, ``-nv``, ``-abc``, ``--``.

    ``valued`` are the options that take a value, ``switches`` those that take none; what is in neither lands in
    ``unknown`` (and a caller must then assume the worst).
    """
    positionals: list[str] = []
    values: dict[str, list[str]] = {}
    seen: set[str] = set()
    unknown: list[str] = []
    words = iter(args)
    for word in words:
        if word == "--":
            positionals += words
        elif not word.startswith("-") or word == "-":
            positionals.append(word)
        elif (name := word.partition("=")[0]) in valued and ("=" in word or name == word):
            value = word.partition("=")[2] if "=" in word else next(words, None)
            if value is None:
                unknown.append(word)
            else:
                values.setdefault(name, []).append(value)
        elif name in switches:
            seen.add(name)
        elif not word.startswith("--") and len(word) > 2:
            _parse_cluster(word, words, valued, switches, values, seen, unknown)
        else:
            unknown.append(word)
    return Options(tuple(positionals), {k: tuple(v) for k, v in values.items()}, frozenset(seen), tuple(unknown))


def _parse_cluster(
    word: str,
    words: Iterator[str],
    valued: frozenset[str],
    switches: frozenset[str],
    values: dict[str, list[str]],
    seen: set[str],
    unknown: list[str],
) -> None:
    """``-abc``, ``-nVALUE``, ``-an VALUE``."""
    for index, letter in enumerate(word[1:], start=1):
        name = "-" + letter
        if name in valued:
            value = word[index + 1 :] or next(words, None)
            if value is None:
                unknown.append(word)
            else:
                values.setdefault(name, []).append(value)
            return
        if name not in switches:
            unknown.append(word)
            return
        seen.add(name)


@dataclass(slots=True)
class Manager:
    """What is known of one program, or of a few that belong together.

    ``kind`` tells a package manager (listed for users, with its ``rules``) from an everyday command. ``ecosystem``:
    under what reports count it ("JavaScript", "system packages"); empty: under its own name. ``wrappers`` are
    those of its tools that a project carries along as scripts (``mvnw``), and that are known though they do.
    """

    module: str
    tools: tuple[str, ...]
    kind: Literal["manager", "command"] = "manager"
    role: Role = Role.LOCAL
    rules: tuple[Rule, ...] = ()
    wrappers: tuple[str, ...] = ()
    ecosystem: str = ""
    analyze: Analyze | None = field(default=None)
    find_prefetch: FindPrefetch | None = field(default=None)

    @property
    def name(self) -> str:
        """The file's name, which is the name that users see."""
        return self.module.rpartition(".")[2]

    def __call__(self, analyze: Analyze) -> Analyze:
        """Decorate the function that gives a call's effects."""
        self.analyze = analyze
        _REGISTRY.update(dict.fromkeys(self.tools, self))
        return analyze

    def prefetches(self, find_prefetch: FindPrefetch) -> FindPrefetch:
        """Decorate the function that gives the dependencies-only form of a call, or None if it has none."""
        self.find_prefetch = find_prefetch
        return find_prefetch


_REGISTRY: dict[str, Manager] = {}
_COMPLETE: list[bool] = []
_PACKAGE = "reorder.managers"
_LIKELY = {
    "python": "pip", "node": "npm", "bundle": "bundler", "mvn": "maven", "mvnw": "maven", "gradlew": "gradle",
    "php": "composer", "Rscript": "r", "mamba": "conda", "micromamba": "conda", "uvx": "uv", "bunx": "bun",
    "flutter": "dart", "cabal": "stack", "yarnpkg": "yarn", "npx": "npm", "dnf": "rpm", "yum": "rpm", "microdnf": "rpm",
}  # fmt: skip
"""Where to look first for programs that are not named like their package manager: a saving, not a registry."""


@cache
def _module_names() -> tuple[str, ...]:
    return tuple(module.name for module in iter_modules(import_module(_PACKAGE).__path__))


def manager_names() -> tuple[str, ...]:
    """Every manager's name, sorted; none is loaded for it."""
    return _module_names()


def find_manager(tool: str) -> Manager | None:
    """Who knows the program ``tool``, if anyone.

    A program is looked for in the module of its name first (``pip3.12`` in ``pip``, ``apt-get`` in ``apt``), then in
    the tables of everyday commands, so that a Dockerfile with one package manager does not pay for all.
    """
    if tool not in _REGISTRY and not _COMPLETE:
        name = tool.partition("-")[0].rstrip("0123456789.")
        likely = [_LIKELY.get(name, name), *(name for name in _module_names() if "_" in name)]
        for name in likely:
            if name in _module_names() and tool not in _REGISTRY:
                import_module(f"{_PACKAGE}.{name}")
        if tool not in _REGISTRY:
            all_managers()
    return _REGISTRY.get(tool)


def is_wrapper(tool: str) -> bool:
    """Whether a script of that name in a project stands for its package manager."""
    return tool in _LIKELY and (manager := find_manager(tool)) is not None and tool in manager.wrappers


def all_managers() -> tuple[Manager, ...]:
    """Every manager, sorted by name."""
    for name in _module_names():
        import_module(f"{_PACKAGE}.{name}")
    _COMPLETE.append(True)
    return tuple(sorted({id(m): m for m in _REGISTRY.values()}.values(), key=lambda m: m.name))
