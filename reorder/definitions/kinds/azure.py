"""Azure Pipelines: the Docker tasks, and scripts that call ``docker build``."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "azure",
    ("pipelines", ".vsts"),
    r"(?:.*/)?(?:[\w.-]*azure-?pipelines?[\w.-]*|\.azure-?pipelines/.+|\.pipelines/.+|\.vsts[\w.-]*)\.ya?ml",
    (*IMAGE_BUILDERS, "Docker@"),
)
