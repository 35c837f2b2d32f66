"""The settings of bun: bunfig.toml, ``.npmrc`` and the ``.env`` files that ``bun install`` loads.

https://bun.com/docs/runtime/bunfig#package-manager (files as traced with bun 1.1.45, 1.2.23 and 1.4.5)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from reorder.effects import PathSet, join
from reorder.manager import is_known
from reorder.manifests.files import Files, ManifestError, read_manifest, read_toml
from reorder.manifests.package_json import is_from_context
from reorder.manifests.user_settings import SettingsFile, check_home, check_unchanged

_ENV_FILES = (".env", ".env.local", ".env.production", ".env.production.local")
_ENV_NAMES = re.compile(
    r"BUN_\w+|npm_\w+|node_\w+|x_npm_token|xdg_\w+|https?_proxy|no_proxy|home|path|tmpdir|ci|husky\w*|ssl_\w+|git_\w+",
    re.IGNORECASE,
)
_ENV_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*[=:]", re.MULTILINE)
_KNOWN_KEYS = frozenset(
    """
    auto cafile ca cache concurrentScripts dev dryRun exact frozenLockfile globalBinDir globalDir globalStore
    ignoreScripts linker linkWorkspacePackages lockfile logLevel minimumReleaseAge minimumReleaseAgeExcludes
    networkConcurrency noVerify optional peer production registry saveTextLockfile scopes prefer
    publicHoistPattern hoistPattern
    """.split()
)


class BunSettings(NamedTuple):
    """What bun's settings say about an install, and the ``files`` that are looked for."""

    files: PathSet
    is_frozen: bool
    saves_lock: bool
    prints_yarn_lock: bool
    caches: tuple[str, ...]
    doubts: tuple[str, ...]


def bun_settings(
    files: Files, directory: str, *, env: Mapping[str, str], home: str, config: str | None = None
) -> BunSettings:
    """The settings of a project in ``directory``; ``config`` is the file of ``--config``. Raises `ManifestError`."""
    check_home(home)
    own = join(directory, config or "bunfig.toml")
    places = [
        *_user_files(env, home),
        SettingsFile(own, directory),
        *SettingsFile.directly_in(directory, name=".npmrc"),
    ]
    check_unchanged(files, places, "bun")
    install: dict[str, Any] = {}
    for place in places:
        if place.path.endswith((".toml", own)) and is_from_context(files, place.path):
            install |= _install_table(files, place.path)
    lockfile = install.get("lockfile")
    lockfile = lockfile if isinstance(lockfile, dict) else {}
    cache = install.get("cache")
    folder = cache.get("dir") if isinstance(cache, dict) else cache
    named = [
        install.get("cafile"),
        *re.findall(r"(?m)^\s*cafile\s*=\s*(\S+)", _text(files, posixpath.join(directory, ".npmrc"))),
    ]
    found = PathSet.of(*(place.path for place in places), *(join(directory, n) for n in named if isinstance(n, str)))
    return BunSettings(
        files=found | _env_files(files, directory, own),
        is_frozen=install.get("frozenLockfile") is True or install.get("production") is True,
        saves_lock=lockfile.get("save") is not False,
        prints_yarn_lock=lockfile.get("print") == "yarn",
        caches=(join(directory, folder),) if isinstance(folder, str) and "$" not in folder else (),
        doubts=("bunfig.toml names a security scanner, which runs",) if "security" in install else (),
    )  # fmt: skip


def _user_files(env: Mapping[str, str], home: str) -> list[SettingsFile]:
    """The user's own files; XDG_CONFIG_HOME takes the place of the home directory where it is set."""
    place = env.get("XDG_CONFIG_HOME") or home
    if not is_known(place) and place != home:
        raise ManifestError("path-unknown", "where bun's user settings lie is only known in a build")
    return [
        SettingsFile(posixpath.join(folder, name), folder)
        for folder in dict.fromkeys((home, place))
        for name in (".npmrc", ".bunfig.toml")
    ]


def _install_table(files: Files, path: str) -> dict[str, Any]:
    table = read_toml(files, path, "bun's configuration").get("install")
    table = table if isinstance(table, dict) else {}
    if unknown := sorted(table.keys() - _KNOWN_KEYS - {"security"}):
        raise ManifestError("unknown-option", f"{path}: what install.{unknown[0]} changes is not followed")
    lockfile = table.get("lockfile")
    if isinstance(lockfile, dict) and (moved := sorted(lockfile.keys() - {"save", "print"})):
        raise ManifestError("unknown-option", f"{path}: what install.lockfile.{moved[0]} changes is not followed")
    return table


def _text(files: Files, path: str) -> str:
    return (
        read_manifest(files, path, "bun's settings").decode("utf-8", "replace") if is_from_context(files, path) else ""
    )


def _env_files(files: Files, directory: str, config: str) -> PathSet:
    """The ``.env`` files that set something an install looks at.

    bun loads them all, but an application's own variables mean nothing to an install; and they are often in one
    working copy only, so that a COPY of them would fail elsewhere.
    """
    settings = "".join(_text(files, path) for path in (config, posixpath.join(directory, ".npmrc")))
    mentioned = set(re.findall(r"\$\{?(\w+)", settings))
    paths = [posixpath.join(directory, name) for name in _ENV_FILES]
    names = {path: set(_ENV_LINE.findall(_text(files, path))) for path in paths}
    absent = (path for path in paths if not is_from_context(files, path))
    relevant = (path for path in paths if any(_ENV_NAMES.fullmatch(name) or name in mentioned for name in names[path]))
    return PathSet.of(*absent, *relevant)
