"""Each question that an analysis may ask of a folder, put to a commit as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import Repository

from reorder.world.baseline import find_baseline, has_changed
from reorder.world.disk import DiskTree

Act = Callable[[Path], object]
Ask = Callable[[DiskTree], object]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = Repository.make(tmp_path / "r")
    made.write({"a/run.sh": "x", "a/plain": "x", "b": "x", ".gitignore": "*.tmp\n", "a/deep/er": "x"})
    (made.root / "a/run.sh").chmod(0o755)
    (made.root / "a/link").symlink_to("plain")
    made.commit({})
    return made.root


def relink(root: Path) -> None:
    (root / "a/link").unlink()
    (root / "a/link").symlink_to("run.sh")


def replace_by_file(root: Path) -> None:
    (root / "a/link").unlink()
    (root / "a/link").write_text("plain")


CASES: list[tuple[Ask, Act, bool]] = [
    (lambda t: t.is_executable("run.sh"), lambda r: (r / "a/run.sh").chmod(0o644), True),
    (lambda t: t.kind("run.sh"), lambda r: (r / "a/run.sh").chmod(0o644), False),
    (lambda t: t.read("run.sh"), lambda r: (r / "a/run.sh").write_text("y"), True),
    (lambda t: t.kind("run.sh"), lambda r: (r / "a/run.sh").write_text("y"), False),
    (lambda t: t.kind("plain"), lambda r: (r / "a/plain").unlink(), True),
    (lambda t: t.kind("new"), lambda r: (r / "a/new").write_text("y"), True),
    (lambda t: t.kind("new"), lambda r: (r / "a/new").mkdir(), False),
    (lambda t: t.kind("new.tmp"), lambda r: (r / "a/new.tmp").write_text("y"), False),
    (lambda t: t.names(""), lambda r: (r / "a/new").write_text("y"), True),
    (lambda t: t.names(""), lambda r: (r / "a/new.tmp").write_text("y"), False),
    (lambda t: t.names(""), lambda r: (r / "a/plain").unlink(), True),
    (lambda t: t.names(""), lambda r: (r / "a/deep/new").write_text("y"), False),
    (lambda t: t.names("deep"), lambda r: (r / "a/deep/new").write_text("y"), True),
    (lambda t: t.link("link"), relink, True),
    (lambda t: t.kind("link"), relink, False),
    (lambda t: t.kind("link"), replace_by_file, True),
    (lambda t: t.link("link"), replace_by_file, True),
    (lambda t: t.link("plain"), lambda r: (r / "a/plain").write_text("y"), False),
    (lambda t: t.is_tracked("new"), lambda r: Repository(r).commit({"a/new": "y"}), True),
    (lambda t: t.is_tracked("plain"), lambda r: Repository(r).commit({"a/new": "y"}), False),
    (lambda t: t.is_tracked("deep"), lambda r: Repository(r).commit({"a/deep/er": None}), True),
    (lambda t: t.is_vcs_ignored("x.tmp"), lambda r: (r / ".gitignore").write_text("\n"), True),
    (lambda t: t.is_vcs_ignored("x.tmp"), lambda r: (r / "a/.gitignore").write_text("x\n"), True),
    (lambda t: t.is_vcs_ignored("x.tmp"), lambda r: (r / "a/deep/.gitignore").write_text("x\n"), False),
]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_an_answer_that_is_another_one_counts(root: Path, number: int) -> None:
    ask, act, expected = CASES[number]
    base = find_baseline(str(root), "HEAD")

    def changed() -> bool:
        tree = DiskTree(str(root / "a"))
        ask(tree)
        return has_changed(base, tree)

    assert not changed()
    act(root)
    assert changed() == expected


def test_what_lies_outside_of_the_repository_counts(root: Path, tmp_path: Path) -> None:
    assert has_changed(find_baseline(str(root), "HEAD"), DiskTree(str(tmp_path)))
