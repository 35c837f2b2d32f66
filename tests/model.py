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


def build(dockerfile: str, context: Mapping[str, Node]) -> Image:
    """The image of a Dockerfile of one stage with one line for each instruction; raises BrokenBuild.

    ``context`` holds files and directories by their relative paths.
    """
    machine = _Machine(context)
    for line in dockerfile.splitlines():
        machine.instruction(line.split())
    return Image(machine.nodes, tuple(machine.installs))


def _lineage(path: str) -> list[str]:
    return ["/", *(path[:end] for end in range(2, len(path)) if path[end] == "/"), path]


def _require(condition: object, path: str) -> None:
    if not condition:
        raise BrokenBuild(path)


class _Machine:
    """A build under way."""

    def __init__(self, context: Mapping[str, Node]) -> None:
        self.context, self.cwd, self.user = context, "/", 0
        self.nodes = {path: Node(0, 0o755) for path in ("/", "/srv", "/home", "/usr", "/opt", "/etc")}
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
        for source in sources:
            root = self.resolve(target)
            node = self.context.get(source, Node(0, 0o755))
            if node.content is None:
                self.make_directories(root, owner)
                for path in sorted(p for p in self.context if source == "." or p.startswith(source + "/")):
                    self.place(posixpath.join(root, posixpath.relpath(path, source)), self.context[path], owner)
            else:
                into = target.endswith(("/", ".")) or self.is_directory(root)
                path = posixpath.join(root, posixpath.basename(source)) if into else root
                self.make_directories(posixpath.dirname(path), owner)
                self.place(path, node, owner)

    def place(self, path: str, node: Node, owner: int) -> None:
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
            case ["chown", owner, word]:
                path = self.resolve(word)
                _require(path in self.nodes and self.user == 0, path)
                self.nodes[path] = self.nodes[path]._replace(owner=int(owner))
            case ["chmod", mode, word]:
                path = self.resolve(word)
                _require(path in self.nodes and self.user in (0, self.nodes[path].owner), path)
                self.nodes[path] = self.nodes[path]._replace(mode=int(mode, 8))
            case ["mkdir", "-p", word]:
                for path in (p for p in _lineage(self.resolve(word)) if not self.is_directory(p)):
                    self.mkdir(path)
            case ["mkdir", word]:
                self.mkdir(self.resolve(word))
            case ["rm", *options, word]:
                self.remove(self.resolve(word), options)
            case ["touch", word]:
                self.write(self.resolve(word), self.nodes.get(self.resolve(word), Node(self.user, 0o644, "")))
            case ["echo", text, ">", word]:
                self.write(self.resolve(word), Node(self.user, 0o644, text))
            case ["cp" | "mv" as name, source, target]:
                self.transfer(self.resolve(source), self.resolve(target), name)
            case _:
                raise AssertionError(words)

    def mkdir(self, path: str) -> None:
        _require(path not in self.nodes, path)
        self.require_writable_parent(path)
        self.nodes[path] = Node(self.user, 0o755)

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
        else:
            self.require_writable_parent(path)
            self.require_writable_parent(end)
            self.nodes[end] = self.nodes.pop(path)

    def resolve(self, word: str) -> str:
        _require(word.startswith("/") or self.cwd != DELETED, word)
        return posixpath.normpath(posixpath.join(self.cwd, word))

    def is_directory(self, path: str) -> bool:
        return path in self.nodes and self.nodes[path].content is None

    def require_writable(self, node: Node, path: str) -> None:
        _require(self.user == 0 or node.mode & (0o200 if node.owner == self.user else 0o002), path)

    def require_writable_parent(self, path: str) -> None:
        parent = posixpath.dirname(path)
        _require(self.is_directory(parent), path)
        self.require_writable(self.nodes[parent], path)

    def make_directories(self, path: str, owner: int) -> None:
        for folder in _lineage(path):
            _require(self.is_directory(folder) or folder not in self.nodes, folder)
            self.nodes.setdefault(folder, Node(owner, 0o755))

    def read(self, path: str) -> str:
        content = self.nodes[path].content if path in self.nodes else None
        if content is None:
            raise BrokenBuild(path)
        return content

    def write(self, path: str, node: Node) -> None:
        if path in self.nodes:
            _require(not self.is_directory(path), path)
            self.require_writable(self.nodes[path], path)
            self.nodes[path] = self.nodes[path]._replace(content=node.content)
        else:
            self.require_writable_parent(path)
            self.nodes[path] = node
