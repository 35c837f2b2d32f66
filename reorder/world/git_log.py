"""The history of a build context, from one ``git log``.

First parents only: a merge counts as one commit, against the branch that it went into. The repository may be hostile.
Beside what `reorder.world.git` switches off, ``git log`` could be made to run a signature checker
(``log.showSignature``), external diff programs and text converters; each has its option here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import IO, NamedTuple

from reorder.weighing.history import Commit, History
from reorder.world.git import git_command, git_dir_command, git_environment, repository_root

MOST_PATHS = 20_000
"""Of one commit; a commit that changes more counts as a change of everything."""

_MOST_KEPT = 500_000
"""Paths of all commits together, so that memory is bounded; older commits are left out."""

_LONGEST = 1 << 20
"""Bytes of one path or subject; a longer one is no history to learn from."""

_SECONDS = 60.0
_CHUNK = 1 << 16
_LOG = (
    "-c", "log.showRoot=false", "-c", "log.follow=false", "--literal-pathspecs", "log", "--first-parent", "-m", "-z",
    "--raw", "--no-renames", "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv", "--no-show-signature",
    "--no-mailmap", "--no-notes", "--no-decorate", "--no-relative", "--ignore-submodules=none", "-O/dev/null",
    "--encoding=UTF-8", "--format=%H %ct %P%n%s",
)  # fmt: skip


def read_history(folder: str, *, limit: int = 200, watched: str = "", seconds: float | None = None) -> History:
    """The last ``limit`` commits that changed something in ``folder``, a build context on disk.

    Never raises for what git or the repository is like: what is missing is said in the notes. The first commit of all
    is left out, since it is no change but the first build. A submodule counts as the path of its folder; a rename as
    its two paths. ``watched`` is a context path (the Dockerfile): a note tells since when it is there. After
    ``seconds`` (None: a minute) what has come is taken.
    """
    place = os.path.realpath(folder)
    root = repository_root(place)
    if root is None:
        return History(notes=("the build context is not in a git repository",))
    inside = os.path.relpath(place, root).replace(os.sep, "/")
    log = _Log(git_command(root), git_environment(root), None, "" if inside == "." else inside)
    return _read(log, limit, watched, _SECONDS if seconds is None else seconds)


def read_history_of_commit(git_dir: str, commit: str, folder: str, limit: int) -> History:
    """As `read_history`, for a folder of the repository in ``git_dir``, looking back from ``commit``."""
    return _read(_Log(git_dir_command(git_dir), git_environment(git_dir), commit, folder), limit, "", _SECONDS)


class _Log(NamedTuple):
    """What to ask: how git is called, the last commit (None: HEAD), and a folder seen from the repository's root."""

    git: tuple[str, ...]
    environment: dict[str, str]
    commit: str | None
    folder: str


def _read(log: _Log, limit: int, watched: str, seconds: float) -> History:
    parser = _Parser(log.folder + "/" if log.folder else "", watched)
    notes = list(filter(None, (_run(log, limit, parser, seconds),)))
    commits = parser.commits
    if parser.is_rooted and _is_shallow(log):
        notes.append(f"the clone is shallow: git knows {_count(len(commits))} to replay")
    elif not commits and not notes:
        notes.append("git knows no change of the build context" + " after its first commit" * parser.is_rooted)
    if parser.appeared is not None and (older := len(commits) - 1 - parser.appeared) > 0:
        since = commits[parser.appeared].id[:12]
        verb = "is" if older == 1 else "are"
        notes.append(f"{watched} is there, under this name, since commit {since}; {_count(older)} {verb} older")
    return History(tuple(reversed(commits)), tuple(notes))


def _count(commits: int) -> str:
    return f"{commits} commit{'' if commits == 1 else 's'}"


@dataclass(slots=True)
class _Parser:
    """Takes ``git log``'s answer apart, newest commit first, without ever holding all of it.

    With ``-z`` every record ends in NUL: a header, and for each path the modes, blobs and status after a colon, and
    then the path. ``prefix`` is the context as seen from the repository's root. ``is_rooted``: the log came to a commit
    without a parent. ``appeared``: the number of the commit that added ``watched``.
    """

    prefix: str
    watched: str
    commits: list[Commit] = field(default_factory=list)
    is_rooted: bool = False
    appeared: int | None = None
    kept: int = 0
    _rest: bytes = b""
    _status: bytes = b""
    _names: dict[bytes, str] = field(default_factory=dict)
    _paths: set[str] = field(default_factory=set)
    _modes: set[str] = field(default_factory=set)

    def feed(self, data: bytes) -> None:
        """Take in a piece of the answer."""
        *records, self._rest = (self._rest + data).split(b"\0")
        for record in records:
            if self._status:
                self._path(record)
                self._status = b""
            elif record.lstrip(b"\n").startswith(b":"):
                self._status = record.lstrip(b"\n")
            else:
                self.finish()
                self._header(record)

    @property
    def is_flooded(self) -> bool:
        """Whether there is more than anything may have a use for."""
        return self.kept > _MOST_KEPT or len(self._rest) > _LONGEST

    def finish(self) -> None:
        """Complete the commit that the last records belong to."""
        if not self._paths and not self._modes:
            return
        self.kept += len(self._paths) + len(self._modes)
        if len(self._paths) + len(self._modes) > MOST_PATHS:
            self.commits[-1] = self.commits[-1]._replace(is_cut=True)
        else:
            self.commits[-1] = self.commits[-1]._replace(paths=frozenset(self._paths), modes=frozenset(self._modes))
        self._paths, self._modes = set(), set()

    def drop_last(self) -> None:
        """Forget the commit in whose middle the answer broke off."""
        self._paths, self._modes = set(), set()
        del self.commits[-1:]

    def _header(self, record: bytes) -> None:
        head, _, subject = record.partition(b"\n")
        id_, when, *parents = head.decode("ascii").split()
        if not parents:
            self.is_rooted = True
            return
        text = subject.decode("utf-8", "surrogateescape")
        self.commits.append(Commit(id=id_, when=int(when), subject=text, paths=frozenset()))

    def _path(self, raw: bytes) -> None:
        name = self._names.get(raw)
        if name is None:
            name = raw.decode("utf-8", "surrogateescape").removeprefix(self.prefix)
            self._names[raw] = name
        old_mode, new_mode, old, new, status = self._status.split()
        if name == self.watched and status == b"A":
            self.appeared = len(self.commits) - 1
        if len(self._paths) + len(self._modes) <= MOST_PATHS:
            is_mode = old == new and old_mode[1:4] == new_mode[:3]
            (self._modes if is_mode else self._paths).add(name)


def _run(log: _Log, limit: int, parser: _Parser, seconds: float) -> str | None:
    """Feed the parser; what went wrong, in plain words."""
    import subprocess
    import tempfile
    from threading import Timer

    command = (*log.git, *_LOG, f"--max-count={limit}", *filter(None, (log.commit,)), "--", log.folder or ".")
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command, env=log.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
            )
        except OSError as error:
            return f"git cannot be run: {error.strerror or error}"
        timer = Timer(seconds, process.kill)
        timer.start()
        assert process.stdout is not None
        with process.stdout:
            is_whole = _feed(process.stdout, parser)
        is_late = not timer.is_alive()
        timer.cancel()
        if not is_whole:
            process.kill()
        code = process.wait()
        if code:
            parser.drop_last()
        else:
            parser.finish()
        if not is_whole:
            return f"only the last {_count(len(parser.commits))} are replayed: they change {parser.kept} paths"
        if is_late:
            return f"git log took longer than {seconds:g} seconds: it came to {_count(len(parser.commits))}"
        return _complaint(errors, len(parser.commits)) if code else None


def _feed(stream: IO[bytes], parser: _Parser) -> bool:
    """Whether the answer was taken in to its end."""
    while data := stream.read(_CHUNK):
        parser.feed(data)
        if parser.is_flooded:
            return False
    return True


def _complaint(errors: IO[bytes], commits: int) -> str:
    errors.seek(0)
    lines = errors.read(_CHUNK).decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    after = f" after {_count(commits)}" if commits else ""
    return f"git log failed{after}: {lines[-1].removeprefix('fatal: ')}"


def _is_shallow(log: _Log) -> bool:
    import subprocess

    try:
        done = subprocess.run(
            (*log.git, "rev-parse", "--is-shallow-repository"), env=log.environment, timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL, capture_output=True,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == b"true"
