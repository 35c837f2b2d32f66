"""A GitLab CI configuration whole: with the files that it includes, the jobs that others extend, and references.

docs.gitlab.com/ci/yaml (include, extends, parallel:matrix, rules:variables), docs.gitlab.com/ci/yaml/yaml_optimization
(``!reference``): tables are merged key by key, lists are replaced, and the including file wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import translate
from itertools import islice, product

from reorder.definitions.error import DefinitionError
from reorder.definitions.repository import Repository
from reorder.definitions.values import Items, Table, Text, Value, line_of
from reorder.definitions.yaml_files import read_yaml_stream

_MOST_FILES = 150
_MOST_EXTENDS = 11
_MOST_REFERENCES = 10
"""All three as GitLab has them."""
_MOST_VARIANTS = 200
"""As GitLab has it for the jobs of a matrix."""
_MOST_LISTS = 20_000
"""A few references can stand for billions of lines."""


@dataclass(slots=True)
class Config:
    """A file with all it includes. ``source_of``: which file a text of a script stands in."""

    repository: Repository
    table: Table = field(default_factory=lambda: Table({}, 1, {}))
    files: list[str] = field(default_factory=list)
    problems: list[DefinitionError] = field(default_factory=list)
    _sources: dict[int, tuple[Text, str]] = field(default_factory=dict)  # held, lest its id be given away
    _whole: dict[str, Table] = field(default_factory=dict)
    _count: int = 0

    def read(self, path: str) -> None:
        """Add a file over what it includes, and all that over what is known; raises `DefinitionError`."""
        self.table = self._loaded(path)

    def _loaded(self, path: str) -> Table:
        self.files.append(path)
        own = Table({}, 1, {})
        # a file with inputs has a head of its own, which is another document
        for document in read_yaml_stream(self.repository.read(path), path):
            if isinstance(document, Table):
                own = merged(own, document)
        self._note(own, path, 0)
        below = Table({}, 1, {})
        for name, line in self._included(own):
            try:
                if name in self.files or len(self.files) >= _MOST_FILES:
                    continue
                below = merged(below, self._loaded(name))
            except DefinitionError as error:
                source = error.source or path
                at = error.line if error.source and error.line else line
                self.problems.append(DefinitionError(error.why, at, source, is_warning=error.is_warning))
        return merged(below, own)

    def _note(self, value: Value, path: str, depth: int) -> None:
        if isinstance(value, Table):
            for entry in value.values():
                self._note(entry, path, depth + 1)
        elif isinstance(value, Items):
            for entry in value:
                self._note(entry, path, depth + 1)
        elif value is not None:
            self._sources[id(value)] = (value, path)

    def source_of(self, text: Text) -> str:
        """The file that a text stands in."""
        return self._sources[id(text)][1]

    def _included(self, table: Table) -> Iterator[tuple[str, int]]:
        """The files of this repository that a file includes; those of others are out of reach."""
        given = table.get("include")
        for entry in given if isinstance(given, Items) else [given]:
            local = entry.text("local") if isinstance(entry, Table) else entry
            if not isinstance(local, Text) or re.match(r"https?://", local):
                continue
            name, line = local.lstrip("/"), line_of(entry, table.line_of("include"))
            if "$" in name or "[[" in name:
                continue
            if "*" not in name:
                yield name, line
                continue
            pattern = re.compile(translate(name.replace("**", "*")) if "**" in name else _one_folder(name))
            yield from ((path, line) for path in self.repository.paths if pattern.match(path))

    def jobs(self) -> Iterator[tuple[str, Table]]:
        """The jobs that run, with all that they extend."""
        for name in self.table:
            if isinstance(self.table[name], Table) and not name.startswith("."):
                try:
                    yield name, self._extended(name, ())
                except DefinitionError as error:
                    self.problems.append(error)

    def _extended(self, name: str, way: tuple[str, ...]) -> Table:
        job = self.table.table(name)
        if name in self._whole:
            return self._whole[name]
        if name in way or len(way) > _MOST_EXTENDS:
            raise DefinitionError("a cycle of extends", self.table.line_of(name), self._place(job), is_warning=True)
        given = job.get("extends")
        below = Table({}, job.line, {})
        for parent in given.texts() if isinstance(given, Items) else [given] if isinstance(given, Text) else []:
            if parent in self.table:
                below = merged(below, self._extended(parent, (*way, name)))
        self._whole[name] = merged(below, job)
        return self._whole[name]

    def _place(self, job: Table) -> str | None:
        return next((self._sources[id(value)][1] for value in job.values() if id(value) in self._sources), None)

    def lines(self, value: Value, depth: int = 0) -> list[Text]:
        """The lines of a script, nested lists and references followed."""
        if isinstance(value, Text):
            return [value]
        self._count += 1
        if not isinstance(value, Items) or depth > _MOST_REFERENCES or self._count > _MOST_LISTS:
            return []
        if value.tag == "!reference":
            found: Value = self.table
            for key in value.texts():
                found = found.get(key) if isinstance(found, Table) else None
            return self.lines(found, depth + 1)
        return [line for entry in value for line in self.lines(entry, depth + 1)]


def variants(job: Table) -> list[Table]:
    """The variables that a job may have besides its own: for each combination of its matrix, and of its rules."""
    matrix = job.table("parallel").items_at("matrix").tables()
    made = [each for table in matrix for each in islice(_combinations(table), _MOST_VARIANTS)] or [Table({}, 0, {})]
    ruled = [rule.table("variables") for rule in job.items_at("rules").tables() if rule.table("variables")]
    some = [merged(each, rule) for each in made for rule in ruled]
    return (made + some)[:_MOST_VARIANTS]


def _combinations(table: Table) -> Iterator[Table]:
    lists = [value if isinstance(value, Items) else Items((value,), 0) for value in table.values()]
    for each in product(*lists):
        yield Table(dict(zip(table, each, strict=True)), table.line, table.lines)


def merged(below: Table, above: Table) -> Table:
    """Tables key by key; everything else of ``above`` replaces what is below."""
    entries: dict[str, Value] = dict(below)
    for key, value in above.items():
        old = entries.get(key)
        entries[key] = merged(old, value) if isinstance(value, Table) and isinstance(old, Table) else value
    return Table(entries, above.line, {**below.lines, **above.lines}, above.tag)


def _one_folder(pattern: str) -> str:
    """A pattern whose asterisks do not reach over a slash."""
    return "[^/]*".join(map(re.escape, pattern.split("*"))) + r"\Z"
