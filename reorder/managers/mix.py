"""mix, the build tool of Elixir: ``mix deps.get``, ``mix deps.compile`` and the set-up of hex and rebar.

Every task runs mix.exs and config/config.exs, which are Elixir code (Mix.CLI, "loadconfig"); what they read is found
by their text only, so that nothing here is proven. https://hexdocs.pm/mix/Mix.Tasks.Deps.Get.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reorder.effects import Effects, Output, PathSet, Role, Safety, is_within, join
from reorder.manager import Call, Manager, Rule, is_known
from reorder.manifests.files import ManifestError
from reorder.manifests.mix_exs import read_mix_exs
from reorder.manifests.toolchains import shown_call, tool_effects

manager = Manager(
    __name__,
    ecosystem="Elixir",
    tools=("mix",),
    role=Role.INSTALL,
    rules=(
        Rule("mix deps.get, deps.compile", "moves", Safety.UNSAFE, "documented",
             "mix.exs and config are code, judged by their text only"),
        Rule("mix local.hex, local.rebar", "moves", Safety.UNSAFE, "documented",
             "they run mix.exs where there is one"),
        Rule("mix compile, release and other tasks", "stays", None, "", "they read the project's sources"),
    ),
)  # fmt: skip

_SETUP = frozenset("local.hex local.rebar hex.organization hex.repo hex.config archive.install local.phx".split())
_FETCHING = frozenset("deps.get deps.compile deps.clean".split())
_QUERIES = frozenset("deps hex.info help hex.outdated".split())
_SWITCHES = frozenset(
    """
    --force --if-missing --check-locked --no-archives-check --no-compile --no-deps-check --include-children
    --skip-umbrella-children --skip-local-deps --all --unused --unlock --build --include-current-project --no-protocol
    """.split()
)
_VALUED = frozenset("--only --target --no-only --key --url --sha512 --organization --repo".split())
_CACHES = (".mix", ".hex", ".cache/mix", ".cache/hex", ".cache/rebar3", ".config/rebar3", ".local/share/mix")
_SYSTEM_CACHES = ("MIX_HOME", "HEX_HOME", "MIX_ARCHIVES", "MIX_REBAR3", "MIX_XDG")
_PLACES = {"MIX_DEPS_PATH": "deps", "MIX_BUILD_PATH": "_build", "MIX_BUILD_ROOT": "_build"}


@manager
def analyze(call: Call) -> Effects:
    """Each task of ``mix do a, b + c`` in turn."""
    total = Effects()
    for words in _tasks(call.args):
        try:
            total |= _task(call, words)
        except ManifestError as error:
            role = Role.INSTALL if words[:1] == ("deps.get",) else Role.LOCAL
            return Effects.blocked(error.slug, error.why, role=role)
    return total


def _tasks(args: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if args[:1] != ("do",):
        yield args
        return
    task: list[str] = []
    for word in (*args[1:], "+"):
        if word in (",", "+"):
            yield tuple(task)
            task = []
        elif word.endswith(","):
            yield (*task, word[:-1])
            task = []
        else:
            task.append(word)


def _task(call: Call, words: tuple[str, ...]) -> Effects:
    name, *rest = words or ("help",)
    if name not in _SETUP | _FETCHING | _QUERIES:
        raise ManifestError("project-code", f"mix {name.replace(chr(0), '…')} reads the project's sources")
    unknown = [w for w in rest if w.startswith("-") and w.partition("=")[0] not in _SWITCHES | _VALUED]
    if unknown:
        raise ManifestError("unknown-option", f"mix {name} {unknown[0]} is not known".replace("\0", "…"))
    if name in _SETUP and any(word.startswith((".", "/", "github", "git")) for word in rest):
        raise ManifestError("unknown-argument", f"what {shown_call(call)} installs is not known")
    effects = tool_effects(call, caches=_CACHES) | _named_caches(call) | _project(call, name, needed=name in _FETCHING)
    if name in _FETCHING:
        return effects | _folders(call)
    return effects if name in _SETUP else effects._replace(role=Role.LOCAL, network=False)


def _named_caches(call: Call) -> Effects:
    chosen = [call.env[name] for name in _SYSTEM_CACHES if call.env.get(name)]
    if not all(map(is_known, (*chosen, *(call.env.get(name, "") for name in (*_PLACES, "MIX_EXS"))))):
        raise ManifestError("path-unknown", "where mix works is only known in a build")
    if call.env.get("MIX_EXS"):
        raise ManifestError("unknown-argument", "MIX_EXS names another mix.exs")
    trees = PathSet.of(trees=("/opt/mix", "/opt/hex", *(join(call.cwd, value) for value in chosen)))
    return Effects(reads=trees, writes=trees)


def _project(call: Call, name: str, *, needed: bool) -> Effects:
    """mix.exs, the lock, config/ and the manifests of an umbrella."""
    view, cwd = call.view, call.cwd
    reads = PathSet.of(*(join(cwd, n) for n in ("mix.exs", "mix.lock", "rebar.config", ".tool-versions")))
    reads |= PathSet.of(trees=(join(cwd, "config"),))
    if view.find(join(cwd, "mix.exs")) is None and not needed:
        return Effects(reads=reads)
    members = [join(cwd, f"apps/{app}") for app in view.names(join(cwd, "apps"))]
    for directory in (cwd, *(d for d in members if view.find(join(d, "mix.exs")) is not None)):
        found = read_mix_exs(view, directory)
        if name in found.aliases:
            raise ManifestError("project-code", f"mix.exs has an alias for {name}")
        outside = [tree for tree in found.trees if is_within(directory, tree)]
        if outside:
            raise ManifestError("install-builds-project", f"mix.exs depends on {outside[0]}, which holds the project")
        reads |= PathSet.of(*found.reads, trees=found.trees)
    lock = join(cwd, "mix.lock")
    return Effects(
        reads=reads,
        writes=PathSet.of(lock) if view.find(lock) is None else PathSet(),
        doubts=("mix.exs and config are code, and are judged by their text only",),
        evidence=("mix.exs, mix.lock and config/: read by mix",),
    )


def _folders(call: Call) -> Effects:
    places = [join(call.cwd, call.env.get(name) or default) for name, default in _PLACES.items()]
    places = list(dict.fromkeys(places))
    if any(is_within(call.cwd, place) for place in places):
        raise ManifestError("unknown-option", "mix would work in the middle of the project")
    written = PathSet.of(trees=places)
    inside = tuple(Output(place, rebuilt=False) for place in places if is_within(place, call.cwd))
    return Effects(reads=written, writes=written, outputs=inside)
