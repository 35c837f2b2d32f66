"""poetry: ``poetry install``, and what else Dockerfiles ask of it.

An install reads pyproject.toml, poetry.lock and poetry.toml, and then builds the project itself unless it is told
``--no-root`` or the project is no package. That gives two phases: all but the project, and after the sources the same
command again. https://python-poetry.org/docs/cli/ (real builds with poetry 2.1)
"""

from __future__ import annotations

from reorder.effects import Effects, Output, PathSet, Role, Safety, is_within, join
from reorder.manager import UNKNOWN, Call, Manager, Options, Prefetch, Rule, is_known, parse_options
from reorder.manifests import poetry_project as manifest
from reorder.manifests.files import ManifestError
from reorder.manifests.poetry_project import PoetryProject
from reorder.manifests.python_environment import Interpreter
from reorder.manifests.python_project import (
    between,
    has_mark,
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
    tools=("poetry",),
    role=Role.INSTALL,
    rules=(
        Rule("poetry install --no-root, or package-mode = false", "moves", Safety.SAFE, "built",
             "it reads pyproject.toml, poetry.lock and poetry.toml"),
        Rule("poetry install", "two phases", Safety.SAFE, "built", "first with --no-root, then as written"),
        Rule("poetry sync", "two phases", Safety.SAFE, "documented",
             "as poetry install, and it removes what is not locked"),
        Rule("poetry install with path dependencies", "two phases", Safety.SAFE, "built",
             "first with --no-root --no-directory; unsafe if the lock file was made by a poetry before 1.5"),
        Rule("poetry config", "moves", Safety.SAFE, "built", "it writes the settings of the user"),
        Rule("poetry export, lock, self add", "moves", Safety.UNSAFE, "documented", "they read and write manifests"),
        Rule("poetry add, update, build, run", "stays", None, "", "they edit manifests, or run code of the project"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    """
    --all --all-extras --all-groups --allow-prereleases --ansi --check --compile --default --dev --dev-only --dry-run
    --editable --full-path --help --interactive --latest --list --local --lock --migrate --no-ansi --no-cache --no-dev
    --no-directory --no-hashes --no-interaction --no-plugins --no-root --no-update --only-root --outdated --quiet
    --regenerate --remove-untracked --short --strict --sync --top-level --tree --unset --verbose --version --why
    --with-credentials --without-hashes --without-urls --executable --path
    -D -V -a -e -h -l -n -o -q -s -t -v -vv -vvv
    """.split()
)
_VALUED = frozenset(
    """
    --directory --extras --format --group --markers --only --optional --output --platform --priority --project
    --python --source --with --without -C -E -G -P -f
    """.split()
)
_INSTALLS = frozenset(("install", "sync"))
_CODE = frozenset(("run", "shell", "build", "publish", "bundle"))
_QUERIES = frozenset(("about", "help", "list", "search", "--version"))
_ASKS_PROJECT = frozenset(("show", "version", "env", "cache", "debug"))
_EDITS = frozenset(("add", "remove", "update", "init", "new", "source"))
_HARMLESS_PLUGINS = frozenset(
    """
    poetry-plugin-export poetry-plugin-shell poetry-plugin-up poetry-plugin-bundle poetry-plugin-sort
    poetry-dynamic-versioning keyring keyrings-google-artifactregistry-auth artifacts-keyring poetry
    poetry-auth-plugin certifi setuptools urllib3 virtualenv
    """.split()
)
"""They do not change what an install reads, or say in pyproject.toml that they do."""

_UNPROVEN = Effects(doubts=("what this command of poetry reads is documented, but not shown by a real build",))


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option."""
    options = _parse(call)
    command, *words = options.positionals or ("help",)
    shown = " ".join(("poetry", command, *words[:1])).replace(UNKNOWN, "…")
    role = Role.INSTALL if command in _INSTALLS | {"self"} else Role.LOCAL
    if command in _CODE:
        slug = "install-builds-project" if command in ("build", "publish", "bundle") else "project-code"
        return Effects.blocked(slug, f"{shown} runs code that may read any file")
    if command in _EDITS:
        return Effects.blocked("install-edits-manifest", f"{shown} rewrites pyproject.toml or poetry.lock")
    try:
        if options.unknown:
            raise ManifestError("unknown-option", f"{shown} {options.unknown[0]} is not known".replace(UNKNOWN, "…"))
        return _dispatch(call, options, command, tuple(words))
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _parse(call: Call) -> Options:
    """``-o`` takes a value in ``poetry export`` alone."""
    valued = _VALUED | ({"-o"} if "export" in call.args else frozenset())
    return parse_options(call.args, valued=valued, switches=_SWITCHES - valued)


def _dispatch(call: Call, options: Options, command: str, words: tuple[str, ...]) -> Effects:
    if command in _INSTALLS:
        return _install(call, options, words)
    if command == "config":
        return _config(call, options, words)
    if command == "self":
        return _manage_itself(call, options, words) | _UNPROVEN
    if command == "export":
        return _export(call, options) | _UNPROVEN
    if command == "lock":
        return _lock(call, options) | _UNPROVEN
    if command in _ASKS_PROJECT:
        return _environment(call, _load(call, options), Role.LOCAL)
    if command in _QUERIES or options.switches & {"--version", "-V", "--help", "-h"}:
        return Effects(reads=tool_effects(_interpreter(call), Role.LOCAL).reads)
    raise ManifestError("unknown-command", f"what poetry {command} does is not known".replace(UNKNOWN, "…"))


def _interpreter(call: Call) -> Interpreter:
    program = call.program if "/" in call.program else call.argv[0]
    return Interpreter(program, call.view, call.cwd, call.env, call.home, call.base)


def _start(call: Call, options: Options) -> str:
    """Where poetry begins to look for the project: https://python-poetry.org/docs/cli/#global-options."""
    place = call.cwd
    for name in ("-C", "--directory", "-P", "--project"):
        for value in options.values.get(name, ()):
            if not is_known(value):
                raise ManifestError("path-unknown", f"poetry {name}: the directory is only known at build time")
            place = join(place, value)
    if not is_known(place):
        raise ManifestError("working-directory-unknown", "the working directory is only known at build time")
    return place


def _load(call: Call, options: Options) -> PoetryProject:
    return manifest.load_poetry_project(call.view, _start(call, options))


def _folder(call: Call) -> str:
    home = call.env.get("HOME") or call.home
    check_home(home)
    return manifest.config_folder(call.env, home, call.cwd)


def _manifests(call: Call, project: PoetryProject) -> PathSet:
    nearer = (join(place, "pyproject.toml") for place in between(call.cwd, project.directory))
    names = ("pyproject.toml", "poetry.lock", "poetry.toml")
    return PathSet.of(*nearer, *(join(project.directory, name) for name in names))


def _environment(call: Call, project: PoetryProject, role: Role) -> Effects:
    """The manifests and settings, and the environment that poetry chooses."""
    folder = _folder(call)
    doubts = []
    if has_mark(call.view, plugin_mark(folder), folder):
        doubts.append("a plug-in of poetry may read any file")
    moved = [known_path(call.env, name, call.cwd) for name in ("POETRY_HOME", "POETRY_DATA_DIR")]
    for key in manifest.MOVING_KEYS:
        place = project.setting(key, call.env)
        if place is not None and not is_known(place):
            raise ManifestError("path-unknown", f"the value of poetry's {key} is only known at build time")
        if place is not None:
            moved.append(
                join(project.directory, place.replace("{cache-dir}", "").lstrip("/") if "{" in place else place)
            )
        elif has_mark(call.view, setting_mark(folder, key), folder):
            doubts.append(f"a step above chose {key}, so where poetry writes is not known")
    environment = join(project.directory, ".venv")
    is_used = manifest.may_use_project_environment(project, call.view, call.env, folder)
    effects = tool_effects(_interpreter(call), role, [place for place in moved if place])
    is_new = is_used and all(output.path != environment for output in effects.outputs)
    plugins = join(project.directory, ".poetry")
    return effects | Effects(
        reads=_manifests(call, project)
        | PathSet.of(folder, trees=(folder, plugins, *([environment] if is_used else []))),
        writes=PathSet.of(trees=[environment] if is_used else []),
        outputs=(Output(environment, rebuilt=False),) if is_new else (),
        doubts=(*doubts, *_plugin_doubts(call, project)),
    )


def _plugin_doubts(call: Call, project: PoetryProject) -> tuple[str, ...]:
    found = []
    if project.poetry.get("requires-plugins"):
        found.append("pyproject.toml requires plug-ins of poetry, which may read any file")
    tool = project.tables.get("tool")
    dynamic = tool.get("poetry-dynamic-versioning") if isinstance(tool, dict) else None
    is_off = is_true(call.env.get("POETRY_DYNAMIC_VERSIONING_BYPASS", "") and "true")
    if isinstance(dynamic, dict) and dynamic.get("enable") and not is_off:
        found.append("poetry-dynamic-versioning may ask version control, even where nothing of the project is built")
    return tuple(found)


def _install(call: Call, options: Options, words: tuple[str, ...]) -> Effects:
    project = _load(call, options)
    builds_root = project.is_package and "--no-root" not in options.switches
    if builds_root or "--only-root" in options.switches:
        name = project.poetry.get("name") or project.directory
        raise ManifestError(
            "install-builds-project",
            f"poetry installs the project {name} itself, from its sources; --no-root or package-mode = false would not",
        )
    effects = _environment(call, project, Role.INSTALL)
    if "--no-directory" not in options.switches:
        effects |= local_effects(call.view, manifest.local_packages(project), project.directory)
    else:
        archives = (package for package in manifest.local_packages(project) if not package.is_directory)
        effects |= local_effects(call.view, archives, project.directory)
    lock = join(project.directory, "poetry.lock")
    return effects | Effects(
        # An existing lock file is obeyed or refused, and never rewritten.
        writes=PathSet.of(lock) if project.lock is None else PathSet(),
        network=True,
        doubts=("an argument is only known at build time",) if words else (),
        evidence=(f"{project.directory}/pyproject.toml, poetry.lock, poetry.toml: what poetry install reads",),
    )


def _export(call: Call, options: Options) -> Effects:
    """https://github.com/python-poetry/poetry-plugin-export: from the lock file, which it makes if there is none."""
    project = _load(call, options)
    outputs = [value for name in ("-o", "--output") for value in options.values.get(name, ())]
    if not all(map(is_known, outputs)):
        raise ManifestError("path-unknown", "the file that poetry export writes is only known at build time")
    effects = _environment(call, project, Role.LOCAL)
    if project.lock is None:
        effects |= _locking(call, project)
    start = _start(call, options)
    return effects._replace(outputs=()) | Effects(writes=PathSet.of(*(join(start, value) for value in outputs)))


def _lock(call: Call, options: Options) -> Effects:
    project = _load(call, options)
    effects = _environment(call, project, Role.LOCAL)
    return effects if "--check" in options.switches else effects | _locking(call, project)


def _locking(call: Call, project: PoetryProject) -> Effects:
    """The versions are looked for anew, for which local packages are asked for what they need."""
    path = join(project.directory, "poetry.lock")
    entry = call.view.find(path)
    if entry is not None and entry.context_path is not None:
        raise ManifestError("lock-would-be-rewritten", f"{entry.context_path} is copied, and poetry lock rewrites it")
    packages = tuple(manifest.local_packages(project))
    return local_effects(call.view, packages, project.directory) | Effects(writes=PathSet.of(path), network=True)


def _config(call: Call, options: Options, words: tuple[str, ...]) -> Effects:
    """Settings of the user, or with ``--local`` of the project; without a value one is shown."""
    folder = _folder(call)
    start = _start(call, options)
    files = ("poetry.toml",) if words[1:] and "--local" not in options.switches else ("poetry.toml", "pyproject.toml")
    reads = tool_effects(_interpreter(call), Role.LOCAL).reads | PathSet.of(
        *(join(start, name) for name in files), trees=(folder, join(start, ".poetry"))
    )
    if len(words) < 2 and "--unset" not in options.switches:
        return Effects(reads=reads)
    if not is_known(words[0]):
        raise ManifestError("unknown-argument", "which setting of poetry is changed is only known at build time")
    if "--local" in options.switches:
        return Effects(reads=reads, writes=PathSet.of(join(start, "poetry.toml")))
    written = [join(folder, "config.toml"), join(folder, "auth.toml")]
    is_switched_on = words[0] == "virtualenvs.in-project" and is_true(words[-1])
    if is_switched_on or words[0] in manifest.MOVING_KEYS:
        written.append(setting_mark(folder, words[0]))
    return Effects(reads=reads, writes=PathSet.of(*written))


def _manage_itself(call: Call, options: Options, words: tuple[str, ...]) -> Effects:
    """Plug-ins go into the installation of poetry: https://python-poetry.org/docs/plugins/."""
    action, *names = words or ("",)
    if action not in ("add", "update", "install", "lock", "remove", "show", "sync"):
        raise ManifestError("unknown-command", f"what poetry self {action} does is not known".replace(UNKNOWN, "…"))
    local = next((name for name in names if name.startswith((".", "/", UNKNOWN)) or "@file:" in name), None)
    if local is not None:
        raise ManifestError(
            "unknown-argument", f"poetry self {action} {local.replace(UNKNOWN, '…')} may be a local path"
        )
    folder = _folder(call)
    home = known_path(call.env, "POETRY_HOME", call.cwd)
    unknown = [name for name in names if _plain(name) not in _HARMLESS_PLUGINS]
    marks = [plugin_mark(folder)] if action in ("add", "install") and unknown else []
    files = [join(folder, name) for name in ("pyproject.toml", "poetry.lock")]
    return tool_effects(_interpreter(call), Role.INSTALL, [home] if home else []) | Effects(
        reads=PathSet.of(join(_start(call, options), "poetry.toml"), trees=(folder,)),
        writes=PathSet.of(*files, *marks),
        network=True,
    )


def _plain(requirement: str) -> str:
    name = requirement.replace(UNKNOWN, "@")
    for mark in "@[=<>~!^;: ":
        name = name.partition(mark)[0]
    return name.lower().replace("_", "-").replace(".", "-")


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """All but the project: ``--no-root``, and ``--no-directory`` where packages lie in folders beside it."""
    options = _parse(call)
    if options.unknown or options.positionals[:1] not in (("install",), ("sync",)):
        return None
    if options.switches & {"--only-root", "--dry-run"} or any(not is_known(word) for word in options.values):
        return None
    try:
        return _find_prefetch(call, options)
    except ManifestError:
        return None


def _find_prefetch(call: Call, options: Options) -> Prefetch | None:
    project = _load(call, options)
    flags = []
    if project.is_package and "--no-root" not in options.switches:
        flags.append("--no-root")
    doubts: tuple[str, ...] = ()
    packages = manifest.local_packages(project)
    if "--no-directory" not in options.switches and not _is_copyable(call, project):
        if project.lock is None or options.positionals[0] == "sync":
            return None
        flags.append("--no-directory")
        if project.lock_has_no_directory_option:
            doubts = ("poetry before 1.5 has no --no-directory, and the lock file does not show a later one",)
    if not flags or any(is_within(project.directory, p.path) for p in packages if p.is_directory):
        return None
    return Prefetch(
        "poetry installs what pyproject.toml and poetry.lock name, and after the sources the project itself",
        flags=tuple(flags),
        doubts=doubts,
        done_by=(("poetry", "install"), ("poetry", "sync")),
    )


def _is_copyable(call: Call, project: PoetryProject) -> bool:
    try:
        local_effects(call.view, manifest.local_packages(project), project.directory)
    except ManifestError:
        return False
    return True
