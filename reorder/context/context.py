"""The build context as the builder sees it: a file tree without what the ignore file excludes.

Everything is looked up path by path, nothing is ever walked: a context of 200,000 files costs what a small one does.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.context.glob import GlobError, compile_component, has_wildcards
from reorder.context.ignore import IgnoreError, IgnoreRules
from reorder.context.model import Kind, Tree, UnreadableError

IGNORE_NAME = ".dockerignore"


class IgnoreFile(NamedTuple):
    """An ignore file: its path as seen from the context's root, and its text."""

    path: str
    text: str
    is_link: bool = False


class Sibling(NamedTuple):
    """Another Dockerfile that the project builds in the context, seen from its root; ``text`` if it lies outside."""

    path: str
    text: str | None = None


def clean_source(source: str) -> str:
    """The context path that a COPY source names: ``./x``, ``/x`` and ``../x`` are all ``x``, and ``.`` is ``""``."""
    return posixpath.normpath("/" + source).lstrip("/")


@dataclass(frozen=True, slots=True)
class BuildContext:
    """A `Tree` seen through ignore rules; paths are as in `Tree`.

    What is ignored does not exist here. A directory that is excluded, but that a ``!`` line may bring children back
    into, counts as existing, whether or not it holds such a child: to know that would take a walk.
    """

    tree: Tree
    rules: IgnoreRules = field(default_factory=IgnoreRules)
    ignore_path: str | None = None
    ignore_text: str | None = None
    ignore_is_link: bool = False
    siblings: tuple[Sibling, ...] = ()
    _kinds: dict[str, Kind | None] = field(default_factory=dict, compare=False, repr=False)
    _names: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _contents: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)

    def kind(self, path: str) -> Kind | None:
        """What the builder sees at ``path``, or None. What lies below a symbolic link counts as one, since only its
        target could tell.
        """
        if path == "":
            return Kind.DIRECTORY
        if path not in self._kinds:
            self._kinds[path] = self._find_kind(path)
        return self._kinds[path]

    def _find_kind(self, path: str) -> Kind | None:
        parent = self.kind(posixpath.dirname(path))
        if parent is not Kind.DIRECTORY:
            return parent if parent is Kind.SYMLINK else None
        kind = self.tree.kind(path)
        if kind is None or not self.rules.excludes(path):
            return kind
        return kind if kind is Kind.DIRECTORY and self.rules.may_hold(path) else None

    def names(self, path: str) -> tuple[str, ...]:
        """The sorted names that the builder sees in the directory ``path``; empty if it is none."""
        if self.kind(path) is not Kind.DIRECTORY:
            return ()
        if path not in self._names:
            names = self.tree.names(path)
            if self.rules.patterns:
                prefix = path + "/" if path else ""
                names = tuple(name for name in names if self._is_visible(prefix + name))
            self._names[path] = names
        return self._names[path]

    def holds_more(self, path: str, limit: int) -> bool:
        """Whether the directory has more than ``limit`` entries, ignored ones included; looks at no more than that."""
        return self.kind(path) is Kind.DIRECTORY and self.tree.holds_more(path, limit)

    def _is_visible(self, path: str) -> bool:
        """As ``kind(path) is not None`` for a path that the tree has listed; asks the disk only about excluded ones."""
        return not self.rules.excludes(path) or self.kind(path) is not None

    def read(self, path: str) -> bytes:
        """The content of the file ``path``; raises `UnreadableError`."""
        if self.kind(path) is not Kind.FILE:
            raise UnreadableError(f"{path}: no such file in the build context")
        if path not in self._contents:
            self._contents[path] = self.tree.read(path)
        return self._contents[path]

    def link(self, path: str) -> str | None:
        """The text of the symbolic link ``path``, or None if the builder sees none there."""
        return self.tree.link(path) if self.tree.kind(path) is self.kind(path) is Kind.SYMLINK else None

    def is_executable(self, path: str) -> bool:
        """Whether the owner may execute the file."""
        return self.kind(path) is Kind.FILE and self.tree.is_executable(path)

    def is_tracked(self, path: str) -> bool | None:
        """Whether version control holds anything at or under ``path`` (ignored by Docker or not); None if unknown."""
        return self.tree.is_tracked(path)

    def is_vcs_ignored(self, path: str) -> bool | None:
        """Whether version control is told to ignore ``path``; None if unknown."""
        return self.tree.is_vcs_ignored(path)

    def excludes(self, path: str) -> bool:
        """Whether the ignore file keeps ``path`` and all that may ever lie under it out of the context."""
        return self.rules.excludes(path) and not self.rules.may_hold(path)

    def passes_symlink(self, path: str) -> bool:
        """Whether ``path`` or a parent of it is a symbolic link."""
        return self.kind(path) is Kind.SYMLINK

    def expand(self, source: str) -> tuple[str, ...]:
        """The context paths, in the builder's order, that a COPY source (see `clean_source`) stands for.

        A source without wildcards stands for itself, if it exists. Wildcards are those of `reorder.context.glob`; they
        do not look into symbolic links, and a pattern that Go rejects matches nothing.
        """
        components = source.split("/")
        first = next((i for i, component in enumerate(components) if has_wildcards(component)), None)
        if first is None:
            return (source,) if self.kind(source) is not None else ()
        try:
            patterns = [compile_component(component) for component in components[first:]]
        except GlobError:
            return ()
        found = ["/".join(components[:first])]
        for pattern in patterns:
            found = [
                posixpath.join(folder, name)
                for folder in found
                for name in self.names(folder)
                if pattern.fullmatch(name)
            ]
        return tuple(path for path in found if self.kind(path) is not None)

    def with_patterns(self, patterns: tuple[str, ...]) -> BuildContext:
        """The same context with more lines at the end of its ignore file."""
        if not patterns:
            return self
        text = self.ignore_text or ""
        if text and not text.endswith("\n"):
            text += "\n"
        text += "".join(pattern + "\n" for pattern in patterns)
        rules, name = IgnoreRules.parse(text), self.ignore_path or IGNORE_NAME
        return BuildContext(self.tree, rules, name, text, siblings=self.siblings)


def open_context(tree: Tree, dockerfile_name: str | None, outside: IgnoreFile | None = None) -> BuildContext:
    """The context ``tree`` for the Dockerfile at ``dockerfile_name`` in it (None: it lies elsewhere).

    ``<Dockerfile>.dockerignore`` beside the Dockerfile wins over ``.dockerignore``; for a Dockerfile that lies outside
    the context ``outside`` is that file, if there is one. Raises `IgnoreError`.
    """
    found = outside
    if found is None and dockerfile_name is not None:
        found = _read_ignore_file(tree, dockerfile_name + IGNORE_NAME)
    if found is None:
        found = _read_ignore_file(tree, IGNORE_NAME)
    if found is None:
        return BuildContext(tree)
    return BuildContext(tree, IgnoreRules.parse(found.text), found.path, found.text, found.is_link)


def _read_ignore_file(tree: Tree, path: str) -> IgnoreFile | None:
    kind = tree.kind(path)
    if kind is None:
        return None
    if kind is Kind.SYMLINK:
        return _read_linked(tree, path)
    if kind is not Kind.FILE:
        raise IgnoreError(f"{path} is no regular file", 0)
    try:
        return IgnoreFile(path, tree.read(path).decode("utf-8", "surrogateescape"))
    except UnreadableError as error:
        raise IgnoreError(str(error), 0) from None


def _read_linked(tree: Tree, path: str) -> IgnoreFile:
    """The ignore file behind a link: BuildKit follows it inside the context (tried on Docker 26.1)."""
    target = clean_source(posixpath.join("/", posixpath.dirname(path), tree.link(path) or ""))
    if tree.kind(target) is not Kind.FILE:
        raise IgnoreError(f"{path} is a link to what is no regular file of the context", 0)
    found = _read_ignore_file(tree, target)
    assert found is not None
    return IgnoreFile(path, found.text, is_link=True)
