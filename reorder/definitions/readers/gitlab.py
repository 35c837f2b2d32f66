"""GitLab CI: scripts of jobs that call ``docker build``, ``buildah`` or the executor of kaniko.

docs.gitlab.com/ci/yaml (script, variables, default) and docs.gitlab.com/ci/variables/predefined_variables.
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.definitions.ci_scripts import builds_in_lines, variables_of
from reorder.definitions.kind import Found, Place
from reorder.definitions.kinds.gitlab import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.values import Items, Table, Text, Value
from reorder.definitions.yaml_files import read_yaml

_SCRIPTS = ("before_script", "script", "after_script")


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of each job, with the variables of the file and of the job."""
    table = read_yaml(repository.read(path), path)
    if not isinstance(table, Table):
        return
    general = variables_of(table.get("variables"), {"CI_PROJECT_DIR": ROOT})
    for name in table:
        job = table.table(name)
        own = variables_of(job.get("variables"), general)
        before = _lines(job.get("before_script")) or _lines(table.get("before_script"))
        lines = [*before, *(line for key in _SCRIPTS[1:] for line in _lines(job.get(key)))]
        yield from builds_in_lines(lines, Place(repository, path, job.line, KIND.name), own)


def _lines(value: Value) -> list[Text]:
    if isinstance(value, Text):
        return [value]
    if not isinstance(value, Items):
        return []
    nested = [each for entry in value if isinstance(entry, Items) for each in entry.texts()]
    return [*value.texts(), *nested]
