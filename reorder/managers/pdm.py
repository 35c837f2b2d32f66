"""pdm: ``pdm sync``, ``pdm install``, and what else Dockerfiles ask of it.

Both read pyproject.toml and pdm.lock, and then build the project itself unless they are told ``--no-self`` or it is no
distribution. ``pdm install`` also locks again where the lock file is not in sync.
https://pdm-project.org/en/latest/reference/cli/ (real builds with pdm 2.29)
"""

from __future__ import annotations

from reorder.effects import Effects, Output, PathSet, Role, Safety, ancestors, is_within, join
from reorder.manager import UNKNOWN, Call, Manager, Options, Prefetch, Rule, is_known, parse_options
from reorder.manifests import pdm_project as manifest
from reorder.manifests.files import ManifestError
from reorder.manifests.pdm_project import PdmProject
from reorder.manifests.python_environment import Interpreter
from reorder.manifests.python_project import (
    find_upwards,
    has_mark,
    is_off,
    is_true,
    known_path,
    local_effects,
    plugin_mark,
    setting_mark,
    tool_effects,
)
from reorder.manifests.user_settings import check_home

manager = Manager(
    __name__,
    ecosystem="Python",
    tools=("pdm",),
    role=Role.INSTALL,
    rules=(
        Rule("pdm sync/install --no-self, or distribution = false", "moves", Safety.SAFE, "built",
             "it reads pyproject.toml, pdm.lock and pdm.toml"),
        Rule("pdm install, lock file in sync", "two phases", Safety.SAFE, "built",
             "first with --no-self, then as written"),
        Rule("pdm sync", "two phases", Safety.SAFE, "tried", "first with --no-self, then as written"),
        Rule("pdm export, config, lock, self add", "moves", Safety.UNSAFE, "documented", "they read manifests"),
        Rule("pdm add, update, build, run", "stays", None, "", "they edit manifests, or run code of the project"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --check --clean --clean-unselected --dev --dry-run --expandvars --fail-fast --frozen-lockfile --global --help
    --ignore-python --local --delete --no-cross-platform --no-default --no-editable --no-extras --no-hashes
    --no-isolation --no-lock --no-markers --no-self --non-interactive --only-keep --plugins --prod --production
    --pyproject --quiet --refresh --reinstall --self --update-reuse --verbose --version --without-hashes --editable-self
    -I -V -d -g -h -n -q -r -v -x
    """.split()
)
_VALUED = frozenset(
    """
    --config --config-setting --format --group --lockfile --output --override --project --skip --venv --with --without
    --strategy --python --platform -C -G -L -S -c -f -k -o -p
    """.split()
)
_INSTALLS = frozenset(("install", "sync"))
_EDITS = frozenset(("add", "remove", "update", "import", "init", "fix"))
_QUERIES = frozenset(("cache", "completion", "info", "list", "outdated", "search", "show", "help"))

_UNPROVEN = Effects(doubts=("what this command of pdm reads is documented, but not shown by a real build",))


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option."""
    options = _parse(call)
    command, *words = options.positionals or ("help",)
    shown = " ".join(("pdm", command, *words[:1])).replace(UNKNOWN, "…")
    role = Role.INSTALL if command in _INSTALLS | {"self", "plugin"} else Role.LOCAL
    if command in ("build", "publish"):
        return Effects.blocked("install-builds-project", f"{shown} builds the project")
    if command in _EDITS:
        return Effects.blocked("install-edits-manifest", f"{shown} rewrites pyproject.toml or pdm.lock")
    try:
        if options.unknown and command != "run":
            raise ManifestError("unknown-option", f"{shown} {options.unknown[0]} is not known".replace(UNKNOWN, "…"))
        return _dispatch(call, options, command, tuple(words))
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _parse(call: Call) -> Options:
    return parse_options(call.args, valued=_VALUED, switches=_SWITCHES)


def _dispatch(call: Call, options: Options, command: str, words: tuple[str, ...]) -> Effects:
    if command in _INSTALLS:
        return _install(call, options, command, words)
    if command == "config":
        return _config(call, options, words) | _UNPROVEN
    if command in ("self", "plugin"):
        return _manage_itself(call, words) | _UNPROVEN
    if command == "export":
        return _export(call, options) | _UNPROVEN
    if command == "lock":
        return _lock(call, options) | _UNPROVEN
    if command in ("use", "venv"):
        return _environment(call, options, Role.LOCAL)
    if options.switches & {"--version", "-V", "--help", "-h"} or command in ("help", "completion"):
        return Effects(reads=tool_effects(_interpreter(call), Role.LOCAL).reads)
    if command in _QUERIES:
        return _environment(call, options, Role.LOCAL)
    # any other word is a script of pyproject.toml: https://pdm-project.org/en/latest/usage/scripts/
    raise ManifestError("project-code", f"pdm {command} runs code that may read any file".replace(UNKNOWN, "…"))


def _interpreter(call: Call) -> Interpreter:
    """Pdm makes environments by ``python -m virtualenv``, with the working directory first on the path."""
    program = call.program if "/" in call.program else call.argv[0]
    return Interpreter(program, call.view, call.cwd, call.env, call.home, call.base, "virtualenv")


def _chosen(call: Call, options: Options, names: tuple[str, ...], variable: str) -> str | None:
    values = [value for name in names for value in options.values.get(name, ())]
    if not all(map(is_known, values)):
        raise ManifestError("path-unknown", f"pdm {names[0]}: the path is only known at build time")
    return join(call.cwd, values[-1]) if values else known_path(call.env, variable, call.cwd)


def _load(call: Call, options: Options) -> PdmProject:
    if options.switches & {"-g", "--global"}:
        raise ManifestError("unknown-option", "what pdm --global takes for the project is not known")
    if not is_known(call.cwd):
        raise ManifestError("working-directory-unknown", "the working directory is only known at build time")
    chosen = _chosen(call, options, ("-p", "--project"), "PDM_PROJECT")
    directory = chosen or find_upwards(call.view, call.cwd, "pyproject.toml")
    lock = _chosen(call, options, ("-L", "--lockfile"), "PDM_LOCKFILE") or join(directory, "pdm.lock")
    return manifest.load_pdm_project(call.view, directory, lock)


def _folder(call: Call) -> str:
    home = call.env.get("HOME") or call.home
    check_home(home)
    return join(known_path(call.env, "XDG_CONFIG_HOME", call.cwd) or join(home, ".config"), "pdm")


def _environment(call: Call, options: Options, role: Role) -> Effects:
    """The manifests and settings, and the environments that pdm finds or makes."""
    project, folder = _load(call, options), _folder(call)
    top = project.directory
    if call.view.names(join(top, ".pdm-plugins")):
        raise ManifestError("project-code", f"the plug-ins in {top}/.pdm-plugins come with the project")
    names = ("pyproject.toml", "pdm.toml", ".pdm.toml", ".pdm-python", "pylock.toml", ".python-version")
    found = [name for name in ("venv", "env") if call.view.find(join(top, f"{name}/bin/python"))]
    is_flat = is_off(call.env.get("PDM_USE_VENV", "true")) or has_mark(
        call.view, setting_mark(folder, "python.use_venv"), folder
    )
    made = [join(top, "__pypackages__")] if is_flat or call.view.find(join(top, "__pypackages__")) else []
    if not is_off(call.env.get("PDM_USE_VENV", "true")) and not call.env.get("VIRTUAL_ENV"):
        made.append(join(top, ".venv"))
    moved = [place for name in ("PDM_CACHE_DIR", "PDM_LOG_DIR", "PDM_CONFIG_FILE")
             if (place := known_path(call.env, name, call.cwd))]  # fmt: skip
    effects = tool_effects(_interpreter(call), role, moved)
    new = [place for place in made if all(output.path != place for output in effects.outputs)]
    above = (join(place, "pyproject.toml") for place in (*_nearer(call, top), *ancestors(top)[:1]))
    return effects | Effects(
        reads=PathSet.of(
            *(join(top, name) for name in names), project.lock_path, *above,
            *(join(top, f"{name}/bin/python") for name in ("venv", "env")),
            trees=(folder, *made, *(join(top, name) for name in found)),
        ),
        writes=PathSet.of(join(top, ".pdm-python"), trees=made),
        outputs=tuple(Output(place, rebuilt=False) for place in new),
        doubts=("a plug-in of pdm may read any file",) if has_mark(call.view, plugin_mark(folder), folder) else (),
    )  # fmt: skip


def _nearer(call: Call, top: str) -> tuple[str, ...]:
    return tuple(place for place in (call.cwd, *ancestors(call.cwd)) if is_within(place, top) and place != top)


def _says(call: Call, options: Options, switches: set[str], *variables: str) -> bool:
    return bool(options.switches & switches) or any(is_true(call.env.get(name, "")) for name in variables)


def _check_install(call: Call, options: Options, command: str, project: PdmProject) -> None:
    """Raise `ManifestError` where no part of the install can go first."""
    skipped = {part for name in ("-k", "--skip") for v in options.values.get(name, ()) for part in v.split(",")}
    if project.hooks and ":all" not in skipped:
        hook = project.hooks[0]
        raise ManifestError("install-runs-project-code", f"pyproject.toml: the script {hook} runs during the install")
    if project.has_code_dependencies:
        raise ManifestError("install-builds-project", "pyproject.toml: only a build tells the dependencies")
    if command == "sync" or _says(call, options, {"--check"}) or project.lock is None:
        return
    is_frozen = _says(call, options, {"--frozen-lockfile", "--no-lock"}, "PDM_FROZEN_LOCKFILE", "PDM_NO_LOCK")
    if not is_frozen and not manifest.is_in_sync(project):
        raise ManifestError("lock-would-be-rewritten", f"{project.lock_path} is not in sync, so pdm rewrites it")


def _install(call: Call, options: Options, command: str, words: tuple[str, ...]) -> Effects:
    project = _load(call, options)
    _check_install(call, options, command, project)
    if "--plugins" in options.switches:
        raise ManifestError("unknown-option", "what the plug-ins of pdm install --plugins do is not known")
    if project.is_package and not _says(call, options, {"--no-self", "--no-default"}, "PDM_NO_SELF"):
        raise ManifestError(
            "install-builds-project",
            f"pdm installs the project {project.metadata.get('name')} itself, from its sources; --no-self would not",
        )
    is_frozen = _says(call, options, {"--frozen-lockfile", "--no-lock"}, "PDM_FROZEN_LOCKFILE", "PDM_NO_LOCK")
    makes_lock = command == "install" and project.lock is None and not is_frozen
    effects = _environment(call, options, Role.INSTALL)
    return (
        effects
        | local_effects(call.view, manifest.local_packages(project), project.directory)
        | Effects(
            reads=PathSet.of(*(join(call.cwd, v) for v in options.values.get("--override", ()) if is_known(v))),
            writes=PathSet.of(project.lock_path) if makes_lock else PathSet(),
            network=True,
            doubts=("an argument is only known at build time",) if words else (),
            evidence=(f"{project.directory}/pyproject.toml, pdm.lock, pdm.toml: what pdm {command} reads",),
        )
    )


def _export(call: Call, options: Options) -> Effects:
    outputs = [value for name in ("-o", "--output") for value in options.values.get(name, ())]
    if not all(map(is_known, outputs)):
        raise ManifestError("path-unknown", "the file that pdm export writes is only known at build time")
    effects = _environment(call, options, Role.LOCAL)
    return effects | Effects(writes=PathSet.of(*(join(call.cwd, value) for value in outputs)))


def _lock(call: Call, options: Options) -> Effects:
    project = _load(call, options)
    effects = _environment(call, options, Role.LOCAL)
    if "--check" in options.switches:
        return effects
    if project.lock is not None:
        raise ManifestError("lock-would-be-rewritten", f"{project.lock_path} is copied, and pdm lock rewrites it")
    _check_install(call, options, "lock", project)
    locals_ = local_effects(call.view, manifest.local_packages(project), project.directory)
    return effects | locals_ | Effects(writes=PathSet.of(project.lock_path), network=True)


def _config(call: Call, options: Options, words: tuple[str, ...]) -> Effects:
    """``pdm config KEY VALUE`` goes to the user's settings, with ``--local`` to pdm.toml."""
    folder = _folder(call)
    local = join(find_upwards(call.view, call.cwd, "pyproject.toml"), "pdm.toml")
    effects = tool_effects(_interpreter(call), Role.LOCAL)
    reads = effects.reads | PathSet.of(local, join(call.cwd, "pyproject.toml"), trees=(folder,))
    if len(words) < 2 and "--delete" not in options.switches:
        return Effects(reads=reads)
    if not is_known(words[0]):
        raise ManifestError("unknown-argument", "which setting of pdm is changed is only known at build time")
    if "--local" in options.switches:
        return Effects(reads=reads, writes=PathSet.of(local))
    if words[0] in ("venv.location", "cache_dir", "install.cache_method", "global_project.path"):
        raise ManifestError("unknown-option", f"pdm config {words[0]} changes where later commands write")
    marks = [setting_mark(folder, words[0])] if words[0] == "python.use_venv" and is_off(words[1]) else []
    return Effects(reads=reads, writes=PathSet.of(join(folder, "config.toml"), *marks))


def _manage_itself(call: Call, words: tuple[str, ...]) -> Effects:
    action, *names = words or ("list",)
    local = next((name for name in names if name.startswith((".", "/", UNKNOWN)) or "file:" in name), None)
    if local is not None:
        shown = f"pdm self {action} {local}".replace(UNKNOWN, "…")
        raise ManifestError("unknown-argument", f"{shown} may be a local path")
    folder = _folder(call)
    marks = [plugin_mark(folder)] if action in ("add", "install") else []
    return tool_effects(_interpreter(call), Role.INSTALL) | Effects(writes=PathSet.of(*marks), network=True)


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """All but the project: ``--no-self``."""
    options = _parse(call)
    command = options.positionals[:1]
    if options.unknown or command not in (("install",), ("sync",)) or "--dry-run" in options.switches:
        return None
    try:
        project = _load(call, options)
        _check_install(call, options, command[0], project)
        local_effects(call.view, manifest.local_packages(project), project.directory)
    except ManifestError:
        return None
    if not project.is_package or _says(call, options, {"--no-self", "--no-default", "--plugins"}, "PDM_NO_SELF"):
        return None
    return Prefetch(
        "pdm installs what pyproject.toml and pdm.lock name, and after the sources the project itself",
        flags=("--no-self",),
        done_by=(("pdm", "install"), ("pdm", "sync")),
    )
