"""GitLab CI: scripts of jobs that call ``docker build``, ``buildah`` or the executor of kaniko."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "gitlab",
    (".gitlab",),
    r"(?:.*/)?(?:\.gitlab-ci|\.gitlab/[^/]+|[\w.-]+\.gitlab-ci)\.ya?ml",
    (*IMAGE_BUILDERS, "include"),
)
