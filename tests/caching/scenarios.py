"""The table of (Dockerfile, change, builder) and the steps that run again, read from ``scenarios/*.txt``.

A file holds a Dockerfile and sections, each begun by a ``--- name`` line:

- ``files``: a context, separated by ``, `` or newlines: ``path``, ``path: content`` (with ``\\n``), ``link -> target``,
  ``path = archive``; the Dockerfile lies at its root, too;
- ``given``: ``NAME=value`` arguments of all builds;
- ``target``: the stage to build;
- ``changes``: a change a line, then, behind bars, the lines of the steps that BuildKit and the classic builder run
  again (``n/a``: not for that builder). Each change is made on top of the ones above it.

Changes, joined by `` + ``: ``edit``, ``remove``, ``touch``, ``chmod``, ``mkdir``, ``pack PATH``,
``write PATH: CONTENT``, ``link PATH TARGET``, ``arg NAME`` (a new value), ``give NAME=VALUE``, ``image`` (a new
<BASE>), ``serve`` (a new content of <URL>), ``move`` (the context gets a new name), and ``nothing``. No content that
was there before ever comes back: an engine would remember it.
"""

from __future__ import annotations

import io
import itertools
import re
import tarfile
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.simulator import Builder, Program, make_program
from reorder.context.context import open_context
from reorder.dockerfile.model import Dockerfile
from reorder.dockerfile.parse import parse
from reorder.source import Source
from reorder.world.disk import DiskTree

_FOLDER = Path(__file__).parent / "scenarios"
_COUNTER = itertools.count(uuid.uuid4().int % 2**21 * 1000)
"""Below 2^31, so that the numbers can be users; unlike in each run of the tests."""


class Scenario(NamedTuple):
    change: str
    again: dict[Builder, frozenset[int]]
    """The lines of the steps that run again, for the builders that can build it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A Dockerfile in a context, and what happens to it."""

    name: str
    text: str
    files: tuple[str, ...]
    given: tuple[str, ...]
    target: str | None
    scenarios: tuple[Scenario, ...]

    @property
    def builders(self) -> tuple[Builder, ...]:
        return tuple(builder for builder in Builder if any(builder in s.again for s in self.scenarios))

    @property
    def is_alike(self) -> bool:
        """Whether both builders run the same steps again, whatever happens."""
        return len(self.builders) == len(Builder) and all(len(set(s.again.values())) == 1 for s in self.scenarios)


def read_benches() -> tuple[Bench, ...]:
    return tuple(_read(path) for path in sorted(_FOLDER.glob("*.txt")))


def _read(path: Path) -> Bench:
    text, *rest = re.split(r"^--- (?=\w+\n)", path.read_text(), flags=re.MULTILINE)
    sections = {name: body for name, _, body in (section.partition("\n") for section in rest)}
    assert sections.keys() <= {"files", "given", "target", "changes"}, path
    return Bench(
        name=path.stem, text=text, files=tuple(re.split(r", |\n", sections["files"].strip())),
        given=tuple(sections.get("given", "").split()), target=sections.get("target", "").strip() or None,
        scenarios=tuple(_scenario(row) for row in sections["changes"].strip().split("\n")),
    )  # fmt: skip


def _scenario(row: str) -> Scenario:
    change, *columns = (column.strip() for column in row.rsplit("|", 2))
    assert len(columns) == 2, row
    again = {b: _lines(c) for b, c in zip(Builder, columns, strict=True) if c != "n/a"}
    return Scenario(change, again)


def _lines(column: str) -> frozenset[int]:
    ranges = (item.partition("-") for item in column.split())
    return frozenset(line for low, _, high in ranges for line in range(int(low), int(high or low) + 1))


@dataclass(slots=True)
class Site:
    """A bench laid out on disk in the new folder ``context``."""

    bench: Bench
    context: Path
    url: str = "http://127.0.0.1:9/file"
    base: str = field(default_factory=lambda: f"dockerfile-fix-base:{uuid.uuid4().hex[:8]}")
    arguments: dict[str, str] = field(default_factory=dict)
    served: str = ""
    """What the URL shall hold."""

    images: int = 0
    """How often the base image was asked to be new."""

    def __post_init__(self) -> None:
        self.arguments |= dict(self._split(given) for given in self.bench.given)
        self.served = _unique()
        self._write("Dockerfile", self.text)
        for entry in self.bench.files:
            self._lay_out(entry)

    @property
    def text(self) -> str:
        return self._filled(self.bench.text)

    def _filled(self, text: str) -> str:
        return text.replace("<BASE>", self.base).replace("<URL>", self.url)

    def _split(self, given: str) -> tuple[str, str]:
        name, _, value = self._filled(given).partition("=")
        return name, value

    def _lay_out(self, entry: str) -> None:
        if " -> " in entry:
            self._link(*entry.split(" -> "))
        elif entry.endswith(" = archive"):
            self._pack(entry.removesuffix(" = archive"))
        else:
            path, colon, content = entry.partition(": ")
            self._write(path, content.replace("\\n", "\n") if colon else _unique())

    def _write(self, path: str, content: str) -> None:
        file = self.context / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def _link(self, path: str, target: str) -> None:
        file = self.context / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.symlink_to(target)

    def _pack(self, path: str) -> None:
        with tarfile.open(self.context / path, "w") as archive:
            data = _unique().encode()
            member = tarfile.TarInfo("member")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

    def apply(self, change: str) -> Delta:
        """Make the change; what a simulator is told about it."""
        deltas = [self._apply_one(*item.partition(" ")[::2]) for item in change.split(" + ")]
        return Delta(*(frozenset().union(*parts) for parts in zip(*(delta[:4] for delta in deltas), strict=True)))

    def _apply_one(self, verb: str, what: str) -> Delta:
        match verb:
            case "nothing":
                return Delta()
            case "touch":
                (self.context / what).touch()
                return Delta()
            case "move":
                folder = self.context.with_name(f"{self.context.name}-{_unique()}")
                self.context = self.context.rename(folder)
                return Delta()
            case "chmod":
                (self.context / what).chmod(0o700)
                return Delta(modes=frozenset((what,)))
            case "arg":
                self.arguments[what] = _unique()
                return Delta(arguments=frozenset((what,)))
            case "give":
                name, value = self._split(what)
                self.arguments[name] = value
                return Delta(arguments=frozenset((name,)))
            case "image":
                self.images += 1
                return Delta(images=frozenset((self.base,)))
            case "serve":
                self.served = _unique()
                return Delta(paths=frozenset((self.url,)))
            case _:
                return Delta(paths=frozenset((self._change_path(verb, what),)))

    def _change_path(self, verb: str, what: str) -> str:
        match verb:
            case "edit" if what == "Dockerfile":
                self._write(what, f"{self.text}# {_unique()}\n")
            case "edit":
                self._write(what, _unique())
            case "write":
                what, _, content = what.partition(": ")
                self._write(what, content.replace("\\n", "\n"))
            case "remove":
                (self.context / what).unlink()
            case "mkdir":
                (self.context / what).mkdir(parents=True)
            case "pack":
                self._pack(what)
            case "link":
                what, _, target = what.partition(" ")
                self._link(what, target)
            case _:
                raise ValueError(f"no such change: {verb}")
        return what

    def program(self, builder: Builder) -> tuple[Dockerfile, Program]:
        """The simulator's view of the context as it lies there now."""
        dockerfile = parse(Source("Dockerfile", self.text))
        context = open_context(DiskTree(str(self.context)), "Dockerfile" if builder is Builder.BUILDKIT else None)
        stages = analyze(dockerfile, context)
        return dockerfile, make_program(dockerfile, stages, context, builder=builder, target=self.bench.target)


def lines_of(program: Program, ids: Iterable[tuple[int, int]]) -> frozenset[int]:
    lines = {step.id: step.line for stage in program.stages for step in stage.steps}
    return frozenset(lines[id_] for id_ in ids)


def _unique() -> str:
    """A text, also a fine number of a user, that no build has seen."""
    return str(next(_COUNTER))


def every_scenario() -> Iterator[tuple[Bench, Builder, int]]:
    for bench in read_benches():
        for number, scenario in enumerate(bench.scenarios):
            for builder in scenario.again:
                yield bench, builder, number
