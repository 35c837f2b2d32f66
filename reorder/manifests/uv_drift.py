"""Whether ``uv sync``, run without --frozen or --locked, leaves uv.lock as it is.

uv keeps a lock that satisfies the manifests, whatever revision wrote it (tried with uv 0.9.9 on revisions 0, 1 and 3);
a new version of the project, or another requirement, rewrites it.
https://docs.astral.sh/uv/concepts/projects/sync/#checking-the-lockfile
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from reorder.effects import join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.pyproject import parse_pyproject
from reorder.manifests.uv_project import LocalPackage, Lock, Project, dig

_SETTINGS = frozenset(
    "conflicts constraint-dependencies dependency-metadata environments exclude-dependencies exclude-newer"
    " extra-index-url find-links fork-strategy index index-url no-sources override-dependencies prerelease"
    " required-environments resolution build-constraint-dependencies".split()
)
"""Settings that a lock records and that are not compared here."""

Requirements = frozenset[tuple[str, str]]
"""Names with what a requirement says of versions; blanks, quotes and the order of clauses do not count."""


def find_drift(files: Files, project: Project, lock: Lock) -> tuple[str | None, tuple[str, ...]]:
    """Why uv would rewrite the lock, or None; and what of it is not compared. Raises `ManifestError`."""
    wanted = str(dig(project.root_tables, "project").get("requires-python", ""))
    if wanted and _clauses(wanted) != _clauses(str(lock.tables.get("requires-python", ""))):
        return f"requires-python is {wanted}, and {lock.tables.get('requires-python')} in the lock", ()
    doubts = [
        f"[tool.uv] {key} is not compared" for key in sorted(_SETTINGS & set(dig(project.root_tables, "tool", "uv")))
    ]
    for package in lock.locals:
        path = join(package.directory, "pyproject.toml")
        if files.find(path) is None:
            return f"{path} is not copied from the build context", ()
        tables = parse_pyproject(read_manifest(files, path, "read by uv"), path)
        if why := _find_difference(package, tables, path):
            return why, ()
        doubts += _uncompared(package, tables)
    unknown = set(project.member_manifests) - {join(p.directory, "pyproject.toml") for p in lock.locals}
    if unknown:
        return f"{min(unknown)} is not in it", ()
    return None, tuple(dict.fromkeys(doubts))


def _find_difference(package: LocalPackage, tables: Mapping[str, Any], path: str) -> str | None:
    project = dig(tables, "project")
    version, locked = project.get("version"), package.tables.get("version")
    if version != locked and not (locked is None and "version" in project.get("dynamic", [])):
        return f"{path} has version {version}, the lock {locked}"
    if _declared(tables) != _locked(package.tables):
        return f"the requirements of {path} are not those of the lock"
    return None


def _declared(tables: Mapping[str, Any]) -> Requirements:
    project = dig(tables, "project")
    lists: list[object] = [project.get("dependencies", []), *dig(project, "optional-dependencies").values()]
    lists += [*dig(tables, "dependency-groups").values(), dig(tables, "tool", "uv").get("dev-dependencies", [])]
    texts = [text for items in lists if isinstance(items, list) for text in items if isinstance(text, str)]
    return frozenset(_split(text) for text in texts)


def _split(text: str) -> tuple[str, str]:
    found = re.match(r"\s*([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*([^;@]*)", text)
    if found is None:
        raise ManifestError("manifest-not-understood", f"the requirement {text!r}")
    return _normalise(found[1]), _clauses(found[2].strip(" ()"))


def _locked(tables: Mapping[str, Any]) -> Requirements:
    metadata = dig(tables, "metadata")
    lists: Iterable[object] = (metadata.get("requires-dist", []), *dig(metadata, "requires-dev").values())
    items = [item for each in lists if isinstance(each, list) for item in each if isinstance(item, dict)]
    return frozenset((_normalise(str(item.get("name"))), _clauses(str(item.get("specifier", "")))) for item in items)


def _uncompared(package: LocalPackage, tables: Mapping[str, Any]) -> Iterable[str]:
    """Markers, extras and sources are written in another form in the lock."""
    text = str(dig(tables, "project")) + str(dig(tables, "dependency-groups"))
    if ";" in text or re.search(r"'[\w.-]+\s*\[", text):
        yield f"the markers and extras of {package.name} are not compared with the lock"
    if dig(tables, "tool", "uv", "sources"):
        yield f"the sources of {package.name} are not compared with the lock"


def _clauses(text: str) -> str:
    return ",".join(sorted(clause for clause in re.sub(r"\s+", "", text).split(",") if clause))


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
