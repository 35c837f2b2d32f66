"""pyproject.toml: the dependency groups that pip can install, and what a build of the project reads.

https://packaging.python.org/en/latest/specifications/pyproject-toml/ and .../dependency-groups/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.setup_cfg import Declaration

SETUPTOOLS = "setuptools.build_meta"
_BACKENDS = frozenset((SETUPTOOLS, "setuptools.build_meta:__legacy__", "hatchling.build", "flit_core.buildapi"))
_BUILD_REQUIREMENTS = frozenset(("setuptools", "wheel", "hatchling", "flit-core"))
"""Neither these backends nor these requirements run code of the project or ask version control (real builds)."""
_RELEVANT = (".project.", ".build-system.", ".tool.setuptools.", ".tool.hatch.", ".tool.flit.")


def parse_pyproject(data: bytes, shown: str) -> dict[str, Any]:
    """The tables of the file. Raises `ManifestError`."""
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError("manifest-not-understood", f"{shown}: {error}") from None


def group_requirements(files: Files, path: str, group: str) -> tuple[str, ...]:
    """The requirements of a dependency group and of the groups that it includes. Raises `ManifestError`."""
    tables = parse_pyproject(read_manifest(files, path, f"--group {group}"), path)
    groups = {_normalise(name): items for name, items in _table(tables, "dependency-groups").items()}
    found: list[str] = []
    waiting, seen = [group], set[str]()
    while waiting:
        name = _normalise(waiting.pop())
        items = groups.get(name)
        if not isinstance(items, list):
            raise ManifestError("manifest-not-understood", f"{path}: there is no dependency group {name!r}")
        for item in items if name not in seen else ():
            if isinstance(item, str):
                found.append(item)
            elif isinstance(item, dict) and isinstance(item.get("include-group"), str):
                waiting.append(item["include-group"])
            else:
                raise ManifestError("manifest-not-understood", f"{path}: {item!r} in the dependency group {name!r}")
        seen.add(name)
    return tuple(found)


def build_backend(tables: dict[str, Any]) -> str:
    """The build backend; setuptools if none is named."""
    backend = _table(tables, "build-system").get("build-backend", SETUPTOOLS)
    return backend if isinstance(backend, str) else ""


def analyze_build(tables: dict[str, Any]) -> Declaration:
    """What the build of a project with these tables reads, and why that may be anything."""
    system = _table(tables, "build-system")
    reasons = []
    if build_backend(tables) not in _BACKENDS or "backend-path" in system:
        reasons.append(f"what its build backend {build_backend(tables)} reads is unknown")
    requires = system.get("requires", [])
    for requirement in requires if isinstance(requires, list) else ["?"]:
        name = _normalise(str(requirement).split(";")[0].split("[")[0].strip(" ").split("=")[0].rstrip("<>~!= "))
        if name not in _BUILD_REQUIREMENTS:
            reasons.append(f"its build uses {name}")
    strings = {key: value for key, value in _strings(tables, "") if key.startswith(_RELEVANT)}
    reasons += [
        f"{key[1:]} names {value!r}, outside of it" for key, value in strings.items() if _is_outside(key, value)
    ]
    if any(".hooks." in key or ".force-include." in key for key in strings) or _has_code_version(strings):
        reasons.append("it configures build hooks")
    attributes = [value for key, value in strings.items() if key.endswith(".attr")]
    files = [value for key, value in strings.items() if key.endswith((".readme", ".file", ".version.path"))]
    return Declaration(tuple(files), tuple(attributes), tuple(reasons))


def _is_outside(key: str, value: str) -> bool:
    # A leading slash means the project's folder in hatch's patterns.
    is_absolute = value.startswith("/") and not key.startswith(".tool.hatch.")
    return is_absolute or value.startswith(("../", "~/")) or value == ".." or "/../" in value


def _has_code_version(strings: dict[str, str]) -> bool:
    return strings.get(".tool.hatch.version.source", "regex") != "regex"


def _table(tables: dict[str, Any], name: str) -> dict[str, Any]:
    found = tables.get(name, {})
    return found if isinstance(found, dict) else {}


def _strings(value: object, key: str) -> Iterator[tuple[str, str]]:
    """Every string below ``value`` with its dotted key; the items of arrays are numbered."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _strings(inner, f"{key}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _strings(inner, f"{key}.{index}")


def _normalise(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
