"""A migration over hostile repositories, as users start it: each is an outcome, and none of them does harm.

The single tricks are in ``tests/test_hostile_repositories.py``.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from migrating.samples import PIP, migrate
from repositories import Repository
from test_hostile_repositories import HOOKS

ESCAPE = "\x1b]0;owned\x07\x1b[31m"


class Field:
    """The folder of repositories, the program that they want to run, and the file that it would leave."""

    def __init__(self, top: Path) -> None:
        self.top, self.canary, self.evil = top, top / "canary", top / "evil"
        self.evil.write_text(f'#!/bin/sh\necho "$0" >> {self.canary}\ncat\n')
        self.evil.chmod(0o755)
        self.victim = self.make("victim", top / "elsewhere")

    def make(self, name: str, folder: Path | None = None) -> Repository:
        made = Repository.make((folder or self.top / "repos") / name)
        made.commit(PIP)
        return made


def hooks(field: Field) -> None:
    repository = field.make("hooks")
    (repository.root / ".git/hooks").mkdir(exist_ok=True)
    for name in HOOKS:
        (repository.root / ".git/hooks" / name).symlink_to(field.evil)


def programs(field: Field) -> None:
    repository = field.make("programs")
    repository.commit({".gitattributes": "* filter=x diff=x\n"})
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "gpg.program", "filter.x.clean", "filter.x.smudge",
                "diff.x.textconv", "credential.helper"):  # fmt: skip
        repository.git("config", key, str(field.evil))
    repository.git("config", "remote.origin.url", f"ext::{field.evil}")
    repository.git("config", "protocol.ext.allow", "always")


def thief(field: Field) -> None:
    folder = field.top / "repos/thief"
    folder.mkdir(parents=True)
    (folder / ".git").write_text(f"gitdir: {field.victim.root}/.git\n")


def link(field: Field) -> None:
    folder = field.top / "repos/link"
    folder.mkdir(parents=True)
    (folder / ".git").symlink_to(field.victim.root / ".git")


def names(field: Field) -> None:
    field.make(f"names{ESCAPE}\n").commit({f"{ESCAPE}\n/{name}": text for name, text in PIP.items()})


def huge(field: Field) -> None:
    repository = field.make("huge")
    with open(repository.root / "Dockerfile", "wb") as file:
        file.truncate(100 * 1024 * 1024)
    repository.commit({})


def broken(field: Field) -> None:
    repository = field.make("broken")
    (repository.root / ".git/config").write_text(f"[core]\n\tbare = {ESCAPE}\n")


TRICKS: dict[Callable[[Field], None], str] = {
    hooks: "changed", programs: "changed", names: "changed", thief: "failed", link: "failed", huge: "failed",
    broken: "failed",
}  # fmt: skip


@pytest.mark.parametrize("words", [(), ("--commit",), ("--commit", "--push")])
def test_each_is_an_outcome_and_none_does_harm(words: tuple[str, ...], tmp_path: Path) -> None:
    field = Field(tmp_path)
    for trick in TRICKS:
        trick(field)
    field.make("innocent")
    elsewhere = _state(field.victim)
    author = ("--author", "Bot <bot@example.org>") if words else ()
    talk = migrate("repos", "-o", "out", *words, *author, cwd=tmp_path, expect=2)
    assert not field.canary.exists(), field.canary.read_text()
    assert _state(field.victim) == elsewhere
    found = {}
    for line in (tmp_path / "out/outcomes.jsonl").read_text().splitlines():
        outcome = json.loads(line)
        found[outcome["name"].partition("-")[0]] = outcome["status"]
    expected = {trick.__name__: status for trick, status in TRICKS.items()} | {"innocent": "changed"}
    assert found == expected
    told = [talk, *(path.read_text() for path in (tmp_path / "out").rglob("*") if path.suffix in (".md", ".jsonl"))]
    assert not any("\x1b" in text or "\x07" in text for text in told)
    for patch in (tmp_path / "out/patches").iterdir():
        assert b"\x1b" not in patch.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"evil", "elsewhere", "repos", "out"}


def _state(repository: Repository) -> tuple[str, dict[Path, bytes]]:
    files = {path: path.read_bytes() for path in repository.root.rglob("*") if path.is_file()}
    return repository.git("for-each-ref"), files


def test_the_patches_apply(tmp_path: Path) -> None:
    field = Field(tmp_path)
    names(field)
    migrate("repos", "-o", "out", cwd=tmp_path)
    (patch,) = (tmp_path / "out/patches").iterdir()
    (repository,) = (tmp_path / "repos").iterdir()
    subprocess.run(["git", "apply", "--check", str(patch)], cwd=repository, check=True)
