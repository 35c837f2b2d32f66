"""A model of what BuildKit makes of ARG, ENV, LABEL and RUN: who sees which variable, and what is left of it.

It knows nothing of the tool. Its rules (RULEBOOK A2, F15; Dockerfile reference):

- an ARG has a value if the build gives one or it has a default; then every later RUN of the stage, and of stages that
  start from it, has the variable in its environment;
- an ENV is in the environment from its place on; of an ARG and an ENV of one name the later one counts, but an ARG
  without a value changes nothing;
- LABEL and ENV see the same variables, at their own place; the last LABEL of a key counts;
- each RUN is a list of commands, and each command reads of its environment what such a program may read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

CURIOUS = frozenset("make python printenv env awk set export ./run.sh bash eval node".split())
"""Programs that may read all variables."""

_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-(\w*))?\}|(\w+))")


class BrokenBuild(Exception):
    """A step fails; the message names it."""


@dataclass(slots=True)
class Image:
    """What a stage leaves. ``files`` by path, ``steps`` the keys of its RUNs in the cache."""

    files: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)
    command: str = ""

    def configuration(self) -> tuple[object, ...]:
        """What a container is started from; variables as a set."""
        return self.labels, self.env, self.command


def build(dockerfile: str, given: Mapping[str, str], context: Mapping[str, str]) -> Image:
    """The image of the last stage; ``given`` are the build's arguments. One line for each instruction."""
    stages: dict[str, Image] = {}
    defaults: dict[str, str] = {}
    image = Image()
    for line in dockerfile.splitlines():
        keyword, _, rest = line.partition(" ")
        if keyword == "FROM":
            base, _, name = rest.partition(" AS ")
            parent = stages.get(base, Image())
            parts = (parent.files, parent.labels, parent.env, parent.seen)
            image = Image(*(dict(part) for part in parts), parent.command)
            stages[name or str(len(stages))] = image
        elif not stages:
            name, _, value = rest.partition("=")
            defaults[name] = given.get(name, value)
        elif keyword and not keyword.startswith("#"):
            _instruct(image, keyword, rest, given, defaults, context)
    return image


def _instruct(
    image: Image,
    keyword: str,
    rest: str,
    given: Mapping[str, str],
    defaults: Mapping[str, str],
    context: Mapping[str, str],
) -> None:
    if keyword == "ARG":
        for word in rest.split():
            name, equals, default = word.partition("=")
            value = given.get(name, _expand(default, image.seen) if equals else defaults.get(name))
            if value is not None:
                image.seen[name] = value
    elif keyword in ("ENV", "LABEL"):
        pairs = [word.partition("=")[::2] for word in rest.split()]
        values = {name: _expand(value, image.seen) for name, value in pairs}
        target = image.env if keyword == "ENV" else image.labels
        target.update(values)
        if keyword == "ENV":
            image.seen.update(values)
    elif keyword == "COPY":
        *sources, target = _expand(rest, image.seen).split()
        if not sources or not all(source == "." or source in context for source in sources):
            raise BrokenBuild(rest)
        for path, content in context.items():
            if "." in sources or path in sources:
                image.files[f"{target.rstrip('/')}/{path}"] = content
    elif keyword == "RUN":
        for number, command in enumerate(re.split(r" (?:&&|;) ", rest)):
            _run(image, command, f"/log/{rest}/{number}")
    elif keyword == "CMD":
        image.command = rest


def _expand(text: str, seen: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: seen.get(found[1] or found[3], found[2] or ""), text)


def _run(image: Image, command: str, log: str) -> None:
    """A command writes what it was given to a file of its own: its words, and the variables that it may look at."""
    program = command.split()[0]
    if program in CURIOUS or "/proc" in command:
        image.files[log] = f"{command} in {sorted(image.seen.items())}"
        return
    words = _expand(command, image.seen)
    if "-r " in command:
        manifest = image.files.get("/app/requirements.txt")
        if manifest is None:
            raise BrokenBuild(command)
        words += _expand(manifest, image.seen)
    own = {name: value for name, value in image.seen.items() if name.startswith(("PIP_", "NPM_", "npm_", "DEBIAN_"))}
    if program in ("pip", "npm"):  # what they install may look for a variable with a common name
        own |= {name: image.seen[name] for name in ("VERSION", "BUILD_NUMBER", "TAG") if name in image.seen}
    image.files[log] = f"{words} with {own}"
