"""Dart and Flutter: ``pub get``, and the tools that are activated by name.

https://dart.dev/tools/pub/cmd/pub-get, https://dart.dev/tools/pub/pubspec, https://dart.dev/tools/pub/workspaces. Not
tried on a real build, so that nothing is safe.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from reorder.effects import Effects, Output, PathSet, Role, Safety, ancestors, join
from reorder.manager import Call, Manager, Prefetch, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.operands import at_home
from reorder.manifests.toolchains import refusal, shown_call, tool_effects

manager = Manager(
    __name__,
    ecosystem="Dart",
    tools=("dart", "flutter", "pub"),
    role=Role.INSTALL,
    rules=(
        Rule("dart pub get, flutter pub get", "moves", Safety.UNSAFE, "documented",
             "it reads pubspecs, the lock file, and the pubspecs of packages by path"),
        Rule("flutter build", "two phases", Safety.UNSAFE, "documented", "flutter pub get first"),
        Rule("dart pub global activate NAME", "moves", Safety.UNSAFE, "documented", "it reads nothing of the project"),
        Rule("dart compile, dart run, flutter test, …", "stays", None, "", "they read or run the sources"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --offline --no-offline --enforce-lockfile --no-example --example --precompile --no-precompile -v --verbose
    --no-analytics --disable-analytics --suppress-analytics --no-version-check --dry-run -n --unlock-transitive
    --version --no-color --color --release --debug --profile --no-tree-shake-icons --web --overwrite
    --no-web-resources-cdn --pub --no-pub --split-per-abi --obfuscate --wasm
    """.split()
)
_VALUED = frozenset(
    """
    -C --directory --hosted-url -u --dart-define --dart-define-from-file --web-renderer --base-href --target -t
    --build-name --build-number --flavor --pwa-strategy --target-platform -O -s --source
    """.split()
)
_CACHES = (".pub-cache", ".dart-tool", ".dart", ".flutter", ".config/flutter", ".config/dart")
_UNPROVEN = "what pub get reads is documented, but was not tried on a real build"


@manager
def analyze(call: Call) -> Effects:
    """``pub get`` and ``pub global activate``; everything else needs the sources."""
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    words = options.positionals
    if words[:1] in (("pub",), ("packages",)) and call.argv[0] != "pub":
        words = words[1:]
    elif call.argv[0] != "pub":
        words = ("", *words)
    try:
        if options.unknown and words[:1] in (("get",), ("global",)):
            raise ManifestError("unknown-option", f"{call.argv[0]} {options.unknown[0]} is not known")
        match words:
            case ("get",):
                return _get(call, _directory(call, options.values))
            case ("global", "activate", *names) if names:
                return _activate(call, tuple(names), options.values)
            case ("", "build", *_):
                raise ManifestError("install-builds-project", f"{shown_call(call)} builds the project")
            case ("",) | () if "--version" in options.switches:
                return Effects()
            case _:
                raise ManifestError("project-code", f"{shown_call(call)} may read any file of the project")
    except ManifestError as error:
        return refusal(ManifestError(error.slug, error.why.replace("\0", "$…")))


def _directory(call: Call, values: Mapping[str, tuple[str, ...]]) -> str:
    chosen = [v for name in ("-C", "--directory") for v in values.get(name, ())]
    if not all(map(is_known, chosen)):
        raise ManifestError("working-directory-unknown", "only a build can tell pub's --directory")
    return join(call.cwd, chosen[-1] if chosen else ".")


def _activate(call: Call, names: tuple[str, ...], values: Mapping[str, tuple[str, ...]]) -> Effects:
    sources = [v for name in ("-s", "--source") for v in values.get(name, ())]
    if any(source not in ("hosted", "git") for source in sources) or not all(map(is_known, names)):
        raise ManifestError("unknown-argument", f"{shown_call(call, 5)} may activate a package of the project")
    return _cached(call) | Effects(doubts=(_UNPROVEN,))


def _cached(call: Call) -> Effects:
    given = call.env.get("PUB_CACHE", "")
    if not is_known(given):
        raise ManifestError("path-unknown", "only a build can tell where pub keeps its cache")
    trees = PathSet.of(trees=[join(call.cwd, given)] if given else ())
    return tool_effects(call, caches=_CACHES) | Effects(reads=trees, writes=trees)


def _get(call: Call, directory: str) -> Effects:
    root = _workspace_root(call, directory)
    pubspecs = _follow(call, root)
    beside = PathSet.of(
        *(posixpath.join(posixpath.dirname(path), "pubspec_overrides.yaml") for path in pubspecs),
        *(posixpath.join(place, "pubspec.yaml") for place in (directory, *ancestors(directory))),
        *(posixpath.join(root, name) for name in ("pubspec.lock", ".flutter-plugins-dependencies", ".metadata")),
    )
    lock = posixpath.join(root, "pubspec.lock")
    is_there = call.view.find(lock) is not None
    doubts = (f"pub get rewrites {lock} if it is not in sync",) if is_there else ()
    outputs = tuple(Output(posixpath.join(posixpath.dirname(path), ".dart_tool"), rebuilt=False) for path in pubspecs)
    effects = _cached(call) | Effects(writes=PathSet() if is_there else PathSet.of(lock))
    evidence = tuple(f"{path}: read by pub" for path in pubspecs)
    reads = PathSet.of(*pubspecs) | beside
    return effects | Effects(reads=reads, outputs=outputs, evidence=evidence, doubts=(*doubts, _UNPROVEN))


def _workspace_root(call: Call, directory: str) -> str:
    """A member with ``resolution: workspace`` is resolved by the nearest pubspec above that has a ``workspace``."""
    if _pubspec(call, posixpath.join(directory, "pubspec.yaml")).get("resolution") != "workspace":
        return directory
    for place in ancestors(directory):
        path = posixpath.join(place, "pubspec.yaml")
        if call.view.find(path) is not None and _pubspec(call, path).get("workspace"):
            return place
    raise ManifestError("inside-a-workspace", f"{directory} is a member of a workspace that is not copied")


def _pubspec(call: Call, path: str) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.load(read_manifest(call.view, path, "read by pub"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestError("manifest-not-understood", f"{path} is not understood: {error}") from None
    if not isinstance(data, dict):
        raise ManifestError("manifest-not-understood", f"{path} is no pubspec")
    flutter = data.get("flutter")
    if isinstance(flutter, dict) and flutter.get("generate"):
        raise ManifestError("install-runs-project-code", f"{path} makes pub get generate code from the project's files")
    return data


def _follow(call: Call, root: str) -> list[str]:
    """The pubspecs of the project, of its workspace, and of packages by path."""
    found: list[str] = []
    waiting = [posixpath.join(root, "pubspec.yaml")]
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        found.append(path)
        data = _pubspec(call, path)
        place = posixpath.dirname(path)
        overrides = posixpath.join(place, "pubspec_overrides.yaml")
        sections = [data, _pubspec(call, overrides)] if call.view.find(overrides) is not None else [data]
        members = data.get("workspace")
        paths = [member for member in members if isinstance(member, str)] if isinstance(members, list) else []
        if any("*" in member for member in paths):
            raise ManifestError("workspaces-not-understood", f"{path} has patterns for its workspace")
        paths += [p for section in sections for p in _path_dependencies(section)]
        waiting += [posixpath.join(join(place, each), "pubspec.yaml") for each in paths]
    return found


def _path_dependencies(data: Mapping[str, Any]) -> list[str]:
    found = []
    for name in ("dependencies", "dev_dependencies", "dependency_overrides"):
        section = data.get(name)
        for value in section.values() if isinstance(section, dict) else ():
            if isinstance(value, dict) and isinstance(value.get("path"), str):
                found.append(value["path"])
    return found


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """``flutter pub get`` ahead of ``flutter build``, where the versions are locked."""
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    is_build = call.argv[0] == "flutter" and options.positionals[:1] == ("build",)
    if not is_build or options.unknown or not options.switches.isdisjoint(("--no-pub", "--offline")):
        return None
    try:
        _follow(call, call.cwd)
    except ManifestError:
        return None
    if call.view.find(join(call.cwd, "pubspec.lock")) is None:
        return None
    return Prefetch(
        why="pub get fetches what pubspec.lock says, and reads no sources",
        argv=("flutter", "pub", "get"),
        leaves=PathSet.of(trees=at_home(call, *_CACHES)),
        doubts=(_UNPROVEN,),
        done_by=(("flutter", "pub", "get"), ("flutter", "packages", "get")),
    )
