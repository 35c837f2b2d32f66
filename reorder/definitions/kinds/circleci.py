"""CircleCI: ``run`` steps that call ``docker build``, and the jobs and commands of the docker and AWS ECR orbs."""

from __future__ import annotations

from reorder.definitions.kind import IMAGE_BUILDERS, Kind

KIND = Kind(
    "circleci",
    (".circleci/",),
    r"\.circleci/[^/]+\.ya?ml",
    (*IMAGE_BUILDERS, "aws-ecr"),
)
