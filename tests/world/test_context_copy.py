"""A copy of a build context: like the first, cheap, and never a way to change it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from reorder.world.context_copy import copy_context, replace_file
from reorder.world.scratch import temporary_folder


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "a/b").mkdir(parents=True)
    (folder / "a/b/file").write_text("1")
    (folder / "a/run").write_text("#!")
    (folder / "a/run").chmod(0o751)
    (folder / "a").chmod(0o2750)
    (folder / "link").symlink_to("a/nowhere")
    (folder / "hidden").mkdir()
    (folder / "hidden/x").write_text("2")
    os.mkfifo(folder / "pipe")
    (folder / "bytes\udcff").write_text("3")
    return folder


def copied(context: Path, tmp_path: Path) -> Path:
    target = tmp_path / "copy"
    copy_context(str(context), str(target), lambda path: path == "hidden")
    return target


def test_it_holds_what_the_context_does(context: Path, tmp_path: Path) -> None:
    target = copied(context, tmp_path)
    assert (target / "a/b/file").read_text() == "1"
    assert (target / "bytes\udcff").read_text() == "3"
    assert os.readlink(target / "link") == "a/nowhere"
    for name in ("a", "a/b", "a/run"):
        one, other = os.stat(context / name), os.stat(target / name)
        assert (one.st_mode, one.st_uid, one.st_gid) == (other.st_mode, other.st_uid, other.st_gid)
        assert one.st_mtime_ns == other.st_mtime_ns
    assert not (target / "hidden").exists()
    assert not (target / "pipe").exists()


def test_files_are_links_and_an_edit_makes_a_new_one(context: Path, tmp_path: Path) -> None:
    target = copied(context, tmp_path)
    assert os.path.samefile(context / "a/run", target / "a/run")
    replace_file(str(target / "a/run"), b"changed")
    assert (target / "a/run").read_bytes() == b"changed"
    assert (context / "a/run").read_text() == "#!"
    assert stat.S_IMODE((target / "a/run").stat().st_mode) == 0o751


def test_where_no_link_can_be_made_files_are_copied(
    context: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    target = copied(context, tmp_path)
    assert not os.path.samefile(context / "a/run", target / "a/run")
    assert (target / "a/run").read_text() == "#!"
    assert stat.S_IMODE((target / "a/run").stat().st_mode) == 0o751


def test_a_folder_that_may_not_be_written_to_goes_with_the_temporary_folder(context: Path) -> None:
    (context / "a").chmod(0o500)
    with temporary_folder() as folder:
        copy_context(str(context), folder + "/copy", lambda path: False)
    assert not os.path.exists(folder)
    assert (context / "a/run").read_text() == "#!"
    (context / "a").chmod(0o700)
