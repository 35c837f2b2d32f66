"""skaffold.yaml: the artifacts that Docker or kaniko builds."""

from __future__ import annotations

from reorder.definitions.kind import Kind

KIND = Kind(
    "skaffold",
    ("skaffold",),
    r"(?:.*/)?skaffold(?:[._-][\w.-]+)?\.ya?ml",
    ("artifacts",),
)
