"""Cargo.lock: whether it says what the manifests ask for, so that cargo leaves it as it is.

https://doc.rust-lang.org/cargo/reference/resolver.html, .../specifying-dependencies.html; tried with cargo 1.65 and
1.95 (a version bump, a dropped member, an unused entry or a comment are reasons to write it anew).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reorder.manifests.cargo_toml import Crate, Dependency, Workspace
from reorder.manifests.files import Files, read_manifest, read_toml

_PART = re.compile(
    r"(\^|~|=|>=|<=|>|<)?\s*v?(\d+|[*xX])(?:\.(\d+|[*xX]))?(?:\.(\d+|[*xX]))?(?:-([\w.-]+))?(?:\+[\w.-]+)?"
)
_TOP = 1 << 40


class Locked(NamedTuple):
    """One entry of the lock file; no ``source`` for local packages. ``uses``: the entries that it names."""

    name: str
    version: str
    source: str
    uses: tuple[str, ...]


def find_lock_drift(files: Files, workspace: Workspace) -> str | None:
    """Why cargo would write the lock file anew; None if it leaves it. Raises `ManifestError`."""
    path = workspace.lock_path
    locked = _entries(read_toml(files, path, "read by cargo"))
    if _has_comments(read_manifest(files, path, "read by cargo")):
        return "it has comments of its own"
    local = {entry.name: entry for entry in locked if not entry.source}
    roots = []
    for crate in workspace.crates:
        if crate.package and (crate.is_member or crate.name in local):
            entry = local.get(crate.name)
            if entry is None or entry.version != workspace.version(crate):
                return f"{crate.name} {workspace.version(crate)} is not in it"
            roots.append(entry)
            if (why := _find_difference(workspace, crate, entry, locked)) is not None:
                return why
    unused = set(locked) - _reachable(roots, locked)
    return f"nothing needs {min(unused).name}" if unused else None


def _entries(data: Mapping[str, Any]) -> tuple[Locked, ...]:
    packages = data.get("package")
    return tuple(
        Locked(
            str(item.get("name")), str(item.get("version")), str(item.get("source", "")),
            tuple(str(word) for word in item.get("dependencies", ())),
        )
        for item in (packages if isinstance(packages, list) else ()) if isinstance(item, dict)
    )  # fmt: skip


def _has_comments(raw: bytes) -> bool:
    """Comments elsewhere than in the two lines that cargo writes at the top."""
    return any(line.startswith(b"#") for line in raw.splitlines()[2:])


def _find_difference(workspace: Workspace, crate: Crate, entry: Locked, locked: tuple[Locked, ...]) -> str | None:
    used = [found for word in entry.uses for found in _named(word, locked)]
    wanted = workspace.dependencies(crate)
    patched = {patch.name for patch in workspace.patches}
    for dependency in wanted:
        is_needed = crate.is_member or not dependency.is_optional
        if is_needed and not any(_satisfies(found, dependency, patched) for found in used):
            return f"{crate.name} requires {dependency.name} otherwise"
    names = {dependency.name for dependency in wanted}
    extra = next((found.name for found in used if found.name not in names), None)
    return f"{crate.name} no longer requires {extra}" if extra else None


def _named(word: str, locked: tuple[Locked, ...]) -> Iterator[Locked]:
    """The entries that ``name``, ``name version`` or ``name version (source)`` means."""
    name, _, rest = word.partition(" ")
    version, _, source = rest.partition(" ")
    for entry in locked:
        if entry.name == name and version in ("", entry.version) and source.strip("()") in ("", entry.source):
            yield entry


def _satisfies(found: Locked, wanted: Dependency, patched: set[str]) -> bool:
    if found.name != wanted.name:
        return False
    version = wanted.table.get("version")
    fits = version is None or (isinstance(version, str) and satisfies(found.version, version))
    if wanted.path is not None:
        return fits and not found.source
    if isinstance(wanted.table.get("git"), str):
        return fits and (_is_git_source(found.source, wanted.table) or wanted.name in patched)
    is_registry = found.source.startswith(("registry+", "sparse+"))
    return isinstance(version, str) and fits and (is_registry or wanted.name in patched)


def _is_git_source(source: str, table: Mapping[str, Any]) -> bool:
    url, _, query = source.partition("#")[0].removeprefix("git+").partition("?")
    wanted = [f"{kind}={table[kind]}" for kind in ("branch", "tag", "rev") if kind in table]
    return source.startswith("git+") and url == table["git"] and query == "".join(wanted)


def _reachable(roots: list[Locked], locked: tuple[Locked, ...]) -> set[Locked]:
    found, waiting = set[Locked](), list(roots)
    while waiting:
        entry = waiting.pop()
        if entry not in found:
            found.add(entry)
            waiting += (used for word in entry.uses for used in _named(word, locked))
    return found


def satisfies(version: str, requirement: str) -> bool:
    """Whether a version is in the range of a requirement; False for what is not understood."""
    parsed = _PART.fullmatch(version)
    if parsed is None:
        return False
    numbers = tuple(int(part) if part and part.isdigit() else 0 for part in parsed.groups()[1:4])
    pre = parsed[5]
    is_meant = pre is None
    for text in requirement.split(","):
        part = _PART.fullmatch(text.strip())
        if part is None:
            return False
        low, high = _bounds(part)
        if not low <= numbers < high:
            return False
        is_meant = is_meant or (part[5] is not None and low == numbers)
    return is_meant


def _bounds(part: re.Match[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lowest version in the range, and the lowest above it."""
    given = [int(text) for text in part.groups()[1:4] if text and text.isdigit()]
    low = tuple(given + [0] * (3 - len(given)))
    above = _next(low, len(given) - 1) if given else (_TOP, 0, 0)
    is_wildcard = any(text in ("*", "x", "X") for text in part.groups()[1:4])
    match part[1] or ("=" if is_wildcard else "^"):
        case "=":
            return low, above
        case "~":
            return low, _next(low, min(len(given) - 1, 1)) if given else above
        case ">":
            return above, (_TOP, 0, 0)
        case ">=":
            return low, (_TOP, 0, 0)
        case "<":
            return (0, 0, 0), low
        case "<=":
            return (0, 0, 0), above
        case _:
            first = next((i for i, number in enumerate(given) if number), len(given) - 1)
            return low, _next(low, first)


def _next(low: tuple[int, ...], place: int) -> tuple[int, ...]:
    return tuple(number + 1 if i == place else number if i < place else 0 for i, number in enumerate(low))
