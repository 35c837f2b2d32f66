"""What ``uv pip install`` and its relatives are asked for: files, names, archives, projects.

The files have pip's format; a pyproject.toml that lists its dependencies is read without a build.
https://docs.astral.sh/uv/pip/packages/
"""

from __future__ import annotations

import posixpath

from reorder.effects import Effects, PathSet, join
from reorder.manager import UNKNOWN, Call, Options
from reorder.manifests import requirements as manifest
from reorder.manifests import uv_options as table
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.pyproject import parse_pyproject
from reorder.manifests.uv_project import dig

_SLUG = "install-builds-project"


def requirement_effects(call: Call, options: Options, command: str) -> Effects:
    """The closure of the files and words that ``uv pip`` is given; local projects are built, and then it stays."""
    closure = manifest.Closure()
    words = options.positionals[2:]
    files = table.values(options, "-r", "--requirement", "--requirements", "--with-requirements")
    files += words if command == "sync" else ()
    constraints = table.values(
        options, "-c", "--constraint", "--constraints", "--override", "--overrides", "--excludes", "-b",
        "--build-constraint", "--build-constraints",
    )  # fmt: skip
    for name in ("UV_CONSTRAINT", "UV_OVERRIDE", "UV_BUILD_CONSTRAINT", "UV_EXCLUDE"):
        constraints += tuple(call.env.get(name, "").split())
    manifests = [path for path in files if _is_project_file(path)]
    table.check_known((*files, *constraints), "a requirements file")
    for flag, value in [*(("-r", v) for v in files if v not in manifests), *(("-c", v) for v in constraints)]:
        if value.startswith("/dev/") or value == "-" or value.endswith(".lock") or "pylock" in value:
            raise ManifestError("unknown-argument", f"uv reads its requirements from {value}")
        include = manifest.Include(value, directory=call.cwd, cwd=call.cwd, asked_by=f"{flag} at command line")
        manifest.follow_include(closure, call.view, include)
    reads = PathSet.of(*(_static_manifest(call, path, options) for path in manifests))
    for value in table.values(options, "--group"):
        path = join(call.cwd, value.rpartition(":")[0] or "pyproject.toml")
        reads |= PathSet.of(_static_manifest(call, path, options))
    _follow_words(call, options, () if command == "sync" else words, closure)
    for local in closure.locals if command != "uninstall" else ():
        if local.editable or not local.path.lower().endswith(manifest.ARCHIVES):
            raise ManifestError(_SLUG, f"{local.where}: uv builds the project in {local.path}")
        reads |= PathSet.of(local.path)
    return Effects(
        reads=reads | PathSet.of(*closure.files, trees=closure.links),
        network=command != "uninstall",
        doubts=("a requirements file that is downloaded may name local paths",) if closure.remote else (),
        evidence=tuple(closure.files.values()),
    )


def _follow_words(call: Call, options: Options, words: tuple[str, ...], closure: manifest.Closure) -> None:
    asked = [(word, manifest.classify_requirement(word)) for word in words if not _is_version_unknown(word)]
    asked += [(f"-e {w}", manifest.classify_editable(w)) for w in table.values(options, "-e", "--editable")]
    for shown, classified in asked:
        where = f"uv pip install {shown}".replace(UNKNOWN, "…")
        manifest.add_requirement(closure, classified, cwd=call.cwd, where=where)


def _is_version_unknown(word: str) -> bool:
    """``ruff==…``: only a version is unknown."""
    known = word.partition(UNKNOWN)[0]
    return known != word and "=" in known and manifest.classify_requirement(word.replace(UNKNOWN, "0"))[0] == "name"


def _is_project_file(path: str) -> bool:
    return posixpath.basename(path) in ("pyproject.toml", "setup.py", "setup.cfg")


def _static_manifest(call: Call, value: str, options: Options) -> str:
    """A pyproject.toml that uv reads without building: it lists its dependencies itself."""
    path = join(call.cwd, value)
    if posixpath.basename(path) != "pyproject.toml":
        raise ManifestError("project-code", f"uv builds {path} to learn what it requires")
    tables = parse_pyproject(read_manifest(call.view, path, "-r at command line"), path)
    sources = str(dig(tables, "tool", "uv", "sources"))
    if {"dependencies", "optional-dependencies"} & set(dig(tables, "project").get("dynamic", [])):
        raise ManifestError(_SLUG, f"{path}: its dependencies are dynamic, so that uv builds it")
    if ("'path'" in sources or "'workspace'" in sources) and "--no-sources" not in options.switches:
        raise ManifestError(_SLUG, f"{path}: its dependencies lie in folders, which uv builds")
    if "file:" in str(dig(tables, "project")):
        raise ManifestError(_SLUG, f"{path}: its dependencies lie in local files")
    return path
