"""uv: ``uv sync`` and what else Dockerfiles ask of it (``uv pip`` install and sync, venv, python, tool, export, lock).

``uv sync`` installs what uv.lock says, and builds the project itself where it is a package: then the dependencies go
first, by ``--no-install-project`` (``--no-install-workspace``, ``--no-install-local``), as uv's own guide has it.
https://docs.astral.sh/uv/guides/integration/docker/, https://docs.astral.sh/uv/reference/cli/ (tried with uv 0.9.9)
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from reorder.effects import Effects, PathSet, Role, Safety, join
from reorder.manager import UNKNOWN, Call, Manager, Options, Prefetch, Rule, is_known
from reorder.manifests import requirements as manifest
from reorder.manifests import uv_options as table
from reorder.manifests.files import ManifestError, read_toml
from reorder.manifests.uv_drift import find_drift
from reorder.manifests.uv_environment import (
    filled,
    pip_environments,
    project_environment,
    surroundings,
    working_directory,
)
from reorder.manifests.uv_project import LocalPackage, Lock, Project, dig, find_project, read_lock
from reorder.manifests.uv_requirements import requirement_effects

_LOCAL = "the sources are not needed for the dependencies that uv.lock names"
_RULES = (
    Rule("uv sync --frozen, uv sync --locked", "moves", Safety.SAFE, "built", "of a project without a build-system"),
    Rule("uv sync", "moves", Safety.SAFE, "tried", "of such a project, with a lock in sync; markers are a doubt"),
    Rule("uv sync", "two phases", Safety.SAFE, "built", f"--no-install-project or -workspace first: {_LOCAL}"),
    Rule("uv sync", "two phases", Safety.UNSAFE, "tried", "--no-install-local first: only newer versions know it"),
    Rule(
        "uv sync, a project with programs",
        "two phases",
        Safety.UNSAFE,
        "built",
        "their first line names python3 instead of python",
    ),
    Rule("uv sync", "stays", None, "", "it would rewrite a lock that is not in sync"),
    Rule("uv pip install -r, uv pip sync", "moves", Safety.SAFE, "tried", "it reads the requirements files alone"),
    Rule(
        "uv pip install .", "two phases", Safety.SAFE, "built", "-r pyproject.toml first, if it lists the dependencies"
    ),
    Rule("uv venv", "moves", Safety.SAFE, "tried", "it reads settings and .python-version"),
    Rule("uv tool install, uv python install", "moves", Safety.UNSAFE, "documented", "they read settings alone"),
    Rule("uv export", "moves", Safety.UNSAFE, "documented", "it reads the manifests and uv.lock"),
    Rule("uv run, uvx", "stays", None, "", "they run code of the project"),
    Rule("uv lock, uv add, uv remove", "stays", None, "", "they write uv.lock or pyproject.toml"),
)

manager = Manager(__name__, ecosystem="Python", tools=("uv", "uvx"), role=Role.INSTALL, rules=_RULES)

_SLUG = "install-builds-project"
_PROJECT_CODE = frozenset(("run", "x", "build", "publish", "test"))
_EDITING = frozenset(("add", "remove", "init", "version", "format"))
_SKIPS = ("--no-install-project", "--no-install-workspace", "--no-install-local")
_DOCUMENTED = ("what it reads and writes is only known from uv's documentation",)


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option."""
    if call.argv[0] == "uvx":
        return Effects.blocked("project-code", "uvx runs a tool that may read any file")
    command = _command(call)
    role = Role.LOCAL if command[:1] in (("cache",), ("venv",), ("lock",), ("export",)) else Role.INSTALL
    try:
        return _dispatch(call, command)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _command(call: Call) -> tuple[str, ...]:
    """The command and its sub-command."""
    positionals = table.parse_other_options(call.args).positionals
    return (*positionals, "", "")[:2]


def _dispatch(call: Call, command: tuple[str, ...]) -> Effects:
    match command:
        case "sync", _:
            return _sync(call)
        case "pip", _:
            return _pip(call, command[1])
        case "venv", _:
            return _venv(call)
        case "tool", "install":
            return _tool(call)
        case "export" | "lock", _:
            return _lock(call, command[0])
        case "python", "install" | "find" | "list" | "dir" | "uninstall" | "upgrade":
            return _other(call)._replace(role=Role.INSTALL, network=True, doubts=_DOCUMENTED)
        case ("cache", "clean" | "prune" | "dir" | "size") | ("tool", "dir" | "list") | ("help" | "", _):
            return _other(call)
        case "self", "version":
            return _other(call)
    shown = " ".join(command).strip().replace(UNKNOWN, "…")
    if command[0] in _EDITING:
        raise ManifestError("install-edits-manifest", f"uv {shown} writes pyproject.toml and uv.lock")
    if command[0] in _PROJECT_CODE or command == ("tool", "run"):
        raise ManifestError("project-code", f"uv {shown} runs code that may read any file")
    raise ManifestError("unknown-command", f"what uv {shown} does is not known")


def _checked(options: Options, what: str) -> Options:
    if options.unknown:
        word = options.unknown[0].replace(UNKNOWN, "…")
        raise ManifestError("unknown-option", f"uv {what} {word} is not known")
    return options


def _other(call: Call) -> Effects:
    """What asks, or works on uv's own directories alone."""
    options = _checked(table.parse_other_options(call.args), " ".join(call.args[:2]))
    places = tuple(dict.fromkeys(working_directory(call, options)))
    return surroundings(call, options, places, Role.LOCAL)


def _venv(call: Call) -> Effects:
    options = _checked(table.parse_other_options(call.args), "venv")
    cwd, project = working_directory(call, options)
    named = options.positionals[1:]
    table.check_known(named, "the environment")
    place = join(cwd, named[0]) if named else project_environment(call, options, cwd)
    is_cleared = bool({"--clear", "-c"} & options.switches)
    return surroundings(call, options, (cwd, project), Role.LOCAL) | filled((place,), cwd, rebuilt=is_cleared)


def _sync(call: Call) -> Effects:
    options = _checked(table.parse_project_options(call.args), "sync")
    project, lock = _locate(call, options)
    if built := _find_built(options, project, lock):
        names = ", ".join(sorted(each.name for each in built))
        raise ManifestError(_SLUG, f"uv sync builds {names} from its sources")
    lock_effects = _lock_effects(call, options, project, lock)
    environment = project_environment(call, options, project.root)
    cwd, start = working_directory(call, options)
    places = tuple(dict.fromkeys((cwd, start, project.directory, project.root)))
    manifests = project.manifests(lock)
    return (
        surroundings(call, options, places, Role.INSTALL)
        | filled((environment,), cwd)
        | lock_effects
        | Effects(
            reads=manifests,
            network=True,
            evidence=tuple(f"{path}: read by uv sync" for path in manifests.files if call.view.find(path)),
        )
    )


def _locate(call: Call, options: Options) -> tuple[Project, Lock | None]:
    if table.values(options, "--script"):
        raise ManifestError("project-code", "uv sync --script reads a script of the project")
    _, start = working_directory(call, options)
    project = find_project(call.view, start)
    lock = read_lock(call.view, project)
    if lock is None:
        _check_unlocked(call, options, project)
    return project, lock


_ASKED_OF_THE_BACKEND = frozenset(("dependencies", "optional-dependencies", "requires-python", "version"))
"""Dynamic fields that uv has to know before it can lock: it has the metadata made, build system named or not, and
setuptools leaves its .egg-info beside the package that it finds (uv 0.9.9 and 0.13.9, tried)."""


def _check_unlocked(call: Call, options: Options, project: Project) -> None:
    """Without a lock, only a project alone is followed: uv asks the backends of the others for their requirements."""
    if _is_frozen(call, options):
        raise ManifestError("manifest-not-found", f"{project.lock_path} is not copied from the build context")
    uv = dig(project.root_tables, "tool", "uv")
    sources = [item for each in dig(uv, "sources").values() for item in (each if isinstance(each, list) else [each])]
    if "workspace" in uv or any(isinstance(s, dict) and {"path", "workspace"} & set(s) for s in sources):
        raise ManifestError(_SLUG, "without a lock, uv asks each local package for what it requires")
    if asked := _ASKED_OF_THE_BACKEND & _dynamic(project.tables):
        raise ManifestError(_SLUG, f"without a lock, uv builds the project to learn its {min(asked)}")


def _is_frozen(call: Call, options: Options) -> bool:
    return table.is_set(options, call.env, "--frozen", "--locked")


def _find_built(options: Options, project: Project, lock: Lock | None) -> tuple[LocalPackage, ...]:
    """The local packages that the command as written would build."""
    switches = options.switches
    if "--no-install-local" in switches:
        return ()
    skipped = set(table.values(options, "--no-install-package"))
    is_without = bool({"--no-install-project", "--only-dev"} & switches or table.values(options, "--only-group"))
    if lock is None:
        is_built = project.is_package and not is_without and "--no-install-workspace" not in switches
        name = str(dig(project.tables, "project").get("name", "the project"))
        return (LocalPackage(name, "editable", project.directory, {}),) if is_built and name not in skipped else ()
    built = [each for each in lock.locals if each.is_built and each.name not in skipped]
    if "--no-install-workspace" in switches:
        built = [each for each in built if not _is_member(each, project, lock)]
    if is_without and "--all-packages" not in switches:
        built = [each for each in built if each.directory != project.directory]
    return tuple(built)


def _is_member(package: LocalPackage, project: Project, lock: Lock) -> bool:
    return package.name in lock.members or package.directory == project.root


def _lock_effects(call: Call, options: Options, project: Project, lock: Lock | None) -> Effects:
    path = project.lock_path
    if lock is None:
        return Effects(writes=PathSet.of(path))
    if _is_dynamic(call, lock, project) and not table.is_set(options, call.env, "--frozen"):
        raise ManifestError(_SLUG, "uv builds a package of the project to learn what it requires")
    if _is_frozen(call, options):
        return Effects(evidence=(f"{path}: uv is told to leave it as it is",))
    if options.switches & {"-U", "--upgrade"} or table.values(options, "-P", "--upgrade-package"):
        raise ManifestError("lock-would-be-rewritten", f"uv sync --upgrade rewrites {path}")
    why, doubts = find_drift(call.view, project, lock)
    if why is not None:
        raise ManifestError("lock-would-be-rewritten", f"uv sync rewrites {path}: {why}")
    return Effects(doubts=doubts, evidence=(f"{path} is in sync, so that uv leaves it as it is",))


def _is_dynamic(call: Call, lock: Lock, project: Project) -> bool:
    """Whether the requirements of a local package are told by its build backend, which uv asks before it trusts a lock.

    Members of a workspace count as the project does, whether or not they are installed (uv 0.13.9, tried).
    """
    dynamic = {*_dynamic(project.tables), *_dynamic(project.root_tables)}
    for package in lock.locals:
        path = join(package.directory, "pyproject.toml")
        if call.view.find(path) is not None:
            dynamic |= _dynamic(read_toml(call.view, path, "uv"))
    return bool({"dependencies", "optional-dependencies"} & dynamic) and bool(lock.locals)


def _dynamic(tables: Mapping[str, Any]) -> set[str]:
    """The fields of a project that its build backend fills in."""
    return set(dig(tables, "project").get("dynamic", []))


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """The dependencies of a package, of a workspace, or of what a pyproject.toml lists."""
    try:
        match _command(call) if call.argv[0] == "uv" else ():
            case "sync", _:
                return _prefetch_sync(call)
            case "pip", "install":
                return _prefetch_pip(call)
    except ManifestError:
        return None
    return None


def _prefetch_sync(call: Call) -> Prefetch | None:
    options = _checked(table.parse_project_options(call.args), "sync")
    project, lock = _locate(call, options)
    built = _find_built(options, project, lock)
    if not built or options.switches & {"--reinstall", "--check", "--dry-run"}:
        return None
    doubts: tuple[str, ...] = ()
    if all(each.directory == project.directory for each in built):
        flag = "--no-install-project"
    elif lock is not None and all(_is_member(each, project, lock) for each in built):
        flag = "--no-install-workspace"
    else:
        flag, doubts = "--no-install-local", ("versions of uv before late 2025 do not know --no-install-local",)
    flags = tuple(f for f in (flag,) if f not in options.switches)
    first = analyze(call._replace(argv=(*call.argv, *flags)))
    if not flags or first.blocks:
        return None
    if any(_brings_programs(call, join(project.root, each.directory)) for each in built):
        doubts += ("the programs of the project name python3 instead of python, where uv makes their environment",)
    why = f"uv installs what uv.lock names, and builds {', '.join(sorted(e.name for e in built))} afterwards"
    return Prefetch(why, flags=flags, doubts=doubts, done_by=(("uv", "sync"),))


def _brings_programs(call: Call, folder: str) -> bool:
    """Whether a project may have console scripts.

    uv writes `python` into their first line if the same command makes the virtual environment, and `python3` if that is
    there already (uv 0.5.31 and 0.9.9, tried in images).
    """
    if any(call.view.find(join(folder, name)) is not None for name in ("setup.py", "setup.cfg")):
        return True
    tables = read_toml(call.view, join(folder, "pyproject.toml"), "uv")
    about, poetry = tables.get("project", {}), tables.get("tool", {}).get("poetry", {})
    return bool({"scripts", "gui-scripts"} & {*about, *about.get("dynamic", ()), *poetry})


def _pip(call: Call, command: str) -> Effects:
    options = _checked(table.parse_pip_options(call.args), f"pip {command}")
    cwd, project = working_directory(call, options)
    call = call._replace(cwd=cwd)
    role = Role.INSTALL if command in ("install", "sync") else Role.LOCAL
    base = surroundings(call, options, tuple(dict.fromkeys((cwd, project))), role)
    match command:
        case "install" | "sync" | "uninstall":
            return base | filled(pip_environments(call, options), cwd) | requirement_effects(call, options, command)
        case "compile":
            outputs = tuple(join(cwd, v) for v in table.values(options, "-o", "--output-file"))
            table.check_known(outputs, "the output file")
            asked = requirement_effects(call, options, "sync")
            return base | asked | Effects(reads=PathSet.of(*outputs), writes=PathSet.of(*outputs))
        case "list" | "freeze" | "show" | "check" | "tree":
            return base | Effects(reads=PathSet.of(trees=pip_environments(call, options)))
    raise ManifestError("unknown-command", f"what uv pip {command} does is not known".replace(UNKNOWN, "…"))


def _prefetch_pip(call: Call) -> Prefetch | None:
    """``uv pip install -r pyproject.toml`` before ``uv pip install .`` (uv marks every package as requested)."""
    options = _checked(table.parse_pip_options(call.args), "pip install")
    cwd, _ = working_directory(call, options)
    words = [*options.positionals[2:], *table.values(options, "-e", "--editable")]
    path, _, extras = words[0].partition("[") if len(words) == 1 else ("", "", "")
    if not path or not is_known(words[0]) or options.switches & {"--no-deps", "--reinstall", "--upgrade", "-U"}:
        return None
    place = manifest.classify_editable(path)
    if place[0] != "editable" or not path.startswith((".", "/")):
        return None
    file = posixpath.normpath(posixpath.join(path, "pyproject.toml"))
    rest = [
        word for word in call.args if word != words[0] and word not in ("-e", "--editable", f"--editable={words[0]}")
    ]
    names = [name.strip() for name in extras.rstrip("]").split(",") if name.strip()]
    argv = ("uv", *rest, "-r", file, *(part for name in names for part in ("--extra", name)))
    first = analyze(call._replace(argv=argv))
    if first.blocks or f"-e{words[0]}" in call.args:
        return None
    why = f"{file} lists what the project in {join(cwd, path)} depends on"
    done_by = (
        argv,
        (*argv[: argv.index("-r")], "-r"),
        ("uv", "pip", "install", "-r"),
        ("uv", "pip", "sync"),
        ("uv", "sync"),
    )
    return Prefetch(why, argv=(call.program, *argv[1:]), done_by=done_by)


def _tool(call: Call) -> Effects:
    options = _checked(table.parse_pip_options(call.args), "tool install")
    cwd, project = working_directory(call, options)
    call = call._replace(cwd=cwd)
    words = (*options.positionals[2:], *(w for v in table.values(options, "-w", "--with") for w in v.split(",")))
    asked = options._replace(positionals=("tool", "install", *words))
    return (
        surroundings(call, options, tuple(dict.fromkeys((cwd, project))), Role.INSTALL)
        | requirement_effects(call, asked, "install")
        | Effects(doubts=_DOCUMENTED)
    )


def _lock(call: Call, command: str) -> Effects:
    """``uv export`` reads the lock; ``uv lock`` and an export of a lock that is not in sync write it."""
    options = _checked(table.parse_project_options(call.args), command)
    project, lock = _locate(call, options)
    cwd, start = working_directory(call, options)
    outputs = tuple(join(cwd, value) for value in table.values(options, "-o", "--output-file"))
    table.check_known(outputs, "the output file")
    places = tuple(dict.fromkeys((cwd, start, project.directory, project.root)))
    written = PathSet.of(
        *outputs, *((project.lock_path,) if command == "lock" and "--check" not in options.switches else ())
    )
    lock_effects = _lock_effects(call, options, project, lock) if command == "export" else Effects()
    return (
        surroundings(call, options, places, Role.LOCAL)
        | lock_effects
        | Effects(
            reads=project.manifests(lock) | PathSet.of(*outputs), writes=written, network=True, doubts=_DOCUMENTED
        )
    )
