"""The hooks for pre-commit: which files they take, and what happens when people commit with them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from engine.builds import Trouble, find_trouble
from hosts.readme import blocks
from hypothesis import given
from hypothesis import strategies as st
from repositories import Repository
from test_cli import BROAD, FIXED

from reorder.world.files import is_dockerfile_name, is_in_skipped_folder

ROOT = Path(__file__).parents[2]
HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
}

FOLDERS = st.lists(st.sampled_from(["a", "node_modules", "vendor", ".venv", ".git", "my.git", "Dockerfile"]))
NAMES = st.lists(
    st.sampled_from(
        ["Dockerfile", "dockerfile", "Containerfile", ".dockerignore", ".orig", ".bak", "~", ".j2", ".template", ".md",
         ".", "dev", "-", "x", " "]
    ),
    min_size=1, max_size=4,
).map("".join)  # fmt: skip


@given(FOLDERS, NAMES)
def test_the_hooks_take_the_files_that_a_search_finds(folders: list[str], name: str) -> None:
    path = "/".join([*folders, name])
    is_wanted = is_dockerfile_name(name) and not is_in_skipped_folder(path)
    for hook in HOOKS.values():
        is_taken = re.search(hook["files"], path) is not None and re.search(hook["exclude"], path) is None
        assert is_taken == is_wanted, path


def test_one_process_has_all_files() -> None:
    assert all(hook["require_serial"] and hook["types"] == ["file"] for hook in HOOKS.values())


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """This checkout as pre-commit clones it."""
    made = Repository.make(tmp_path_factory.mktemp("origin"))
    for name in ("pyproject.toml", ".hatch_build.py", "README.md", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, made.root / name)
    for name in ("reorder", "corpus"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, made.root / name, symlinks=True, ignore=ignored)
    made.commit({})
    return made


class User:
    """A repository with the hooks in it, and who works there."""

    def __init__(self, root: Path, store: Path, origin: Repository) -> None:
        self.repository = Repository.make(root)
        self._store, self._origin = store, origin

    def configure(self, *hooks: Mapping[str, object]) -> None:
        rev = self._origin.git("rev-parse", "HEAD").strip()
        repo = {"repo": str(self._origin.root), "rev": rev, "hooks": [dict(hook) for hook in hooks]}
        self.repository.write({".pre-commit-config.yaml": yaml.safe_dump({"repos": [repo]})})
        self.repository.git("add", "--all")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))}
        environment = clean | {"PRE_COMMIT_HOME": str(self._store), "PRE_COMMIT_COLOR": "never"}
        for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
            environment[f"GIT_{name}"] = "t@example.org"
        done = subprocess.run(
            words, cwd=self.repository.root, env=environment, capture_output=True, text=True, check=False
        )
        log = done.stdout + done.stderr
        if "An unexpected error has occurred" in log and find_trouble(log) is Trouble.NETWORK:
            pytest.skip("pre-commit could not install the hook: the index does not answer")
        return done

    def hook(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run(sys.executable, "-m", "pre_commit", *words)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps its environments: one for all tests."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def user(tmp_path: Path, store: Path, origin: Repository) -> User:
    made = User(tmp_path / "work", store, origin)
    made.repository.write({"Dockerfile": BROAD, "Dockerfile.orig": BROAD, "requirements.txt": "idna\n", "a.py": ""})
    made.repository.git("add", "--all")
    return made


def test_a_commit_is_held_up_until_the_repair_is_staged(user: User) -> None:
    (block,) = (block for block in blocks() if block.heading == "pre-commit")
    (repo,) = yaml.safe_load(block.text)["repos"]
    user.configure(*repo["hooks"])
    assert user.hook("install").returncode == 0
    first = user.run("git", "commit", "-m", "a")
    assert first.returncode == 1, first.stdout + first.stderr
    assert "files were modified by this hook" in first.stderr
    assert "Dockerfile:3: broad-copy-before-install" in first.stderr
    assert (user.repository.root / "Dockerfile").read_text() == FIXED
    assert (user.repository.root / "Dockerfile.orig").read_text() == BROAD
    assert user.run("git", "commit", "--all", "-m", "a").returncode == 0
    assert user.repository.git("show", "HEAD:Dockerfile") == FIXED
    assert user.run("git", "commit", "--allow-empty", "-m", "b").returncode == 0


def test_the_checking_hook_fails_and_writes_nothing(user: User) -> None:
    user.configure({"id": "dockerfile-fix-check", "args": ["-v"]})
    done = user.hook("run", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Dockerfile: would make 1 change" in done.stdout
    assert "modified by this hook" not in done.stdout
    assert (user.repository.root / "Dockerfile").read_text() == BROAD


def test_a_refusal_alone_passes(user: User) -> None:
    user.configure({"id": "dockerfile-fix-check", "args": ["-v"]})
    user.repository.write({"Dockerfile": "FROM debian\nCOPY . .\nRUN ./unknown-tool\n"})
    user.repository.git("add", "--all")
    done = user.hook("run", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout
