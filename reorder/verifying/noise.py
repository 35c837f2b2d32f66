"""What two builds of one Dockerfile never have in common, whatever the order of its lines: a short list.

It holds what a patch may touch although nobody reads it: times, logs, caches of package managers. Anything else that a
build does not repeat is not listed but measured, by building the original twice (`compare.measure_noise`).
Modification times are never compared at all: every layer has new ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

LISTED: Mapping[str, str] = {
    r"var/log/(dpkg|alternatives|bootstrap|fontconfig)\.log|var/log/apt/.+": "logs of package managers hold times",
    r"var/log/(dnf|yum|hawkey|zypper|zypp)[^/]*(/.+)?": "the same, of the RPM family",
    r"var/cache/apt/.+\.bin|var/cache/ldconfig/aux-cache|var/lib/apt/lists/.+": "caches that are made anew",
    r"var/cache/(debconf/.+-old|dnf/.+|yum/.+)|var/lib/dpkg/.+-old": "the state before the last transaction",
    r"(root|home/[^/]+)/\.npm/(_logs/.+|_cacache/index-v5/.+|_update-notifier-last-checked)": "npm's logs and times",
    r"(root|home/[^/]+|usr/local/share)/\.cache/(pip|uv|yarn|go-build|node-gyp|composer|pypoetry/(cache|artifacts))/.+":
        "caches of downloads and compilers, with times in them",
    r"(root|home/[^/]+)/\.cache/(virtualenv|pipenv)/.+": "virtualenv fetches wheels in the background",
    r"tmp/(v8-compile-cache|node-compile-cache|yarn--|poetry-chef-|pip-)[^/]*(/.+)?": "files named at random",
    r"tmp/tmp\w+cacert\.pem|tmp/\.[0-9a-f]+-[0-9]+\.node-gyp(/.+)?": "files named at random",
    r"(.+/)?pnpm/store/v\d+/(index/.+\.json|files/.+-index\.json)": "pnpm notes in its store when it checked a package",
    r"(.+/)?(\.yarn-integrity|\.modules\.yaml|\.pnpm-workspace-state[^/]*|install-state\.gz)":
        "node package managers note when they installed",
}  # fmt: skip
"""Patterns of whole paths, without a leading ``/``, and why their content says nothing (RULEBOOK E3, tried there)."""

_LISTED = re.compile("|".join(f"(?:{pattern})" for pattern in LISTED))
_RANDOM_NAME = re.compile(rb"(ComposerAutoloaderInit|ComposerStaticInit)[0-9a-f]{32}")
_COMPILED = re.compile(r"(.+/)?__pycache__/([^/.]+)\.[^/]+\.pyc")
NORMALISED_LIMIT = 4 * 1024 * 1024
"""Bytes; a longer file is compared as it is."""


def is_listed(path: str) -> bool:
    """Whether ``path`` is on the list."""
    return _LISTED.fullmatch(path) is not None


def source_of(path: str) -> str | None:
    """The source of a byte-compiled file of Python (PEP 3147); None for any other file.

    What is compiled of one source is not always the same byte by byte: which strings are written as references depends
    on what else the compiling process has seen (https://bugs.python.org/issue34093), in pip on how long a download
    took. So where the source is the same, the byte code may differ.
    """
    match = _COMPILED.fullmatch(path)
    return f"{match[1] or ''}{match[2]}.py" if match else None


def normaliser(path: str) -> Callable[[bytes], bytes] | None:
    """How to take the noise out of a file of that name; None: it is compared as it is.

    A ``.pyc`` holds the time and size of its source in bytes 8 to 16 (PEP 552; 81 differing files became none);
    composer names two classes of its autoloader at random.
    """
    if path.endswith(".pyc"):
        return _without_source_time
    if path.endswith(".php") and (path.endswith("vendor/autoload.php") or "vendor/composer/" in path):
        return _without_random_name
    return None


def _without_source_time(data: bytes) -> bytes:
    # bit 0 of the flags: the header holds a hash of the source, and no time
    return data if data[4:5] == b"\x01" or data[4:5] == b"\x03" else data[:8] + data[16:]


def _without_random_name(data: bytes) -> bytes:
    return _RANDOM_NAME.sub(rb"\1", data)
