"""The cases of the corpus that ``explain`` shows, read from a checkout or from the wheel."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from reorder.context.memory import MemoryTree
from reorder.weighing.history import Commit, History
from reorder.world.example_archive import pack_examples, read_example_topics

ARCHIVE = "examples.tar"
"""In the package, where that is installed from a wheel."""

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_CORPUS = os.path.join(os.path.dirname(_PACKAGE), "corpus")
_GIT_HEAD = {".git/HEAD": b"ref: refs/heads/main\n"}


class Example(NamedTuple):
    """A Dockerfile and its build context; ``case`` is the folder's name, ``why`` what breaks if the tool errs."""

    case: str
    why: str
    dockerfile: str
    context: MemoryTree
    history: History
    unsafe_fixes: bool


def find_example(topic: str) -> Example | None:
    """The case that is marked as the example of a slug or a package manager, if there is one."""
    with _open_archive() as archive:
        for member in archive:
            case, _, name = member.name.partition("/")
            if name == "why.md" and topic in read_example_topics(_text(archive, member)):
                return _read_case(archive, case)
    return None


def example_topics() -> dict[str, tuple[str, ...]]:
    """Everything that has an example, with the names of its cases (one, if the corpus is right)."""
    found: dict[str, tuple[str, ...]] = {}
    with _open_archive() as archive:
        for member in archive:
            case, _, name = member.name.partition("/")
            for topic in read_example_topics(_text(archive, member)) if name == "why.md" else ():
                found[topic] = (*found.get(topic, ()), case)
    return found


def _open_archive() -> tarfile.TarFile:
    path = os.path.join(_PACKAGE, ARCHIVE)
    if os.path.exists(path):
        return tarfile.open(path)
    return tarfile.open(fileobj=io.BytesIO(_pack_once()))


@cache
def _pack_once() -> bytes:
    return pack_examples(_CORPUS)


def _read_case(archive: tarfile.TarFile, case: str) -> Example:
    """The parts that `tests/corpus.py` describes."""
    texts: dict[str, str] = {}
    files: dict[str, bytes] = {}
    links: dict[str, str] = {}
    executable: set[str] = set()
    for member in archive.getmembers():
        folder, _, name = member.name.partition("/")
        path = name.removeprefix("context/")
        if folder != case or member.isdir():
            continue
        if path == name:
            texts[name] = _text(archive, member)
        elif member.issym():
            links[path] = member.linkname
        else:
            files[path] = _content(archive, member)
            executable |= {path} if member.mode & 0o100 else set()
    front, _, why = texts["why.md"].removeprefix("---\n").partition("\n---\n")
    meta = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in front.splitlines())}
    files["Dockerfile"] = texts["Dockerfile"].encode("utf-8", "surrogateescape")
    commits = tuple(_commits(texts.get("history", "")))
    is_repository = meta.get("committed") == "true" or bool(commits)
    tracked = frozenset((*files, *links)) if is_repository else None
    tree = MemoryTree(
        files | (_GIT_HEAD if is_repository else {}), executable=frozenset(executable), links=links, tracked=tracked,
        vcs_ignored=frozenset() if is_repository else None,
    )  # fmt: skip
    unsafe = meta.get("settings") == "unsafe-fixes"
    return Example(case, why.strip(), texts["Dockerfile"], tree, History(commits), unsafe)


def _commits(text: str) -> Iterator[Commit]:
    """Each line stands for a number of commits that change the same paths."""
    changes = [paths for number, *paths in map(str.split, text.splitlines()) for _ in range(int(number))]
    for count, paths in enumerate(changes, start=1):
        yield Commit(id=f"{count:040x}", when=count, subject="Go on", paths=frozenset(paths))


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    return _content(archive, member).decode("utf-8", "surrogateescape")


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    return file.read() if file is not None else b""
