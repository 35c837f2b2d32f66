"""Files that the environment makes every program read: loaders, interpreters, certificates, the search path."""

from __future__ import annotations

from collections.abc import Mapping

from reorder.effects import PathSet, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manager import UNKNOWN, is_known

_FILES = frozenset(
    """
    BASH_ENV ENV LD_PRELOAD SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS PIP_CERT
    PIP_CONFIG_FILE NPM_CONFIG_USERCONFIG NPM_CONFIG_GLOBALCONFIG NPM_CONFIG_CAFILE GIT_CONFIG_GLOBAL
    GIT_SSL_CAINFO GIT_ASKPASS GIT_SSH WGETRC YARN_RC_FILENAME AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE
    NETRC UV_CONFIG_FILE
    """.split()
)
_TREES = frozenset(["LD_LIBRARY_PATH", "SSL_CERT_DIR", "CURL_HOME", "XDG_CONFIG_HOME", "NODE_PATH"])
_SYSTEM_BINS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")

_LOADERS = frozenset(("LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV"))
_LISTS = frozenset(("LD_LIBRARY_PATH", "LD_PRELOAD", "NODE_PATH", "PYTHONPATH", "SSL_CERT_DIR"))
_PLACES = frozenset(
    """
    HOME TMPDIR XDG_CACHE_HOME XDG_DATA_HOME VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONUSERBASE PYTHONPYCACHEPREFIX
    CARGO_HOME RUSTUP_HOME GOPATH GOBIN GOCACHE GOMODCACHE GEM_HOME BUNDLE_PATH APT_CONFIG GNUPGHOME COREPACK_HOME
    NODE_OPTIONS PNPM_HOME YARN_CACHE_FOLDER YARN_GLOBAL_FOLDER YARN_YARN_PATH NPM_CONFIG_PREFIX NPM_CONFIG_CACHE
    NPM_CONFIG_NODE_OPTIONS NPM_CONFIG_SCRIPT_SHELL BUN_INSTALL BUN_INSTALL_CACHE_DIR BUN_INSTALL_GLOBAL_DIR
    BUN_INSTALL_BIN
    """.split()
)
"""Variables that name directories or files to package managers, besides those above."""

_FAMILIES = {
    ("NODE_", "NPM_", "YARN_", "PNPM_", "COREPACK_"): frozenset(("npm", "yarn", "pnpm", "corepack", "bun", "lerna")),
    ("BUN_",): frozenset(["bun"]),
    ("PIP_",): frozenset(["pip"]),
    ("CARGO_", "RUSTUP_"): frozenset(("cargo", "pip")),
    ("GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE"): frozenset(["go"]),
    ("GEM_", "BUNDLE_"): frozenset(["gem", "bundler"]),
    ("UV_",): frozenset(["uv"]),
    ("CONDA_", "MAMBA_"): frozenset(["conda"]),
    ("MAVEN_",): frozenset(["maven"]),
    ("GRADLE_",): frozenset(["gradle"]),
    ("NUGET_", "DOTNET_"): frozenset(["dotnet"]),
    ("PUB_",): frozenset(["dart"]),
    ("COMPOSER_",): frozenset(["composer"]),
    ("POETRY_",): frozenset(["poetry"]),
    ("PIPENV_",): frozenset(["pipenv"]),
    ("PDM_",): frozenset(["pdm"]),
    ("MIX_", "HEX_"): frozenset(["mix"]),
}
"""Which managers (by their modules) the variables with such a beginning mean something to."""


def loader_reads(env: Mapping[str, str], cwd: str) -> PathSet:
    """Paths named by variables that a loader, a shell, a TLS library or git honours whatever the program is.

    ``NODE_OPTIONS`` counts with every path after ``--require``, ``-r``, ``--import`` or ``--loader``. Custom names such
    as ``APP_HOME`` are nobody's configuration and do not count. Sources: ld.so(8), bash(1), openssl(1),
    nodejs.org/api/cli.
    """
    found = PathSet()
    for name, value in env.items():
        if name.upper() in _FILES and not value.startswith("-"):
            found |= PathSet.of(*(join(cwd, item) for item in value.replace(":", " ").split() if is_known(item)))
        elif name.upper() in _TREES:
            found |= PathSet.of(trees=(join(cwd, place) for item in value.split(":") if (place := _known_place(item))))
        elif name == "NODE_OPTIONS" and is_known(value):
            found |= _node_options(value, cwd)
    return found


def _known_place(item: str) -> str:
    """The directory in which a path with an unknown part lies; empty if that is not known."""
    return item if is_known(item) else item.partition(UNKNOWN)[0].rpartition("/")[0]


def unknown_variable(env: Mapping[str, str], manager: str) -> str | None:
    """A variable with a value that only a run can tell, and that may name files to read or write.

    ``manager`` is the module that knows the program; empty for an everyday command, which only loaders matter to. In a
    list of paths, an unknown item beside known ones is what the base image had there.
    """
    return next((name for name, value in env.items() if _matters(name, manager) and _is_open(name, value)), None)


def _matters(name: str, manager: str) -> bool:
    if name in _LOADERS:
        return True
    upper = name.upper() if name[:4].upper() in ("NPM_", "YARN") else name
    if not manager or upper == "ENV" or upper not in _FILES | _TREES | _PLACES:
        return False  # ENV is for interactive shells, and a common name of other things
    return all(manager in members for prefixes, members in _FAMILIES.items() if upper.startswith(prefixes))


def _is_open(name: str, value: str) -> bool:
    if is_known(value):
        return False
    if name == "NODE_OPTIONS":
        return any(not is_known(word) and not _is_plain_option(word) for word in value.split())
    if name not in _LISTS:
        return True
    items = [item for item in value.split(":") if item]
    has_known = any(is_known(item) for item in items)
    return any(not (item == UNKNOWN and has_known) and not _known_place(item) for item in items if not is_known(item))


def _is_plain_option(word: str) -> bool:
    """``--max-old-space-size=…``: an unknown number."""
    name, equals, _ = word.partition("=")
    return bool(equals) and is_known(name) and name.startswith("--") and name not in _NODE_LOADERS


def is_plain_node_options(value: str) -> bool:
    """Whether a value of NODE_OPTIONS holds limits, warnings and the like, and no option that names a file."""
    words = value.split()
    return bool(words) and all(is_known(word) and _PLAIN_NODE_OPTION.fullmatch(word) for word in words)


_PLAIN_NODE_OPTION = lazy_pattern(
    r"--(?:max[-_](?:old|semi)[-_]space[-_]size|max[-_]http[-_]header[-_]size|stack[-_]trace[-_]limit|dns-result-order"
    r"|unhandled-rejections|v8-pool-size|tls-cipher-list|disable-warning)=[\w:.!@-]+"
    r"|--(?:openssl-(?:legacy-provider|shared-config)|no-[a-z0-9-]+|trace-[a-z-]+|enable-source-maps|use-openssl-ca"
    r"|use-bundled-ca|tls-(?:min|max)-v[\d.]+|pending-deprecation|experimental-(?:vm-modules|fetch|json-modules))"
)
"""Options that change limits, warnings, certificates of node itself or the network (https://nodejs.org/api/cli)."""


def _node_options(value: str, cwd: str) -> PathSet:
    words = value.replace("=", " ").split()
    following = [words[i + 1] for i, word in enumerate(words[:-1]) if word in _NODE_LOADERS]
    paths = [word for word in following if word.startswith((".", "/"))]
    return PathSet.of(*(join(cwd, path) for path in paths))


_NODE_LOADERS = frozenset(("--require", "-r", "--import", "--loader", "--experimental-loader", "--openssl-config"))


def path_probes(tool: str, env: Mapping[str, str]) -> PathSet:
    """Where the shell looks for ``tool`` before the system's folders."""
    path = env.get("PATH", "")
    directories = [d for d in path.split(":") if d.startswith("/") and is_known(d) and d not in _SYSTEM_BINS]
    return PathSet.of(*(join(d, tool) for d in directories))


def lookup_probes(tool: str, env: Mapping[str, str]) -> PathSet:
    """Everywhere that the shell looks for ``tool``."""
    return path_probes(tool, env) | system_probes(tool)


def system_probes(tool: str) -> PathSet:
    """Where the shell looks for ``tool`` in the system's folders."""
    return PathSet.of(*(join(d, tool) for d in _SYSTEM_BINS))
