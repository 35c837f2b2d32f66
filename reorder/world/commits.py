"""Commits that hold a patch, made from git's objects alone: no work tree, no index and no hook has a part in it.

Such a commit has the time of its parent, so that the same patch of the same commit by the same author is the same
commit again. That is also how we know our own commit on a branch, whoever else may have worked there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, NamedTuple

from reorder.outcome import FileChange
from reorder.source import encode
from reorder.world.git import GitError, git_environment
from reorder.world.git_run import ask_git, run_bounded
from reorder.world.repositories import find_common_dir, find_head_branch, find_reference, is_ancestor
from reorder.world.scratch import temporary_folder

_LINK, _FILE = "120000", "100644"
_INDEX_OPTIONS = ("-c", "core.splitIndex=false", "-c", "index.sparse=false", "-c", "core.untrackedCache=false")
_TRAILER = re.compile(r"[A-Za-z0-9-]+: \S.*")


class Person(NamedTuple):
    """Who makes a commit."""

    name: str
    email: str


class CommitWishes(NamedTuple):
    """How a commit is made. ``author`` (None: as git is configured) is its committer, too; ``sign_off`` adds a line."""

    branch: str
    message: str
    author: Person | None = None
    sign_off: bool = False


class Committed(NamedTuple):
    """The commit at the tip of the branch. "present": it was there already. ``replaced``: an older one of ours."""

    status: Literal["committed", "present"]
    branch: str
    commit: str
    replaced: str | None = None


def commit_patch(git_dir: str, commit: str, files: Iterable[FileChange], wishes: CommitWishes) -> Committed:
    """Put ``files`` on top of ``commit``, and the branch on that; nothing is checked out.

    The branch may be new, hold our own older commit, or nothing that ``commit`` does not hold. Raises `GitError` for
    any other one, for one that is checked out, and where git fails; then the branch is as it was.
    """
    reference = f"refs/heads/{wishes.branch}"
    check_branch_name(wishes.branch)
    _check_no_alias(git_dir, reference)
    _check_no_link(find_common_dir(git_dir), wishes.branch)
    _check_storage(git_dir)
    author = wishes.author or find_author(git_dir)
    tree = _make_tree(git_dir, commit, tuple(files))
    made = _make_commit(git_dir, commit, tree, author, _message(wishes, author))
    tip = find_reference(git_dir, reference)
    if tip == made:
        return Committed("present", wishes.branch, made)
    if tip is not None and not (is_own_commit(git_dir, tip, author) or is_ancestor(git_dir, tip, commit)):
        raise GitError(f"the branch {wishes.branch} holds commits that are not ours: {tip[:12]}")
    if wishes.branch in _checked_out(git_dir):
        raise GitError(f"the branch {wishes.branch} is checked out")
    words = ("-c", "core.logAllRefUpdates=false", "update-ref", "--no-deref", "-m", "dockerfile-fix", reference)
    ask_git(git_dir, *words, made, tip or "0" * len(made))
    return Committed("committed", wishes.branch, made, tip)


def find_author(git_dir: str) -> Person:
    """Who git would say makes a commit; raises `GitError` if nobody ever told it."""
    given = {name: os.environ[name] for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL") if name in os.environ}
    try:
        answer = ask_git(git_dir, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT", more=given)
    except GitError:
        raise GitError("git does not know who makes the commit: neither user.name nor user.email is set") from None
    found = re.match(r"(.+) <(.*)> \d+ [+-]\d+$", answer.decode("utf-8", "surrogateescape"))
    if found is None:
        raise GitError("git does not know who makes the commit")
    return Person(found[1], found[2])


def is_own_commit(git_dir: str, commit: str, author: Person) -> bool:
    """Whether it is a commit of ours that nobody has touched: one parent, one person, and the parent's time."""
    head = _read_head(git_dir, commit)
    if head is None or len(head.parents) != 1 or head.author != author or head.committer != author:
        return False
    parent = _read_head(git_dir, head.parents[0])
    return parent is not None and head.authored == head.committed == parent.committed


class _Head(NamedTuple):
    parents: tuple[str, ...]
    author: Person
    committer: Person
    authored: str
    committed: str


def _read_head(git_dir: str, commit: str) -> _Head | None:
    """The head of a commit; None if the repository does not have it. Times are seconds and a zone, as git has them."""
    try:
        data = ask_git(git_dir, "cat-file", "commit", commit)
    except GitError:
        return None
    text = data.decode("utf-8", "surrogateescape").partition("\n\n")[0]
    fields: dict[str, list[str]] = {}
    for line in text.split("\n"):
        key, _, value = line.partition(" ")
        fields.setdefault(key, []).append(value)
    people = [re.fullmatch(r"(.*) <(.*)> (\d+ [+-]\d+)", fields.get(key, [""])[0]) for key in ("author", "committer")]
    author, committer = people
    if author is None or committer is None:
        return None
    parents = tuple(fields.get("parent", ()))
    return _Head(parents, Person(author[1], author[2]), Person(committer[1], committer[2]), author[3], committer[3])


def check_branch_name(branch: str) -> None:
    """Raise `GitError` unless git takes the name for a branch, and nobody is misled by it."""
    command = ("git", "check-ref-format", f"refs/heads/{branch}")
    try:
        run_bounded(command, git_environment(os.sep), stdin=b"", most=0, seconds=60.0)
    except GitError:
        raise GitError(f"git takes no such name for a branch: {branch}") from None
    if branch in ("HEAD", "@") or branch.startswith(("-", "refs/")):
        raise GitError(f"that is no name for a branch: {branch}")


def _check_no_alias(git_dir: str, reference: str) -> None:
    """Git would write to the branch, perhaps one that is checked out, that a symbolic reference stands for."""
    try:
        target = ask_git(git_dir, "symbolic-ref", "--quiet", reference).decode("utf-8", "surrogateescape").strip()
    except GitError:
        return
    raise GitError(f"{reference.removeprefix('refs/heads/')} is no branch, but a symbolic reference to {target}")


def _check_no_link(git_dir: str, branch: str) -> None:
    """Git would follow a symbolic link to where it writes objects, references and their logs."""
    parts = branch.split("/")
    branches = ["/".join(("refs/heads", *parts[:depth])) for depth in range(len(parts) + 1)]
    folders = ["objects", "refs", *branches[:-1], "logs", "logs/refs", *(f"logs/{each}" for each in branches)]
    with suppress(OSError):
        folders += (f"objects/{name}" for name in os.listdir(os.path.join(git_dir, "objects")))
    if linked := next((name for name in folders if os.path.islink(os.path.join(git_dir, name))), None):
        raise GitError(f"nothing is written: its {linked} is a symbolic link, which may lead anywhere")


def _check_storage(git_dir: str) -> None:
    """References may be kept elsewhere (git-config(1), extensions.refStorage with an address)."""
    words = ("config", "--default", "files", "--get", "extensions.refStorage")
    if (storage := ask_git(git_dir, *words).decode("utf-8", "replace").strip()) not in ("files", "reftable"):
        raise GitError(f"nothing is written: its references are in {storage}")


def _checked_out(git_dir: str) -> frozenset[str]:
    """The branches that the main work tree and the linked ones have checked out; that of a bare repository, too."""
    own = find_head_branch(git_dir)
    lines = ask_git(git_dir, "worktree", "list", "--porcelain").decode("utf-8", "surrogateescape").splitlines()
    start = "branch refs/heads/"
    return frozenset((own or "", *(line.removeprefix(start) for line in lines if line.startswith(start))))


def _make_tree(git_dir: str, commit: str, files: tuple[FileChange, ...]) -> str:
    with temporary_folder() as folder:
        index = {"GIT_INDEX_FILE": os.path.join(folder, "index")}
        ask_git(git_dir, *_INDEX_OPTIONS, "read-tree", commit, more=index)
        lines = b"".join(_index_line(git_dir, commit, file) for file in files)
        ask_git(git_dir, *_INDEX_OPTIONS, "update-index", "-z", "--index-info", more=index, stdin=lines)
        tree = ask_git(git_dir, *_INDEX_OPTIONS, "write-tree", "--missing-ok", more=index).decode("ascii").strip()
        words = ("diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--name-only", commit, tree)
        changed = {os.fsdecode(name) for name in ask_git(git_dir, *words, more=index).split(b"\0") if name}
    # an index has no place for all that a tree may hold (folders named .git, two files of one name)
    if changed != {file.path for file in files}:
        raise GitError("the commit would change other files than the patch: git does not take all names of its files")
    return tree


def _index_line(git_dir: str, commit: str, file: FileChange) -> bytes:
    path = os.fsencode(file.path)
    listed = ask_git(git_dir, "--literal-pathspecs", "ls-tree", "-z", "--full-tree", commit, "--", file.path)
    mode, kind, old = (*listed.split(b"\t")[0].split(), b"", b"", b"")[:3]
    if bool(mode) != (file.old is not None) or (mode and kind != b"blob") or mode == _LINK.encode():
        raise GitError(f"{file.path} is not in the commit what it was")
    if file.old is not None and old != _store(git_dir, encode(file.old)):
        raise GitError(f"{file.path} is not in the commit what it was")
    return b"%s %s\t%s\0" % (mode or _FILE.encode(), _store(git_dir, encode(file.new)), path)


def _store(git_dir: str, data: bytes) -> bytes:
    """The name of a content, which is now in the repository."""
    return ask_git(git_dir, "hash-object", "-w", "-t", "blob", "--stdin", "--no-filters", stdin=data).strip()


def _make_commit(git_dir: str, parent: str, tree: str, author: Person, message: str) -> str:
    head = _read_head(git_dir, parent)
    if head is None:
        raise GitError(f"git cannot read the commit {parent[:12]}")
    when = f"@{head.committed}"
    more = {
        "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email, "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_NAME": author.name, "GIT_COMMITTER_EMAIL": author.email, "GIT_COMMITTER_DATE": when,
    }  # fmt: skip
    words = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", tree, "-p", parent, "-F", "-")
    made = ask_git(git_dir, *words, stdin=encode(message), more=more).decode("ascii").strip()
    if not is_own_commit(git_dir, made, author):  # git drops some characters from names
        raise GitError(f"git does not take {author.name} <{author.email}> for an author as it is")
    return made


def _message(wishes: CommitWishes, author: Person) -> str:
    message = wishes.message.strip("\n")
    if not message.strip() or "\0" in message:
        raise GitError("a commit needs a message without NUL")
    if not wishes.sign_off:
        return message + "\n"
    line = f"Signed-off-by: {author.name} <{author.email}>"
    last = message.rpartition("\n\n")
    if line in message.split("\n"):
        return message + "\n"
    is_trailer = bool(last[1]) and all(map(_TRAILER.fullmatch, last[2].split("\n")))
    return f"{message}{'' if is_trailer else chr(10)}\n{line}\n"
