from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

import pytest

from reorder.world import files
from reorder.world.files import find_dockerfiles, is_dockerfile_name, read_bytes, write_all, write_atomic


@pytest.mark.parametrize(
    "name", ["Dockerfile", "Dockerfile.prod", "api.Dockerfile", "api.dockerfile", "Containerfile", "Containerfile.dev"]
)
def test_names_of_dockerfiles(name: str) -> None:
    assert is_dockerfile_name(name)


@pytest.mark.parametrize(
    "name",
    ["dockerfile", "Dockerfile.dockerignore", "a.Dockerfile.dockerignore", "Dockerfile.orig", "Dockerfile.rej",
     "Dockerfile.bak", "Dockerfile.swp", "Dockerfile.prod~", "Dockerfiles", "MyDockerfile",
     "Containerfile.containerignore", "Dockerfile.j2", "Dockerfile.alpine.template", "Dockerfile.5.md"],
)  # fmt: skip
def test_names_of_other_files(name: str) -> None:
    assert not is_dockerfile_name(name)


def _make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("FROM scratch\n")


def test_folders_are_searched_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(
        tmp_path,
        "z/Dockerfile",
        "Dockerfile",
        "a/b/Containerfile",
        "a/x.Dockerfile",
        "Dockerfile.dockerignore",
        "README",
    )
    _make(tmp_path, ".git/Dockerfile", "node_modules/m/Dockerfile", "a/vendor/Dockerfile", ".venv/Dockerfile")
    (tmp_path / "b/Dockerfile").mkdir(parents=True)
    (tmp_path / "b/loop").symlink_to("..")
    os.mkfifo(tmp_path / "b/Dockerfile.fifo")
    expected = ["Dockerfile", "a/b/Containerfile", "a/x.Dockerfile", "z/Dockerfile"]
    assert list(find_dockerfiles(str(tmp_path))) == [str(tmp_path / name) for name in expected]
    monkeypatch.chdir(tmp_path)
    assert list(find_dockerfiles(".")) == expected
    assert list(find_dockerfiles("a")) == ["a/b/Containerfile", "a/x.Dockerfile"]
    monkeypatch.chdir(tmp_path / "node_modules")
    assert list(find_dockerfiles("m")) == ["m/Dockerfile"], "a folder that is named is searched"


def test_a_linked_dockerfile_is_found_once_and_only_inside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    _make(root, "docker/Dockerfile", "docker/recipe")
    _make(tmp_path, "elsewhere")
    (root / "Dockerfile").symlink_to("docker/Dockerfile")
    (root / "Dockerfile.recipe").symlink_to("docker/recipe")
    (root / "Dockerfile.outside").symlink_to("../elsewhere")
    (root / "Dockerfile.dangling").symlink_to("nowhere")
    assert list(find_dockerfiles(str(root))) == [str(root / "Dockerfile.recipe"), str(root / "docker/Dockerfile")]


def test_a_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(tmp_path, "a/Dockerfile", "b/Dockerfile")
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("a"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert list(find_dockerfiles(str(tmp_path))) == [str(tmp_path / "b/Dockerfile")]
    with pytest.raises(PermissionError):
        list(find_dockerfiles(str(tmp_path / "a")))
    with pytest.raises(FileNotFoundError):
        list(find_dockerfiles(str(tmp_path / "missing")))


def test_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfFROM x\r\n")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo")
    assert read_bytes(str(tmp_path / "a")) == read_bytes(str(tmp_path / "link")) == b"\xef\xbb\xbfFROM x\r\n"
    for name, error in (("missing", FileNotFoundError), ("fifo", OSError), ("", IsADirectoryError)):
        with pytest.raises(error):
            read_bytes(str(tmp_path / name))
    monkeypatch.setattr(files, "READ_LIMIT", 3)
    with pytest.raises(OSError, match="larger than"):
        read_bytes(str(tmp_path / "a"))


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"old")
    path.chmod(0o640)
    before = path.stat().st_ino
    write_atomic(str(path), b"new\r\n\xff")
    assert path.read_bytes() == b"new\r\n\xff"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_ino != before, "never written in place"
    assert _names(tmp_path) == ["Dockerfile"]


def test_a_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_atomic(str(tmp_path / "new"), b"x")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(b"old")
    os.chown(path, 1234, 2345)
    write_atomic(str(path), b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/real").write_bytes(b"old")
    (tmp_path / "Dockerfile").symlink_to("sub/real")
    write_atomic(str(tmp_path / "Dockerfile"), b"new")
    assert (tmp_path / "Dockerfile").is_symlink()
    assert (tmp_path / "sub/real").read_bytes() == b"new"
    assert _names(tmp_path / "sub") == ["real"]


def test_a_file_without_a_folder_in_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomic("Dockerfile", b"x")
    assert (tmp_path / "Dockerfile").read_bytes() == b"x"


def test_a_device_or_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    write_all([(os.devnull, b"x")])
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    write_all([(str(fifo), b"through")])
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def _two(tmp_path: Path) -> tuple[Path, Path]:
    first, second = tmp_path / "Dockerfile", tmp_path / "sub/.dockerignore"
    second.parent.mkdir()
    first.write_bytes(b"old first")
    second.write_bytes(b"old second")
    return first, second


def _assert_untouched(tmp_path: Path) -> None:
    assert (tmp_path / "Dockerfile").read_bytes() == b"old first"
    assert (tmp_path / "sub/.dockerignore").read_bytes() == b"old second"
    assert _names(tmp_path) == ["Dockerfile", "sub"]
    assert _names(tmp_path / "sub") == [".dockerignore"]


def test_two_files_are_replaced_together(tmp_path: Path) -> None:
    first, second = _two(tmp_path)
    write_all([(str(first), b"1"), (str(second), b"2"), (str(tmp_path / "third"), b"3")])
    assert [path.read_bytes() for path in (first, second, tmp_path / "third")] == [b"1", b"2", b"3"]


def test_nothing_changes_if_a_temporary_file_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _two(tmp_path)
    real = tempfile.mkstemp

    def mkstemp(*, prefix: str, dir: str) -> tuple[int, str]:
        if dir.endswith("sub"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), dir)
        return real(prefix=prefix, dir=dir)

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
    with pytest.raises(OSError, match="Read-only file system"):
        write_all([(str(first), b"1"), (str(second), b"2")])
    _assert_untouched(tmp_path)


def test_nothing_changes_if_the_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _two(tmp_path)
    calls = 0

    def fsync(_: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left"):
        write_all([(str(first), b"1"), (str(second), b"2")])
    _assert_untouched(tmp_path)


@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), KeyboardInterrupt()])
def test_a_rename_that_fails_undoes_the_ones_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    first, second = _two(tmp_path)
    first.chmod(0o604)
    real = os.replace

    def replace(source: str, target: str) -> None:
        if target.endswith(".dockerignore"):
            raise error
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(type(error)):
        write_all([(str(first), b"1"), (str(tmp_path / "new"), b"n"), (str(second), b"2")])
    _assert_untouched(tmp_path)
    assert stat.S_IMODE(first.stat().st_mode) == 0o604


def test_an_undoing_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _two(tmp_path)
    real = os.replace
    calls = 0

    def replace(source: str, target: str) -> None:
        nonlocal calls
        calls += 1
        if calls > 1:
            raise OSError(errno.EIO, "I/O error")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(OSError, match="I/O error"):
        write_all([(str(first), b"1"), (str(second), b"2")])
    assert first.read_bytes() == b"1", "which cannot be helped"
    assert _names(tmp_path) == ["Dockerfile", "sub"]
    assert _names(tmp_path / "sub") == [".dockerignore"]


def test_a_write_protected_file_is_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _two(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("Dockerfile"))
    with pytest.raises(PermissionError):
        write_all([(str(second), b"2"), (str(first), b"1")])
    _assert_untouched(tmp_path)


def test_folders_and_missing_folders_are_errors(tmp_path: Path) -> None:
    _two(tmp_path)
    with pytest.raises(IsADirectoryError):
        write_all([(str(tmp_path / "Dockerfile"), b"1"), (str(tmp_path / "sub"), b"2")])
    with pytest.raises(FileNotFoundError):
        write_all([(str(tmp_path / "Dockerfile"), b"1"), (str(tmp_path / "missing/x"), b"2")])
    _assert_untouched(tmp_path)


@pytest.mark.skipif(
    not os.path.isdir("/proc/self/fdinfo"), reason="needs a folder in which even root cannot make files"
)
def test_a_folder_that_takes_no_files_even_from_root(tmp_path: Path) -> None:
    first, _ = _two(tmp_path)
    with pytest.raises(OSError, match="/fdinfo/"):
        write_all([(str(first), b"1"), ("/proc/self/fdinfo/new", b"2")])
    _assert_untouched(tmp_path)
