"""GitLab CI: scripts of jobs that call ``docker build``, ``buildah`` or the executor of kaniko.

docs.gitlab.com/ci/yaml (script, variables, default) and docs.gitlab.com/ci/variables/predefined_variables.
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.ci_scripts import builds_in_texts, variables_of
from reorder.definitions.gitlab_config import Config, variants
from reorder.definitions.kind import Found, Place
from reorder.definitions.kinds.gitlab import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.values import Table, Value

_MAIN = ".gitlab-ci.yml"


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of each job, with the variables of the file and of the job; a file that the main one includes counts
    as a part of that.
    """
    config = Config(repository)
    if path != _MAIN and repository.is_file(_MAIN):
        config.read(_MAIN)
        if path in config.files:
            return
        config = Config(repository)
    config.read(path)
    yield from _builds(config, path)
    for error in config.problems:
        place = Place(repository, error.source or path, error.line or 1, KIND.name)
        yield place.skipped(error.why, is_warning=error.is_warning)


def _builds(config: Config, path: str) -> Iterator[Found]:
    general = variables_of(config.table.get("variables"), {"CI_PROJECT_DIR": ROOT})
    default = config.table.table("default")
    for _, job in config.jobs():
        lines = [line for key in ("before_script", "script", "after_script")
                 for line in config.lines(_own_or_default(key, job, default, config.table))]  # fmt: skip
        own = variables_of(job.get("variables"), general)
        for variant in variants(job):
            place = Place(config.repository, path, job.line, KIND.name)
            yield from builds_in_texts(lines, place, variables_of(variant, own), config.source_of)


def _own_or_default(key: str, job: Table, *defaults: Table) -> Value:
    return next((table[key] for table in (job, *(defaults if key != "script" else ())) if key in table), None)
