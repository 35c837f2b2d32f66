"""How often a file or folder of the build context changes, as far as its name tells.

`CHANGES_IN_A_BUILD` are round numbers for a project of middle age: its sources change in nearly every commit, but any
one file of them seldom; its manifests and locks some times a month; its settings hardly ever.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from reorder.analysis.volatility import is_stable_directory, is_stable_file
from reorder.context.context import BuildContext
from reorder.context.model import Kind
from reorder.lazy_patterns import lazy_pattern


class PathKind(Enum):
    """What a path of the build context is to a project."""

    CONTEXT = "the whole build context"
    SOURCES = "a folder of sources"
    TESTS = "a folder of tests"
    SETTINGS_FOLDER = "a folder of nothing but settings"
    LOCK = "a lock file"
    MANIFEST = "a manifest"
    DOCS = "documentation, a file or a folder"
    SOURCE = "one source file"
    SETTING = "one file of settings"


CHANGES_IN_A_BUILD: Mapping[PathKind, float] = MappingProxyType({
    PathKind.CONTEXT: 0.95,
    PathKind.SOURCES: 0.5,
    PathKind.TESTS: 0.3,
    PathKind.LOCK: 0.1,
    PathKind.SETTINGS_FOLDER: 0.05,
    PathKind.MANIFEST: 0.05,
    PathKind.DOCS: 0.05,
    PathKind.SOURCE: 0.05,
    PathKind.SETTING: 0.02,
})  # fmt: skip
"""The probability that a path of that kind changed between two builds, where no history tells."""

_LOCKS = lazy_pattern(
    r"""^(?: .*[.-]lock (?:\.json|\.ya?ml|b|file)? | go\.(?:work\.)?sum | npm-shrinkwrap\.json | .*\.resolved
    | .*\.snapshot | packages\.lock\.json | gradle\.lockfile | conda-lock.* )$""",
    re.VERBOSE,
)
_MANIFESTS = lazy_pattern(
    r"""^(?: .*requirements.*\.(?:txt|in) | constraints.*\.txt | .*\.(?:gemspec|gradle|gradle\.kts|cabal|nimble)
    | .*\.(?:cs|fs|vb)proj | .*\.slnx? | Directory\..*\.(?:props|targets) | environment\.ya?ml | setup\.(?:py|cfg)
    | package\.json | pnpm-workspace\.yaml | pyproject\.toml | Pipfile | Gemfile | Cargo\.toml | go\.(?:mod|work)
    | pom\.xml | composer\.json | mix\.exs | cpanfile | pubspec\.yaml | DESCRIPTION | Package\.swift
    | stack\.yaml )$""",
    re.VERBOSE,
)
_DOCS = lazy_pattern(r"\.(?:md|rst|adoc)$|^(?:LICENSE|NOTICE|CHANGELOG|AUTHORS)")
_DOC_FOLDERS = frozenset(("doc", "docs", "documentation", "man"))
_TEST_FOLDERS = frozenset(("test", "tests", "spec", "specs", "__tests__", "e2e"))


def kind_of_path(path: str, context: BuildContext) -> PathKind:
    """What ``path`` (as in `reorder.context.model.Tree`) is; looks into a small folder, never reads a file."""
    name = posixpath.basename(path)
    if path == "":
        return PathKind.CONTEXT
    if context.kind(path) is Kind.DIRECTORY:
        return _kind_of_folder(path, name, context)
    return kind_of_file(name)


def kind_of_file(name: str) -> PathKind:
    """What a file of that base name is."""
    for pattern, kind in ((_LOCKS, PathKind.LOCK), (_MANIFESTS, PathKind.MANIFEST), (_DOCS, PathKind.DOCS)):
        if pattern.search(name):
            return kind
    return PathKind.SETTING if is_stable_file(name) else PathKind.SOURCE


def _kind_of_folder(path: str, name: str, context: BuildContext) -> PathKind:
    if name.lower() in _DOC_FOLDERS:
        return PathKind.DOCS
    if name.lower() in _TEST_FOLDERS:
        return PathKind.TESTS
    return PathKind.SETTINGS_FOLDER if is_stable_directory(path, context) else PathKind.SOURCES
