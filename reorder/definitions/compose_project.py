"""The services of a compose project, with all that is merged, extended and included.

docs.docker.com/reference/compose-file (build, merge, include) and compose-go's loader: a path is relative to the
project directory, or to the file that a service is extended from; the Dockerfile is relative to the context.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.definitions.error import DefinitionError
from reorder.definitions.interpolation import interpolate, read_env_file
from reorder.definitions.kind import folder_of, is_remote
from reorder.definitions.repository import Repository, joined
from reorder.definitions.values import Items, Table, Text, Value, line_of, pairs
from reorder.definitions.yaml_files import read_json, read_yaml
from reorder.manager import is_known

_MOST_LOADS = 500
_MOST_DEPTH = 20
"""Files that include or extend one another; a real project has three."""


class Build(NamedTuple):
    """The build of a service; paths are as seen from the repository's root, ``dockerfile`` as from the context.

    ``folder``: the project directory, which is the context by default. ``replaces``: nothing is merged below it;
    ``is_reset``: the service has no build any more.
    """

    source: str
    line: int
    folder: str
    context: str | None = None
    dockerfile: str | None = None
    target: str | None = None
    args: Mapping[str, str | None] = {}
    contexts: Mapping[str, str | None] = {}
    is_inline: bool = False
    replaces: bool = False
    is_reset: bool = False

    def over(self, below: Build | None) -> Build:
        """The build merged onto one from an earlier file."""
        if below is None or self.replaces:
            return self
        return self._replace(
            context=self.context if self.context is not None else below.context,
            dockerfile=self.dockerfile if self.dockerfile is not None else below.dockerfile,
            target=self.target if self.target is not None else below.target,
            args={**below.args, **self.args},
            contexts={**below.contexts, **self.contexts},
            is_inline=self.is_inline or (below.is_inline and self.dockerfile is None),
        )


Services = dict[str, "Build | None"]
"""By name; None: a service without a build."""


@dataclass(slots=True)
class Loader:
    """Reads compose files; ``problems`` collects what had to be left out."""

    repository: Repository
    variables: Mapping[str, str]
    problems: list[DefinitionError] = field(default_factory=list)
    _open: list[tuple[str, str]] = field(default_factory=list)
    _count: int = 0
    _tables: dict[str, Table] = field(default_factory=dict)

    def load(self, files: tuple[str, ...], folder: str, env_files: tuple[str, ...] | None = None) -> Services:
        """The services of the project in ``folder`` whose files are ``files``, the later ones over the earlier.

        ``env_files`` take the place of the folder's ``.env``.
        """
        self._count += 1
        if self._count > _MOST_LOADS:
            raise DefinitionError("includes too many files", is_warning=True)
        names = (posixpath.join(folder, ".env"),) if env_files is None else env_files
        scope = {key: value for name in names for key, value in self._environment(name).items()} | dict(self.variables)
        merged: Services = {}
        for file in files:
            for name, build in self._file(file, folder, scope).items():
                below = merged.get(name)
                merged[name] = build.over(below) if build is not None else below
        return {name: None if build is not None and build.is_reset else build for name, build in merged.items()}

    def _environment(self, path: str) -> dict[str, str]:
        try:
            return read_env_file(self.repository.read(path)) if self.repository.is_file(path) else {}
        except DefinitionError as error:
            self.problems.append(error)
            return {}

    def _file(self, path: str, folder: str, scope: Mapping[str, str]) -> Services:
        table = self._table(path)
        services: Services = {}
        self._include(table, path, folder, scope, services)
        for name in table.table("services"):
            self.repository.effort.spend(1)
            try:
                services[name] = self._service(path, folder, name, scope)
            except DefinitionError as error:
                self.problems.append(_at(error, path, table.table("services").line_of(name)))
        return services

    def _table(self, path: str) -> Table:
        if path not in self._tables:
            text = self.repository.read(path)
            read = read_json if path.endswith(".json") else read_yaml
            value = read(text, path)
            if value is None:  # a file of comments, to be filled in by whoever wants to
                value = Table({}, 1, {})
            if not isinstance(value, Table):
                raise DefinitionError("no compose file: its value is no mapping", 1, path, is_warning=True)
            self._tables[path] = value
        return self._tables[path]

    def _include(self, table: Table, path: str, folder: str, scope: Mapping[str, str], into: Services) -> None:
        for entry in table.items_at("include"):
            line = line_of(entry, table.line_of("include"))
            given = entry.get("path") if isinstance(entry, Table) else entry
            words = given.texts() if isinstance(given, Items) else [given] if isinstance(given, Text) else []
            files = tuple(joined(folder, interpolate(word, scope)) for word in words)
            if not files:
                continue
            own = entry.text("project_directory") if isinstance(entry, Table) else None
            inner = joined(folder, interpolate(own, scope)) if own is not None else folder_of(files[0])
            env_files = _env_files(entry, folder, scope)
            try:
                with _Opened(self, path, "include", line):
                    for name, build in self.load(files, inner, env_files).items():
                        into.setdefault(name, build)
            except DefinitionError as error:
                self.problems.append(_at(error, path, line))

    def _service(self, path: str, folder: str, name: str, scope: Mapping[str, str]) -> Build | None:
        services = self._table(path).table("services")
        service = services.table(name)
        below = self._extended(service, path, folder, name, scope)
        build = self._build(service.get("build"), path, folder, service.line_of("build"), scope)
        return below if build is None else build.over(below)

    def _extended(
        self, service: Table, path: str, folder: str, name: str, scope: Mapping[str, str]
    ) -> Build | None:  # fmt: skip
        value = service.get("extends")
        if value is None:
            return None
        line = service.line_of("extends")
        other = value.text("service") if isinstance(value, Table) else value if isinstance(value, Text) else None
        if other is None:
            raise DefinitionError("extends names no service", line, path, is_warning=True)
        file = value.text("file") if isinstance(value, Table) else None
        source = path if file is None else joined(folder_of(path), interpolate(file, scope))
        if not is_known(source):
            raise DefinitionError("extends a file whose name has a variable without a value", line, path)
        with _Opened(self, path, name, line):
            try:
                known = self._table(source).table("services")
            except DefinitionError as error:
                raise _at(error, path, line) from None
            if other not in known:
                raise DefinitionError(f"extends a service {other} that is not there", line, path, is_warning=True)
            return self._service(source, folder if file is None else folder_of(source), other, scope)

    def _build(
        self, value: Value, path: str, folder: str, line: int, scope: Mapping[str, str]
    ) -> Build | None:  # fmt: skip
        if isinstance(value, Text | Table) and value.tag == "!reset":
            return Build(path, line, folder, replaces=True, is_reset=True)
        if isinstance(value, Text):
            return Build(path, line, folder, _context(value, folder, scope))
        if not isinstance(value, Table):
            return None
        context = value.text("context")
        words = {key: value.text(key) for key in ("dockerfile", "target")}
        known = {key: interpolate(word, scope) for key, word in words.items() if word is not None and not word.tag}
        contexts = {**_interpolated(value.get("additional_contexts"), scope), **_baked(value, scope)}
        return Build(
            path, line, folder, None if context is None else _context(context, folder, scope),
            known.get("dockerfile"), known.get("target"), _interpolated(value.get("args"), scope),
            contexts, value.get("dockerfile_inline") is not None, value.tag == "!override",
        )  # fmt: skip


@dataclass(slots=True)
class _Opened:
    """Guards against cycles of ``include`` and ``extends``."""

    loader: Loader
    path: str
    name: str
    line: int

    def __enter__(self) -> None:
        way = self.loader._open
        if (self.path, self.name) in way or len(way) >= _MOST_DEPTH:
            raise DefinitionError("a cycle of include or extends", self.line, self.path, is_warning=True)
        way.append((self.path, self.name))

    def __exit__(self, *_: object) -> None:
        self.loader._open.pop()


def _env_files(entry: Value, folder: str, scope: Mapping[str, str]) -> tuple[str, ...] | None:
    """What an entry of ``include`` names as ``env_file``; None: nothing."""
    given = entry.get("env_file") if isinstance(entry, Table) else None
    words = given.texts() if isinstance(given, Items) else [given] if isinstance(given, Text) else None
    return None if words is None else tuple(joined(folder, interpolate(word, scope)) for word in words)


def _at(error: DefinitionError, path: str, line: int) -> DefinitionError:
    return DefinitionError(error.why, error.line or line, error.source or path, is_warning=error.is_warning)


def _context(word: str, folder: str, scope: Mapping[str, str]) -> str:
    path = interpolate(word, scope)
    return path if is_remote(path) or not is_known(path) else joined(folder, path)


def _baked(build: Table, scope: Mapping[str, str]) -> dict[str, str | None]:
    """The named contexts of ``x-bake`` (docs.docker.com/build/bake/compose-file)."""
    return _interpolated(build.table("x-bake").get("contexts"), scope)


def _interpolated(value: Value, scope: Mapping[str, str]) -> dict[str, str | None]:
    return {
        interpolate(key, scope): None if word is None else interpolate(word, scope)
        for key, word in pairs(value).items()
    }  # fmt: skip
