"""A project that lies in the build context beside the one that installs it, as ``./libs/foo`` in a requirements file.

pip builds it, which runs code. Where that code provably stays inside the project's folder, the whole folder is what
the install reads. Real builds (pip 23.0) gave equal images with setuptools, installed and editable; hatchling
also reads the .gitignore of the folders above, without which it packed other files.
"""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple

from reorder.context.model import Kind
from reorder.effects import PathSet, join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.pyproject import analyze_build, build_backend, parse_pyproject
from reorder.manifests.python_environment import ancestors
from reorder.manifests.setup_cfg import Declaration, analyze_setup_cfg
from reorder.manifests.setup_py import SetupScript, analyze_setup_py

_SLUG = "install-builds-project"
_LARGEST = 3000
"""Entries of a folder that are looked at for symbolic links; larger ones are not worth an early copy."""


class Project(NamedTuple):
    """What building a project reads, the files that are named as such, and why it may be anything."""

    probes: tuple[str, ...]
    files: tuple[str, ...]
    reasons: tuple[str, ...]


def copyable_project(files: Files, directory: str) -> PathSet:
    """What pip reads to build the project in ``directory``: all of it, and little else.

    Raises `ManifestError` where the build may read more, or would change what the context holds.
    """
    _refuse_links(files, directory)
    for place in (directory, join(directory, "src")):
        for name in files.names(place):
            if name.endswith(".egg-info") or name == "build":
                raise ManifestError(_SLUG, f"{join(place, name)} is in the build context, and building rewrites it")
    project = describe_project(files, directory)
    if project.reasons:
        raise ManifestError(_SLUG, f"pip builds {directory}, and {project.reasons[0]}")
    return PathSet.of(*project.probes, trees=(directory,))


def describe_project(files: Files, directory: str) -> Project:
    """What the project's setup.py, setup.cfg and pyproject.toml tell of its build. Raises `ManifestError`."""
    names = files.names(directory)
    declared = Declaration()
    script = SetupScript()
    is_hatchling = False
    if "pyproject.toml" in names:
        tables = parse_pyproject(_read(files, directory, "pyproject.toml"), join(directory, "pyproject.toml"))
        declared = _merge(declared, analyze_build(tables))
        is_hatchling = build_backend(tables).startswith("hatchling")
    if "setup.cfg" in names:
        text = _read(files, directory, "setup.cfg").decode("utf-8", "replace")
        declared = _merge(declared, analyze_setup_cfg(text, join(directory, "setup.cfg")))
    if "setup.py" in names:
        script = analyze_setup_py(_read(files, directory, "setup.py").decode("utf-8", "replace"))
    reasons = [*declared.reasons, *(f"setup.py: {reason}" for reason in script.reasons)]
    for path in script.executes:
        reasons += [f"{path}: {reason}" for reason in _judge_module(files, join(directory, path), None)]
    for attribute in declared.attributes:
        path = _attribute_file(files, directory, attribute)
        inner = _judge_module(files, join(directory, path), attribute.rpartition(".")[2])
        reasons += [f"{path}: {reason}" for reason in inner]
    if not {"pyproject.toml", "setup.py"} & set(names):
        reasons.append("there is neither a setup.py nor a pyproject.toml in it")
    return Project(
        _ignore_probes(directory) if is_hatchling else (),
        (*script.opens, *declared.files),
        tuple(dict.fromkeys(reasons)),
    )


def _read(files: Files, directory: str, name: str) -> bytes:
    return read_manifest(files, join(directory, name), "what pip builds")


def _merge(first: Declaration, second: Declaration) -> Declaration:
    return Declaration(*(a + b for a, b in zip(first, second, strict=True)))


def _attribute_file(files: Files, directory: str, attribute: str) -> str:
    """The module of ``attr: package.module.name``, in the folder or its ``src``."""
    stem = attribute.rpartition(".")[0].replace(".", "/")
    places = [f"{place}{stem}{end}" for place in ("", "src/") for end in (".py", "/__init__.py")]
    return next((path for path in places if files.find(join(directory, path))), places[0])


def _judge_module(files: Files, path: str, name: str | None) -> tuple[str, ...]:
    """Why running the module may read anything; setuptools does not run it if ``name`` is a literal in it."""
    try:
        text = read_manifest(files, path, "what the build executes").decode("utf-8", "replace")
    except ManifestError as error:
        return (error.why,)
    if name is not None and _is_literal(text, name):
        return ()
    return analyze_setup_py(text).reasons


def _is_literal(text: str, name: str) -> bool:
    """Whether the first assignment to ``name`` at the module's top gives it a plain string."""
    found = re.search(rf"(?m)^{re.escape(name)}\s*(?::[^=\n]*)?=(.*)$", text)
    return found is not None and re.fullmatch(r"\s*([\"'])[^\"'\\]*\1\s*(?:#.*)?", found[1]) is not None


def _ignore_probes(directory: str) -> tuple[str, ...]:
    above = ancestors(posixpath.dirname(directory))
    return tuple(join(place, name) for place in above for name in (".gitignore", ".hgignore"))


def _refuse_links(files: Files, directory: str) -> None:
    waiting, count = [directory], 0
    while waiting:
        place = waiting.pop()
        for name in files.names(place):
            path, count = join(place, name), count + 1
            entry = files.find(path)
            if count > _LARGEST:
                raise ManifestError(_SLUG, f"pip builds {directory}, which is large")
            if entry is not None and entry.kind is Kind.SYMLINK:
                raise ManifestError(_SLUG, f"pip builds {directory}, and {path} is a symbolic link")
            if entry is not None and entry.kind is Kind.DIRECTORY:
                waiting.append(path)


def why_it_stays(files: Files, directory: str) -> str:
    """One clause on what building ``directory`` reads, for a refusal."""
    try:
        project = describe_project(files, directory)
    except ManifestError as error:
        return error.why
    named = ", ".join(dict.fromkeys(project.files))
    clauses = ["its build packs the source files that it finds" + (f" and reads {named}" if named else "")]
    return re.sub(r"\s+", " ", "; ".join((*clauses, *project.reasons[:2])))
