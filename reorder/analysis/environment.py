"""Files that the environment makes every program read: loaders, interpreters, certificates, the search path."""

from __future__ import annotations

from collections.abc import Mapping

from reorder.effects import PathSet, join
from reorder.manager import is_known

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


def loader_reads(env: Mapping[str, str], cwd: str) -> PathSet:
    """Paths named by variables that a loader, a shell, a TLS library or git honours whatever the program is.

    ``NODE_OPTIONS`` counts with every path after ``--require``, ``-r``, ``--import`` or ``--loader``. Custom names such
    as ``APP_HOME`` are nobody's configuration and do not count. Sources: ld.so(8), bash(1), openssl(1),
    nodejs.org/api/cli.
    """
    found = PathSet()
    for name, value in env.items():
        if not value or not is_known(value):
            continue
        if name.upper() in _FILES and not value.startswith("-"):
            found |= PathSet.of(*(join(cwd, item) for item in value.replace(":", " ").split()))
        elif name.upper() in _TREES:
            found |= PathSet.of(trees=(join(cwd, item) for item in value.split(":") if item))
        elif name == "NODE_OPTIONS":
            found |= _node_options(value, cwd)
    return found


def _node_options(value: str, cwd: str) -> PathSet:
    words = value.replace("=", " ").split()
    following = [words[i + 1] for i, word in enumerate(words[:-1]) if word in _NODE_LOADERS]
    paths = [word for word in following if word.startswith((".", "/"))]
    return PathSet.of(*(join(cwd, path) for path in paths))


_NODE_LOADERS = frozenset(("--require", "-r", "--import", "--loader", "--experimental-loader"))


def path_probes(tool: str, env: Mapping[str, str]) -> PathSet:
    """Where the shell looks for ``tool`` before the system's folders."""
    path = env.get("PATH", "")
    directories = [d for d in path.split(":") if d.startswith("/") and is_known(d) and d not in _SYSTEM_BINS]
    return PathSet.of(*(join(d, tool) for d in directories))
