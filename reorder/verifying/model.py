"""What a comparison of two images finds: paths and configuration fields, with both sides of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

KINDS: Mapping[str, str] = {
    "f": "file",
    "d": "directory",
    "l": "link",
    "c": "character device",
    "b": "block device",
    "p": "named pipe",
}
"""The letters that stand for the type of a path in the database of a comparison."""

ASPECTS = ("only before", "only after", "type", "mode", "owner", "content", "attributes")
"""In what a path may differ; a path that is missing on one side, or of another type, differs in nothing more."""


class Side(NamedTuple):
    """A path as one image has it.

    ``content``: the first digits of a file's SHA-256, a link's target, a device's numbers; ``attributes``: extended
    attributes and capabilities, ``name=value``.
    """

    kind: str
    mode: int
    uid: int
    gid: int
    content: str
    attributes: str


class Difference(NamedTuple):
    """A path, without a leading ``/``, that is not the same in both images; None: it is not there."""

    path: str
    aspects: tuple[str, ...]
    before: Side | None
    after: Side | None


class Group(NamedTuple):
    """Differing paths of one folder: how many in which aspect, and the first few of them."""

    folder: str
    number: int
    tally: Mapping[str, int]
    examples: tuple[Difference, ...]


class FieldDifference(NamedTuple):
    """A field of the image configuration, as JSON, that is not the same; ``null``: it is not set."""

    name: str
    before: str
    after: str


class Comparison(NamedTuple):
    """Two images compared. ``listed`` paths differ, but are on the list of `noise`; ``measured`` paths differ, but
    two builds of the original differ in them, too. Both are excused; ``unrepeated`` are the first few of the measured.
    ``groups``: the rest, the largest first.
    """

    paths: int
    listed: int
    measured: int
    groups: tuple[Group, ...]
    fields: tuple[FieldDifference, ...]
    unrepeated: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs beyond what is excused."""
        return not self.groups and not self.fields

    @property
    def differing(self) -> int:
        """How many paths differ."""
        return sum(group.number for group in self.groups)
