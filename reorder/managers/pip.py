"""pip, however it is called: ``pip``, ``pip3.12``, ``/venv/bin/pip``, ``python -m pip``; and ``python -m venv``.

pip reads the requirements files it is given and all that they name, its configuration, and the environment that it
installs into. Building a local project runs that project's code, which may read anything: such an install stays put.
https://pip.pypa.io/en/stable/cli/
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reorder.effects import Effects, Output, PathSet, Role, Safety, is_within, join
from reorder.manager import UNKNOWN, Call, Manager, Prefetch, Rule, is_known, parse_options
from reorder.manifests import pip_options as table
from reorder.manifests import requirements as manifest
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.python_environment import Interpreter, config_candidates, environment_effects
from reorder.manifests.user_settings import check_home, check_unchanged

_MINORS = range(5, 17)
_PIPS = ("pip", "pip2", "pip3", *(f"pip3.{minor}" for minor in _MINORS))
_PYTHONS = ("python", "python2", "python3", "pypy", "pypy3", *(f"python3.{minor}" for minor in _MINORS))

_RULES = (
    Rule("pip install -r, pip install NAME", "moves", Safety.SAFE, "built", "the files that it reads are all named"),
    Rule("pip install ./DIR", "moves", Safety.SAFE, "built", "if the build provably stays inside of the folder"),
    Rule("pip install --group", "moves", Safety.SAFE, "built", "it reads pyproject.toml alone"),
    Rule("pip install ., pip install -e .", "two phases", Safety.UNSAFE, "tried",
         "the dependencies by name first, where pyproject.toml or setup.cfg list them: pip marks them as requested"),
    Rule("pip install ., pip install -e .", "stays", None, "", "the build of the project tells its dependencies"),
    Rule("pip download, pip wheel, pip uninstall", "moves", Safety.SAFE, "documented", "they read the same files"),
    Rule("python -m venv, virtualenv", "moves", Safety.SAFE, "built", "it reads nothing of the project"),
    Rule("python setup.py install, python setup.py develop", "stays", None, "", "setup.py is code of the project"),
)  # fmt: skip

manager = Manager(
    __name__, ecosystem="Python", tools=(*_PIPS, *_PYTHONS, "virtualenv"), role=Role.INSTALL, rules=_RULES
)

_REQUESTED = "pip marks what it is asked for by name as requested, and what a project depends on not"

_INSTALLS = {"install": Role.INSTALL, "download": Role.INSTALL, "wheel": Role.INSTALL, "uninstall": Role.LOCAL}


@dataclass(frozen=True, slots=True)
class _Request:
    """What one pip command is asked to do; options have their long names, switches no values."""

    call: Call
    command: str
    options: Mapping[str, tuple[str, ...]]
    positionals: tuple[str, ...]
    module: str | None

    def values(self, name: str) -> tuple[str, ...]:
        return self.options.get(name, ())

    def paths(self, *names: str) -> tuple[str, ...]:
        return tuple(join(self.call.cwd, value) for name in names for value in self.values(name))


@manager
def analyze(call: Call) -> Effects:
    """Tell pip, an interpreter and virtualenv apart."""
    tool = call.argv[0]
    try:
        if tool in _PIPS:
            return _analyze_pip(call, None)
        return _make_environment(call, None) if tool == "virtualenv" else _analyze_python(call)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why)


def _analyze_python(call: Call) -> Effects:
    words = list(call.args)
    while words and words[0].startswith("-") and words[0] not in {"-m", "-c", "-"}:
        word = words.pop(0)
        if word in {"-V", "-VV", "--version", "-h", "--help"}:
            return Effects()
        if word in {"-W", "-X"}:
            words = words[1:]
        elif word[:2] not in {"-W", "-X"} and not set(word[1:]) <= set("uBEsSIOqvxdibP"):
            raise ManifestError("unknown-option", f"{call.argv[0]} {word} is not known")
    module = words[1] if words[:1] == ["-m"] and len(words) > 1 else ""
    inner = call._replace(argv=(call.argv[0], *words[2:]))
    match module:
        case "pip":
            return _analyze_pip(inner, module)
        case "venv" | "virtualenv":
            return _make_environment(inner, module)
        case "ensurepip":
            return environment_effects(_interpreter(call, module), Role.INSTALL)
    if posixpath.basename(words[0] if words else "") == "setup.py" and {"install", "develop"} & set(words):
        return _run_setup(call, words)
    what = " ".join((call.argv[0], *words[:2])).replace(UNKNOWN, "…").split("\n")[0]
    raise ManifestError("project-code", f"{what} runs code that may read any file")


def _run_setup(call: Call, words: list[str]) -> Effects:
    from reorder.manifests.local_project import why_it_stays

    directory = join(call.cwd, posixpath.dirname(words[0]))
    command = " ".join((call.argv[0], *words[:2]))
    why = f"{command} builds the project in {directory}; {why_it_stays(call.view, directory)}"
    return Effects.blocked("install-builds-project", why.replace(UNKNOWN, "…"), role=Role.INSTALL)


def _interpreter(call: Call, module: str | None) -> Interpreter:
    program = call.program if "/" in call.program else call.argv[0]
    return Interpreter(program, call.view, call.cwd, call.env, call.home, call.base, module)


def _analyze_pip(call: Call, module: str | None) -> Effects:
    parsed = parse_options(
        tuple(map(table.spell_out, call.args)),
        valued=table.GENERAL_VALUED | table.INSTALL_VALUED,
        switches=table.GENERAL_SWITCHES | table.INSTALL_SWITCHES,
    )
    command = parsed.positionals[0] if parsed.positionals else "help"
    if command in table.QUERIES:
        return _query(call, command, module)
    if command not in _INSTALLS:
        raise ManifestError("unknown-command", f"what pip {command} does is not known".replace(UNKNOWN, "…"))
    options: dict[str, tuple[str, ...]] = dict.fromkeys(parsed.switches, ())
    for name, values in parsed.values.items():
        options[table.long_name(name)] = options.get(table.long_name(name), ()) + values
    try:
        if parsed.unknown:
            raise ManifestError("unknown-option", f"pip {command} {' '.join(parsed.unknown)} is not known")
        request = _Request(call, command, _configured(call, command, options), parsed.positionals[1:], module)
        return _install(request)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=_INSTALLS[command])


def _configured(call: Call, command: str, options: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The options with those of the environment and of every pip.conf from the context added."""
    if not is_known(call.env.get("PIP_CONFIG_FILE", "")):
        raise ManifestError("unknown-argument", "the value of PIP_CONFIG_FILE is only known in a build")
    check_home(call.env.get("HOME") or call.home)
    settings = list(table.environment_options(call.env))
    candidates = config_candidates(call.env, call.home, call.cwd)
    check_unchanged(call.view, candidates, "pip")
    for path, _ in candidates:
        entry = call.view.find(path)
        if entry is not None and entry.context_path is not None:
            settings += _read_config(call, path, command)
    for name, values in settings:
        options[name] = options.get(name, ()) + values
    for name, values in options.items():
        if name in table.PATHS and not all(map(is_known, values)):
            raise ManifestError("unknown-argument", f"the value of pip's {name} is only known in a build")
    return options


def _read_config(call: Call, path: str, command: str) -> list[tuple[str, tuple[str, ...]]]:
    from configparser import Error

    data = read_manifest(call.view, path, "pip's configuration")
    try:
        return list(table.config_options(data.decode("utf-8-sig"), command))
    except (Error, UnicodeDecodeError) as error:
        raise ManifestError("manifest-not-understood", f"{path}: {error}".replace("\n", " ")) from None


def _install(request: _Request) -> Effects:
    closure = manifest.Closure()
    _follow_files(request, closure)
    if request.command != "uninstall":
        _follow_words(request, closure)
    effects = environment_effects(_interpreter(request.call, request.module), _INSTALLS[request.command])
    for local in closure.locals if request.command != "uninstall" else ():
        effects |= _judge_local(request, local)
    return (
        effects
        | Effects(
            reads=PathSet.of(*closure.files, *request.paths(*table.READ_FILES), trees=_links(request, closure)),
            network="--no-index" not in request.options,
            doubts=("a requirements file that is downloaded may name local paths",) if closure.remote else (),
            evidence=tuple(closure.files.values()),
        )
        | _written(request, closure)
    )


def _follow_files(request: _Request, closure: manifest.Closure) -> None:
    if request.values("--requirements-from-script"):
        raise ManifestError("project-code", "pip takes the requirements out of a script of the project")
    flags = {"--requirement": "-r", "--constraint": "-c", "--build-constraint": "--build-constraint"}
    for option, flag in flags.items():
        for value in request.values(option):
            if value.startswith("/dev/") or value == "-":
                raise ManifestError("unknown-argument", f"pip reads its requirements from {value}")
            if posixpath.basename(value).startswith("pylock.") and value.endswith(".toml"):
                raise ManifestError("manifest-not-understood", f"{value}: what pip takes from a lock file is unknown")
            cwd = request.call.cwd
            include = manifest.Include(value, directory=cwd, cwd=cwd, asked_by=f"{flag} at command line")
            manifest.follow_include(closure, request.call.view, include)
    for value in request.values("--group"):
        _follow_group(request, closure, value)


def _follow_group(request: _Request, closure: manifest.Closure, value: str) -> None:
    from reorder.manifests.pyproject import group_requirements

    file, colon, name = value.rpartition(":")
    cwd = request.call.cwd
    path = join(cwd, file if colon else "pyproject.toml")
    for text in group_requirements(request.call.view, path, name):
        manifest.add_requirement(closure, manifest.classify_requirement(text), cwd=cwd, where=f"{path}: group {name}")
    entry = request.call.view.find(path)
    closure.files[path] = f"{(entry and entry.context_path) or path}: --group {value} at command line"


def _follow_words(request: _Request, closure: manifest.Closure) -> None:
    words = [word for written in request.positionals for word in _expand_glob(request.call, written)]
    asked = [(word, manifest.classify_requirement(word)) for word in words if not _is_remote_anyway(word)]
    asked += [(f"-e {word}", manifest.classify_editable(word)) for word in request.values("--editable")]
    for shown, classified in asked:
        where = f"pip {request.command} {shown}".replace(UNKNOWN, "…")
        manifest.add_requirement(closure, classified, cwd=request.call.cwd, where=where)


def _expand_glob(call: Call, word: str) -> tuple[str, ...]:
    """What the shell makes of ``wheels/*.whl``, as far as the context gives it."""
    if not any(mark in word for mark in "*?") or manifest.classify_requirement(word)[0] != "local":
        return (word,)
    directory, pattern = posixpath.split(join(call.cwd, word))
    if any(mark in directory for mark in "*?["):
        raise ManifestError("unknown-argument", f"what {word} matches is only known in a build")
    return tuple(join(directory, name) for name in call.view.names(directory) if fnmatchcase(name, pattern))


def _is_remote_anyway(word: str) -> bool:
    """Whether only a version, an extra or the rest of a remote address is unknown."""
    known = word.partition(UNKNOWN)[0]
    if known == word:
        return False
    is_past_name = any(mark in known for mark in "=<>[")
    return (is_past_name and manifest.classify_requirement(word.replace(UNKNOWN, "0"))[0] == "name") or (
        manifest.classify_requirement(known)[0] == "remote"
    )


def _judge_local(request: _Request, local: manifest.Local) -> Effects:
    """A local archive is read; so is a project's whole folder, if its build provably stays inside."""
    from reorder.manifests.local_project import copyable_project, why_it_stays

    view, path = request.call.view, local.path
    if path.lower().endswith(manifest.ARCHIVES) and not local.editable:
        return Effects(reads=PathSet.of(path), evidence=(f"{path}: {local.where}",))
    entry = view.find(path)
    if (entry is None or entry.context_path is None) and not is_within(path, request.call.cwd) and not view.names(path):
        # Made by an earlier step or by the base image: no more of the project's code than a download is.
        return Effects(reads=PathSet.of(trees=(path,)), writes=PathSet.of(trees=(path,)))
    is_own_project = is_within(request.call.cwd, path) or (entry is not None and entry.context_path == "")
    if entry is None or entry.context_path is None or is_own_project or request.command == "wheel":
        why = why_it_stays(view, path)
        raise ManifestError("install-builds-project", f"{local.where}: pip builds the project in {path}; {why}")
    try:
        reads = copyable_project(view, path)
    except ManifestError as error:
        raise ManifestError(error.slug, f"{local.where}: {error.why}") from None
    return Effects(
        reads=reads,
        writes=PathSet.of(trees=(join(path, "build"),)),
        evidence=(f"{entry.context_path}/: {local.where}",),
    )


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """The dependencies that the project lists, by name; an error or a project that lists none gives None.

    The end differs in the file REQUESTED beside each package's metadata (tried with pip 23.0), which pip writes for
    what it is asked for: https://peps.python.org/pep-0376/#requested.
    """
    from reorder.manifests.declared_dependencies import declared_requirements

    is_module = call.argv[0] in _PYTHONS
    if is_module and call.args[:2] != ("-m", "pip"):
        return None
    words = call.args[2:] if is_module else call.args
    parsed = parse_options(
        tuple(map(table.spell_out, words)),
        valued=table.GENERAL_VALUED | table.INSTALL_VALUED,
        switches=table.GENERAL_SWITCHES | table.INSTALL_SWITCHES,
    )
    editables = [value for name in ("-e", "--editable") for value in parsed.values.get(name, ())]
    asked = [*parsed.positionals[1:], *editables]
    is_plain = parsed.positionals[:1] == ("install",) and len(asked) == 1 and is_known(asked[0])
    if not is_plain or not asked[0].startswith((".", "/")) or parsed.switches & _NO_PREFETCH:
        return None
    path, _, extras = asked[0].partition("[")
    try:
        found = declared_requirements(call.view, join(call.cwd, path), extras.rstrip("]").split(",") if extras else ())
    except ManifestError:
        return None
    kept = [word for word in words if word not in (asked[0], "-e", "--editable", f"-e{asked[0]}")]
    argv = (call.argv[0], *(("-m", "pip") if is_module else ()), *kept, *found)
    if not found or any(asked[0] in word.split("=") for word in kept) or analyze(call._replace(argv=argv)).blocks:
        return None
    why = f"the project in {join(call.cwd, path)} lists what it depends on"
    prefixes = tuple((*argv[: argv.index("install") + 1], flag) for flag in ("-r", "--requirement"))
    return Prefetch(why, argv=(call.program, *argv[1:]), doubts=(_REQUESTED,), done_by=(argv, *prefixes))


_NO_PREFETCH = frozenset(
    ("--no-deps", "--no-dependencies", "--force-reinstall", "-I", "--ignore-installed", "--dry-run")
)


def _links(request: _Request, closure: manifest.Closure) -> list[str]:
    """The places where pip looks for archives: directories, or the directory of an HTML file."""
    found = list(closure.links)
    for value in (v for name in ("--find-links", *table.INDEXES) for v in request.values(name) if is_known(v)):
        if value.startswith("file:") or "://" not in value:
            found.append(join(request.call.cwd, manifest.file_url_path(value) if ":" in value else value))
    return [posixpath.dirname(path) if path.endswith((".html", ".htm")) else path for path in found]


def _written(request: _Request, closure: manifest.Closure) -> Effects:
    """The folders that options name. A context may hold sources of the same name, so that they are never ignored."""
    cwd = request.call.cwd
    trees = list(request.paths(*table.OUTPUT_TREES))
    if request.command in {"download", "wheel"}:
        trees += request.paths("--dest" if request.command == "download" else "--wheel-dir") or (cwd,)
    if request.command == "install":
        # https://pip.pypa.io/en/stable/topics/vcs-support/#editable-vcs-installs
        source = (*request.paths("--src"), join(cwd, "src"))[0]
        trees += [join(source, name or "") for name in closure.checkouts]
    trees += request.paths(*table.WRITTEN_TREES)
    return Effects(reads=PathSet.of(trees=trees), writes=PathSet.of(*request.paths(*table.WRITTEN_FILES), trees=trees))


def _query(call: Call, command: str, module: str | None) -> Effects:
    words = call.args[call.args.index(command) + 1 :] if command in call.args else call.args
    parsed = parse_options(
        words,
        valued=table.GENERAL_VALUED | table.QUERY_VALUED,
        switches=table.GENERAL_SWITCHES | table.QUERY_SWITCHES,
    )
    action, key = (*parsed.positionals, "", "")[:2]
    if parsed.unknown or (command == "config" and action in {"edit", "unset"}):
        shown = " ".join(("pip", command, action, *parsed.unknown))
        raise ManifestError("unknown-option", f"what {shown} does is not known")
    if command == "config" and action == "set" and key.partition(".")[2].replace("_", "-") not in table.HARMLESS_KEYS:
        raise ManifestError("unknown-option", f"pip config set {key} changes what later installs read")
    files = [v for option in ("-r", "--requirement", "--path") for v in parsed.values.get(option, ())]
    files += parsed.positionals if command == "hash" else ()
    if not all(map(is_known, files)):
        raise ManifestError("unknown-argument", f"which file pip {command} reads is only known in a build")
    effects = environment_effects(_interpreter(call, module), Role.LOCAL)
    if command == "config" and action == "set":
        # A new file with a harmless key changes no later install; one that a copy brought is changed by it.
        present = (path for path, _ in config_candidates(call.env, call.home, call.cwd) if call.view.find(path))
        effects |= Effects(writes=PathSet.of(*present))
    return effects | Effects(reads=PathSet.of(trees=[join(call.cwd, file) for file in files]))


def _make_environment(call: Call, module: str | None) -> Effects:
    """``python -m venv DIR`` and ``virtualenv DIR``."""
    parsed = parse_options(call.args, valued=table.VENV_VALUED, switches=table.VENV_SWITCHES)
    if parsed.unknown or not all(map(is_known, parsed.positionals)):
        words = " ".join((*parsed.unknown, *parsed.positionals)).replace(UNKNOWN, "…")
        raise ManifestError("unknown-option", f"what venv makes of {words} is not known")
    places = tuple(join(call.cwd, place) for place in parsed.positionals)
    is_cleared = "--clear" in parsed.switches
    return environment_effects(_interpreter(call, module), Role.LOCAL) | Effects(
        reads=PathSet.of(trees=places),
        writes=PathSet.of(trees=places),
        outputs=tuple(Output(place, rebuilt=is_cleared) for place in places),
        network=bool(parsed.switches & {"--upgrade-deps", "--download"}) or "virtualenv" in {module, call.argv[0]},
    )
