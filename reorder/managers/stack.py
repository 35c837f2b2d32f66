"""Haskell: ``stack`` and ``cabal``, whose builds can be asked for the dependencies alone.

https://docs.haskellstack.org/en/stable/commands/build_command/,
https://cabal.readthedocs.io/en/stable/cabal-commands.html. Not tried on a real build, so that nothing is safe.
"""

from __future__ import annotations

import posixpath
import re
from fnmatch import fnmatch

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Prefetch, Rule, is_known
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.operands import at_home
from reorder.manifests.toolchains import refusal, shown_call, tool_effects

manager = Manager(
    __name__,
    ecosystem="Haskell",
    tools=("stack", "cabal"),
    role=Role.INSTALL,
    rules=(
        Rule("stack build --only-dependencies", "moves", Safety.UNSAFE, "documented",
             "it reads stack.yaml and the packages' descriptions"),
        Rule("cabal build --only-dependencies", "moves", Safety.UNSAFE, "documented",
             "it reads cabal.project and the packages' descriptions"),
        Rule("stack setup, cabal update", "moves", Safety.UNSAFE, "documented", "they read settings of the project"),
        Rule("stack build, stack install, cabal build", "two phases", Safety.UNSAFE, "documented",
             "the same with --only-dependencies first"),
        Rule("stack test, exec, ghc, cabal run, …", "stays", None, "", "they run code of the project"),
    ),
)  # fmt: skip

_ONLY = frozenset(("--only-dependencies", "--dependencies-only", "--only-snapshot"))
_BUILDS = {
    "stack": frozenset(("build", "install")),
    "cabal": frozenset(("build", "v2-build", "new-build", "install", "v2-install", "new-install")),
}
_FETCHES = {"stack": frozenset(("setup", "update")), "cabal": frozenset(("update", "v2-update", "new-update"))}
_FILE_OPTIONS = (
    "--stack-yaml", "--project-file", "--work-dir", "--local-bin-path", "--config-file", "--builddir", "--stack-root",
    "--project-dir", "--installdir", "--install-dir", "--package-db", "--store-dir", "--copy-bins-to",
)  # fmt: skip
_STACK_FILES = ("stack.yaml", "stack.yaml.lock", "hie.yaml")
_CABAL_FILES = ("cabal.project", "cabal.project.local", "cabal.project.freeze", "cabal.config")
_CACHES = (".stack", ".cabal", ".local/state/cabal", ".cache/cabal", ".config/cabal", ".ghc", ".local/share/stack")
_UNPROVEN = "a build of the dependencies alone was not tried here"


@manager
def analyze(call: Call) -> Effects:
    """The dependencies of a build, the compiler, and the list of packages."""
    tool = call.argv[0]
    words = [word for word in call.args if not word.startswith("-")]
    command = words[0] if words else ""
    try:
        if not command and not {"--version", "--numeric-version"}.isdisjoint(call.args):
            return Effects()
        if odd := next((word for word in call.args if word.startswith(_FILE_OPTIONS) or not is_known(word)), None):
            raise ManifestError("unknown-option", f"{tool} {odd}: it may name files of the project".replace("\0", "$…"))
        if command not in _BUILDS[tool] | _FETCHES[tool]:
            raise ManifestError("project-code", f"{shown_call(call)} runs code of the project")
        if command in _BUILDS[tool] and _ONLY.isdisjoint(call.args):
            raise ManifestError("install-builds-project", f"{shown_call(call)} builds the project")
        if command in _FETCHES[tool]:
            return _fetch(call)
        return _dependencies(call)
    except ManifestError as error:
        return refusal(error)


def _fetch(call: Call) -> Effects:
    names = _STACK_FILES if call.argv[0] == "stack" else _CABAL_FILES
    reads = PathSet.of(*(join(call.cwd, name) for name in names))
    return tool_effects(call, caches=_CACHES) | Effects(reads=reads, doubts=(_UNPROVEN,))


def _dependencies(call: Call) -> Effects:
    is_stack = call.argv[0] == "stack"
    folders = _stack_packages(call) if is_stack else _cabal_packages(call)
    found: list[str] = []
    for folder in folders:
        here = [posixpath.join(folder, n) for n in call.view.names(folder) if n == "package.yaml" or _is_cabal(n)]
        if not here:
            raise ManifestError("manifest-not-found", f"{folder} has no .cabal file that is copied from the context")
        found += [*here, posixpath.join(folder, "Setup.hs"), posixpath.join(folder, "Setup.lhs")]
    names = _STACK_FILES if is_stack else _CABAL_FILES
    reads = PathSet.of(*(join(call.cwd, name) for name in names), *found)
    outputs = [join(call.cwd, ".stack-work" if is_stack else "dist-newstyle")]
    outputs += [posixpath.join(folder, ".stack-work") for folder in folders if is_stack]
    evidence = tuple(f"{path}: read by {call.argv[0]}" for path in found if call.view.find(path) is not None)
    doubts = tuple(
        f"stack makes a .cabal file from {path}, which lists the sources"
        for path in found
        if path.endswith("package.yaml")
    )
    made = tuple(Output(path, rebuilt=False) for path in dict.fromkeys(outputs))
    effects = tool_effects(call, caches=_CACHES)
    return effects | Effects(reads=reads, outputs=made, evidence=evidence, doubts=(*doubts, _UNPROVEN))


def _is_cabal(name: str) -> bool:
    return name.endswith(".cabal") and name != ".cabal"


def _stack_packages(call: Call) -> list[str]:
    """The folders in ``packages`` of stack.yaml, by default its own; ``extra-deps`` may be folders as well."""
    import yaml

    path = join(call.cwd, "stack.yaml")
    try:
        data = yaml.load(read_manifest(call.view, path, "read by stack"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestError("manifest-not-understood", f"{path} is not understood: {error}") from None
    data = data if isinstance(data, dict) else {}
    listed = data.get("packages", ["."])
    extra = data.get("extra-deps") or []
    if not isinstance(listed, list) or not isinstance(extra, list) or not all(isinstance(p, str) for p in listed):
        raise ManifestError("manifest-not-understood", f"{path} has packages that are not understood")
    local = [word for word in extra if isinstance(word, str) and word.startswith((".", "/"))]
    if local:
        raise ManifestError("manifest-not-understood", f"{path} builds {local[0]} as a dependency")
    return [join(call.cwd, word) for word in listed]


def _cabal_packages(call: Call) -> list[str]:
    """The folders that ``packages:`` of cabal.project names, by default the working directory."""
    path = join(call.cwd, "cabal.project")
    if call.view.find(path) is None:
        return [call.cwd]
    text = read_manifest(call.view, path, "read by cabal").decode("utf-8", "replace")
    text = re.sub(r"--[^\n]*", "", text)
    if re.search(r"(?m)^\s*(?:optional-packages|import|if)\b", text):
        raise ManifestError("manifest-not-understood", f"{path} has parts that are not followed")
    field = re.search(r"(?m)^packages:((?:[^\n]*\n?)(?:[ \t]+[^\n]*\n?)*)", text)
    folders: list[str] = []
    for word in re.split(r"[\s,]+", field[1].strip()) if field and field[1].strip() else ["."]:
        folders += _cabal_folders(call, word.strip('"'), path)
    return list(dict.fromkeys(folders))


def _cabal_folders(call: Call, word: str, path: str) -> list[str]:
    if "://" in word or word.endswith(".tar.gz"):
        raise ManifestError("manifest-not-understood", f"{path} builds {word}, which is not a folder")
    folder = word.rpartition("/")[0] if word.endswith(".cabal") else word
    if "*" not in folder:
        return [join(call.cwd, folder or ".")]
    parent, _, pattern = folder.rstrip("/").rpartition("/")
    if "*" in parent:
        raise ManifestError("manifest-not-understood", f"{path} names packages by the pattern {word}")
    base = join(call.cwd, parent or ".")
    children = [posixpath.join(base, name) for name in call.view.names(base) if fnmatch(name, pattern)]
    return [child for child in children if any(map(_is_cabal, call.view.names(child)))]


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """The same build with ``--only-dependencies``."""
    tool = call.argv[0]
    words = [word for word in call.args if not word.startswith("-")]
    if not words or words[0] not in _BUILDS[tool] or not _ONLY.isdisjoint(call.args) or "--" in call.args:
        return None
    if (tool == "cabal" and words[0].endswith("install")) or not all(map(is_known, call.args)):
        return None
    if any(word.startswith(_FILE_OPTIONS) for word in call.args):
        return None
    try:
        _dependencies(call)
    except ManifestError:
        return None
    return Prefetch(
        why="the dependencies are named in the packages' descriptions",
        flags=("--only-dependencies",),
        leaves=PathSet.of(trees=at_home(call, *_CACHES)),
        doubts=(_UNPROVEN,),
        done_by=(
            *((*call.argv, flag) for flag in sorted(_ONLY)),
            *((tool, command, flag) for command in sorted(_BUILDS[tool]) for flag in sorted(_ONLY)),
        ),
    )
