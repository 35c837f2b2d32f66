"""Configuration files on disk: how far up they are looked for, and what links may not do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repository

from reorder.configuration.model import ConfigError, Given
from reorder.world.configs import DiskConfigurations

OWN = ".dockerfile-fix.toml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / OWN).write_text("target = 'outermost'\n")
    repository = Repository.make(tmp_path / "repository")
    repository.write({"app/Dockerfile": "FROM debian\n", "app/deep/Dockerfile": "FROM debian\n"})
    monkeypatch.chdir(repository.root)
    return repository.root


def target(path: str, top: str | None = None) -> str | None:
    return DiskConfigurations().resolve(path, Given(), top=top).values.target


def test_the_repository_bounds_the_search(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert target("app/Dockerfile") is None
    monkeypatch.chdir(root.parent)
    assert target("repository/app/Dockerfile") is None
    (root / OWN).write_text("target = 'root'\n")
    assert target("repository/app/deep/Dockerfile") == "root"
    (root / "app/deep/.git").write_text("gitdir: ../../.git/modules/deep\n")
    assert target("repository/app/deep/Dockerfile") is None, "a submodule is its own"


def test_without_a_repository_the_current_folder_does_or_the_one_that_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    (top / "a/b").mkdir(parents=True)
    (top / OWN).write_text("target = 'top'\n")
    monkeypatch.chdir(top)
    assert target("a/b/Dockerfile") == "top"
    monkeypatch.chdir(top / "a")
    assert target("b/Dockerfile") is None
    assert target("../a/b/Dockerfile") is None
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert target(str(top / "a/b/Dockerfile")) is None
    assert target(str(top / "a/b/Dockerfile"), top=str(top)) == "top"


def test_a_context_becomes_a_path_on_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "app" / OWN).write_text("context = '..'\n")

    def context(path: str) -> str | None:
        return DiskConfigurations().resolve(path, Given()).values.context

    assert context("app/Dockerfile") == "."
    assert context(str(root / "app/Dockerfile")) == str(root)
    monkeypatch.chdir(root / "app")
    assert context("Dockerfile") == ".."


def test_a_link_within_the_repository_is_followed_and_none_that_leads_out_of_it(root: Path) -> None:
    (root / "shared.toml").write_text("target = 'shared'\n")
    os.symlink("../shared.toml", root / "app" / OWN)
    assert target("app/Dockerfile") == "shared"
    os.unlink(root / "app" / OWN)
    for place in ("../../.dockerfile-fix.toml", str(root.parent / OWN), "/dev/zero", OWN):
        os.symlink(place, root / "app" / OWN)
        if place == OWN:  # it leads to itself, and so to nothing
            assert target("app/Dockerfile") is None
        else:
            with pytest.raises(ConfigError, match="a link that leads out of the repository"):
                target("app/Dockerfile")
        os.unlink(root / "app" / OWN)


def test_a_context_may_not_be_a_link(root: Path) -> None:
    os.symlink("/etc", root / "app/linked")
    (root / "app" / OWN).write_text("context = 'linked'\n")
    with pytest.raises(ConfigError, match=r"app/\.dockerfile-fix\.toml:1: context: app/linked is a symbolic link"):
        target("app/Dockerfile")


def test_what_is_no_file_is_said_of_our_own_name_only(root: Path) -> None:
    os.mkfifo(root / "app/pyproject.toml")
    assert target("app/Dockerfile") is None
    os.mkfifo(root / "app" / OWN)
    with pytest.raises(ConfigError, match="it is not a file"):
        target("app/Dockerfile")


def test_a_dockerfile_behind_a_linked_folder_has_the_files_of_where_that_leads(root: Path) -> None:
    (root / "app" / OWN).write_text("target = 'app'\n")
    os.symlink("app/deep", root / "linked")
    assert target("linked/Dockerfile") == "app"
