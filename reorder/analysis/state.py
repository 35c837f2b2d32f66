"""The build state that an instruction sees: working directory, variables, user, shell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from reorder.analysis.environment import is_plain_node_options
from reorder.dockerfile.expand import assignments, expand, names_in
from reorder.dockerfile.model import Instruction
from reorder.effects import is_within, join
from reorder.manager import UNKNOWN

UNKNOWN_WORKDIR = "/" + UNKNOWN
"""The working directory of a base image that we cannot look into; nothing absolute lies under it."""

_WORKDIRS = {
    "golang": "/go", "gradle": "/home/gradle", "httpd": "/usr/local/apache2", "oven/bun": "/home/bun/app",
}  # fmt: skip
_ROOT_WORKDIR = frozenset(
    """
    python node debian ubuntu alpine centos fedora rockylinux almalinux amazonlinux busybox rust ruby php
    openjdk eclipse-temurin amazoncorretto maven buildpack-deps nginx scratch pypy
    continuumio/miniconda3 nvidia/cuda redhat/ubi8 redhat/ubi9
    """.split()
)
"""Official images whose configuration sets no WORKDIR (their Dockerfiles in docker-library)."""


class BuildState(NamedTuple):
    """What holds before an instruction.

    ``env`` are the values of ENV (they reach RUN), ``args`` those of ARG in scope. ``tainted`` names the variables
    whose value a ``--build-arg`` can change: the value held here is only the default. ``is_bare``: no step has
    added programs to those of the base image. ``links``: symbolic links that steps have made;
    ``removed``: what they have deleted or moved away; ``homes``: users that they have made, and their home directories.
    """

    workdir: str
    env: Mapping[str, str]
    args: Mapping[str, str]
    tainted: frozenset[str]
    user: str
    shell: tuple[str, ...]
    escape: str
    base: str
    is_bare: bool = True
    links: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    homes: tuple[tuple[str, str], ...] = ()

    def expand(self, word: str) -> str:
        """``word`` with variables replaced as BuildKit does in COPY, WORKDIR and the like."""
        if "$" not in word and self.escape not in word and '"' not in word and "'" not in word:
            return word
        known = {**self.args, **self.env}
        unset = dict.fromkeys(names_in(word) - known.keys(), UNKNOWN)  # the base image may set them
        return expand(word, {**unset, **known}, self.escape)

    def is_tainted(self, word: str) -> bool:
        """Whether a build argument decides what ``word`` means."""
        return "$" in word and bool(names_in(word) & self.tainted)

    @property
    def home(self) -> str:
        """The user's home directory, by convention where it cannot be looked up; ``/`` for a number without a name."""
        if home := self.env.get("HOME"):
            return home
        name = self.user.partition(":")[0]
        known = {"": "/root", "root": "/root", "0": "/root", **_base_homes(self.base), **dict(self.homes)}
        # a user made without a number gets one that only the build knows: UNKNOWN stands for it
        return known.get(name) or ((known.get(UNKNOWN) or "/") if name.isdigit() else f"/home/{name}")

    def run_env(self) -> dict[str, str]:
        """The variables of a RUN; what a build argument decides is unknown.

        Not so where Node's options are limits and the like by default: nobody passes a loader in their place.
        """
        env = {**self.args, **self.env}
        is_plain = is_plain_node_options(env.get("NODE_OPTIONS", UNKNOWN))
        tainted = self.tainted - {"NODE_OPTIONS"} if is_plain else self.tainted
        return {name: UNKNOWN if name in tainted else value for name, value in env.items()}


def _base_homes(base: str) -> dict[str, str]:
    """Users that an official image brings along under a number (docker-library/node)."""
    return {"1000": "/home/node"} if re.search(r"(^|/)node(:|@|$)", base) else {}


def initial_state(base: str, escape: str) -> BuildState:
    """The state after ``FROM base`` for an image that is not a stage of the file."""
    return BuildState(
        workdir=base_workdir(base), env={}, args={}, tainted=frozenset(), user="", shell=("/bin/sh", "-c"),
        escape=escape, base=base,
    )  # fmt: skip


def base_workdir(base: str) -> str:
    """The working directory that an image starts with."""
    name = base.partition("@")[0]
    head, _, last = name.rpartition("/")
    name = f"{head}/{last.partition(':')[0]}" if head else last.partition(":")[0]
    name = name.removeprefix("docker.io/").removeprefix("library/")
    name = name.removeprefix("public.ecr.aws/docker/library/").removeprefix("mirror.gcr.io/library/")
    if name == "php" and any(kind in base for kind in ("apache", "fpm")):
        return "/var/www/html"
    if name in _ROOT_WORKDIR:
        return "/"
    return _WORKDIRS.get(name, UNKNOWN_WORKDIR)


def evolve(
    state: BuildState, instruction: Instruction, global_args: Mapping[str, str], given: Mapping[str, str]
) -> BuildState:  # fmt: skip
    """The state after ``instruction`` (Dockerfile reference; RULEBOOK A, B4); ``given``: build arguments."""
    match instruction.keyword:
        case "WORKDIR":
            workdir = _next_workdir(state, instruction.words[0])
            removed = frozenset(path for path in state.removed if not is_within(workdir, path))
            return state._replace(workdir=workdir, removed=removed)
        case "USER":
            return state._replace(user=state.expand(instruction.words[0]))
        case "SHELL":
            return state._replace(shell=instruction.words)
        case "ENV":
            return _set_env(state, instruction)
        case "ARG":
            return _set_args(state, instruction, {**global_args, **given}, given)
        case _:
            return state


def _next_workdir(state: BuildState, word: str) -> str:
    """Where a variable of the base image leads is taken for a place of its own, as the base's own directory is; an
    argument without a default may lead anywhere, into the folders of a package manager, too.
    """
    path = state.expand(word)
    if UNKNOWN in path or (not path and "$" in word):
        anywhere = UNKNOWN if state.is_tainted(word) else ""
        return f"/{UNKNOWN}{anywhere}{word.replace('/', '|')}"
    return join(state.workdir, path)


def _set_env(state: BuildState, instruction: Instruction) -> BuildState:
    env, tainted = dict(state.env), set(state.tainted)
    for written, value in assignments(instruction):
        raw, name = value or "", state.expand(written)
        env[name] = state.expand(raw)
        tainted.discard(name)
        if state.is_tainted(raw):
            tainted.add(name)
    return state._replace(env=env, tainted=frozenset(tainted))


def _set_args(
    state: BuildState, instruction: Instruction, known: Mapping[str, str], given: Mapping[str, str]
) -> BuildState:  # fmt: skip
    """``known`` are the values of names without a default, ``given`` those that win over one."""
    args, tainted = dict(state.args), set(state.tainted)
    for written, value in assignments(instruction):
        name = state.expand(written)
        default = state.expand(value) if value is not None else known.get(name, UNKNOWN)
        args[name] = given.get(name, default)
        # BuildKit lets an ARG after an ENV of the same name win in RUN only if a value is given (RULEBOOK F15).
        tainted.add(name)
    return state._replace(args=args, tainted=frozenset(tainted))
