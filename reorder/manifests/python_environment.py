"""Where a Python installation lies, what it looks for, and which files could take the place of its own modules."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from reorder.context.model import Kind
from reorder.effects import Effects, Output, PathSet, Role, is_within, join
from reorder.lazy_patterns import lazy_pattern
from reorder.manifests.files import Files, ManifestError
from reorder.manifests.user_settings import SettingsFile


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INSTALL_TREES = (
    "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
    "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/include", "/usr/share",
    "/usr/local/bin", "/usr/local/sbin", "/usr/local/lib", "/usr/local/lib64", "/usr/local/include", "/usr/local/share",
    "/usr/local/etc", "/usr/local/man",
    "/var/lib", "/var/cache", "/var/log", "/var/lang", "/var/runtime",
    "/opt/conda", "/opt/venv", "/opt/virtualenv", "/opt/pypy", "/opt/python", "/opt/bitnami", "/opt/rh",
    "/opt/app-root/bin", "/opt/app-root/lib", "/opt/app-root/lib64", "/opt/app-root/include", "/opt/app-root/share",
    "/opt/app-root/etc",
)  # fmt: skip
"""What installs into the interpreter of an image read and write.

Narrower than the system's trees: applications live in /usr/src/app, /opt/app, /var/www and /var/task, and what pip puts
into /tmp has random names.
"""

_PREFIX_FILES = ("/usr/local/pip.conf", "/usr/pip.conf", "/usr/pyvenv.cfg", "/opt/app-root/pyvenv.cfg")
"""What an interpreter looks for beside those trees, and no install writes."""

_PLAIN_BASES = _words(
    "python pypy debian ubuntu alpine fedora centos rockylinux almalinux amazonlinux node golang rust ruby scratch"
    " buildpack-deps nvidia/cuda continuumio/miniconda3"
)
"""Images known not to set PYTHONPATH; others (tiangolo's are an example) may, and then to the usual work folder."""


_HOME_WRITTEN = (".local", ".cache", ".cargo", ".rustup")
_HOME_TREES = (*_HOME_WRITTEN, ".config", ".pip", ".ssh", ".pyenv", ".virtualenvs")
_HOME_FILES = (".netrc", ".gitconfig", ".git-credentials", ".pydistutils.cfg", ".numpy-site.cfg", ".pypirc")

_NEVER_IMPORTED = _words(
    "antigravity audioop cProfile cgitb chunk cmd code codeop crypt curses doctest ensurepip faulthandler fileinput"
    " graphlib idlelib imghdr mailbox mailcap modulefinder nis nntplib pdb pickletools pipes poplib profile pstats"
    " pydoc pydoc_data rlcompleter sched shelve smtpd smtplib sndhdr spwd sqlite3 sunau tabnanny telnetlib test"
    " this timeit tkinter trace turtle turtledemo venv wave webbrowser wsgiref xdrlib zipapp"
)
"""Modules of the standard library that no part of pip imports (measured by importing all of it)."""

_PACKAGING = _words(
    "pip setuptools wheel pkg_resources distutils _distutils_hack sitecustomize usercustomize imp asyncore asynchat"
)
_OPTIONAL = _words(
    "attr attrs OpenSSL cryptography backports docutils keyring socks h2 truststore brotli brotlicffi zstandard tornado"
    " _manylinux chardet simplejson typing_extensions colorama IPython pygments"
)
"""Modules from elsewhere that versions of pip use where they find them."""

_SHADOWABLE = (frozenset(sys.stdlib_module_names) | _PACKAGING | _OPTIONAL) - _NEVER_IMPORTED
_MODULE_FILE = lazy_pattern(r"(\w+)(?:\.[\w-]+)?\.(?:py|pyc|so)")
_INSTALLED = (".egg-info", ".dist-info", ".egg-link")

_SPAWNED = _words("cc gcc g++ c++ clang cpp ld ar make cmake ninja git hg svn rustc cargo pkg-config swig gfortran")
_TOOL_PATHS = (
    "LD_LIBRARY_PATH", "LD_PRELOAD", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "PKG_CONFIG_PATH",
    "CC", "CXX", "CFLAGS", "CPPFLAGS", "CXXFLAGS", "LDFLAGS", "CMAKE_PREFIX_PATH", "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC", "GIT_SSL_CAINFO", "GIT_CONFIG_GLOBAL",
    "GIT_SSH_COMMAND", "VIRTUALENV_CONFIG_FILE", "PYTHONHOME",
)  # fmt: skip


_MOVED_TREES = ("XDG_CACHE_HOME", "PYTHONUSERBASE", "PYTHONPYCACHEPREFIX", "CARGO_HOME", "RUSTUP_HOME")
_VERSION_FILES = {
    "pyenv": (".python-version",),
    "asdf": (".tool-versions",),
    "mise": (".tool-versions", "mise.toml", ".mise.toml"),
}


class Interpreter(NamedTuple):
    """How a Python tool is started: the word that names it, and what it sees of its surroundings.

    ``module`` is the name after ``-m`` if it is started that way (the working directory is then first on its path).
    """

    program: str
    files: Files
    cwd: str
    env: Mapping[str, str]
    home: str
    base: str
    module: str | None = None


def environment_effects(interpreter: Interpreter, role: Role) -> Effects:
    """What any use of the interpreter's environment reads, and where an install into it writes.

    Raises `ManifestError` if code of the project would run.
    """
    program, files, cwd, env, home, *_ = interpreter
    if "\0" in program:
        raise ManifestError("unknown-argument", "which program runs is only known in a build")
    if found := find_project_program(files, program=program, cwd=cwd, env=env):
        raise ManifestError("project-code", f"{found} comes with the project")
    imports = import_directories(interpreter)
    for directory in imports:
        if shadow := find_shadow(files, directory, interpreter.module or ""):
            raise ManifestError("project-code", f"{program} would import {shadow} in place of a module of its own")
    prefixes = tuple(find_prefixes(files, program=program, cwd=cwd, env=env))
    moved = [env[name] for name in _MOVED_TREES if env.get(name, "").startswith("/") and "\0" not in env[name]]
    trees = (*INSTALL_TREES, *prefixes, *moved)
    probes = tool_probes(files, cwd=cwd, env=env)
    probes |= PathSet.of(*_PREFIX_FILES, *version_probes(interpreter), *install_section(files, cwd))
    for directory in imports:
        probes |= installed_probes(files, directory)
    return Effects(
        reads=home_probes(interpreter)
        | PathSet.of(*(c.path for c in config_candidates(env, home, cwd)), trees=trees)
        | probes,
        writes=PathSet.of(trees=(*_in_homes(interpreter, _HOME_WRITTEN), *trees)),
        outputs=tuple(Output(prefix, rebuilt=False) for prefix in prefixes if is_within(prefix, cwd)),
        role=role,
    )


def _homes(interpreter: Interpreter) -> tuple[str, ...]:
    """The user's home directory; Python asks HOME first."""
    found = (interpreter.home, interpreter.env.get("HOME", ""))
    return tuple(dict.fromkeys(h for h in found if h.startswith("/") and "\0" not in h)) or ("/root", "/home")


def _in_homes(interpreter: Interpreter, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(join(home, name) for home in _homes(interpreter) for name in names)


def home_probes(interpreter: Interpreter) -> PathSet:
    """What Python's installers look for in a home directory."""
    return PathSet.of(*_in_homes(interpreter, _HOME_FILES), trees=_in_homes(interpreter, _HOME_TREES))


def version_probes(interpreter: Interpreter) -> Iterator[str]:
    """The files by which a version manager's shim chooses the interpreter, if there are signs of such a manager."""
    signs = " ".join((interpreter.base, *interpreter.env, *interpreter.env.values())).lower()
    for manager, names in _VERSION_FILES.items():
        if re.search(rf"\b{manager}(?:\b|_)", signs):
            yield from (join(directory, name) for directory in ancestors(interpreter.cwd) for name in names)


def ancestors(directory: str) -> tuple[str, ...]:
    """The directory and all above it."""
    found = [directory]
    while found[-1] != "/":
        found.append(posixpath.dirname(found[-1]))
    return tuple(found)


def install_section(files: Files, cwd: str) -> tuple[str, ...]:
    """The setup.cfg of the working directory, if it tells distutils where to install.

    pip asks distutils on Python 3.9 and older, which reads that file: https://github.com/pypa/pip/issues/4106.
    """
    path = join(cwd, "setup.cfg")
    entry = files.find(path)
    if entry is None or entry.context_path is None or entry.kind is not Kind.FILE:
        return ()
    is_meant = re.search(rb"(?m)^\s*\[(?:install|global)\]", files.read(path))
    return (path,) if is_meant else ()


def import_directories(interpreter: Interpreter) -> tuple[str, ...]:
    """The directories that the interpreter searches before its own library."""
    image = interpreter.base.rpartition("@")[0] or interpreter.base
    name = image.partition(":")[0].removeprefix("docker.io/").removeprefix("library/")
    is_cwd = interpreter.module is not None or ("PYTHONPATH" not in interpreter.env and name not in _PLAIN_BASES)
    directories = python_path(interpreter.env, interpreter.cwd)
    return tuple(dict.fromkeys((interpreter.cwd, *directories) if is_cwd else directories))


def config_candidates(env: Mapping[str, str], home: str, cwd: str) -> tuple[SettingsFile, ...]:
    """Where pip looks for its configuration, weakest first; what ``PIP_CONFIG_FILE`` names may be relative."""
    config = env.get("XDG_CONFIG_HOME") or join(home, ".config")
    prefix = env.get("VIRTUAL_ENV") or "/usr/local"
    candidates = [
        SettingsFile("/etc/xdg/pip/pip.conf", "/etc/xdg"),
        SettingsFile("/etc/pip.conf", "/etc"),
        SettingsFile(join(home, ".pip/pip.conf"), home),
        SettingsFile(join(config, "pip/pip.conf"), config),
        SettingsFile(join(prefix, "pip.conf"), prefix),
    ]
    if chosen := env.get("PIP_CONFIG_FILE"):
        candidates += SettingsFile.directly_in(posixpath.dirname(join(cwd, chosen)), name=posixpath.basename(chosen))
    return tuple(each for each in candidates if each.path.startswith("/") and "\0" not in each.path)


def find_prefixes(files: Files, *, program: str, cwd: str, env: Mapping[str, str]) -> Iterator[str]:
    """The directories that may be the virtual environment or installation of ``program``."""
    if "/" in program:
        directory = posixpath.dirname(join(cwd, program))
        if posixpath.basename(directory) == "bin":
            yield posixpath.dirname(directory)
        return
    tool = program
    for entry in search_path(env, cwd):
        parent = posixpath.dirname(entry)
        if posixpath.basename(entry) == "bin" and not entry.startswith(("/usr/", "/bin")):
            is_found = any(files.find(join(entry, name)) for name in (tool, "python", "python3"))
            if is_found or "env" in posixpath.basename(parent) or not is_within(cwd, parent):
                yield parent


def search_path(env: Mapping[str, str], cwd: str) -> tuple[str, ...]:
    """The known directories of PATH, absolute."""
    return tuple(join(cwd, entry) for entry in env.get("PATH", "").split(":") if entry and "\0" not in entry)


def find_project_program(files: Files, *, program: str, cwd: str, env: Mapping[str, str]) -> str | None:
    """The path of ``program`` if the build context brings it along."""
    paths = [join(cwd, program)] if "/" in program else [join(d, program) for d in search_path(env, cwd)]
    for path in paths:
        if (entry := files.find(path)) is not None:
            return path if entry.context_path is not None else None
    return None


def tool_probes(files: Files, *, cwd: str, env: Mapping[str, str]) -> PathSet:
    """What compilers and downloaders take from variables, and the programs that builds look for on PATH."""
    trees = [
        path
        for name in _TOOL_PATHS
        for path in re.findall(r"(?:(?<![\w.])|(?<=-[ILB]))/[^\s:;,\0\"']+", env.get(name, ""))
    ]
    programs = [
        join(directory, name)
        for directory in search_path(env, cwd)
        for name in files.names(directory)
        if name in _SPAWNED or name.endswith("-config") or name.startswith(("python", "pip"))
    ]
    return PathSet.of(*programs, trees=trees)


def python_path(env: Mapping[str, str], cwd: str) -> tuple[str, ...]:
    """The directories of PYTHONPATH. An empty entry is the working directory, and an unknown one may be empty."""
    value = env.get("PYTHONPATH")
    if not value:
        return ()
    return tuple(dict.fromkeys(join(cwd, entry if "\0" not in entry else "") for entry in value.split(":")))


def find_shadow(files: Files, directory: str, module: str) -> str | None:
    """A file in ``directory`` that Python would import in place of ``module`` or of one that pip needs."""
    needed = _SHADOWABLE | {module}
    for name in files.names(directory):
        path = join(directory, name)
        if name in needed:
            # A folder without __init__.py loses against a module further down the path.
            if any(child.startswith("__init__.") for child in files.names(path)):
                return path
        elif (found := _MODULE_FILE.fullmatch(name)) and found[1] in needed:
            return path
    return None


def installed_probes(files: Files, directory: str) -> PathSet:
    """Metadata in ``directory`` by which pip takes a package for installed."""
    found = [join(directory, name) for name in files.names(directory) if name.endswith(_INSTALLED)]
    return PathSet.of(trees=found)
