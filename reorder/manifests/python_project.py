"""What poetry, pipenv and pdm have in common: one project folder, its lock file, its environment, its local packages.

Each of them looks for its manifest in the working directory and upwards, installs into an environment that may lie in
the project, and builds the packages that the lock file finds in folders beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from reorder.effects import Effects, Output, PathSet, Role, ancestors, is_within, join
from reorder.manifests.files import Files, ManifestError
from reorder.manifests.python_environment import Interpreter, environment_effects
from reorder.manifests.user_settings import SettingsFile, is_changed

_PIP_PATHS = ("PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_FIND_LINKS", "PIP_BUILD_CONSTRAINT", "PIP_CERT")
_TRUE = frozenset(("1", "true", "yes", "on", "y", "t"))


class LocalPackage(NamedTuple):
    """A package that is not fetched: the container path of its folder or archive, and who names it."""

    path: str
    is_directory: bool
    asked_by: str


def find_upwards(files: Files, directory: str, name: str) -> str:
    """The directory, ``directory`` itself or the nearest above, that holds the file ``name``; else ``directory``."""
    return next((place for place in (directory, *ancestors(directory)) if files.find(join(place, name))), directory)


def between(directory: str, top: str) -> tuple[str, ...]:
    """The directories that a search from ``directory`` up to ``top`` looks at before it arrives."""
    return tuple(place for place in (directory, *ancestors(directory)) if is_within(place, top) and place != top)


def is_true(value: str) -> bool:
    """Whether a variable's value switches something on; an unknown value may."""
    return "\0" in value or value.strip().lower() in _TRUE


def is_off(value: str) -> bool:
    """Whether a variable that is set says no."""
    return value.strip().lower() in ("0", "false", "no", "off", "n", "f", "")


def setting_mark(folder: str, key: str) -> str:
    """A path that stands for one setting of the user's ``folder``, so that a later step sees that a step made it."""
    return join(folder, f"setting {key}")


def plugin_mark(folder: str) -> str:
    """A path that stands for plug-ins of unknown behaviour."""
    return join(folder, "plugins")


def has_mark(files: Files, mark: str, folder: str) -> bool:
    """Whether a step above set the mark. That it wrote all of a home directory (``chown -R``) does not count."""
    return is_changed(files, SettingsFile(mark, folder.rpartition("/.config/")[0] or folder))


def known_path(env: Mapping[str, str], name: str, cwd: str) -> str | None:
    """The path that the variable ``name`` holds, if it is set. Raises `ManifestError` if only a build knows it."""
    value = env.get(name, "")
    if "\0" in value:
        raise ManifestError("path-unknown", f"the value of {name} is only known at build time")
    return join(cwd, value) if value else None


def tool_effects(interpreter: Interpreter, role: Role, trees: Iterable[str] = ()) -> Effects:
    """What a tool that installs into an environment reads and writes; ``trees`` are its own places to write to.

    Raises `ManifestError` if code of the project would run.
    """
    env, cwd = interpreter.env, interpreter.cwd
    effects = environment_effects(interpreter, role)
    active = known_path(env, "VIRTUAL_ENV", cwd)
    places = tuple(dict.fromkeys((*trees, *([active] if active else ()))))
    made = {output.path for output in effects.outputs}
    named = [join(cwd, part) for name in _PIP_PATHS for part in env.get(name, "").split() if "://" not in part]
    return effects | Effects(
        reads=PathSet.of(trees=(*places, *(path for path in named if "\0" not in path))),
        writes=PathSet.of(trees=places),
        outputs=tuple(Output(place, rebuilt=False) for place in places if is_within(place, cwd) and place not in made),
    )


def local_effects(files: Files, packages: Iterable[LocalPackage], project: str) -> Effects:
    """What installing these packages reads: an archive, or a folder whose build provably stays inside.

    Raises `ManifestError` for a folder whose build may read more.
    """
    total = Effects()
    for package in packages:
        total |= _local_effects(files, package, project)
    return total


def _local_effects(files: Files, package: LocalPackage, project: str) -> Effects:
    from reorder.manifests.local_project import copyable_project

    path, _, asked_by = package
    if not package.is_directory:
        return Effects(reads=PathSet.of(path), evidence=(f"{path}: {asked_by}",))
    if is_within(project, path):
        raise ManifestError("install-builds-project", f"{asked_by} is the project itself, which is built")
    entry = files.find(path)
    if entry is None or entry.context_path is None:
        raise ManifestError("manifest-not-found", f"{path} ({asked_by}) is not copied from the build context")
    try:
        reads = copyable_project(files, path)
    except ManifestError as error:
        raise ManifestError(error.slug, f"{asked_by}: {error.why}") from None
    return Effects(reads=reads, writes=PathSet.of(trees=(join(path, "build"),)), evidence=(f"{path}/: {asked_by}",))
