"""Nimble, the package manager of Nim: dependencies alone, and packages by name.

A ``.nimble`` file is a program. https://nim-lang.github.io/nimble/use-packages.html. Not tried on a real build, so
that nothing is safe.
"""

from __future__ import annotations

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Prefetch, Rule, is_known, parse_options
from reorder.manifests.files import ManifestError
from reorder.manifests.operands import at_home, names_matching
from reorder.manifests.toolchains import refusal, shown_call, tool_effects

manager = Manager(
    __name__,
    ecosystem="Nim",
    tools=("nimble",),
    role=Role.INSTALL,
    rules=(
        Rule("nimble install --depsOnly", "moves", Safety.UNSAFE, "documented", "it reads the .nimble file, a program"),
        Rule("nimble install NAME", "moves", Safety.UNSAFE, "documented", "it reads nothing of the project"),
        Rule("nimble build, install", "two phases", Safety.UNSAFE, "documented", "nimble install --depsOnly first"),
        Rule("nimble test, run, TASK", "stays", None, "", "they run code of the project"),
    ),
)

_SWITCHES = frozenset(
    """
    -y --accept -d --depsOnly --depsonly -l --localdeps --verbose --silent --noColor --offline --debug -v --version
    --useSystemNim -h --help --noLockFile --noRebuild --passNim
    """.split()
)
_VALUED = frozenset("--nim --nimbleDir --nimbledir -p --define -d: --passC --passL".split())
_CACHES = (".nimble", ".cache/nim")
_UNPROVEN = "a .nimble file is a program, and its install was not tried on a real build"


@manager
def analyze(call: Call) -> Effects:
    """Dependencies alone, a package by name, and the list of packages."""
    options = parse_options(_without_defines(call.args), valued=_VALUED, switches=_SWITCHES)
    command, *names = options.positionals or ("",)
    try:
        if command in ("refresh", "search", "list") or (not command and options.switches):
            return tool_effects(call, caches=_CACHES)
        if command not in ("install", "build", "setup", "sync") and not (command == "deps" or command.endswith("lock")):
            raise ManifestError("project-code", f"{shown_call(call)} runs code of the project")
        if options.unknown:
            raise ManifestError("unknown-option", f"nimble {options.unknown[0]} is not known".replace("\0", "$…"))
        if command == "install" and names:
            return _by_name(call, names)
        if command != "install" or not _deps_only(options.switches):
            raise ManifestError("install-builds-project", f"{shown_call(call)} builds the project")
        return _dependencies(call, is_local=not options.switches.isdisjoint(("-l", "--localdeps")))
    except ManifestError as error:
        return refusal(error)


def _without_defines(args: tuple[str, ...]) -> tuple[str, ...]:
    """``-d:release`` defines a symbol; ``-d`` alone asks for the dependencies only."""
    return tuple(word for word in args if not word.startswith(("-d:", "--define:", "--mm:", "--gc:", "--opt:")))


def _deps_only(switches: frozenset[str]) -> bool:
    return not switches.isdisjoint(("-d", "--depsOnly", "--depsonly"))


def _by_name(call: Call, names: list[str]) -> Effects:
    for name in names:
        if not is_known(name) or name.startswith((".", "/", "~")):
            raise ManifestError("unknown-argument", f"{shown_call(call, 4)} may install a package of the project")
    local = PathSet.of(*(join(call.cwd, name) for name in ("nimble.lock", "nimble.paths")))
    return tool_effects(call, caches=_CACHES) | Effects(reads=local, doubts=(_UNPROVEN,))


def _dependencies(call: Call, *, is_local: bool) -> Effects:
    manifests = names_matching(call, "*.nimble")
    if len(manifests) != 1:
        raise ManifestError("manifest-not-found", f"{call.cwd} has no .nimble file, or several")
    beside = ("nimble.lock", "nimble.develop", "nimble.paths", "config.nims", f"{manifests[0]}s", "nim.cfg")
    reads = PathSet.of(*(join(call.cwd, name) for name in (manifests[0], *beside)))
    folder = join(call.cwd, "nimbledeps")
    outputs = (Output(folder, rebuilt=False),) if is_local or call.view.find(folder) is not None else ()
    evidence = (f"{join(call.cwd, manifests[0])}: read by nimble",)
    effects = tool_effects(call, caches=_CACHES)
    return effects | Effects(reads=reads, outputs=outputs, evidence=evidence, doubts=(_UNPROVEN,))


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """``nimble install --depsOnly -y`` ahead of a build."""
    options = parse_options(_without_defines(call.args), valued=_VALUED, switches=_SWITCHES)
    is_build = options.positionals[:1] == ("build",) or options.positionals == ("install",)
    is_plain = not options.unknown and not options.values and len(names_matching(call, "*.nimble")) == 1
    if not is_build or not is_plain or _deps_only(options.switches) or "--offline" in options.switches:
        return None
    local = tuple(word for word in ("-l", "--localdeps") if word in options.switches)
    return Prefetch(
        why="the dependencies are named in the .nimble file",
        argv=("nimble", "install", "--depsOnly", "-y", *local),
        leaves=PathSet.of(trees=at_home(call, *_CACHES)),
        doubts=(_UNPROVEN,),
        done_by=tuple(("nimble", "install", *pair) for pair in (
            ("--depsOnly",), ("-d",), ("-y", "--depsOnly"), ("-y", "-d"), ("-dy",), ("-yd",), ("--depsonly",),
        )),
    )  # fmt: skip
