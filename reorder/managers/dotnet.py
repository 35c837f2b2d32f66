"""The .NET command line: ``dotnet restore``, tools, and the restore that a build or publish begins with.

What a restore reads is documented, and was not tried here, so that nothing but questions to the SDK is safe.
https://learn.microsoft.com/dotnet/core/tools/dotnet-restore
"""

from __future__ import annotations

import posixpath

from reorder.context.model import Kind
from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Options, Prefetch, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError
from reorder.manifests.msbuild import PROJECT_ENDINGS, SOLUTION_ENDINGS, Closure, load_closure
from reorder.manifests.nuget_config import is_folder, read_nuget_settings
from reorder.manifests.operands import at_home, probes
from reorder.manifests.toolchains import refusal, shown_call, tool_effects

manager = Manager(
    __name__,
    ecosystem=".NET",
    tools=("dotnet",),
    role=Role.INSTALL,
    rules=(
        Rule("dotnet restore", "moves", Safety.UNSAFE, "documented",
             "it reads solutions, projects, what they import and refer to, and settings up the tree"),
        Rule("dotnet publish, build, pack", "two phases", Safety.UNSAFE, "documented",
             "they begin with a restore, which then finds all in place"),
        Rule("dotnet tool install --global", "moves", Safety.UNSAFE, "documented", "it reads nuget.config up the tree"),
        Rule("dotnet tool restore", "moves", Safety.UNSAFE, "documented", "it reads dotnet-tools.json up the tree"),
        Rule("dotnet test, run, ef, X.dll", "stays", None, "", "they run code of the project"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --no-cache --no-http-cache --no-dependencies --disable-parallel --ignore-failed-sources --force --force-evaluate
    --interactive --use-lock-file --locked-mode --nologo -nologo /nologo --use-current-runtime --ucr
    --disable-build-servers --no-self-contained --sc --self-contained --no-build --no-restore --no-incremental
    --no-launch-profile -f --include-symbols --include-source --serviceable -m -maxcpucount
    """.split()
)
_VALUED = frozenset(
    """
    -s --source --packages -r --runtime --configfile -v --verbosity -a --arch --os --lock-file-path -p --property -c
    --configuration -o --output --framework --version-suffix --artifacts-path --manifest -tl --tl
    """.split()
)
_BUILDS = frozenset(("publish", "build", "pack", "msbuild"))
_KEPT = frozenset("-s --source --packages -r --runtime --configfile -a --arch --os -p --property".split())
_CACHES = (".nuget/packages", ".local/share/NuGet", ".dotnet", ".templateengine", ".local/share/Microsoft")
_SETTINGS = (".nuget", ".config/NuGet")
_UNPROVEN = "what dotnet restore reads is documented, but was not tried on a real build"


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word."""
    try:
        match call.args[:2]:
            case () | ("--version" | "--info" | "--list-sdks" | "--list-runtimes" | "--help" | "-h" | "help", *_):
                return Effects(reads=probes(call, "global.json"))
            case ("restore", *_):
                return _restore(call, _parse(call.args[1:]))
            case ("tool", *_):
                return _tool(call)
            case (("publish" | "build" | "pack" | "msbuild"), *_):
                raise ManifestError("install-builds-project", f"{shown_call(call)} builds the project from its sources")
            case _:
                raise ManifestError("project-code", f"{shown_call(call)} runs or changes the project")
    except ManifestError as error:
        return refusal(error)


def _parse(args: tuple[str, ...], also_valued: frozenset[str] = frozenset()) -> Options:
    """Options of MSBuild may begin with a slash: ``/p:Name=value``, ``/maxcpucount``."""
    words: list[str] = []
    for word in args:
        head, colon, value = word.partition(":")
        if word in ("true", "false") and words[-1:] in (["--self-contained"], ["--sc"]):
            continue
        if colon and head in ("-p", "/p", "--property", "-property", "/property"):
            words += ["--property", value]
        elif colon and head in ("-v", "/v", "-verbosity", "/verbosity", "-tl", "--tl", "-maxcpucount", "-m", "/m"):
            continue
        else:
            words.append(word)
    return parse_options(words, valued=_VALUED | also_valued, switches=_SWITCHES - also_valued)


def _restore(call: Call, options: Options) -> Effects:
    if options.unknown:
        raise ManifestError("unknown-option", f"dotnet restore {options.unknown[0].replace(chr(0), '$…')} is not known")
    for word in (*options.positionals, *(v for values in options.values.values() for v in values)):
        if not is_known(word):
            raise ManifestError("unknown-argument", "a part of dotnet restore is only known at build time")
    roots = _roots(call, options)
    closure = load_closure(call.view, roots, call.cwd)
    effects = tool_effects(call, caches=_CACHES, settings=_SETTINGS)
    evidence = tuple(f"{path}: read by dotnet restore" for path in closure.projects)
    outputs = _outputs(closure)
    effects |= Effects(reads=closure.reads, outputs=outputs, evidence=evidence, doubts=(*closure.doubts, _UNPROVEN))
    return effects | _packages(call, options, closure) | _lock_files(call, options, closure)


def _roots(call: Call, options: Options) -> tuple[str, ...]:
    """The project or solution that is named, or that lies in the folder (MSBuild takes only one)."""
    found: list[str] = []
    for word in options.positionals or (".",):
        path = join(call.cwd, word.replace("\\", "/"))
        entry = call.view.find(path)
        if word.endswith((*PROJECT_ENDINGS, *SOLUTION_ENDINGS)) and (entry is None or entry.kind is not Kind.DIRECTORY):
            found.append(path)
            continue
        names = call.view.names(path)
        here = [posixpath.join(path, n) for n in names if n.endswith((*PROJECT_ENDINGS, *SOLUTION_ENDINGS))]
        if not here:
            raise ManifestError("manifest-not-found", f"{path} has no project that is copied from the build context")
        found += here
    return tuple(found)


def _outputs(closure: Closure) -> tuple[Output, ...]:
    """``obj`` beside each project, or one folder for all (``UseArtifactsOutput``)."""
    if closure.artifacts:
        return tuple(Output(path, rebuilt=False) for path in closure.artifacts)
    return tuple(Output(posixpath.join(posixpath.dirname(path), "obj"), rebuilt=False) for path in closure.projects)


def _packages(call: Call, options: Options, closure: Closure) -> Effects:
    """Where packages come from and go to."""
    places = tuple(dict.fromkeys((call.cwd, *(posixpath.dirname(path) for path in closure.projects))))
    given = tuple(join(call.cwd, path) for path in options.values.get("--configfile", ()))
    settings = read_nuget_settings(call.view, places, given)
    sources = [value for name in ("-s", "--source") for value in options.values.get(name, ())]
    folders = PathSet.of(trees=[join(call.cwd, source) for source in sources if is_folder(source)])
    named = [join(call.cwd, path) for path in options.values.get("--packages", ())]
    named += [path for path in [call.env.get("NUGET_PACKAGES", "")] if path]
    if not all(map(is_known, named)):
        raise ManifestError("path-unknown", "only a build can tell where NuGet puts packages")
    trees = (*named, *settings.packages)
    written = PathSet.of(trees=trees)
    outputs = tuple(Output(path, rebuilt=False) for path in trees)
    return Effects(reads=settings.reads | folders | written, writes=written, outputs=outputs)


def _lock_files(call: Call, options: Options, closure: Closure) -> Effects:
    """A lock file that is in sync stays as it is; one that is not there may be written."""
    if "--locked-mode" in options.switches:
        return Effects()
    if "--force-evaluate" in options.switches:
        raise ManifestError("lock-would-be-rewritten", "dotnet restore --force-evaluate rewrites lock files")
    paths = [posixpath.join(posixpath.dirname(path), "packages.lock.json") for path in closure.projects]
    present = [path for path in paths if call.view.find(path) is not None]
    absent = PathSet.of(*(path for path in paths if path not in present))
    doubts = tuple(f"dotnet restore rewrites {path} if it is not in sync" for path in present)
    return Effects(writes=absent, doubts=doubts)


def _tool(call: Call) -> Effects:
    """``dotnet tool install --global NAME`` and ``dotnet tool restore``."""
    words = call.args[1:]
    effects = tool_effects(call, caches=_CACHES, settings=_SETTINGS) | Effects(doubts=(_UNPROVEN,))
    settings = read_nuget_settings(call.view, (call.cwd,), ()).reads | probes(call, "global.json")
    if words[:1] == ("restore",):
        manifests = probes(call, ".config/dotnet-tools.json", "dotnet-tools.json")
        found = tuple(path for path in manifests.files if call.view.find(path) is not None)
        evidence = tuple(f"{path}: read by dotnet tool restore" for path in found)
        return effects | Effects(reads=settings | manifests, evidence=evidence)
    paths = [words[i + 1] for i, word in enumerate(words[:-1]) if word == "--tool-path"]
    is_global = bool(paths) or not {"-g", "--global"}.isdisjoint(words)
    if words[:1] not in (("install",), ("update",), ("uninstall",)) or not is_global:
        raise ManifestError("install-edits-manifest", f"{shown_call(call)} works on the project's list of tools")
    if any(word.startswith(("--add-source", "--configfile", "--source")) for word in words) or not all(
        map(is_known, paths)
    ):
        raise ManifestError("unknown-option", f"{shown_call(call)}: an option that may name files")
    target = PathSet.of(trees=[join(call.cwd, path) for path in paths])
    return effects | Effects(reads=settings | target, writes=target)


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """The restore that a build begins with, of the same project, runtime and settings."""
    if call.args[:1] not in tuple((name,) for name in _BUILDS):
        return None
    options = _parse(call.args[1:], frozenset(["-f"]))
    if options.unknown or not options.switches.isdisjoint(("--no-restore", "--no-build")):
        return None
    words = [word for name, values in options.values.items() if name in _KEPT for v in values for word in (name, v)]
    argv = ("dotnet", "restore", *options.positionals, *_spelled(words))
    if not all(map(is_known, argv)):
        return None
    try:
        load_closure(call.view, _roots(call, options), call.cwd)
    except ManifestError:
        return None
    return Prefetch(
        why="a restore reads projects and settings, and no sources",
        argv=argv,
        leaves=PathSet.of(trees=at_home(call, *_CACHES)),
        doubts=(_UNPROVEN,),
        done_by=(("dotnet", "restore"),),
    )


def _spelled(words: list[str]) -> list[str]:
    """``--property A=B`` as people write it: ``-p:A=B``."""
    pairs = zip(words[::2], words[1::2], strict=True)
    return [w for name, v in pairs for w in ([f"-p:{v}"] if name in ("-p", "--property") else [name, v])]
