"""The settings of npm and pnpm: ``.npmrc`` files and ``npm_config_*`` variables.

https://docs.npmjs.com/cli/v11/configuring-npm/npmrc and https://docs.npmjs.com/cli/v11/using-npm/config
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reorder.effects import PathSet, join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.package_json import is_from_context
from reorder.manifests.user_settings import SettingsFile

_READ_FILES = ("cafile", "cert-file", "key-file", "certfile", "keyfile")
_CODE = ("onload-script", "init-module", "global-pnpmfile", "script-shell", "git", "shell")
_ABSENT = frozenset(("", "null", "undefined"))


class Settings(NamedTuple):
    """Settings by name in lower case with dashes, and the files that are looked for."""

    values: Mapping[str, str]
    files: tuple[str, ...]

    def get(self, name: str, default: str = "") -> str:
        """The value of a setting."""
        return self.values.get(name, default)

    def is_on(self, name: str, *, default: bool = False) -> bool:
        """Whether a yes/no setting is on. A value that only a build can tell counts as the default."""
        value = self.values.get(name, "").strip().lower()
        if not value or "\0" in value or "${" in value:
            return default
        return value not in ("false", "no", "0", "off")


def settings_files(directory: str, *, env: Mapping[str, str], home: str) -> tuple[SettingsFile, ...]:
    """Where settings for a project in ``directory`` are looked for, weakest first: the system's, the user's, its own.

    Raises `ManifestError` if that depends on a build.
    """
    chosen = _from_env(env).get("userconfig")
    if chosen and "\0" in chosen:
        raise ManifestError("unknown-argument", "where npm's user settings lie is only known in a build")
    user = posixpath.split(join(directory, chosen or posixpath.join(home, ".npmrc")))
    return (
        *SettingsFile.directly_in("/etc", "/usr/local/etc", name="npmrc"),
        *SettingsFile.directly_in(user[0], name=user[1]),
        *SettingsFile.directly_in(directory, name=".npmrc"),
    )


def _from_env(env: Mapping[str, str]) -> dict[str, str]:
    return {
        name[11:].lower().replace("_", "-"): value for name, value in env.items() if name[:11].lower() == "npm_config_"
    }


def read_settings(
    files: Files, directory: str, *, env: Mapping[str, str], home: str, line: Mapping[str, str]
) -> Settings:
    """All settings for a project in ``directory``; ``line`` are those of the command line, which win.

    Order of precedence: command line, environment, project, user, system (npm's documentation). Raises
    `ManifestError`.
    """
    places = tuple(path for path, _ in settings_files(directory, env=env, home=home))
    values: dict[str, str] = {}
    for path in places:
        if is_from_context(files, path):
            values |= parse_rc(read_manifest(files, path, "npm's configuration"))
    return Settings({**values, **_from_env(env), **line}, places)


def parse_rc(raw: bytes) -> dict[str, str]:
    """The settings in the text of an ``.npmrc`` (ini without sections)."""
    values = {}
    for line in raw.decode("utf-8-sig", "replace").splitlines():
        text = line.strip()
        if not text or text[0] in "#;[":
            continue
        name, equals, value = text.partition("=")
        values[name.strip().strip("\"'").removesuffix("[]")] = value.strip().strip("\"'") if equals else "true"
    return values


def setting_reads(settings: Settings, directory: str) -> PathSet:
    """The files that settings name; raises `ManifestError` for those that run code of the project."""
    for name in _CODE:
        value = settings.get(name)
        if value not in _ABSENT and not value.startswith(("/bin/", "/usr/")) and value not in ("sh", "bash", "git"):
            raise ManifestError("install-runs-project-code", f"the npm setting {name}={_show(value)} names a program")
    node_options = settings.get("node-options")
    if any(word in node_options for word in ("-r", "--require", "--import", "--loader")):
        raise ManifestError(
            "install-runs-project-code", f"the npm setting node-options={_show(node_options)} loads code"
        )
    found = PathSet.of(*settings.files)
    for name, value in settings.values.items():
        if name in _READ_FILES or name.endswith((":certfile", ":keyfile", ":cafile")):
            if "\0" in value or "${" in value:
                raise ManifestError(
                    "unknown-argument", f"the npm setting {name} has a value that only a build can tell"
                )
            if value not in _ABSENT:
                found |= PathSet.of(join(directory, value))
    return found


def _show(value: str) -> str:
    return value.replace("\0", "…")


def cache_trees(
    settings: Settings, directory: str, names: Iterable[str] = ("cache", "store-dir", "tmp")
) -> tuple[str, ...]:
    """Directories that settings turn into caches; those that only a build can tell are left out."""
    values = (settings.get(name) for name in names)
    return tuple(
        join(directory, value) for value in values if value not in _ABSENT and "\0" not in value and "$" not in value
    )
