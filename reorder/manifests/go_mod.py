"""go.mod, go.work and go.sum: which modules a Go command starts from, and whether their checksums are all there.

https://go.dev/ref/mod#go-mod-file, https://go.dev/ref/mod#go-work-file, https://go.dev/ref/mod#go-sum-files
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reorder.effects import PathSet, ancestors, join
from reorder.manifests.files import Files, ManifestError, read_manifest

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|=>|[(),]|(?:(?!//|=>)[^\s(),"`])+')
_CANONICAL = re.compile(r"v\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?")
_VERBS = frozenset("module go toolchain godebug require exclude replace retract use tool ignore".split())


class Target(NamedTuple):
    """What a module is replaced by: another module's ``name`` and ``version``, or a local directory (no version)."""

    name: str
    version: str

    @property
    def is_local(self) -> bool:
        """Whether it is a directory (a path that begins with ``/``, ``./`` or ``../``)."""
        return self.name.startswith(("./", "../", "/")) or self.name in (".", "..")


class GoFile(NamedTuple):
    """One go.mod or go.work at the container ``path``.

    ``requires`` and ``excludes`` are (module, version); ``replaces`` by (module, version), the version empty for any.
    """

    path: str
    go: str
    requires: tuple[tuple[str, str], ...]
    excludes: frozenset[tuple[str, str]]
    replaces: Mapping[tuple[str, str], Target]
    uses: tuple[str, ...]

    @property
    def directory(self) -> str:
        """The module's own directory."""
        return posixpath.dirname(self.path)

    @property
    def checksums(self) -> str:
        """The path of the file with checksums beside it."""
        return self.path.removesuffix("mod") + "sum" if self.path.endswith("/go.mod") else self.path + ".sum"


class Modules(NamedTuple):
    """The modules that a command starts from: one, or those of a workspace (``work``); and all files read for them."""

    mains: tuple[GoFile, ...]
    work: GoFile | None
    reads: PathSet

    @property
    def replaces(self) -> dict[tuple[str, str], Target]:
        """All replacements in force; those of the workspace win."""
        merged: dict[tuple[str, str], Target] = {}
        for file in (*self.mains, *([self.work] if self.work else [])):
            merged |= file.replaces
        return merged

    @property
    def checksums(self) -> tuple[str, ...]:
        """The files with checksums, the workspace's last."""
        return tuple(file.checksums for file in (*self.mains, *([self.work] if self.work else [])))


def find_modules(files: Files, directory: str, *, gowork: str) -> Modules | None:
    """The modules for a command in ``directory``; None outside of any. ``gowork`` is the variable of that name.

    A local replacement needs its go.mod, and that file alone (go 1.19: a broken go.sum or missing sources there do no
    harm). Raises `ManifestError`.
    """
    mod, mod_probes = _look_up(files, directory, "go.mod")
    work, work_probes = _look_up(files, directory, "go.work")
    if gowork:
        work, work_probes = (None if gowork == "off" else join(directory, gowork)), ()
    if mod is None and work is None:
        return None
    reads = PathSet.of(*([mod] if mod else []), *([work] if work else []), *mod_probes, *work_probes)
    workspace = _load(files, work, "read by go") if work else None
    paths = (
        tuple(join(posixpath.dirname(work), use) + "/go.mod" for use in workspace.uses)
        if work is not None and workspace is not None
        else (mod or "",)
    )
    mains = tuple(_load(files, path, "a module of the build") for path in paths)
    modules = Modules(mains, workspace, reads)
    return modules._replace(reads=reads | PathSet.of(*paths, *modules.checksums, *_replaced(files, modules)))


def _look_up(files: Files, directory: str, name: str) -> tuple[str | None, tuple[str, ...]]:
    """The nearest file of that name, from the directory up, and where it might have been."""
    probed: list[str] = []
    for place in (directory, *ancestors(directory)):
        path = join(place, name)
        if files.find(path) is not None:
            return path, tuple(probed)
        probed.append(path)
    return None, tuple(probed)


def _replaced(files: Files, modules: Modules) -> Iterator[str]:
    for file in (*modules.mains, *([modules.work] if modules.work else [])):
        for target in file.replaces.values():
            if target.is_local:
                path = join(file.directory, target.name) + "/go.mod"
                read_manifest(files, path, f"replaces a module in {file.path}")
                yield path


def _load(files: Files, path: str, asked_by: str) -> GoFile:
    text = read_manifest(files, path, asked_by).decode("utf-8-sig", "replace")
    go, requires, uses = "", [], []
    excludes: set[tuple[str, str]] = set()
    replaces: dict[tuple[str, str], Target] = {}
    for verb, words in _directives(text, path):
        match verb, words:
            case "go", [version]:
                go = version
            case "require", [name, version]:
                requires.append((name, version))
            case "exclude", [name, version]:
                excludes.add((name, version))
            case "use", [directory]:
                uses.append(directory)
            case "replace", [*old, "=>", name] if len(old) in (1, 2):
                replaces[old[0], "".join(old[1:])] = Target(name, "")
            case "replace", [*old, "=>", name, version] if len(old) in (1, 2):
                replaces[old[0], "".join(old[1:])] = Target(name, version)
            case (("go" | "require" | "exclude" | "use" | "replace"), _):
                raise ManifestError("manifest-not-understood", f"{path}: {verb} {' '.join(words)}")
    return GoFile(path, go, tuple(requires), frozenset(excludes), replaces, tuple(uses))


def _directives(text: str, path: str) -> Iterator[tuple[str, list[str]]]:
    """Each line as its verb and words; those in parentheses have the verb before them."""
    block: str | None = None
    for line in text.splitlines():
        words = [_unquoted(word) for word in _TOKEN.findall(_without_comment(line))]
        if not words:
            continue
        if words == [")"] and block is not None:
            block = None
        elif block is not None:
            yield block, words
        elif words[0] not in _VERBS:
            raise ManifestError("manifest-not-understood", f"{path}: {words[0]} is not known")
        elif words[1:] == ["("]:
            block = words[0]
        else:
            yield words[0], words[1:]
    if block is not None:
        raise ManifestError("manifest-not-understood", f"{path}: a block is not closed")


def _without_comment(line: str) -> str:
    """``//`` begins a comment, except in a string."""
    found = re.match(r'(?:"(?:[^"\\]|\\.)*"|`[^`]*`|(?!//)[^"`])*', line)
    return found[0] if found else line


def _unquoted(word: str) -> str:
    return word[1:-1] if word[:1] in ('"', "`") else word


def check_manifests(modules: Modules) -> None:
    """Raise `ManifestError` if go would write a go.mod anew (tried with go 1.19).

    It adds a missing ``go`` line, and spells versions in full.
    """
    for module in modules.mains:
        if not module.go:
            raise ManifestError("manifest-would-be-rewritten", f"{module.path} has no go line, so go may add one")
        for name, version in module.requires:
            if not _CANONICAL.fullmatch(version) or (name, version) in module.excludes:
                why = f"{module.path}: go replaces the version {version} of {name}"
                raise ManifestError("manifest-would-be-rewritten", why)


def find_missing_checksum(files: Files, modules: Modules) -> str | None:
    """A required module whose go.mod has no checksum, so that go adds it (go 1.19 adds none for the content).

    Requirements of requirements are not looked at: ``go build`` itself fails without theirs (since Go 1.16).
    """
    known = {word for path in modules.checksums if files.find(path) for word in read_checksums(files, path)}
    for name, version in _downloads(modules):
        if (name, version + "/go.mod") not in known:
            return f"{name} {version}"
    return None


def _downloads(modules: Modules) -> Iterator[tuple[str, str]]:
    replaces = modules.replaces
    for module in modules.mains:
        for name, version in module.requires:
            target = replaces.get((name, version)) or replaces.get((name, ""))
            if target is None:
                yield name, version
            elif not target.is_local:
                yield target.name, target.version


def needs_download(modules: Modules) -> bool:
    """Whether the modules require any that come from elsewhere."""
    return next(_downloads(modules), None) is not None


def read_checksums(files: Files, path: str) -> frozenset[tuple[str, str]]:
    """The (module, version) pairs of a go.sum; the version ends in ``/go.mod`` for that file's own checksum."""
    lines = read_manifest(files, path, "read by go").decode("utf-8", "replace").splitlines()
    return frozenset((words[0], words[1]) for words in map(str.split, lines) if len(words) == 3)
