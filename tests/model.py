"""A model of BuildKit that builds small Dockerfiles of COPY, RUN, WORKDIR and USER in microseconds, without an engine.

It knows owners, modes and contents, and what the installs read; groups, links, times and other umasks than 022 are left
out. Its rules are the footprints observed on real engines (RULEBOOK, B1), as BuildKit has them:

- COPY writes as root whatever USER says; a file gets the copy's owner and the source's mode even if it existed;
- directories inside a copied tree are reset to the source's mode and the copy's owner;
- the destination and its missing parents are made 0755 with the copy's owner, but left alone if they exist;
- a file over a directory, or a directory over a file, fails;
- WORKDIR makes what is missing as the current USER, and a RUN does so again if its directory was deleted.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import NamedTuple

MINIMAL_IMAGE = ("/", "/srv", "/home", "/usr", "/usr/src", "/opt", "/etc")
DELETED = "/(deleted)"
"""The working directory of a shell whose directory was removed: no relative path can be used from there."""


class BrokenBuild(Exception):
    """An instruction fails; the message names the path."""


class Node(NamedTuple):
    """A file, or a directory: then ``content`` is None. ``owner`` is a user number, ``mode`` has permission bits."""

    owner: int
    mode: int
    content: str | None = None


class Image(NamedTuple):
    """What a build leaves: every path, and what each install was given (a manifest's content or a name)."""

    nodes: Mapping[str, Node]
    installs: tuple[str, ...]


class Context(NamedTuple):
    """A build context: contents by path, and those modes that are not 0644 (files) or 0755 (directories)."""

    files: Mapping[str, str]
    modes: Mapping[str, int]

    def file(self, path: str) -> Node:
        return Node(0, self.modes.get(path, 0o644), self.files[path])

    def subtree(self, folder: str) -> dict[str, Node]:
        """What lies in ``folder`` ("" is the root), by the path from there, parents first."""
        found: dict[str, Node] = {}
        for path in (p for p in self.files if not folder or p.startswith(folder + "/")):
            below = posixpath.relpath(path, folder or ".")
            for end in (i for i, letter in enumerate(below) if letter == "/"):
                found[below[:end]] = Node(0, self.modes.get(posixpath.join(folder, below[:end]), 0o755))
            found[below] = self.file(path)
        return found


def build(dockerfile: str, context: Context) -> Image:
    """The image of a Dockerfile of one stage with one line for each instruction; raises BrokenBuild."""
    machine = _Machine(context)
    for line in dockerfile.splitlines():
        machine.instruction(line.split())
    return Image(machine.nodes, tuple(machine.installs))


def _require(condition: object, path: str) -> None:
    if not condition:
        raise BrokenBuild(path)


class _Machine:
    """A build under way."""

    def __init__(self, context: Context) -> None:
        self.context, self.cwd, self.user = context, "/", 0
        self.nodes = {path: Node(0, 0o755) for path in MINIMAL_IMAGE}
        self.installs: list[str] = []

    def instruction(self, words: list[str]) -> None:
        match words:
            case ["WORKDIR", path]:
                self.cwd = self.resolve(path)
                self.make_directories(self.cwd, self.user)
            case ["USER", name]:
                self.user = 0 if name == "root" else int(name)
            case ["COPY", flag, *sources, target] if flag.startswith("--chown="):
                self.copy(sources, target, int(flag.removeprefix("--chown=")))
            case ["COPY", *sources, target]:
                self.copy(sources, target, 0)
            case ["RUN", *commands]:
                before = self.cwd
                self.make_directories(before, self.user)
                for command in " ".join(commands).split(" && "):
                    self.command(command.split())
                self.cwd = before
            case _:
                assert words[0] == "FROM", words

    def copy(self, sources: list[str], target: str, owner: int) -> None:
        for source in ("" if word == "." else word for word in sources):
            root = self.resolve(target)
            nodes = {posixpath.join(root, path): node for path, node in self.context.subtree(source).items()}
            if source in self.context.files:
                into = target.endswith(("/", ".")) or self.is_directory(root)
                path = posixpath.join(root, posixpath.basename(source)) if into else root
                root, nodes = posixpath.dirname(path), {path: self.context.file(source)}
            _require(nodes, source)
            self.make_directories(root, owner)
            for path, node in nodes.items():
                _require(path not in self.nodes or self.is_directory(path) == (node.content is None), path)
                self.nodes[path] = node._replace(owner=owner)

    def command(self, words: list[str]) -> None:
        match words:
            case ["pip", "install", *what]:
                _require(self.is_directory(self.cwd), self.cwd)
                self.installs.append(self.read(self.resolve(what[1])) if what[0] == "-r" else what[0])
            case ["apt-get", *_, name]:
                _require(self.user == 0, "/var/lib/dpkg")
                self.installs.append(name)
            case ["cd", word]:
                _require(self.is_directory(self.resolve(word)), word)
                self.cwd = self.resolve(word)
            case ["[", kind, word, "]"]:
                path = self.resolve(word)
                _require(path in self.nodes and self.is_directory(path) == (kind == "-d"), path)
            case ["chown" | "chmod" as name, value, word]:
                path = self.resolve(word)
                owned = path in self.nodes and self.user in ((0, self.nodes[path].owner) if name == "chmod" else (0,))
                _require(owned, path)
                change = {"owner": int(value)} if name == "chown" else {"mode": int(value, 8)}
                self.nodes[path] = self.nodes[path]._replace(**change)
            case ["mkdir", *options, word]:
                self.mkdir(self.resolve(word), options)
            case ["rm", *options, word]:
                self.remove(self.resolve(word), options)
            case ["touch", word]:
                path = self.resolve(word)
                if path not in self.nodes:
                    self.write(path, Node(self.user, 0o644, ""))
                _require(self.may_write(path), path)
            case ["echo", text, ">", word]:
                self.write(self.resolve(word), Node(self.user, 0o644, text))
            case ["cp" | "mv" as name, source, target]:
                self.transfer(self.resolve(source), self.resolve(target), name)
            case _:
                raise AssertionError(words)

    def mkdir(self, path: str, options: list[str]) -> None:
        if options and self.is_directory(path):
            return
        top = path
        while options and posixpath.dirname(top) not in self.nodes:
            top = posixpath.dirname(top)
        _require(path not in self.nodes, path)
        self.require_writable_parent(top)
        self.make_directories(path, self.user)

    def remove(self, path: str, options: list[str]) -> None:
        gone = {p for p in self.nodes if (p + "/").startswith(path + "/")}
        _require(options if not gone else options == ["-rf"] or not self.is_directory(path), path)
        for inner in gone:
            self.require_writable_parent(inner)
        self.nodes = {p: node for p, node in self.nodes.items() if p not in gone}
        self.cwd = DELETED if self.cwd in gone else self.cwd

    def transfer(self, path: str, target: str, name: str) -> None:
        content = self.read(path)
        end = posixpath.join(target, posixpath.basename(path)) if self.is_directory(target) else target
        _require(end != path and not self.is_directory(end), end)
        if name == "cp":
            self.write(end, Node(self.user, self.nodes[path].mode & ~0o022, content))
            return
        self.require_writable_parent(path)
        self.require_writable_parent(end)
        self.nodes[end] = self.nodes.pop(path)

    def resolve(self, word: str) -> str:
        _require(word.startswith("/") or self.cwd != DELETED, word)
        return posixpath.normpath(posixpath.join(self.cwd, word))

    def is_directory(self, path: str) -> bool:
        return path in self.nodes and self.nodes[path].content is None

    def may_write(self, path: str) -> bool:
        node = self.nodes[path]
        return self.user == 0 or bool(node.mode & (0o200 if node.owner == self.user else 0o002))

    def require_writable_parent(self, path: str) -> None:
        parent = posixpath.dirname(path)
        _require(self.is_directory(parent) and self.may_write(parent), path)

    def make_directories(self, path: str, owner: int) -> None:
        if path not in self.nodes:
            self.make_directories(posixpath.dirname(path), owner)
            self.nodes[path] = Node(owner, 0o755)
        _require(self.is_directory(path), path)

    def read(self, path: str) -> str:
        content = self.nodes[path].content if path in self.nodes else None
        if content is None:
            raise BrokenBuild(path)
        return content

    def write(self, path: str, node: Node) -> None:
        if path in self.nodes:
            _require(not self.is_directory(path) and self.may_write(path), path)
            self.nodes[path] = self.nodes[path]._replace(content=node.content)
        else:
            self.require_writable_parent(path)
            self.nodes[path] = node
