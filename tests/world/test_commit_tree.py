"""A commit as a tree answers as a fresh checkout of it does."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from repositories import Repository

from corpus import case_names, lay_out, load_case
from reorder.context.model import Kind, Tree, UnreadableError
from reorder.context.subtree import SubTree
from reorder.world.commit_tree import CommitTree, open_commit
from reorder.world.disk import DiskTree
from reorder.world.git import GitError

ODD = ("", "absent", "a\nb", "a/\x1b[2J", "caf\udce9", "node_modules", "dist/x", ".venv", "__pycache__/a.pyc",
       "x" * 5000, "a\0b", ".git", ".git/HEAD", ".gitmodules")  # fmt: skip


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """All contexts of the corpus in one repository, and what else a repository may hold, freshly checked out."""
    top = tmp_path_factory.mktemp("commit-tree")
    source = Repository.make(top / "source")
    for name in case_names():
        case = load_case(name)
        if not case.is_repository:
            lay_out(case, source.root / name)
    _add_oddities(source)
    source.git("add", "--all", "--force")
    source.git("update-index", "--add", "--cacheinfo", f"160000,{'a' * 40},odd/module")
    source.git("commit", "--quiet", "--message", "All")
    source.git("clone", "--quiet", ".", str(top / "checkout"))
    return Repository(top / "checkout")


def _add_oddities(source: Repository) -> None:
    root = source.root / "odd"
    (root / "deep" / "/".join("d" * 60)).mkdir(parents=True)
    (root / "deep" / "/".join("d" * 60) / "end").write_text("x")
    odd = ("a.b", "a-b/x", "a/x", "a0", "a b", "two\nlines", "\x1b[31mred", "quote\"'\\", "caf\udce9", "*.[x]", "é")
    for name in odd:
        path = root / "names" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode("utf-8", "surrogateescape"))
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "crlf.txt").write_bytes(b"a\r\nb\r\n")
    (root / "empty").write_text("")
    links = {"up": "../..", "file": "run.sh", "folder": "names", "gone": "nowhere", "etc": "/etc"}
    for link, target in links.items():
        (root / link).symlink_to(target)
    (root / ".gitignore").write_text("*.log\n/build/\n!keep.log\nnode_modules\n")
    (root / "names/.gitignore").write_text("!other.log\n*.tmp\n")
    (root / "tracked.log").write_text("tracked although it is ignored")


@pytest.fixture
def commit_tree(checkout: Repository) -> Iterator[CommitTree]:
    with open_commit(str(checkout.root / ".git"), checkout.git("rev-parse", "HEAD").strip()) as tree:
        yield tree


def _paths(root: Path) -> list[str]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        inside = os.path.relpath(folder, root)
        found += [os.path.normpath(os.path.join(inside, name)) for name in (*folders, *names)]
    return found


def _answers(tree: Tree, path: str) -> tuple[object, ...]:
    try:
        content: object = tree.read(path)
    except UnreadableError:
        content = None
    counts = [tree.holds_more(path, limit) for limit in (0, 1, 2, 7)] if path else ()
    return tree.kind(path), tree.names(path) if path else (), counts, content, tree.link(path), tree.is_executable(path)


def test_it_answers_as_a_checkout_for_every_path(checkout: Repository, commit_tree: CommitTree) -> None:
    disk = DiskTree(str(checkout.root))
    paths = _paths(checkout.root)
    assert len(paths) > 1000
    for path in (*paths, *(f"{path}/below" for path in paths[::10]), *(path for path in ODD if ".git" not in path)):
        assert _answers(commit_tree, path) == _answers(disk, path), path
    assert commit_tree.names("") == disk.names("")
    assert commit_tree.kind(".git") is disk.kind(".git") is Kind.DIRECTORY


def test_folders_are_trees(checkout: Repository, commit_tree: CommitTree) -> None:
    for folder in (*sorted(path.name for path in checkout.root.iterdir() if path.name != ".git"), "odd/names"):
        disk, own = DiskTree(str(checkout.root / folder)), SubTree(commit_tree, folder)
        assert own.names("") == disk.names("")
        for path in _paths(checkout.root / folder)[:5]:
            assert _answers(own, path) == _answers(disk, path), (folder, path)


def test_it_knows_what_is_tracked_and_ignored(checkout: Repository, commit_tree: CommitTree) -> None:
    disk = DiskTree(str(checkout.root))
    some = random.Random(1).sample(_paths(checkout.root), 60)
    below = [f"odd/{name}" for name in ("x.log", "keep.log", "names/other.log", "names/x.log", "names/y.tmp", "build",
             "build/x", "node_modules", "node_modules/a/b", "tracked.log", "deep", "deep/new", "module")]  # fmt: skip
    for path in (*some, *below, *(path for path in ODD if path and "\0" not in path and len(path) < 100)):
        assert commit_tree.is_tracked(path) == disk.is_tracked(path), path
        assert commit_tree.is_vcs_ignored(path) == disk.is_vcs_ignored(path), path


def test_a_submodule_is_an_empty_folder(commit_tree: CommitTree) -> None:
    assert (commit_tree.kind("odd/module"), commit_tree.names("odd/module")) == (Kind.DIRECTORY, ())
    assert commit_tree.is_tracked("odd/module/x") is None


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "r")
    with open(repository.root / "large", "wb") as file:
        file.truncate(33 * 1024 * 1024)
    commit = repository.commit({"small": "x"})
    with open_commit(str(repository.root / ".git"), commit) as tree:
        with pytest.raises(UnreadableError, match="large: larger than 32 MiB"):
            tree.read("large")
        assert tree.read("small") == b"x"


def test_commits_that_cannot_be_listed(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "r")
    commit = repository.commit({"a": "x", "b": "y"})
    git_dir = str(repository.root / ".git")
    with pytest.raises(GitError, match="not a tree object"), open_commit(git_dir, "0" * 40):
        pass
    blob = repository.git("rev-parse", f"{commit}:a").strip()
    (repository.root / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()
    with open_commit(git_dir, commit) as tree:
        with pytest.raises(UnreadableError, match="a: git has no object"):
            tree.read("a")
        assert tree.read("b") == b"y"
    tree_name = repository.git("rev-parse", f"{commit}^{{tree}}").strip()
    (repository.root / f".git/objects/{tree_name[:2]}/{tree_name[2:]}").unlink()
    with pytest.raises(GitError), open_commit(git_dir, commit):
        pass


def test_a_listing_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = Repository.make(tmp_path / "r")
    commit = repository.commit({f"file-{number}": "" for number in range(50)})
    monkeypatch.setattr("reorder.world.commit_tree.MOST_LISTED", 1000)
    with pytest.raises(GitError, match="larger than"), open_commit(str(repository.root / ".git"), commit):
        pass


def test_git_ends_with_the_tree(tmp_path: Path) -> None:
    repository = Repository.make(tmp_path / "r")
    commit = repository.commit({"a": "x"})
    with open_commit(str(repository.root / ".git"), commit) as tree:
        tree.read("a")
        running = list(tree._objects._running.values())
        assert [process.poll() for process in running] == [None, None]
    assert all(process.poll() is not None for process in running)
    with closing(tree):
        assert tree.kind("a") is Kind.FILE
