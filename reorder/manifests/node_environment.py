"""Where Node and its package managers lie in an image, what they look for, and where they keep caches."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from reorder.effects import SYSTEM_TREES, PathSet, join

_PROGRAMS = (
    "node nodejs npm npx yarn yarnpkg pnpm pnpx bun bunx corepack git ssh sh bash env python python3 make gcc g++ cc"
    " c++ clang clang++ ld ar pkg-config cmake tar unzip patch ldd uname getconf"
).split()
_BINS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_LIBRARIES = (
    "/usr/local/lib", "/usr/local/include", "/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/include", "/lib", "/lib64",
    "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/share/node_modules",
    "/usr/share/nodejs", "/etc/ld.so.conf.d", "/opt/yarn",
)  # fmt: skip
_ETC = ("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gitconfig",
        "/etc/ld.so.conf", "/etc/ld.so.preload", "/etc/os-release", "/etc/localtime")  # fmt: skip
_HOME_FILES = (".npmrc", ".yarnrc", ".yarnrc.yml", ".netrc", ".gitconfig", ".git-credentials", ".profile",
               ".yarn-metadata.json")  # fmt: skip
_HOME_CACHES = (".npm", ".cache", ".node-gyp", ".yarn", ".yarn-cache", ".pnpm-store", ".pnpm-state", ".local", ".pnpm",
                ".corepack", ".node")  # fmt: skip


def system_reads() -> PathSet:
    """What an install uses of the image: interpreters, compilers, libraries, certificates."""
    return PathSet.of(*(f"{d}/{p}" for d in _BINS for p in _PROGRAMS), *_ETC, trees=_LIBRARIES)


def home_reads(home: str) -> PathSet:
    """Settings and caches in a home directory."""
    if not _is_plain(home):
        return PathSet.of(trees=("/root", "/home"))
    return PathSet.of(
        *(join(home, f) for f in _HOME_FILES), trees=[join(home, t) for t in (*_HOME_CACHES, ".config", ".ssh")]
    )


def home_writes(home: str) -> PathSet:
    """Caches and logs in a home directory; what users set there is changed by commands for that purpose only."""
    if not _is_plain(home):
        return PathSet.of(trees=("/root", "/home"))
    caches = (*_HOME_CACHES, ".config/yarn", ".config/configstore")
    return PathSet.of(join(home, ".yarn-metadata.json"), trees=[join(home, tree) for tree in caches])


def _is_plain(home: str) -> bool:
    return home.startswith("/") and "\0" not in home


def global_trees(env: Mapping[str, str]) -> tuple[str, ...]:
    """Where global installs go: the system's trees and what variables name instead."""
    chosen = [value for name, value in env.items() if name.lower() in ("npm_config_prefix", "pnpm_home", "prefix")]
    return (*SYSTEM_TREES, *(value for value in chosen if value.startswith("/") and "\0" not in value))


def find_shadow(directory: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """Programs that relative entries of PATH would find in ``directory``."""
    entries = [e for e in env.get("PATH", "").split(":") if e and not e.startswith(("/", "\0", "~"))]
    return tuple(posixpath.join(join(directory, e), p) for e in entries for p in _PROGRAMS)
