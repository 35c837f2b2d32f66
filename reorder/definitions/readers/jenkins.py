"""Jenkinsfiles: ``sh`` steps that call ``docker build``, ``docker.build`` and agents with a Dockerfile.

jenkins.io/doc/book/pipeline/syntax (agent, dockerfile), jenkins.io/doc/book/pipeline/docker: an agent's Dockerfile is
relative to its ``dir``, which is the context; steps run in the workspace, or in the folder of a ``dir`` around them.
Groovy is not run: of a text with ``${…}`` in it, that part is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reorder.definitions.docker_words import builds_in_script
from reorder.definitions.kind import Found, Place, define
from reorder.definitions.kinds.jenkins import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.shell_runs import go
from reorder.manager import UNKNOWN

_TOKEN = re.compile(
    r"(?P<comment>//[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)|(?P<brace>[{}])"
    r"|(?P<word>\b(?:dir|sh|filename|dockerfile|docker\.build)\b)"
    r"|(?P<text>'''(?:[^'\\]|\\.|'(?!''))*+'''|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*+\"\"\""
    r"|'(?:[^'\\\n]|\\.)*+'|\"(?:[^\"\\\n]|\\.)*+\")",
    re.DOTALL,
)
_INSERTED = re.compile(r"(?<!\\)\$(?:\{[^{}]*\}|[A-Za-z_][\w.]*)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MOST_DEPTH = 100


@dataclass(slots=True)
class _Scan:
    """Where in a file the reader is. ``folders``: one for each open brace; ``agent``: of a ``dockerfile { … }``."""

    folders: list[str] = field(default_factory=lambda: [ROOT])
    word: str = ""
    texts: list[str] = field(default_factory=list)
    agent: dict[str, str] | None = None


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of one file, in the order of their lines."""
    text = repository.read(path)
    scan, line, at = _Scan(), 1, 0
    for token in _TOKEN.finditer(text):
        line += text.count("\n", at, token.start())
        at = token.start()
        place = Place(repository, path, line, KIND.name, scan.folders[-1], is_guess=True)
        if token["brace"]:
            yield from _brace(token["brace"], scan, place)
        elif token["word"]:
            scan.word, scan.texts = token["word"], []
        elif token["text"]:
            yield from _string(token["text"], scan, place)


def _string(quoted: str, scan: _Scan, place: Place) -> Iterator[Found]:
    size = 3 if quoted[:3] in ("'''", '"""') else 1
    text = quoted[size:-size]
    if quoted[0] == '"':
        text = _INSERTED.sub("${_unknown_}", text)
    text = _ESCAPED.sub(lambda found: {"n": "\n", "\n": ""}.get(found[1], found[1]), text)
    scan.texts.append(text)
    if scan.word == "sh":
        yield from builds_in_script(text, place, variables={"WORKSPACE": ROOT}, first_line=place.line)
    elif scan.word == "docker.build" and len(scan.texts) == 2:
        yield from builds_in_script(f"docker build {text}", place, variables={}, first_line=place.line)
    elif scan.agent is not None and scan.word in ("dir", "filename"):
        scan.agent[scan.word] = UNKNOWN if "${_unknown_}" in text else text


def _brace(brace: str, scan: _Scan, place: Place) -> Iterator[Found]:
    if brace == "{":
        folder = scan.folders[-1]
        if scan.word == "dir" and len(scan.texts) == 1 and scan.agent is None:
            folder = UNKNOWN if "$" in scan.texts[0] else go(folder, scan.texts[0])
        elif scan.word == "dockerfile":
            scan.agent = {}
        if len(scan.folders) < _MOST_DEPTH:
            scan.folders.append(folder)
    else:
        if len(scan.folders) > 1:
            scan.folders.pop()
        if scan.agent is not None:
            yield define(
                place._replace(folder=ROOT), scan.agent.get("dir", "."), scan.agent.get("filename", "Dockerfile"),
                is_beside=True,
            )  # fmt: skip
        scan.agent = None
    scan.word, scan.texts = "", []
