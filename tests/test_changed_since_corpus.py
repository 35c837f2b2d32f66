"""``--changed-since`` misses nothing: over the corpus, whatever edit changes an outcome makes the Dockerfile count.

Each case is committed, and its files are edited, deleted and added one by one. ``DOCKERFILE_FIX_SINCE=all`` takes all
cases, and else a sample.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from repositories import Repository

from corpus import case_names, lay_out, load_case
from reorder.api import Settings, fix_file, fix_file_since
from reorder.outcome import Changed, Failed, Outcome
from reorder.weighing.history import History
from reorder.world.baseline import find_baseline

STRIDE = 1 if os.environ.get("DOCKERFILE_FIX_SINCE") == "all" else 23
_MOST = 6
"""Files of a case that are edited."""


def essence(outcome: Outcome) -> object:
    """All but the gain, which the history weighs."""
    if isinstance(outcome, Failed):
        return outcome
    decision = (outcome.context, outcome.refusals, outcome.context_from, outcome.managers)
    return (*decision, outcome.changes, outcome.diff) if isinstance(outcome, Changed) else decision


@contextmanager
def edited(path: Path, edit: Callable[[Path], None]) -> Iterator[None]:
    """The file with the edit, for a while."""
    before, mode = (path.read_bytes(), path.stat().st_mode) if path.exists() else (None, 0)
    edit(path)
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
            path.chmod(mode)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\n[tool.x]\n")


EDITS: list[Callable[[Path], None]] = [append, Path.unlink, lambda path: path.write_bytes(b"")]


def edits(top: Path) -> Iterator[tuple[Path, Callable[[Path], None]]]:
    files = sorted(p for p in top.rglob("*") if p.is_file() and not p.is_symlink() and ".git" not in p.parts)
    for number, path in enumerate(files[:_MOST]):
        yield path, EDITS[number % 3]
        yield path, EDITS[(number + 1) % 3]
    for name in (".dockerignore", "setup.py", "binding.gyp", ".npmrc", "Makefile"):
        if not (top / name).exists():
            yield top / name, append


@pytest.mark.parametrize("name", case_names()[::STRIDE])
def test_an_edit_that_changes_the_outcome_counts(name: str, tmp_path: Path) -> None:
    case = load_case(name)
    if case.is_repository:
        pytest.skip("it is a repository already")
    top = tmp_path / "work"
    context = lay_out(case, top)
    repository = Repository.make(top)
    repository.commit({})
    settings = Settings(context=str(context), unsafe_fixes=case.settings.unsafe_fixes, history=History())
    path = str(top / case.dockerfile)
    base = find_baseline(str(top), "HEAD")
    before = essence(fix_file(path, settings))
    assert fix_file_since(path, settings, base) is None
    for file, edit in edits(top):
        if str(file) == path:
            continue
        with edited(file, edit):
            if essence(fix_file(path, settings)) != before:
                assert fix_file_since(path, settings, base) is not None, file
