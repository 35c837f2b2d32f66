"""pipenv: ``pipenv install``, ``pipenv sync``, and what else Dockerfiles ask of it.

They read Pipfile, Pipfile.lock and .env; ``pipenv install`` locks again where the lock file is not in sync, unless it
is told ``--deploy``, ``--system`` or ``--ignore-pipfile``. https://pipenv.pypa.io/en/latest/commands.html (real builds
with pipenv 2024.4)
"""

from __future__ import annotations

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import UNKNOWN, Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests import pipfile as manifest
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.pipfile import PipenvProject
from reorder.manifests.python_environment import Interpreter
from reorder.manifests.python_project import between, find_upwards, is_off, known_path, local_effects, tool_effects
from reorder.manifests.user_settings import check_home

manager = Manager(
    __name__,
    ecosystem="Python",
    tools=("pipenv",),
    role=Role.INSTALL,
    rules=(
        Rule("pipenv install --deploy", "moves", Safety.SAFE, "built", "it reads Pipfile, Pipfile.lock and .env"),
        Rule("pipenv install, lock file in sync", "moves", Safety.SAFE, "tried",
             "the lock file's hash is the Pipfile's"),
        Rule("pipenv sync", "moves", Safety.SAFE, "built", "it reads Pipfile, Pipfile.lock and .env"),
        Rule("pipenv requirements, verify, lock", "moves", Safety.UNSAFE, "documented", "they read manifests"),
        Rule("pipenv install with the project itself (path = \".\")", "stays", None, "", "it builds the project"),
        Rule("pipenv install NAME, update, run", "stays", None, "", "they edit manifests, or run code of the project"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --all --bare --clear --deploy --dev --dev-only --dry-run --envs --exclude-markers --from-pipfile --hash --help
    --ignore-pipfile --json --json-tree --keep-outdated --lock-only --man --no-site-packages --outdated --pre --py
    --quiet --reverse --rm --selective-upgrade --sequential --site-packages --skip-lock --support --system --three
    --two --venv --verbose --version --where -d -h -q -v
    """.split()
)
_VALUED = frozenset(
    "--categories --editable --extra-index-url --extra-pip-args --index --output --pypi-mirror --python --requirements"
    " -e -i -p -r".split()
)
_INSTALLS = frozenset(("install", "sync"))
_EDITS = frozenset(("uninstall", "update", "upgrade"))
_CODE = frozenset(("run", "shell", "open"))

_UNPROVEN = Effects(doubts=("what this command of pipenv reads is documented, but not shown by a real build",))


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option."""
    options = _parse(call)
    command, *words = options.positionals or ("help",)
    shown = " ".join(("pipenv", command, *words[:1])).replace(UNKNOWN, "…")
    if command in _CODE:
        return Effects.blocked("project-code", f"{shown} runs code that may read any file")
    if command in _EDITS:
        return Effects.blocked("install-edits-manifest", f"{shown} rewrites Pipfile or Pipfile.lock")
    try:
        if options.unknown:
            raise ManifestError("unknown-option", f"{shown} {options.unknown[0]} is not known".replace(UNKNOWN, "…"))
        return _dispatch(call, options, command, tuple(words))
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=Role.INSTALL if command in _INSTALLS else Role.LOCAL)


def _parse(call: Call) -> Options:
    """``-r`` takes a file in ``pipenv install`` alone."""
    flags = frozenset(("-r", "--requirements")) if "lock" in call.args else frozenset[str]()
    return parse_options(call.args, valued=_VALUED - flags, switches=_SWITCHES | flags)


def _dispatch(call: Call, options: Options, command: str, words: tuple[str, ...]) -> Effects:
    if command in _INSTALLS:
        return _install(call, options, command, words)
    if command == "lock":
        return _lock(call, options) | _UNPROVEN
    if command in ("requirements", "verify", "graph", "check", "scan"):
        return _environment(call, options, _load(call), Role.LOCAL) | _UNPROVEN
    if command in ("help", "--version") and not options.switches - {"--version", "--help", "-h", "--man", "--support"}:
        return Effects(reads=tool_effects(_interpreter(call, options), Role.LOCAL).reads)
    if command in ("help", "clean"):
        return _environment(call, options, _load(call), Role.LOCAL) | _UNPROVEN
    raise ManifestError("unknown-command", f"what pipenv {command} does is not known".replace(UNKNOWN, "…"))


def _interpreter(call: Call, options: Options) -> Interpreter:
    """Pipenv makes environments by ``python -m virtualenv``, with the working directory first on the path."""
    program = call.program if "/" in call.program else call.argv[0]
    module = None if _is_system(call, options) else "virtualenv"
    return Interpreter(program, call.view, call.cwd, call.env, call.home, call.base, module)


def _says(call: Call, name: str) -> bool:
    """Whether ``PIPENV_<name>`` is set to anything but a no."""
    return not is_off(call.env.get(f"PIPENV_{name}", "")) and is_off(call.env.get(f"PIPENV_NO_{name}", ""))


def _is_system(call: Call, options: Options) -> bool:
    return "--system" in options.switches or _says(call, "SYSTEM")


def _load(call: Call) -> PipenvProject:
    if not is_known(call.cwd):
        raise ManifestError("working-directory-unknown", "the working directory is only known at build time")
    chosen = known_path(call.env, "PIPENV_PIPFILE", call.cwd)
    place = call.cwd if _says(call, "NO_INHERIT") else find_upwards(call.view, call.cwd, "Pipfile")
    return manifest.load_pipenv_project(call.view, chosen or join(place, "Pipfile"))


def _environment(call: Call, options: Options, project: PipenvProject, role: Role) -> Effects:
    """The manifests and settings, and the environment that pipenv chooses."""
    check_home(call.env.get("HOME") or call.home)
    names = ("WORKON_HOME", "PIPENV_CACHE_DIR")
    moved = [place for name in names if (place := known_path(call.env, name, call.cwd)) is not None]
    effects = tool_effects(_interpreter(call, options), role, moved)
    environment = join(project.directory, ".venv")
    is_there = call.view.find(environment) is not None and is_off(call.env.get("PIPENV_NO_VENV_IN_PROJECT", ""))
    is_used = not _is_system(call, options) and (_says(call, "VENV_IN_PROJECT") or is_there)
    is_new = is_used and all(output.path != environment for output in effects.outputs)
    above = (join(place, "Pipfile") for place in between(call.cwd, project.directory))
    return effects | Effects(
        reads=PathSet.of(
            project.path, project.lock_path, *above, *_dot_env(call, project), trees=[environment] if is_used else []
        ),
        writes=PathSet.of(trees=[environment] if is_used else []),
        outputs=(Output(environment, rebuilt=False),) if is_new else (),
    )


def _dot_env(call: Call, project: PipenvProject) -> tuple[str, ...]:
    """The file of variables that pipenv loads before each command; those of pip and pipenv would count here.

    https://pipenv.pypa.io/en/latest/shell.html#automatic-loading-of-env
    """
    if _says(call, "DONT_LOAD_ENV"):
        return ()
    path = known_path(call.env, "PIPENV_DOTENV_LOCATION", call.cwd) or join(project.directory, ".env")
    if call.view.find(path) is not None and b"PIP" in read_manifest(call.view, path, "variables of pipenv"):
        raise ManifestError("manifest-not-understood", f"{path} sets variables of pip or pipenv")
    return (path,)


def _install(call: Call, options: Options, command: str, words: tuple[str, ...]) -> Effects:
    if any(name in options.values for name in ("-e", "--editable", "-r", "--requirements")) or any(
        is_known(word) for word in words
    ):
        raise ManifestError("install-edits-manifest", f"pipenv {command} of packages by name rewrites the Pipfile")
    project = _load(call)
    skips_lock = "--skip-lock" in options.switches or _says(call, "SKIP_LOCK")
    _check_lock(call, options, project, is_obeyed=command == "sync" or skips_lock)
    effects = _environment(call, options, project, Role.INSTALL)
    packages = manifest.local_packages(project, locked=not skips_lock)
    makes_lock = project.lock is None and command == "install" and not skips_lock
    return (
        effects
        | local_effects(call.view, packages, project.directory)
        | Effects(
            writes=PathSet.of(project.lock_path) if makes_lock else PathSet(),
            network=True,
            doubts=("an argument is only known at build time",) if words else (),
            evidence=(f"{project.path}, {project.lock_path}: what pipenv {command} reads",),
        )
    )


def _check_lock(call: Call, options: Options, project: PipenvProject, *, is_obeyed: bool) -> None:
    """Raise `ManifestError` if the install would write another lock file than the one that is copied.

    With ``--deploy`` the build fails instead, and with ``--system`` pipenv warns and goes on (pipenv/routines/install).
    """
    if project.lock is not None and not manifest.is_as_pipenv_writes(project):
        raise ManifestError("lock-would-be-rewritten", f"pipenv writes {project.lock_path} anew, in its own layout")
    if project.lock is None or is_obeyed or "--ignore-pipfile" in options.switches or _says(call, "IGNORE_PIPFILE"):
        return
    is_checked = "--deploy" in options.switches or _is_system(call, options)
    if not is_checked and not manifest.is_in_sync(project):
        raise ManifestError("lock-would-be-rewritten", f"{project.lock_path} is not in sync with the Pipfile")


def _lock(call: Call, options: Options) -> Effects:
    """``pipenv lock``; in old versions ``-r`` prints requirements, and locks only where that is needed."""
    project = _load(call)
    prints = bool(options.switches & {"-r", "--requirements"})
    effects = _environment(call, options, project, Role.LOCAL)
    if project.lock is not None:
        if prints and manifest.is_in_sync(project):
            return effects
        raise ManifestError("lock-would-be-rewritten", f"{project.lock_path} is copied, and pipenv lock rewrites it")
    packages = manifest.local_packages(project, locked=False)
    locals_ = local_effects(call.view, packages, project.directory)
    return effects | locals_ | Effects(writes=PathSet.of(project.lock_path), network=True)
