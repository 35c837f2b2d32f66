"""Variables as a builder sees them line by line: their values, and which build arguments decide them.

On purpose not the state of `reorder.analysis`: a judge keeps its own books, and the two builders differ. For BuildKit
an ARG that follows an ENV of the same name wins, and a stage hands its ARGs on to a stage that starts from it; for the
classic builder neither is so (RULEBOOK A2, tried on Docker 20.10 and 26.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from reorder.caching.builder import Builder
from reorder.dockerfile.expand import ExpansionError, assignments, expand, names_in
from reorder.dockerfile.model import Instruction
from reorder.manager import UNKNOWN

PLATFORM_ARGUMENTS = frozenset(
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
)
"""Known to FROM without a declaration (Dockerfile reference, "Automatic platform ARGs in the global scope")."""


class Value(NamedTuple):
    """A text, `UNKNOWN` where only the build can tell, and the build arguments that it depends on."""

    text: str
    arguments: frozenset[str] = frozenset()


class Scope(NamedTuple):
    """The variables before a line. ``config`` are those of the image's configuration, ``visible`` all, by name.

    ``outer`` are the ARGs above the first FROM. Build arguments are taken to have their defaults.
    """

    builder: Builder
    escape: str
    outer: Mapping[str, Value]
    config: Mapping[str, Value]
    visible: Mapping[str, Value]

    @classmethod
    def above_from(cls, builder: Builder, escape: str, preamble: tuple[Instruction, ...]) -> Scope:
        """The scope of FROM lines: ARGs declared above all of them, and the platform's."""
        visible = {name: Value(UNKNOWN, frozenset((name,))) for name in PLATFORM_ARGUMENTS}
        scope = cls(builder, escape, {}, {}, visible)
        for instruction in preamble:
            scope = scope.after(instruction)
        return scope

    def stage(self, parent: Scope | None) -> Scope:
        """The scope in which a stage begins that starts from an image, or from the end of the stage ``parent``."""
        if parent is None:
            return self._replace(outer=self.visible, visible={})
        if self.builder is Builder.CLASSIC:
            return parent._replace(visible=parent.config)
        return parent._replace(visible={**parent.visible, **parent.config})

    def after(self, instruction: Instruction) -> Scope:
        """The scope below ``instruction``; all values of one line see the scope above it."""
        if instruction.keyword == "ENV":
            values = {name: self.value(text or "") for name, text in assignments(instruction)}
            return self._replace(config={**self.config, **values}, visible={**self.visible, **values})
        if instruction.keyword == "ARG":
            declared = {name: self._argument(name, text) for name, text in assignments(instruction)}
            if self.builder is Builder.CLASSIC:
                declared = {name: value for name, value in declared.items() if name not in self.config}
            return self._replace(visible={**self.visible, **declared})
        return self

    def value(self, word: str) -> Value:
        """``word`` as COPY, WORKDIR, LABEL and the like see it."""
        if "$" not in word and self.escape not in word and '"' not in word and "'" not in word:
            return Value(word)
        names = names_in(word, self.escape)
        found = {name: self.visible.get(name, Value(UNKNOWN)) for name in names}  # the base image may set it
        arguments = frozenset[str]().union(*(value.arguments for value in found.values()))
        try:
            return Value(expand(word, {name: value.text for name, value in found.items()}, self.escape), arguments)
        except ExpansionError:
            return Value(UNKNOWN, arguments)

    @property
    def arguments(self) -> frozenset[str]:
        """The build arguments that reach the environment of a RUN."""
        return frozenset[str]().union(*(value.arguments for value in self.visible.values()))

    def _argument(self, name: str, default: str | None) -> Value:
        if default is not None:
            value = self.value(default)
        else:
            value = self.outer.get(name) or self.visible.get(name) or Value(UNKNOWN)
        return value._replace(arguments=value.arguments | {name})
