"""yarn.lock, of yarn 1 and of yarn 2 and later: whether an install would rewrite it.

https://classic.yarnpkg.com/en/docs/yarn-lock (tried with yarn 1.22 and 4.5)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reorder.manifests.node_project import Project
from reorder.manifests.package_json import Package

_LINE = re.compile(r"^ {4,}(\"[^\"]+\"|\S+?):? (.+)$")
_METADATA = re.compile(r"^__metadata:\n(?:  .*\n)*?  version: (\d+)", re.MULTILINE)
_PATCH_FILE = re.compile(r"#(?:optional!)?(?:~/)?((?:\./|\.yarn/)[^\s:#&\"]+?)(?=[&\":#]|::|$)")


@dataclass(slots=True)
class LockEntry:
    """One entry of a yarn.lock: the ``name@range`` keys that it answers, and its own fields."""

    keys: tuple[str, ...]
    fields: dict[str, str] = field(default_factory=dict)
    sections: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class YarnLock:
    """A parsed yarn.lock. ``version`` is 1, or the ``__metadata.version`` of yarn 2 and later (4 and up)."""

    version: int
    entries: tuple[LockEntry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all packages in it."""
        return tuple(dict.fromkeys(key_name(key) for entry in self.entries for key in entry.keys))


def parse_yarn_lock(raw: bytes) -> YarnLock:
    """The entries of either format, which share their indented layout; what is not understood is left out."""
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    found = _METADATA.search(text)
    entries = (entry for entry in _entries(text) if entry.keys != ("__metadata",))
    return YarnLock(int(found[1]) if found else 1, tuple(entries))


def _entries(text: str) -> Iterator[LockEntry]:
    entry: LockEntry | None = None
    section: dict[str, str] | None = None
    for line in text.split("\n"):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if entry is not None:
                yield entry
            entry, section = LockEntry(_keys(line)), None
        elif entry is None:
            continue
        elif line.startswith("    "):
            if section is not None and (match := _LINE.match(line)):
                section[match[1].strip('"')] = match[2].strip().strip('"')
        elif line.rstrip().endswith(":"):
            section = entry.sections.setdefault(line.strip().rstrip(":"), {})
        else:
            name, _, value = line.strip().partition(" ")
            entry.fields[name.rstrip(":")] = value.strip('"')
            section = None
    if entry is not None:
        yield entry


def _keys(line: str) -> tuple[str, ...]:
    """``"a@^1, a@^2":`` (yarn 2+) and ``a@^1, "a@>= 2 < 3":`` (yarn 1)."""
    text = line.rstrip().removesuffix(":")
    if text.startswith('"') and text.count('"') == 2 and text.endswith('"'):
        text = text[1:-1]
    return tuple(part.strip().strip('"') for part in text.split(", "))


def key_name(key: str) -> str:
    """``@scope/name@npm:^1`` -> ``@scope/name``."""
    return key[: key.find("@", 1)] if "@" in key[1:] else key


def patch_files(lock: YarnLock, packages: tuple[Package, ...]) -> tuple[str, ...]:
    """Patch files that ranges, resolutions and entries name, relative to the project."""
    texts = [key for entry in lock.entries for key in entry.keys if "patch:" in key]
    for package in packages:
        texts += [*package.ranges().values(), *package.section("resolutions").values()]
    from urllib.parse import unquote

    found = [path for text in texts if "patch:" in text for path in _PATCH_FILE.findall(unquote(text))]
    return tuple(dict.fromkeys(found))


def find_classic_drift(lock: YarnLock, project: Project) -> str | None:
    """What makes yarn 1 rewrite the lock: a range without an entry, or an entry that nothing asks for.

    Source: ``saveLockfileAndIntegrity`` of yarn 1.22, tried on both cases; missing integrity, line endings
    and another registry do not matter.
    """
    by_key = {key: entry for entry in lock.entries for key in entry.keys}
    members = {package.name for package in project.members}
    overridden = {_resolution_name(name) for name in project.root.section("resolutions")}
    pending = [
        f"{name}@{range_}"
        for package in (project.root, *project.members)
        for name, range_ in package.ranges().items()
        if name not in members
    ]
    pending += [f"{_resolution_name(n)}@{r}" for n, r in project.root.section("resolutions").items()]
    seen: set[str] = set()
    while pending:
        key = pending.pop()
        if key in seen:
            continue
        seen.add(key)
        entry = by_key.get(key)
        if entry is None:
            if key_name(key) in overridden:
                continue
            return f"it has no entry for {key}"
        for section in ("dependencies", "optionalDependencies"):
            pending += [f"{name}@{range_}" for name, range_ in entry.sections.get(section, {}).items()]
    unused = next((k for k in by_key if k not in seen and key_name(k) not in overridden), None)
    return None if unused is None else f"nothing needs its entry for {unused}"


def _resolution_name(pattern: str) -> str:
    parts = pattern.split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 and parts[-2].startswith("@") else parts[-1]


def find_berry_drift(lock: YarnLock, project: Project, *, major: int | None) -> str | None:
    """What makes yarn 2 and later rewrite the lock: another format, or a package whose ranges differ."""
    if lock.version < 4:
        return "it was written by yarn 1"
    if major is not None and (lock.version >= 8) != (major >= 4):
        return f"it was written by another version than yarn {major}"
    by_path = {
        key.partition("@workspace:")[2]: entry for entry in lock.entries for key in entry.keys if "@workspace:" in key
    }
    for package in (project.root, *project.members):
        entry = by_path.get(project.relative(package))
        if entry is None:
            return f"it has no entry for {package.path}"
        if _plain(entry.sections.get("dependencies", {})) != _plain(package.ranges()):
            return f"the ranges in {package.path} differ from it"
        if _paths(entry.sections.get("bin", {})) != _paths(package.bins):
            return f"bin in {package.path} differs from it"
        if entry.sections.get("peerDependencies", {}) != package.section("peerDependencies"):
            return f"peerDependencies in {package.path} differ from it"
    return None


def _paths(bins: dict[str, str]) -> dict[str, str]:
    return {name: posixpath.normpath(path) for name, path in bins.items()}


def _plain(ranges: dict[str, str]) -> dict[str, str]:
    return {name: range_.removeprefix("npm:") for name, range_ in ranges.items()}
