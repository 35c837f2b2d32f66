"""Pipfile and Pipfile.lock.

https://pipenv.pypa.io/en/latest/pipfile.html (tried with pipenv 2024.4)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reorder.effects import join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.pyproject import parse_pyproject
from reorder.manifests.python_project import LocalPackage

_NO_CATEGORY = frozenset(
    ("source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop")
)


@dataclass(frozen=True, slots=True)
class PipenvProject:
    """The Pipfile at ``path`` and the content of its lock file, if there is one."""

    path: str
    tables: Mapping[str, Any]
    lock: Mapping[str, Any] | None
    lock_text: str = ""

    @property
    def directory(self) -> str:
        """Where the Pipfile lies."""
        return self.path.rpartition("/")[0] or "/"

    @property
    def lock_path(self) -> str:
        """Where the lock file lies or would lie."""
        return self.path + ".lock"


def load_pipenv_project(files: Files, path: str) -> PipenvProject:
    """The Pipfile at ``path`` and its lock file. Raises `ManifestError`."""
    import json

    tables = parse_pyproject(read_manifest(files, path, "what pipenv reads"), path)
    if files.find(path + ".lock") is None:
        return PipenvProject(path, tables, None)
    try:
        text = read_manifest(files, path + ".lock", "what pipenv reads").decode("utf-8")
        lock = json.loads(text)
    except ValueError as error:
        raise ManifestError("manifest-not-understood", f"{path}.lock: {error}") from None
    return PipenvProject(path, tables, lock if isinstance(lock, dict) else {}, text)


def is_as_pipenv_writes(project: PipenvProject) -> bool:
    """Whether each install, which writes the lock file again with all its sections, leaves it as it is.

    Found by real builds: a lock file without ``develop`` gets an empty one, even by ``pipenv install --deploy``.
    """
    import json

    content = {"default": {}, "develop": {}, **(project.lock or {})}
    return project.lock_text == json.dumps(content, indent=4, separators=(",", ": "), sort_keys=True) + "\n"


def is_in_sync(project: PipenvProject) -> bool:
    """Whether the lock file's hash is the Pipfile's, as plette computes it.

    https://github.com/sarugaku/plette/blob/master/src/plette/pipfiles.py
    """
    import hashlib
    import json

    tables = project.tables
    content = {
        "_meta": {"sources": tables.get("source", []), "requires": tables.get("requires", {})},
        "default": tables.get("packages", {}),
        "develop": tables.get("dev-packages", {}),
        **{name: values for name, values in tables.items() if name not in _NO_CATEGORY},
    }
    data = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str).encode()
    meta = (project.lock or {}).get("_meta", {})
    written = meta.get("hash", {}).get("sha256") if isinstance(meta, dict) else None
    return bool(written == hashlib.sha256(data).hexdigest())


def local_packages(project: PipenvProject, *, locked: bool) -> tuple[LocalPackage, ...]:
    """The packages that lie in folders or archives, by the lock file or by the Pipfile."""
    return tuple(_local_packages(project, project.lock if locked and project.lock is not None else project.tables))


def _local_packages(project: PipenvProject, tables: Mapping[str, Any]) -> Iterator[LocalPackage]:
    for section, packages in tables.items():
        if section in ("_meta", "source", "requires", "scripts", "pipenv") or not isinstance(packages, dict):
            continue
        for name, value in packages.items():
            path = (value.get("path") or value.get("file")) if isinstance(value, dict) else None
            if isinstance(path, str) and ("://" not in path or path.startswith("file:")):
                place = path.removeprefix("file://")
                is_archive = place.lower().endswith((".whl", ".zip", ".gz", ".bz2", ".xz"))
                yield LocalPackage(join(project.directory, place), not is_archive, f"{section}: {name}")
