"""An environment.yml of conda: packages by name, and a list for pip, which may name files of the project.

https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html. conda runs pip in the folder
of the file (``conda_env/installers/pip.py``), so that ``-r``, ``-e`` and paths are relative to it.
"""

from __future__ import annotations

import posixpath
from typing import Any

from reorder.effects import join
from reorder.manifests import requirements as manifest
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.yaml_text import load_yaml

_FILES = (".tar.bz2", ".conda", ".zip", ".whl")


def follow_environment(closure: manifest.Closure, files: Files, path: str, asked_by: str) -> str | None:
    """Add the file at the container path ``path`` and all that its pip list names; give the prefix that it sets.

    Raises `ManifestError`.
    """
    entry = files.find(path)
    shown = (entry and entry.context_path) or path
    tables = load_yaml(read_manifest(files, path, asked_by), shown)
    if not isinstance(tables, dict) or not isinstance(tables.get("dependencies", []), list):
        raise ManifestError("manifest-not-understood", f"{shown}: it has no list of dependencies")
    closure.files[path] = f"{shown}: {asked_by}"
    for channel in tables.get("channels") or ():
        _add_channel(closure, str(channel), posixpath.dirname(path))
    for item in tables.get("dependencies") or ():
        if isinstance(item, str) and is_local_package(item):
            closure.locals.append(manifest.Local(join(posixpath.dirname(path), item), False, shown))
        elif isinstance(item, dict) and item.get("pip") is not None:
            _follow_pip(closure, files, path, shown, item["pip"])
    prefix = tables.get("prefix")
    return prefix if isinstance(prefix, str) else None


def is_local_package(word: str) -> bool:
    """Whether conda takes this for an archive and not for a name."""
    return word.startswith((".", "/", "file:")) or word.endswith(_FILES)


def _add_channel(closure: manifest.Closure, channel: str, directory: str) -> None:
    if channel.startswith("file:"):
        closure.links.append(manifest.file_url_path(channel))
    elif channel.startswith((".", "/")):
        closure.links.append(join(directory, channel))


def _follow_pip(closure: manifest.Closure, files: Files, path: str, shown: str, items: Any) -> None:
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ManifestError("manifest-not-understood", f"{shown}: its list for pip")
    directory = posixpath.dirname(path)
    for line in manifest.parse_requirements("\n".join(items)):
        where = f"{shown}: pip: {items[line.number - 1] if line.number <= len(items) else line.value}"
        if line.kind in {"requirements", "constraints"}:
            flag = f"-{line.kind[0]} in {shown}"
            manifest.follow_include(closure, files, manifest.Include(line.value, directory, directory, flag))
        elif line.kind == "links":
            closure.links.append(join(directory, line.value))
        else:
            manifest.add_requirement(closure, (line.kind, line.value), cwd=directory, where=where)


def follow_list(closure: manifest.Closure, files: Files, path: str, asked_by: str) -> None:
    """Add a text file that lists packages, one a line (``conda list --export``, or ``@EXPLICIT`` addresses)."""
    entry = files.find(path)
    shown = (entry and entry.context_path) or path
    text = read_manifest(files, path, asked_by).decode("utf-8", "replace")
    closure.files[path] = f"{shown}: {asked_by}"
    for number, line in enumerate(text.splitlines(), start=1):
        word = line.partition("#")[0].strip()
        if "://" not in word and is_local_package(word):
            raise ManifestError("manifest-not-understood", f"{shown}:{number}: {word} is a local archive")
        if word.startswith("file:"):
            raise ManifestError("manifest-not-understood", f"{shown}:{number}: {word} is a local archive")
