"""The public API: outcomes of text and files, and how the build context is found."""

from __future__ import annotations

from pathlib import Path

import pytest

import reorder
from reorder.context.memory import MemoryTree

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"


def test_the_public_names() -> None:
    assert sorted(reorder.__all__) == ["Changed", "Failed", "Settings", "Unchanged", "fix_file", "fix_text"]
    assert all(hasattr(reorder, name) for name in reorder.__all__)


def test_fix_text_in_a_tree() -> None:
    outcome = reorder.fix_text(BROAD, MemoryTree({"requirements.txt": "idna\n", "app.py": ""}))
    assert isinstance(outcome, reorder.Changed)
    assert "COPY requirements.txt .\nRUN pip" in outcome.files[0].new


def test_fix_text_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("idna\n")
    assert reorder.fix_text(BROAD, str(tmp_path)).status == "changed"


def test_a_failure_is_an_outcome() -> None:
    outcome = reorder.fix_text("", MemoryTree({}))
    assert isinstance(outcome, reorder.Failed)
    assert outcome.line == 1


def lay_out(root: Path, *files: str) -> None:
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("idna==3.7\n")


@pytest.mark.parametrize("is_repository", [True, False])
def test_the_context_is_the_nearest_parent_in_the_repository_that_has_the_sources(
    tmp_path: Path, is_repository: bool
) -> None:
    lay_out(tmp_path, "docker/Dockerfile", "service/requirements.txt", "service/app.py")
    (tmp_path / "docker/Dockerfile").write_text(
        "FROM python:3.11\nCOPY service /app\nRUN pip install -r /app/requirements.txt\n"
    )
    if is_repository:
        (tmp_path / ".git").mkdir()
    outcome = reorder.fix_file(str(tmp_path / "docker/Dockerfile"))
    assert outcome.status == ("changed" if is_repository else "unchanged")
    if isinstance(outcome, reorder.Changed):
        assert outcome.context == str(tmp_path)


def test_the_folder_of_the_dockerfile_wins_if_it_has_the_sources(tmp_path: Path) -> None:
    lay_out(tmp_path, "requirements.txt", "a/requirements.txt", "a/app.py", "a/Dockerfile", ".git/HEAD")
    (tmp_path / "a/Dockerfile").write_text(BROAD)
    assert reorder.fix_file(str(tmp_path / "a/Dockerfile")).context == str(tmp_path / "a")


def test_a_given_context_wins(tmp_path: Path) -> None:
    lay_out(tmp_path, "x/requirements.txt", "a/requirements.txt", "a/Dockerfile")
    (tmp_path / "a/Dockerfile").write_text(BROAD)
    settings = reorder.Settings(context=str(tmp_path / "x"))
    assert reorder.fix_file(str(tmp_path / "a/Dockerfile"), settings).context == str(tmp_path / "x")


def test_the_ignore_file_beside_a_dockerfile_outside_of_the_context_holds(tmp_path: Path) -> None:
    lay_out(tmp_path, "x/requirements.txt", "x/app.py", "a/Dockerfile")
    (tmp_path / "a/Dockerfile").write_text(BROAD)
    (tmp_path / "a/Dockerfile.dockerignore").write_text("requirements.txt\n")
    outcome = reorder.fix_file(str(tmp_path / "a/Dockerfile"), reorder.Settings(context=str(tmp_path / "x")))
    assert isinstance(outcome, reorder.Unchanged)
    assert [refusal.slug for refusal in outcome.refusals] == ["manifest-not-found"]


def test_a_linked_ignore_file_is_followed_but_never_written(tmp_path: Path) -> None:
    """As BuildKit does: the link's target, inside the context, gives the rules (tried on Docker 26.1)."""
    lay_out(tmp_path, "app.py", "Dockerfile")
    (tmp_path / "package.json").write_text('{"name": "a", "version": "1.0.0"}\n')
    (tmp_path / "package-lock.json").write_text(
        '{"name": "a", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "a", "version": "1.0.0"}}}\n'
    )
    (tmp_path / "Dockerfile").write_text("FROM node:20-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci\n")
    (tmp_path / "rules").write_text("node_modules\n")
    (tmp_path / ".dockerignore").symlink_to("rules")
    assert reorder.fix_file(str(tmp_path / "Dockerfile")).status == "changed"
    (tmp_path / "rules").write_text("x\n")
    outcome = reorder.fix_file(str(tmp_path / "Dockerfile"))
    assert isinstance(outcome, reorder.Unchanged)
    assert [refusal.slug for refusal in outcome.refusals] == ["ignore-file-is-a-link"]


def test_an_unreadable_manifest_is_a_refusal(tmp_path: Path) -> None:
    lay_out(tmp_path, "app.py", "Dockerfile")
    (tmp_path / "Dockerfile").write_text(BROAD)
    (tmp_path / "requirements.txt").write_bytes(b"\xff\xfe\x00")
    outcome = reorder.fix_file(str(tmp_path / "Dockerfile"))
    assert isinstance(outcome, reorder.Unchanged)
    assert [refusal.line for refusal in outcome.refusals] == [4]
