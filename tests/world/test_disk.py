from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from reorder.context.model import Kind, Tree, UnreadableError
from reorder.world import files
from reorder.world.disk import DiskTree


def test_kinds_names_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "b/c").mkdir(parents=True)
    (tmp_path / "a.sh").write_bytes(b"\xff\r\n")
    (tmp_path / "a.sh").chmod(0o755)
    (tmp_path / "b/plain").write_text("x")
    (tmp_path / "link").symlink_to("a.sh")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    tree: Tree = DiskTree(str(tmp_path))
    assert tree.names("") == ("a.sh", "b", "dangling", "fifo", "link")
    assert [tree.kind(name) for name in ("", "a.sh", "b", "link", "dangling", "fifo", "absent")] == [
        Kind.DIRECTORY, Kind.FILE, Kind.DIRECTORY, Kind.SYMLINK, Kind.SYMLINK, Kind.OTHER, None,
    ]  # fmt: skip
    assert tree.kind("a.sh/below") is None
    assert tree.kind("x" * 5000) is None
    assert tree.kind("a\0b") is None
    assert tree.names("a.sh") == tree.names("absent") == tree.names("b/c") == ()
    assert tree.read("a.sh") == b"\xff\r\n"
    assert (tree.is_executable("a.sh"), tree.is_executable("b/plain"), tree.is_executable("b")) == (True, False, False)


def test_a_huge_folder_is_told_without_listing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / name).write_text("")
    monkeypatch.setattr(os, "listdir", _deny)
    tree = DiskTree(str(tmp_path))
    assert [tree.holds_more("", limit) for limit in range(5)] == [True, True, True, False, False]
    assert not tree.holds_more("a", 0)
    assert not tree.holds_more("absent", 0)


def test_names_that_are_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    (tmp_path / name).write_text("x")
    tree = DiskTree(str(tmp_path))
    assert tree.names("") == (name,)
    assert tree.read(name) == b"x"


def test_nothing_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/key").write_text("s")
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder").symlink_to("../secret")
    (root / "file").symlink_to("../secret/key")
    (root / "own").write_text("o")
    (root / "near").symlink_to("own")
    tree = DiskTree(str(root))
    for path in ("folder/key", "file", "near"):
        with pytest.raises(UnreadableError, match=f"^{path}: .*symbolic link"):
            tree.read(path)
    assert tree.names("folder") == ()
    assert [tree.link(path) for path in ("near", "own", "absent", "a\0b")] == ["own", None, None, None]


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a").write_text("x")
    (tmp_path / "link").symlink_to("real")
    tree = DiskTree(str(tmp_path / "link"))
    assert tree.kind("") is Kind.DIRECTORY
    assert tree.names("") == ("a",)
    assert tree.read("a") == b"x"


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(tmp_path)  # the address of a socket may be no longer than 108 bytes
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
        for path in ("fifo", "folder", "socket", "absent", "a\0b"):
            with pytest.raises(UnreadableError, match=f"^{path}: "):
                DiskTree(str(tmp_path)).read(path)


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "READ_LIMIT", 10)
    (tmp_path / "fits").write_bytes(b"x" * 10)
    (tmp_path / "huge").write_bytes(b"x" * 11)
    assert len(DiskTree(str(tmp_path)).read("fits")) == 10
    with pytest.raises(UnreadableError, match=r"^huge: larger than"):
        DiskTree(str(tmp_path)).read("huge")


def _deny(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    ("call", "asked"), [("lstat", "kind"), ("listdir", "names"), ("open", "read"), ("scandir", "holds_more")]
)
def test_what_may_not_be_seen_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, asked: str) -> None:
    # simulated, because a test run as root may see everything
    (tmp_path / "sub").mkdir()
    monkeypatch.setattr(os, call, _deny)
    with pytest.raises(UnreadableError, match=r"^sub: Permission denied$"):
        getattr(DiskTree(str(tmp_path)), asked)("sub", *([1] if asked == "holds_more" else []))


def test_git_is_asked_once_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "r"
    (root / "app/node_modules").mkdir(parents=True)
    (root / "app/main.py").write_text("")
    (root / ".gitignore").write_text("node_modules/\n")
    for args in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", "-C", str(root), *args], check=True)
    (tmp_path / "link").symlink_to("r/app")
    for folder in (root / "app", tmp_path / "link"):
        tree = DiskTree(str(folder))
        assert tree.is_tracked("main.py") is True
        assert tree.is_tracked("node_modules") is False
        assert tree.is_vcs_ignored("node_modules") is True
        assert tree.is_tracked("") is True
        with monkeypatch.context() as patch:
            patch.setenv("PATH", "")
            assert tree.is_tracked("main.py") is True
            assert tree.is_vcs_ignored("node_modules") is True
            assert tree.is_vcs_ignored("main.py") is None


def test_a_submodule_is_asked_itself(tmp_path: Path) -> None:
    for folder in (tmp_path / "outer", tmp_path / "outer/sub"):
        folder.mkdir()
        (folder / "kept").write_text("")
        (folder / "new").write_text("")
        for args in (["init", "--quiet"], ["add", "kept"]):
            subprocess.run(["git", "-C", str(folder), *args], check=True)
    (tmp_path / "outer/link").symlink_to("sub")
    tree = DiskTree(str(tmp_path / "outer"))
    asked = ("kept", "new", "sub/kept", "sub/new", "link/kept", "sub")
    assert [tree.is_tracked(path) for path in asked] == [True, False, True, False, True, False]


def test_no_repository_no_answer(tmp_path: Path) -> None:
    assert DiskTree(str(tmp_path)).is_tracked("a") is None
    assert DiskTree(str(tmp_path)).is_vcs_ignored("a") is None
