"""What a COPY or ADD puts where: from paths of the build context to paths of the container.

Rules from the Dockerfile reference and RULEBOOK B1, B5 (tried on BuildKit 26.1).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from reorder.analysis.state import BuildState
from reorder.context.context import BuildContext, clean_source
from reorder.context.model import Kind, UnreadableError
from reorder.dockerfile.model import Instruction
from reorder.effects import PathSet, is_within, join
from reorder.manager import UNKNOWN
from reorder.source import Opaque

_KNOWN_FLAGS = frozenset(("chown", "chmod", "link", "from"))
_GLOB = frozenset("*?[")
_MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
"""How gzip, bzip2, xz and zstd files begin."""

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")


class Placement(NamedTuple):
    """The context's ``source`` lies at ``target``; of a directory, the contents do."""

    source: str
    kind: Kind
    target: str


class CopySource(NamedTuple):
    """One source as written (``raw``), and the context paths that it stands for."""

    raw: str
    paths: tuple[str, ...]


class Copy(NamedTuple):
    """A COPY or ADD, resolved. ``dest`` is absolute; ``problem`` says why it may not be moved or split."""

    origin: Literal["context", "stage", "image", "url", "heredoc"]
    sources: tuple[CopySource, ...]
    raw_dest: str
    dest: str
    placements: tuple[Placement, ...]
    stage: str = ""
    problem: Opaque | None = None
    missing: tuple[str, ...] = ()

    @property
    def finds_nothing(self) -> bool:
        """Whether a source, or the only pattern, stands for no file of the context."""
        return bool(self.missing) or (self.origin == "context" and not self.placements and self.problem is None)

    def origins(self, path: str) -> Iterator[Placement]:
        """The context path that lies at container ``path`` after this copy, if any (kind not yet looked up)."""
        for placement in self.placements:
            if placement.target == path:
                yield placement
            elif placement.kind is Kind.DIRECTORY and is_within(path, placement.target):
                inner = path[len(placement.target.rstrip("/")) + 1 :]
                yield Placement(posixpath.join(placement.source, inner), Kind.OTHER, path)

    def near(self, paths: Iterable[str]) -> list[str]:
        """The paths that `origins` may have something for: a step may read hundreds, and a copy bring few."""
        targets = tuple(placement.target for placement in self.placements)
        return [path for path in paths if path.startswith(targets)]

    def may_write(self) -> PathSet:
        """All paths that it may write, without looking into the context."""
        if self.placements and not self.problem and not self.missing:
            return PathSet.of(
                *(p.target for p in self.placements if p.kind is not Kind.DIRECTORY),
                trees=(p.target for p in self.placements if p.kind is Kind.DIRECTORY),
            )
        return PathSet.of(trees=(self.dest,))


def resolve_copy(instruction: Instruction, state: BuildState, context: BuildContext, stages: frozenset[str]) -> Copy:
    """Where the sources of ``instruction`` land; ``stages`` names the stages above (names and numbers)."""
    words = instruction.words
    raw_dest = words[-1] if words else ""
    dest = _resolve_dest(raw_dest, state)
    origin, stage = _origin(instruction, state, stages)
    make = _Maker(origin, raw_dest, dest, stage)
    if origin != "context":
        raws = tuple(CopySource(word, ()) for word in words[:-1])
        return make.opaque(raws, "copy-not-from-context", "its sources do not come from the build context")
    raws = tuple(CopySource(word, ()) for word in words[:-1])
    for flag in instruction.flags:
        if flag.name not in _KNOWN_FLAGS:
            return make.opaque(raws, "copy-flag", f"--{flag.name} changes which files land where")
    for word in words[:-1]:
        if state.is_tainted(word) or UNKNOWN in state.expand(word):
            return make.opaque(raws, "copy-source-from-argument", f"a build argument decides what {word} is")
    # a working directory that is not known, that of a base image, is "/" with the mark; beside it there may be none
    if UNKNOWN in dest[2:] or UNKNOWN in state.expand(raw_dest):
        return make.opaque(raws, "copy-destination-from-argument", f"a build argument decides where {raw_dest} is")
    sources = tuple(CopySource(word, _expand(state.expand(word), context)) for word in words[:-1])
    missing = tuple(s.raw for s in sources if not s.paths and not _GLOB.intersection(s.raw))
    return Copy(
        origin="context", sources=sources, raw_dest=raw_dest, dest=dest.rstrip("/") or "/", missing=missing,
        placements=tuple(_place(sources, dest, context)), problem=_find_problem(instruction, sources, context),
    )  # fmt: skip


class _Maker(NamedTuple):
    origin: Literal["context", "stage", "image", "url", "heredoc"]
    raw_dest: str
    dest: str
    stage: str

    def opaque(self, sources: tuple[CopySource, ...], slug: str, why: str) -> Copy:
        return Copy(
            origin=self.origin, sources=sources, raw_dest=self.raw_dest, dest=self.dest.rstrip("/") or "/",
            placements=(), stage=self.stage, problem=Opaque(slug, why),
        )  # fmt: skip


def _origin(
    instruction: Instruction, state: BuildState, stages: frozenset[str]
) -> tuple[Literal["context", "stage", "image", "url", "heredoc"], str]:
    if (flag := instruction.flag("from")) is not None:
        name = state.expand(flag.value or "").lower()
        return ("stage" if name in stages else "image"), name
    if instruction.heredocs:
        return "heredoc", ""
    if instruction.keyword == "ADD" and any(_is_remote(state.expand(word)) for word in instruction.words[:-1]):
        return "url", ""
    return "context", ""


def _is_remote(source: str) -> bool:
    return "://" in source or source.startswith("git@")


def _resolve_dest(raw: str, state: BuildState) -> str:
    """Absolute, with a final ``/`` where BuildKit takes it for a directory."""
    expanded = state.expand(raw)
    joined = join(state.workdir, expanded)
    is_directory = expanded in ("", ".", "..") or expanded.endswith(("/", "/.", "/.."))
    return joined + "/" if is_directory and joined != "/" else joined


def _expand(source: str, context: BuildContext) -> tuple[str, ...]:
    return context.expand(clean_source(source))


def _place(sources: tuple[CopySource, ...], dest: str, context: BuildContext) -> Iterator[Placement]:
    directory = dest.rstrip("/") or "/"
    paths = [path for source in sources for path in source.paths]
    for path in paths:
        kind = context.kind(path) or Kind.OTHER
        if kind is Kind.DIRECTORY:
            yield Placement(path, kind, directory)
            continue
        inside = Placement(path, kind, join(directory, posixpath.basename(path)))
        if dest.endswith("/") or len(paths) > 1:
            yield inside
        else:
            # without a final slash, the image decides: a directory there takes the file in, else the file is named so
            yield Placement(path, kind, directory)
            yield inside


def _is_archive(path: str, context: BuildContext) -> bool:
    """Whether ADD extracts the file: its first bytes decide, whatever its name (tried on BuildKit 26.1)."""
    if context.kind(path) is not Kind.FILE:
        return False
    try:
        head = context.read(path)[:512]
    except UnreadableError:
        return True
    return head.startswith(_MAGIC) or head[257:262] == b"ustar" or path.endswith(_ARCHIVES)


def _find_problem(instruction: Instruction, sources: tuple[CopySource, ...], context: BuildContext) -> Opaque | None:
    for source in sources:
        for path in source.paths:
            if instruction.keyword == "ADD" and _is_archive(path, context):
                return Opaque("add-extracts-archive", f"ADD extracts {path}")
            if path and context.passes_symlink(path):
                return Opaque("copy-of-a-symlink", f"{path} is reached through a symbolic link")
    return None
