"""conda, mamba and micromamba: environments from an environment.yml, and packages by name.

They read the files that they are given, what these name for pip, and their settings in the installation and the home
directory; nothing in the working directory. https://docs.conda.io/projects/conda/en/stable/commands/ and
https://mamba.readthedocs.io/en/latest/. No real build has shown this, so that a move is not proven.
"""

from __future__ import annotations

from reorder.effects import Effects, Output, PathSet, Role, Safety, join
from reorder.manager import UNKNOWN, Call, Manager, Options, Rule, is_known, parse_options
from reorder.manifests import requirements as manifest
from reorder.manifests.environment_yml import follow_environment, follow_list, is_local_package
from reorder.manifests.files import ManifestError
from reorder.manifests.python_environment import Interpreter, environment_effects
from reorder.manifests.user_settings import SettingsFile, check_home, check_unchanged

manager = Manager(
    __name__,
    ecosystem="Python",
    tools=("conda", "mamba", "micromamba"),
    role=Role.INSTALL,
    rules=(
        Rule("conda env create -f, conda env update -f", "moves", Safety.UNSAFE, "documented",
             "it reads the file, and what its pip list names"),
        Rule("conda env create -f", "stays", None, "", "the pip list of the file installs the project (-e ., .)"),
        Rule("conda install NAME, conda create NAME", "moves", Safety.UNSAFE, "documented", "it reads settings alone"),
        Rule("conda clean, conda config", "moves", Safety.UNSAFE, "documented", "they work on caches and settings"),
        Rule("conda run, conda build, conda develop", "stays", None, "", "they run code of the project"),
    ),
)  # fmt: skip

_DOUBTS = ("what conda reads is known from its documentation, and no real build has shown it",)
_SWITCHES = frozenset(
    """
    -y --yes -q --quiet -v --verbose -vv --json -h --help -V --version --force --prune -a --all --tarballs -t
    --packages -p --index-cache -i --tempfiles --force-pkgs-dirs --no-deps --only-deps --no-default-packages -k
    --insecure --offline --no-channel-priority --strict-channel-priority --override-channels --freeze-installed
    --no-update-deps --update-deps --update-all -S --satisfied-skip-solve --update-specs --copy
    --no-pin --force-reinstall -C --use-index-cache -d --dry-run --download-only --show-channel-urls
    --use-local --dev --mkdir --clobber --pypi
    --no-capture-output --live-stream --no-rc --no-env --pip-deps --no-py-pin --allow-uninstall --no-allow-uninstall
    --allow-downgrade --no-allow-downgrade --always-softlink --always-copy --lock-file --experimental --trash
    --retry-clean-cache --extra-safety-checks --relocate-prefix --system --env --show --show-sources --validate
    --describe --write-default --stdin
    """.split()
)
_VALUED = frozenset(
    """
    -n --name -p --prefix -f --file -c --channel --repodata-fn --solver --subdir --platform --revision --clone
    --channel-alias --cacert-path --ssl-verify --root-prefix -r --rc-file --category --log-level --timeout
    --safety-checks --retry --default-threads --download-threads --extract-threads --channel-priority --shell -s
    """.split()
)
_CONFIG_VALUED = frozenset("--add --append --prepend --set --remove --remove-key --file --get".split())
_HARMLESS_KEYS = frozenset(
    """
    channels default_channels channel_priority always_yes solver auto_update_conda auto_activate_base ssl_verify
    report_errors notify_outdated_conda remote_read_timeout_secs remote_max_retries remote_connect_timeout_secs
    show_channel_urls experimental pip_interop_enabled changeps1 repodata_threads fetch_threads
    anaconda_upload safety_checks allow_softlinks
    """.split()
)
_TREES = ("/opt/conda", "/opt/miniconda", "/opt/miniconda3", "/opt/miniforge3", "/opt/mambaforge", "/opt/anaconda3",
          "/opt/micromamba", "/conda", "/miniconda", "/miniconda3", "/miniforge3")  # fmt: skip
_HOME_TREES = (".conda", ".mamba", ".cache", ".config/conda", "micromamba", "miniconda3", "miniconda", "miniforge3",
               "mambaforge", "anaconda3", ".local/share/mamba", ".continuum")  # fmt: skip
_HOME_FILES = (".condarc", ".mambarc")
_PREFIX_VARIABLES = ("CONDA_PREFIX", "CONDA_DIR", "MAMBA_ROOT_PREFIX", "CONDA_ENVS_PATH", "CONDA_ENVS_DIRS",
                     "CONDA_PKGS_DIRS", "CONDA_ROOT", "MAMBA_EXE")  # fmt: skip
_PIP_FILES = ("PIP_CONSTRAINT", "PIP_REQUIREMENT", "PIP_FIND_LINKS", "PIP_BUILD_CONSTRAINT")
_INSTALLS = ("install", "create", "update", "upgrade", "env create", "env update")
_QUERIES = ("list", "info", "search", "env list", "env export", "env config", "help", "", "shell", "repoquery", "env")
_SHELL = ("activate", "deactivate")
_CODE = ("run", "build", "develop", "debug", "render", "compare", "repo", "skeleton", "index")


@manager
def analyze(call: Call) -> Effects:
    """Find the command: the first word that is no option, and the one after ``env``."""
    is_config = "config" in call.args[:2]
    valued = _CONFIG_VALUED if is_config else _VALUED
    switches = _SWITCHES - {"-p"} | ({"-f"} if "clean" in call.args[:2] else set())
    if "clean" in call.args[:2]:
        valued, switches = frozenset(), switches | {"-p"}
    options = parse_options(call.args, valued=valued, switches=switches)
    command = (*options.positionals, "")[0]
    if command == "env":
        command = f"env {(*options.positionals, '', '')[1]}".strip()
    words = options.positionals[len(command.split()) :]
    role = Role.INSTALL if command in _INSTALLS else Role.LOCAL
    try:
        if options.unknown and command in (*_INSTALLS, "clean", "config", "remove", "env remove"):
            shown = options.unknown[0].replace(UNKNOWN, "…")
            raise ManifestError("unknown-option", f"{call.argv[0]} {command} {shown} is not known")
        return _dispatch(call, options, command, words) | Effects(role=role, doubts=_DOUBTS)
    except ManifestError as error:
        return Effects.blocked(error.slug, error.why, role=role)


def _dispatch(call: Call, options: Options, command: str, words: tuple[str, ...]) -> Effects:
    tool = call.argv[0]
    if command in _INSTALLS:
        return _install(call, options, command, words)
    if command == "config":
        return _config(call, options)
    if command in ("clean", "remove", "uninstall", "env remove", *_QUERIES):
        return _base(call, options)
    if command in _SHELL:
        raise ManifestError("shell-state", f"{tool} {command} changes the environment of the commands after it")
    if command in _CODE:
        raise ManifestError("project-code", f"{tool} {command} runs code that may read any file")
    shown = command.replace(UNKNOWN, "…")
    raise ManifestError("unknown-command", f"what {tool} {shown} does is not known")


def _base(call: Call, options: Options) -> Effects:
    """The installation, its settings and caches."""
    home = call.env.get("HOME") or call.home
    check_home(home)
    settings = SettingsFile.directly_in(home, "/opt/conda", "/etc/conda", name=".condarc")
    check_unchanged(call.view, settings, "conda")
    named = [call.env[name] for name in _PREFIX_VARIABLES if call.env.get(name)]
    prefixes = [value for name in ("-p", "--prefix") for value in options.values.get(name, ())]
    prefixes += [value for name in ("-r", "--root-prefix") for value in options.values.get(name, ())]
    files = [call.env[name] for name in ("CONDARC", "MAMBARC") if call.env.get(name)]
    files += options.values.get("--rc-file", ())
    if not all(map(is_known, (*named, *prefixes, *files))):
        raise ManifestError("path-unknown", "conda works on a directory that is only known at build time")
    homes = [join(home, name) for name in _HOME_TREES]
    own = [join(call.cwd, value) for value in prefixes]
    trees = PathSet.of(trees=(*_TREES, *homes, *(join(call.cwd, value) for value in named), *own))
    program = call.program if "/" in call.program else call.argv[0]
    # pip runs in the environment as a module, in the folder of the environment.yml
    base = Interpreter(program, call.view, call.cwd, call.env, home, "python")
    return environment_effects(base, Role.LOCAL) | Effects(
        reads=trees | PathSet.of(*(join(home, name) for name in _HOME_FILES), *(join(call.cwd, f) for f in files)),
        writes=trees,
        outputs=tuple(Output(path, rebuilt=False) for path in own if path not in _TREES),
    )


def _install(call: Call, options: Options, command: str, words: tuple[str, ...]) -> Effects:
    if "--dev" in options.switches or "--clone" in options.values:
        raise ManifestError("unknown-option", f"what {call.argv[0]} {command} --clone or --dev reads is not known")
    closure = manifest.Closure()
    prefixes = [prefix for path in _files(call, options, command, words) if (prefix := _follow(call, closure, path))]
    archives = _archives(call, command, words, closure)
    channels = [value for name in ("-c", "--channel") for value in options.values.get(name, ())]
    local = [join(call.cwd, manifest.file_url_path(c) if c.startswith("file:") else c)
             for c in channels if is_known(c) and c.startswith((".", "/", "file:"))]  # fmt: skip
    pip_files = [
        join(call.cwd, word) for name in _PIP_FILES for word in call.env.get(name, "").split() if is_known(word)
    ]
    trees = PathSet.of(trees=(join(call.cwd, prefix) for prefix in prefixes))
    return _base(call, options) | Effects(
        reads=PathSet.of(*closure.files, *archives, trees=(*closure.links, *local, *pip_files)) | trees,
        writes=trees,
        network=True,
        evidence=tuple(closure.files.values()),
    )


def _files(call: Call, options: Options, command: str, words: tuple[str, ...]) -> list[str]:
    found = [value for name in ("-f", "--file") for value in options.values.get(name, ())]
    is_environment = command.startswith("env ")
    if not found and is_environment:
        found = [word for word in words if word.endswith((".yml", ".yaml"))] or ["environment.yml"]
    if not all(map(is_known, found)):
        raise ManifestError("unknown-argument", "which file conda reads is only known in a build")
    return found


def _follow(call: Call, closure: manifest.Closure, value: str) -> str | None:
    if "://" in value:
        closure.remote = True
        return None
    if value == "-" or value.startswith("/dev/"):
        raise ManifestError("unknown-argument", f"{call.argv[0]} reads its packages from {value}")
    path, asked_by = join(call.cwd, value), f"-f of {call.argv[0]}"
    if not value.endswith((".yml", ".yaml")):
        follow_list(closure, call.view, path, asked_by)
        return None
    return follow_environment(closure, call.view, path, asked_by)


def _archives(call: Call, command: str, words: tuple[str, ...], closure: manifest.Closure) -> list[str]:
    """Local archives; a project that pip would build keeps the install where it is."""
    found = []
    for word in words if not command.startswith("env ") else ():
        name = word.partition("=")[0].partition("<")[0].partition(">")[0]
        if not is_known(name):
            raise ManifestError("unknown-argument", f"which package {call.argv[0]} installs is only known in a build")
        if is_local_package(word):
            found.append(join(call.cwd, word))
    for local in closure.locals:
        if local.editable or not local.path.lower().endswith((*manifest.ARCHIVES, ".conda")):
            why = f"{local.where}: pip builds the project in {local.path}"
            raise ManifestError("install-builds-project", why)
        found.append(local.path)
    return found


def _config(call: Call, options: Options) -> Effects:
    """Settings that name packages' sources; others may move environments or name files."""
    values = [*options.positionals[1:], *(v for name in ("--add", "--append", "--prepend", "--set", "--remove")
                                          for v in options.values.get(name, ()))]  # fmt: skip
    keys = [v for name in ("--add", "--append", "--prepend", "--set", "--remove", "--remove-key")
            for v in options.values.get(name, ())]  # fmt: skip
    if call.argv[0] == "micromamba":
        keys = [word for word in options.positionals[2:3] if word not in ("list", "sources")]
    if "--file" in options.values or not all(map(is_known, (*keys, *values))) or set(keys) - _HARMLESS_KEYS:
        shown = " ".join(call.args).replace(UNKNOWN, "…")
        raise ManifestError("unknown-option", f"{call.argv[0]} {shown} changes what later installs read")
    if any(value.startswith((".", "/", "file:")) for value in values):
        raise ManifestError("unknown-option", f"{call.argv[0]} config names a folder of packages")
    home = call.env.get("HOME") or call.home
    present = (path for path in (join(home, ".condarc"), "/opt/conda/.condarc") if call.view.find(path))
    return _base(call, options._replace(values={})) | Effects(writes=PathSet.of(*present))
