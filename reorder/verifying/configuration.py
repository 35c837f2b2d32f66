"""The part of an image's configuration that a container is started from, compared field by field.

Left out is what says when and by whom the image was made: Id, Created, RootFS, History, Parent, sizes, Hostname, and
the label in which buildah leaves its version (RULEBOOK E4). An empty value counts as none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reorder.verifying.model import FieldDifference

_FIELDS = (
    "Env", "Cmd", "Entrypoint", "WorkingDir", "User", "ExposedPorts", "Volumes", "Labels", "Healthcheck", "Shell",
    "StopSignal", "StopTimeout", "OnBuild", "ArgsEscaped", "Domainname", "NetworkDisabled",
)  # fmt: skip
_OUTER_FIELDS = ("os", "architecture", "variant", "author")
_LABELS = frozenset(("io.buildah.version",))


def compare_configurations(before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldDifference, ...]:
    """The fields in which two configurations (JSON of the image specification) differ."""
    one, other = dict(_fields(before)), dict(_fields(after))
    return tuple(
        FieldDifference(name, json.dumps(one.get(name)), json.dumps(other.get(name)))
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    )


def _fields(image: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    config = image.get("config") or {}
    for name in _FIELDS:
        value = config.get(name)
        if name == "Labels" and value:
            value = {key: text for key, text in value.items() if key not in _LABELS}
        if value:
            yield name, value
    for name in _OUTER_FIELDS:
        if image.get(name):
            yield name.capitalize(), image[name]
