"""A project of pdm: pyproject.toml and pdm.lock.

https://pdm-project.org/en/latest/reference/pep621/ and .../usage/lockfile/ (tried with pdm 2.29)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reorder.effects import join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.pyproject import parse_pyproject
from reorder.manifests.python_project import LocalPackage

_LOCAL_IN_LOCK = re.compile(rb"(?m)^path = ")
_LOCAL_IN_MANIFEST = re.compile(rb"@\s*file:|-e\s+file:|file:///\$\{PROJECT_ROOT\}")
_HOOKS = frozenset(("pre_install", "post_install", "pre_lock", "post_lock", "post_use", "pre_invoke"))
"""https://pdm-project.org/en/latest/usage/hooks/"""


@dataclass(frozen=True, slots=True)
class PdmProject:
    """``directory`` holds ``pyproject.toml``; ``lock`` is the content of the lock file at ``lock_path``, if any."""

    directory: str
    text: bytes
    tables: Mapping[str, Any]
    lock_path: str
    lock: bytes | None

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The table ``project``."""
        return _table(self.tables, "project")

    @property
    def settings(self) -> Mapping[str, Any]:
        """The table ``tool.pdm``."""
        return _table(_table(self.tables, "tool"), "pdm")

    @property
    def is_package(self) -> bool:
        """Whether an install also installs the project itself."""
        if not self.metadata.get("name"):
            return False
        if "package-type" in self.settings:
            return bool(self.settings["package-type"] == "library")
        return self.settings.get("distribution", True) is not False

    @property
    def hooks(self) -> tuple[str, ...]:
        """The scripts that pdm runs around an install, by name."""
        return tuple(sorted(_HOOKS & set(_table(self.settings, "scripts"))))

    @property
    def has_code_dependencies(self) -> bool:
        """Whether only a build of the project tells its dependencies."""
        dynamic = self.metadata.get("dynamic", [])
        return isinstance(dynamic, list) and bool({"dependencies", "optional-dependencies"} & set(map(str, dynamic)))


def load_pdm_project(files: Files, directory: str, lock_path: str) -> PdmProject:
    """The project in ``directory``. Raises `ManifestError`."""
    path = join(directory, "pyproject.toml")
    text = read_manifest(files, path, "what pdm reads")
    lock = read_manifest(files, lock_path, "what pdm reads") if files.find(lock_path) is not None else None
    return PdmProject(directory, text, parse_pyproject(text, path), lock_path, lock)


def local_packages(project: PdmProject) -> tuple[LocalPackage, ...]:
    """The packages that lie in folders or archives. Raises `ManifestError` where that is not plain."""
    if project.lock is None:
        if _LOCAL_IN_MANIFEST.search(project.text):
            raise ManifestError("manifest-not-understood", "pyproject.toml names local packages, and there is no lock")
        return ()
    if not _LOCAL_IN_LOCK.search(project.lock):
        return ()
    packages = parse_pyproject(project.lock, project.lock_path).get("package", [])
    found = []
    for package in packages if isinstance(packages, list) else []:
        path = package.get("path") if isinstance(package, dict) else None
        if isinstance(path, str):
            is_archive = path.lower().endswith((".whl", ".zip", ".gz", ".bz2", ".xz"))
            where = f"{project.lock_path}: {package.get('name')}"
            found.append(LocalPackage(join(project.directory, path), not is_archive, where))
    return tuple(found)


def is_in_sync(project: PdmProject) -> bool:
    """Whether the lock file's hash is that of pyproject.toml (``Lockfile.content_hash`` of pdm 2.8 and later)."""
    import hashlib
    import json

    lock = parse_pyproject(project.lock or b"", project.lock_path)
    written = str(_table(lock, "metadata").get("content_hash", ""))
    content = {
        "sources": project.settings.get("source", []),
        "dependencies": project.metadata.get("dependencies", []),
        "dev-dependencies": _development(project),
        "optional-dependencies": project.metadata.get("optional-dependencies", {}),
        "requires-python": project.metadata.get("requires-python", ""),
        "resolution": project.settings.get("resolution", {}),
    }
    data = json.dumps(content, sort_keys=True, default=str).encode()
    return written == "sha256:" + hashlib.sha256(data).hexdigest()


def _development(project: PdmProject) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    tables = (_table(project.tables, "dependency-groups"), _table(project.settings, "dev-dependencies"))
    for table in tables:
        for name, items in table.items():
            # PEP 503, as pdm normalises the names of groups
            normal = re.sub(r"[-_.]+", "-", name).lower()
            groups[normal] = groups.get(normal, []) + (items if isinstance(items, list) else [])
    return groups


def _table(tables: object, name: str) -> Mapping[str, Any]:
    found = tables.get(name, {}) if isinstance(tables, dict) else {}
    return found if isinstance(found, dict) else {}
