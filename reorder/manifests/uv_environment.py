"""What any command of uv reads of its surroundings, and where it writes: settings, interpreters, caches, environments.

Traced with strace (uv 0.9.9): from the working directory up to the root it looks for pyproject.toml, uv.toml,
.python-version(s) and environments. https://docs.astral.sh/uv/concepts/configuration-files/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reorder.effects import Effects, Output, PathSet, Role, ancestors, is_within, join
from reorder.manager import Call, Options, is_known
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.pyproject import parse_pyproject
from reorder.manifests.python_environment import Interpreter, environment_effects
from reorder.manifests.user_settings import SettingsFile, check_home, check_unchanged
from reorder.manifests.uv_options import is_set, values
from reorder.manifests.uv_project import dig

_PROBES = ("pyproject.toml", "uv.toml", ".python-version", ".python-versions", "pyvenv.cfg")
_TREES = (
    "UV_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_BIN_DIR", "UV_PYTHON_CACHE_DIR", "UV_TOOL_DIR",
    "UV_TOOL_BIN_DIR", "UV_INSTALL_DIR", "XDG_DATA_HOME", "XDG_BIN_HOME",
)  # fmt: skip
_LINKS = ("UV_FIND_LINKS", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")
_OPTION_LINKS = ("-f", "--find-links", "--index", "--default-index", "-i", "--index-url", "--extra-index-url")
_MOVING = frozenset(("target", "prefix", "python", "cache-dir", "project-environment"))
"""Settings that put an install elsewhere."""
_COVERED = ("/", "/usr", "/usr/local", "/opt/venv", "/opt/conda", "/opt/python", "/opt/virtualenv")


def working_directory(call: Call, options: Options) -> tuple[str, str]:
    """Where uv works after ``--directory``, and where it looks for its project after ``--project``."""
    env = call.env
    chosen = [
        *values(options, "--directory"),
        *(env[n] for n in ("UV_WORKING_DIR", "UV_WORKING_DIRECTORY") if n in env),
    ]
    projects = [*values(options, "--project"), *(env[n] for n in ("UV_PROJECT",) if env.get(n))]
    for value in (*chosen, *projects):
        if not is_known(value):
            raise ManifestError("working-directory-unknown", "only a build can tell where uv works")
    cwd = join(call.cwd, chosen[0]) if chosen else call.cwd
    return cwd, join(cwd, projects[0]) if projects else cwd


def surroundings(call: Call, options: Options, places: tuple[str, ...], role: Role) -> Effects:
    """What uv reads in ``places`` and above and in the system, and what it writes outside of the project."""
    check_home(call.home)
    _check_settings(call, places)
    # uv starts interpreters with -I, so that modules of the working directory never come first.
    program = call.program if "/" in call.program else "uv"
    base = Interpreter(program, call.view, call.cwd, call.env, call.home, "python")
    config = join(call.env.get("XDG_CONFIG_HOME") or join(call.home, ".config"), "uv")
    system = PathSet.of("/etc/uv/uv.toml", "/etc/xdg/uv/uv.toml", trees=(config,))
    above = dict.fromkeys(d for place in places for d in (place, *ancestors(place)))
    probes = PathSet.of(*(join(d, name) for d in above for name in _PROBES))
    trees = PathSet.of(trees=_named_trees(call, options))
    links = PathSet.of(*_config_files(call, options), trees=_links(call, options, places))
    effects = environment_effects(base, role)
    return effects | Effects(reads=system | probes | trees | links, writes=trees)


def _check_settings(call: Call, places: tuple[str, ...]) -> None:
    names = ("uv.toml", ".python-version", ".python-versions")
    wanted = [f for name in names for f in SettingsFile.directly_in(*places, name=name)]
    config = call.env.get("XDG_CONFIG_HOME") or join(call.home, ".config")
    wanted += [SettingsFile(join(config, "uv/uv.toml"), config), SettingsFile("/etc/uv/uv.toml", "/etc")]
    check_unchanged(call.view, (each for each in wanted if is_known(each.path)), "uv")


def _named_trees(call: Call, options: Options) -> Iterator[str]:
    named = [*values(options, "--cache-dir", "--install-dir"), *(call.env[n] for n in _TREES if call.env.get(n))]
    for value in named:
        if not is_known(value):
            raise ManifestError("path-unknown", "a directory of uv is only known at build time")
        yield join(call.cwd, value)


def _config_files(call: Call, options: Options) -> tuple[str, ...]:
    named = [*values(options, "--config-file"), *(call.env[n] for n in ("UV_CONFIG_FILE",) if call.env.get(n))]
    if not all(map(is_known, named)):
        raise ManifestError("path-unknown", "the configuration file of uv is only known at build time")
    return tuple(join(call.cwd, value) for value in named)


def _links(call: Call, options: Options, places: tuple[str, ...]) -> Iterator[str]:
    """Folders of archives that options, variables and settings name."""
    words = list(values(options, *_OPTION_LINKS))
    words += [word for name in _LINKS for word in call.env.get(name, "").replace(",", " ").split()]
    for word in words:
        address = word.partition("=")[2] if "=" in word.partition("/")[0] else word
        if is_known(address):
            yield from _local(address, call.cwd)
    for path in _config_files(call, options):
        yield from _settings_links(_read(call, path), path)
    for directory in dict.fromkeys(d for place in places for d in (place, *ancestors(place))):
        for name in ("uv.toml", "pyproject.toml"):
            entry = call.view.find(path := join(directory, name))
            if entry is not None and entry.context_path is not None:
                tables = _read(call, path)
                yield from _settings_links(tables if name == "uv.toml" else dig(tables, "tool", "uv"), path)


def _read(call: Call, path: str) -> Mapping[str, Any]:
    return parse_pyproject(read_manifest(call.view, path, "read by uv"), path)


def _settings_links(settings: Mapping[str, Any], path: str) -> Iterator[str]:
    directory = path.rpartition("/")[0] or "/"
    for table in (settings, dig(settings, "pip")):
        if moving := _MOVING & set(table):
            raise ManifestError("unknown-option", f"{path} sets {min(moving)}, which moves what uv installs")
        listed = table.get("index", [])
        addresses = [each.get("url") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        for key in ("index-url", "extra-index-url", "find-links"):
            value = table.get(key, [])
            addresses += value if isinstance(value, list) else [value]
        for address in addresses:
            yield from _local(str(address), directory)


def _local(address: str, directory: str) -> Iterator[str]:
    if address.startswith("file:"):
        yield join(directory, address.removeprefix("file:").removeprefix("//"))
    elif "://" not in address:
        yield join(directory, address)


def project_environment(call: Call, options: Options, root: str) -> str:
    """The environment that ``uv sync`` fills."""
    chosen = call.env.get("UV_PROJECT_ENVIRONMENT") or ".venv"
    if is_set(options, {}, "--active") and call.env.get("VIRTUAL_ENV"):
        chosen = call.env["VIRTUAL_ENV"]
    if not is_known(chosen):
        raise ManifestError("path-unknown", "UV_PROJECT_ENVIRONMENT is only known at build time")
    return join(root, chosen)


def pip_environments(call: Call, options: Options) -> tuple[str, ...]:
    """The environments that ``uv pip`` may change, beside the system's."""
    named = values(options, "--target", "-t", "--prefix")
    named += tuple(
        word for word in values(options, "-p", "--python") if "/" in word and not word.endswith("/bin/python")
    )
    if call.env.get("VIRTUAL_ENV"):
        named += (call.env["VIRTUAL_ENV"],)
    if not all(map(is_known, named)):
        raise ManifestError("path-unknown", "where uv installs to is only known at build time")
    if not named and not is_set(options, {"UV_SYSTEM_PYTHON": call.env.get("UV_SYSTEM_PYTHON", "")}, "--system-python"):
        above = (join(d, ".venv") for d in (call.cwd, *ancestors(call.cwd)))
        named = (
            ()
            if "--system" in options.switches
            else tuple(d for d in above if d == join(call.cwd, ".venv") or call.view.find(d))
        )
    return tuple(join(call.cwd, each) for each in named)


def filled(places: tuple[str, ...], cwd: str, *, rebuilt: bool = False) -> Effects:
    """The effects of installing into these environments; those of the image are in `environment_effects`."""
    own = tuple(place for place in places if place not in _COVERED)
    trees = PathSet.of(trees=own)
    outputs = tuple(Output(place, rebuilt=rebuilt) for place in own if is_within(place, cwd) or place.endswith("venv"))
    return Effects(reads=trees, writes=trees, outputs=outputs)
