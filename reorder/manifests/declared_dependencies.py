"""The dependencies that a Python project declares where they can be read without a build.

https://packaging.python.org/en/latest/specifications/pyproject-toml/ and
https://setuptools.pypa.io/en/latest/userguide/declarative_config.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from reorder.effects import join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.pyproject import parse_pyproject
from reorder.manifests.requirements import classify_requirement


def declared_requirements(files: Files, directory: str, extras: Sequence[str]) -> tuple[str, ...]:
    """What the project in ``directory`` requires with these extras, as written; empty if nothing says it statically.

    Raises `ManifestError` for a manifest that does not parse, and for requirements that lie in local files.
    """
    names = files.names(directory)
    found: tuple[str, ...] | None = None
    if "pyproject.toml" in names:
        path = join(directory, "pyproject.toml")
        found = _of_pyproject(parse_pyproject(read_manifest(files, path, "what pip builds"), path), extras)
    if found is None and "setup.cfg" in names:
        path = join(directory, "setup.cfg")
        found = _of_setup_cfg(read_manifest(files, path, "what pip builds").decode("utf-8", "replace"), path, extras)
    for text in found or ():
        if classify_requirement(text)[0] not in {"name", "remote"}:
            raise ManifestError("install-builds-project", f"{directory} requires {text}, which is a local file")
    return tuple(dict.fromkeys(found or ()))


def _of_pyproject(tables: dict[str, Any], extras: Sequence[str]) -> tuple[str, ...] | None:
    project = tables.get("project")
    if not isinstance(project, dict) or {"dependencies", "optional-dependencies"} & set(project.get("dynamic", [])):
        return None
    own = _normalise(str(project.get("name", "")))
    optional = {_normalise(name): items for name, items in project.get("optional-dependencies", {}).items()}
    found: list[str] = [str(item) for item in project.get("dependencies", [])]
    waiting, seen = [_normalise(extra) for extra in extras], set[str]()
    while waiting:
        extra = waiting.pop(0)
        for item in map(str, optional.get(extra, []) if extra not in seen else []):
            # `shop[test]` in an extra of shop means another extra
            inner = re.match(r"\s*([\w.-]+)\s*\[([^\]]*)\]", item)
            if inner is not None and _normalise(inner[1]) == own:
                waiting += [_normalise(name.strip()) for name in inner[2].split(",")]
            else:
                found.append(item)
        seen.add(extra)
    return tuple(found)


def _of_setup_cfg(text: str, path: str, extras: Sequence[str]) -> tuple[str, ...] | None:
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(text)
    except Error as error:
        raise ManifestError("manifest-not-understood", f"{path}: {error}".replace("\n", " ")) from None
    values = [parser.get("options", "install_requires", fallback="")]
    if parser.has_section("options.extras_require"):
        wanted = {_normalise(extra) for extra in extras}
        values += [v for name, v in parser.items("options.extras_require") if _normalise(name) in wanted]
    lines = [line.strip() for value in values for line in value.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("#")]
    return None if any(line.startswith("file:") or "%(" in line for line in lines) else tuple(lines)


def _normalise(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
