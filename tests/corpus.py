"""Reads the cases of ``corpus/`` and lays them out as a build context, in memory or on disk.

A case is a folder::

    Dockerfile            put into the context, where the front matter's `dockerfile` says (default: its root)
    context/              the rest of the build context (may be missing)
    expected.Dockerfile   what the Dockerfile must become; or else
    unchanged             the refusals, one "slug line" a line (empty: there is nothing to say)
    expected.dockerignore what the ignore file must become, where the patch writes one
    tempting.Dockerfile   of a refused engine case: what a person would write, and why they would be wrong
    history               commits after the first, oldest first: "number path..." a line, each of that many changes
                          all of these paths (from the top; those that context/ does not hold end deleted)
    why.md                `key: value` lines between two `---`, then what breaks if we err

Keys of the front matter: `origin` (needed), `safety` (safe or unsafe; needed for a changed case), `engine` (true: also
built by a real engine), `committed` (true: the context is a git repository with everything committed), `untracked`
(files to create after the commit, separated by blanks), `edit` (the source file to edit in the cache check), `argument`
(the build argument that gets another value instead), `settings` (unsafe-fixes), `dockerfile` (where the Dockerfile lies
in the context), `context-option` (the folder to give as ``--context``, seen from the top), `example` (the slugs and the
package managers that ``dockerfile-fix explain`` shows it for, separated by blanks: only in a case without `dockerfile`,
`context-option`, `untracked` and .gitignore).
"""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reorder.api import Settings
from reorder.context.memory import MemoryTree
from reorder.weighing.history import Commit, History

CORPUS = Path(__file__).parents[1] / "corpus"
STALE = b"left by an earlier build\n"
"""The content of an untracked file."""

_KEYS = frozenset(
    "origin safety engine committed untracked edit argument settings dockerfile context-option example".split()
)
_EXPECTATIONS = frozenset(["expected.Dockerfile", "expected.dockerignore", "unchanged"])
_FILES = _EXPECTATIONS | {"Dockerfile", "context", "history", "tempting.Dockerfile", "why.md"}
_GIT = ("git", "-c", "user.name=corpus", "-c", "user.email=corpus@example.com", "-c", "core.autocrlf=false")


class CorpusError(Exception):
    """A case that is not what the head of this module says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case; texts are decoded as `reorder.source.Source` does."""

    folder: Path
    meta: Mapping[str, str]
    text: str
    expected: str | None
    expected_ignore: str | None
    refusals: frozenset[tuple[str, int]]
    tempting: str | None
    commits: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def dockerfile(self) -> str:
        """Where the Dockerfile lies, from the top of the context."""
        return self.meta.get("dockerfile", "Dockerfile")

    @property
    def context_option(self) -> str:
        """The folder given as ``--context``, from the top; empty where none is given."""
        option = self.meta.get("context-option", "")
        return "" if option == "." else option.strip("/")

    @property
    def untracked(self) -> tuple[str, ...]:
        return tuple(self.meta.get("untracked", "").split())

    @property
    def argument(self) -> str | None:
        """The build argument of the cache check."""
        return self.meta.get("argument")

    @property
    def is_repository(self) -> bool:
        return self.meta.get("committed") == "true" or bool(self.untracked or self.commits)

    @property
    def is_for_engine(self) -> bool:
        return self.meta.get("engine") == "true"

    @property
    def is_unsafe(self) -> bool:
        return self.meta.get("safety") == "unsafe"

    @property
    def settings(self) -> Settings:
        return Settings(unsafe_fixes=self.meta.get("settings") == "unsafe-fixes", history=self.history)

    @property
    def history(self) -> History:
        """The commits that change the build context, as git tells of them; without a first one."""
        prefix = self.context_option + "/" if self.context_option else ""
        found = (
            frozenset(path.removeprefix(prefix) for path in paths if path.startswith(prefix)) for paths in self.commits
        )
        changes = enumerate(filter(None, found), start=1)
        return History(tuple(Commit(id=f"{n:040x}", when=n, subject="Go on", paths=paths) for n, paths in changes))

    @property
    def ignore_path(self) -> str:
        """The ignore file that holds for the build, from the folder given as context; Docker's order."""
        own = posixpath.relpath(self.dockerfile, self.context_option or ".") + ".dockerignore"
        return own if (self.folder / "context" / self.context_option / own).exists() else ".dockerignore"


def case_names() -> list[str]:
    """The folders of the corpus, malformed ones too."""
    return sorted(entry.name for entry in CORPUS.iterdir() if entry.is_dir()) if CORPUS.is_dir() else []


def load_case(name: str) -> Case:
    """Read a case; raises `CorpusError`."""
    folder = CORPUS / name
    if unknown := sorted(entry.name for entry in folder.iterdir() if entry.name not in _FILES):
        raise CorpusError(f"{name}: {unknown[0]} has no meaning in a case")
    for needed in ("Dockerfile", "why.md"):
        if not (folder / needed).is_file():
            raise CorpusError(f"{name}: there is no {needed}")
    if (folder / "expected.Dockerfile").exists() == (folder / "unchanged").exists():
        raise CorpusError(f"{name}: there must be exactly one of expected.Dockerfile and unchanged")
    case = Case(
        folder=folder, meta=_read_front_matter(folder / "why.md"), text=_read_text(folder / "Dockerfile") or "",
        expected=_read_text(folder / "expected.Dockerfile"), refusals=frozenset(_read_refusals(folder / "unchanged")),
        expected_ignore=_read_text(folder / "expected.dockerignore"),
        tempting=_read_text(folder / "tempting.Dockerfile"), commits=tuple(_read_commits(folder / "history")),
    )  # fmt: skip
    _check(case)
    return case


def _check(case: Case) -> None:
    """Raise for what the files of a case say against one another."""
    if case.expected is not None and case.meta.get("safety") not in ("safe", "unsafe"):
        raise CorpusError(f"{case.name}: a changed case says `safety: safe` or `safety: unsafe`")
    if case.expected is not None and case.is_unsafe and not case.settings.unsafe_fixes:
        raise CorpusError(f"{case.name}: an unsafe change needs `settings: unsafe-fixes`")
    if case.expected is None and case.expected_ignore is not None:
        raise CorpusError(f"{case.name}: an unchanged case cannot have an expected.dockerignore")
    if (case.tempting is not None) != (case.expected is None and case.is_for_engine):
        raise CorpusError(f"{case.name}: tempting.Dockerfile and unchanged with `engine: true` go together")
    if (case.folder / "context" / case.dockerfile).exists():
        raise CorpusError(f"{case.name}: context/{case.dockerfile} would be overwritten by the case's Dockerfile")
    for path in case.untracked:
        if (case.folder / "context" / path).exists():
            raise CorpusError(f"{case.name}: {path} is untracked, so it must not lie in context/")
    if (edit := case.meta.get("edit")) and not (case.folder / "context" / edit).is_file():
        raise CorpusError(f"{case.name}: edit: {edit} is no file of context/")


def _read_text(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "surrogateescape") if path.is_file() else None


def _read_front_matter(path: Path) -> dict[str, str]:
    name = path.parent.name
    start, *rest = path.read_text(encoding="utf-8").split("\n---\n", 1)
    if not start.startswith("---\n") or not rest:
        raise CorpusError(f"{name}: why.md must open with front matter between two lines of ---")
    if not rest[0].strip():
        raise CorpusError(f"{name}: why.md does not say why")
    found: dict[str, str] = {}
    for line in start.splitlines()[1:]:
        key, colon, value = line.partition(":")
        if not colon or key not in _KEYS or key in found:
            raise CorpusError(f"{name}: why.md: {line!r} is no line of front matter (keys: {', '.join(sorted(_KEYS))})")
        found[key] = value.strip()
    for key, allowed in (
        ("engine", ("true", "false")), ("committed", ("true", "false")), ("safety", ("safe", "unsafe")),
        ("settings", ("unsafe-fixes",)),
    ):  # fmt: skip
        if key in found and found[key] not in allowed:
            raise CorpusError(f"{name}: why.md: {key} is {' or '.join(allowed)}, not {found[key]!r}")
    if not found.get("origin"):
        raise CorpusError(f"{name}: why.md does not name an origin")
    return found


def _read_refusals(path: Path) -> Iterator[tuple[str, int]]:
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        slug, _, number = line.partition(" ")
        if not slug or not number.isdigit():
            raise CorpusError(f"{path.parent.name}: unchanged: {line!r} is not `slug line`")
        yield slug, int(number)


def _read_commits(path: Path) -> Iterator[tuple[str, ...]]:
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        number, *paths = line.split()
        if not number.isdigit() or not paths:
            raise CorpusError(f"{path.parent.name}: history: {line!r} is not `number path...`")
        yield from [tuple(paths)] * int(number)


def context_files(case: Case) -> dict[str, Path | None]:
    """Each file of the context (without the Dockerfile) by its path from the top; None for an untracked one."""
    root = case.folder / "context"
    found: dict[str, Path | None] = {}
    for folder, directories, names in os.walk(root):
        links = [name for name in directories if (Path(folder) / name).is_symlink()]
        for name in (*names, *links):
            path = Path(folder) / name
            found[path.relative_to(root).as_posix()] = path
    return {**dict(sorted(found.items())), **dict.fromkeys(case.untracked)}


def lay_out(case: Case, top: Path, *, text: str | None = None, ignore: str | None = None) -> Path:
    """Write the case's context to the new folder ``top``; the folder that is the build context.

    ``text`` stands for the Dockerfile's, ``ignore`` for that of the ignore file.
    """
    if (case.folder / "context").is_dir():
        shutil.copytree(case.folder / "context", top, symlinks=True)
    _write(top / case.dockerfile, case.text if text is None else text)
    if case.is_repository:
        run_git(top, "init", "-q")
        final = _put_first_versions(case, top)
        run_git(top, "add", "--all")
        run_git(top, "commit", "-q", "--allow-empty", "-m", "Begin")
        _commit_history(case, top, final)
    for path in case.untracked:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_bytes(STALE)
    if ignore is not None:
        _write(top / case.context_option / case.ignore_path, ignore)
    return top / case.context_option


def _put_first_versions(case: Case, top: Path) -> dict[str, bytes | None]:
    """Give the files of the history other contents; their last ones, None for those that are deleted at the end."""
    final: dict[str, bytes | None] = {}
    for path in sorted({path for paths in case.commits for path in paths}):
        place = top / path
        final[path] = place.read_bytes() if place.is_file() else None
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"0\n")
    return final


def _commit_history(case: Case, top: Path, final: Mapping[str, bytes | None]) -> None:
    """One commit for each of the history, with the last contents in the last one that changes a file."""
    if not case.commits:
        return
    last = {path: number for number, paths in enumerate(case.commits) for path in paths}
    stream = b""
    for number, paths in enumerate(case.commits, start=1):
        stream += b"commit refs/heads/history\ncommitter corpus <corpus@example.com> %d +0000\ndata 0\n" % number
        stream += b"from HEAD^0\n" if number == 1 else b""
        for path in paths:
            data = final[path] if last[path] == number - 1 else b"%d\n" % number
            mode = b"755" if data is not None and os.access(top / path, os.X_OK) else b"644"
            name = path.encode()
            stream += b"D %b\n" % name if data is None else b"M 100%b inline %b\ndata %d\n" % (mode, name, len(data))
            stream += (data or b"") + b"\n"
    run_git(top, "fast-import", "--quiet", stdin=stream)
    run_git(top, "checkout", "-q", "history")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))


def run_git(folder: Path, *arguments: str, stdin: bytes = b"", ok: tuple[int, ...] = (0,)) -> bytes:
    """The output of a git command; raises if its exit code is none of ``ok``."""
    done = subprocess.run((*_GIT, *arguments), cwd=folder, input=stdin, capture_output=True, check=False)
    if done.returncode not in ok:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


class CaseTree(MemoryTree):
    """A case in memory, symbolic links included."""

    def paths(self) -> list[str]:
        """All files."""
        return sorted((*self._files, *self._links))


def memory_tree(case: Case, scratch: Path, *, text: str | None = None, ignore: str | None = None) -> CaseTree:
    """The build context as a tree in memory; ``scratch`` is a new folder for git to answer in."""
    option = case.context_option
    files: dict[str, bytes] = {}
    executable, links = set[str](), dict[str, bytes]()
    for path, source in context_files(case).items():
        if source is not None and source.is_symlink():
            links[path] = os.readlink(source).encode()
            continue
        files[path] = STALE if source is None else source.read_bytes()
        if source is not None and os.access(source, os.X_OK):
            executable.add(path)
    files[case.dockerfile] = (case.text if text is None else text).encode("utf-8", "surrogateescape")
    if ignore is not None:
        files[posixpath.join(option, case.ignore_path)] = ignore.encode("utf-8", "surrogateescape")
    tracked = frozenset({*files, *links} - set(case.untracked)) if case.is_repository else None
    ignored = _find_vcs_ignored(case, scratch, files) if case.is_repository else None
    if tracked is not None and ignored is not None:
        tracked -= ignored
    if case.is_repository:
        files[".git/HEAD"] = b"ref: refs/heads/main\n"
    return CaseTree(
        _below(files, option), links={path: text.decode() for path, text in _below(links, option).items()},
        executable=frozenset(_below(dict.fromkeys(executable, b""), option)), tracked=_below_set(tracked, option),
        vcs_ignored=_below_set(ignored, option),
    )  # fmt: skip


def _below(files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """The files under ``folder``, named from there."""
    prefix = folder + "/" if folder else ""
    return {path[len(prefix) :]: data for path, data in files.items() if path.startswith(prefix)}


def _below_set(paths: frozenset[str] | None, folder: str) -> frozenset[str] | None:
    return None if paths is None else frozenset(_below(dict.fromkeys(paths, b""), folder))


def _find_vcs_ignored(case: Case, scratch: Path, files: Mapping[str, bytes]) -> frozenset[str]:
    """The paths, folders included, that git itself says the context's .gitignore files cover."""
    lay_out(case, scratch)
    folders = {"/".join(path.split("/")[:depth]) for path in files for depth in range(1, path.count("/") + 1)}
    asked = "\0".join(sorted({*files, *folders})).encode("utf-8", "surrogateescape")
    answer = run_git(scratch, "check-ignore", "-z", "--stdin", stdin=asked, ok=(0, 1))
    return frozenset(item.decode("utf-8", "surrogateescape") for item in answer.split(b"\0") if item)
