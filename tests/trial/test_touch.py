"""Which file is edited for the measurement, and that the edit does no harm."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from corpus import run_git
from reorder.trial.touch import TouchError, choose_file, edited
from reorder.verifying.verdict import Pair, Variant


def pair(context: Path, *, ignore: str | None = None) -> Pair:
    ignored = None if ignore is None else ignore.encode()
    return Pair("Dockerfile", str(context), Variant(b"", ignored), Variant(b"", ignored))


def test_the_source_file_that_history_edits_most(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q")
    commits = (
        ("a.py", "b.py", "setup.py", "package.json", "README.md"), ("setup.py", "b.py"), ("a.py", "hidden.py"),
        ("hidden.py", "b.py"), ("hidden.py", "gone.py"),
    )  # fmt: skip
    for number, names in enumerate(commits):
        for name in names:
            (tmp_path / name).write_text(f"# {number}\n")
        run_git(tmp_path, "add", "--all")
        run_git(tmp_path, "commit", "-q", "-m", "edit")
    (tmp_path / "gone.py").unlink()
    touch = choose_file(pair(tmp_path, ignore="hidden.py\n"), None)
    assert touch.path == "b.py"
    assert "in 2 of 4 commits" in touch.chosen


def test_without_history_the_first_source_file_of_the_uppermost_folder(tmp_path: Path) -> None:
    for name in ("deep/a.js", "z.ts", "a.txt", "Dockerfile.py", "setup.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\n")
    assert choose_file(pair(tmp_path), None).path == "z.ts"
    assert choose_file(pair(tmp_path, ignore="*.ts\n"), None).path == "deep/a.js"
    with pytest.raises(TouchError, match="no source file"):
        choose_file(pair(tmp_path, ignore="*.ts\ndeep\n"), None)


@pytest.mark.parametrize(
    ("path", "data", "after"),
    [
        ("a.py", b"x = 1\n", b"x = 1\n# edited M\n"),
        ("a.py", b"x = 1", b"x = 1\n# edited M\n"),
        ("a.js", b"x\r\n", b"x\r\n// edited M\r\n"),
        ("a.txt", b"x\n", b"x\n\n"),
        ("a.php", b"<?php x(); ?>\n", b"<?php x(); ?>\n\n"),
        ("a.php", b"<?php x();\n", b"<?php x();\n// edited M\n"),
        ("empty.go", b"", b"// edited M\n"),
    ],
)
def test_edits(path: str, data: bytes, after: bytes) -> None:
    assert edited(path, data, "M") == after
    if path.endswith(".py"):
        assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(data))
