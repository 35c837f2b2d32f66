"""``--changed-since REV``: a run is limited to the Dockerfiles of which a build file changed, and to no fewer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from repositories import Repository
from test_cli import BROAD, run

COMPOSE = "services:\n  web:\n    build: web\n"
START = {
    "api/Dockerfile": BROAD.replace("COPY . .\n", "COPY . .\nCOPY conf*.ini /etc/\n"),
    "api/.dockerignore": "*.log\n",
    "api/requirements.txt": "idna==3.7\n",
    "api/app.py": "",
    "api/conf.ini": "",
    "web/Dockerfile": "FROM node:20-slim\nWORKDIR /app\nCOPY . .\nRUN ./install.sh\n",
    "web/install.sh": "#!/bin/sh\nnpm ci\n",
    "web/package.json": '{"name": "a", "version": "1.0.0"}\n',
    "web/package-lock.json": '{"name": "a", "lockfileVersion": 3, "packages": {"": {"name": "a"}}}\n',
    "web/src/index.js": "",
    "docs/guide.md": "",
    ".gitignore": "*.tmp\nnode_modules/\n",
}
API, WEB = {"api/Dockerfile"}, {"web/Dockerfile"}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    made = Repository.make(tmp_path / "work")
    made.write(START)
    (made.root / "web/install.sh").chmod(0o755)
    made.commit({})
    monkeypatch.chdir(made.root)
    return made


def concerned(*words: str, since: str = "main") -> set[str]:
    """The Dockerfiles that the run speaks of."""
    result = run("--check", "-v", "--changed-since", since, *words)
    assert result.exit_code in (0, 1), result.stderr
    return {name for name in (*API, *WEB, "new/Dockerfile") if f"\n{name}:" in "\n" + result.stderr}


CHANGES: dict[str, tuple[Mapping[str, str | None], set[str]]] = {
    "nothing": ({}, set()),
    "no build file": ({"docs/guide.md": "x", "docs/new.md": "x"}, set()),
    "a source file": ({"api/app.py": "x", "web/src/index.js": "x"}, set()),
    "the Dockerfile": ({"api/Dockerfile": BROAD}, API),
    "its ignore file": ({"api/.dockerignore": "*.log\n*.pyc\n"}, API),
    "its ignore file is gone": ({"api/.dockerignore": None}, API),
    "an ignore file of its own": ({"web/Dockerfile.dockerignore": "x\n"}, WEB),
    "a manifest": ({"api/requirements.txt": "idna==3.8\n"}, API),
    "a manifest of the other": ({"web/package-lock.json": "{}\n"}, WEB),
    "a script that a step reads": ({"web/install.sh": "#!/bin/sh\nnpm ci --ignore-scripts\n"}, WEB),
    "a file that a wildcard finds": ({"api/conf2.ini": "x"}, API),
    "a definition": ({"compose.yaml": COMPOSE}, WEB),
    "a new Dockerfile": ({"new/Dockerfile": "FROM debian\n"}, {"new/Dockerfile"}),
    "what git ignores": ({"api/conf3.ini.tmp": "x", "web/node_modules/a/package.json": "{}"}, set()),
}


@pytest.mark.parametrize("how", ["committed", "staged", "left in the work tree"])
@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_decides(repository: Repository, name: str, how: str) -> None:
    files, expected = CHANGES[name]
    repository.git("switch", "--quiet", "--create", "topic")
    repository.write(files)
    if how != "left in the work tree":
        repository.git("add", "--all")
    if how == "committed":
        repository.commit({})
    assert concerned() == expected


def test_what_came_to_the_main_branch_meanwhile_does_not_count(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--create", "topic")
    repository.commit({"api/requirements.txt": "idna==3.8\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit({"web/Dockerfile": "FROM node:20\nCOPY . .\nRUN npm ci\n"})
    repository.git("switch", "--quiet", "topic")
    assert concerned() == API
    assert concerned(since="HEAD~1") == API
    assert concerned(since="HEAD") == set()


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (COMPOSE, None, WEB),
        (COMPOSE, COMPOSE.replace("build: web", "image: nginx"), WEB),
        (COMPOSE, "# a word\n" + COMPOSE, WEB),
        (COMPOSE, COMPOSE + "  api:\n    build: api\n", API | WEB),
        ("services: {}\n", "services: {}\n\n", set()),
    ],
)
def test_a_definition_concerns_what_it_builds_or_built(
    repository: Repository, then: str, now: str | None, expected: set[str]
) -> None:
    repository.commit({"compose.yaml": then})
    repository.write({"compose.yaml": now})
    assert concerned() == expected


def test_a_variable_of_a_definition_counts(repository: Repository) -> None:
    definition = COMPOSE.replace("build: web", "build: {context: '${PLACE}'}")
    repository.commit({"compose.yaml": definition, ".env": "PLACE=web\n"})
    assert concerned() == set()
    repository.write({".env": "PLACE=api\n"})
    assert concerned() == API | WEB


def test_a_configuration_counts_where_it_says_something_else(repository: Repository) -> None:
    repository.commit({"api/pyproject.toml": "[project]\nname = 'a'\n"})
    repository.write({"api/pyproject.toml": "[project]\nname = 'a'\n[tool.dockerfile-fix]\nignore = []\n"})
    assert concerned() == set()
    repository.write({".dockerfile-fix.toml": "unsafe-fixes = true\n"})
    assert concerned() == WEB  # for the other one, the nearer file holds
    repository.write({"api/pyproject.toml": "[project]\nname = 'b'\n"})
    assert concerned() == API | WEB


def test_line_ends_of_a_checkout_do_not_count(repository: Repository) -> None:
    for name in ("api/Dockerfile", "api/requirements.txt"):
        path = repository.root / name
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert concerned() == set()


def test_links_count_by_what_they_say(repository: Repository) -> None:
    (repository.root / "web/more.Dockerfile").symlink_to("../docs/guide.md")
    repository.commit({"docs/guide.md": "FROM debian\n"})
    assert "more.Dockerfile" not in run("--check", "-v", "--changed-since", "main").stderr
    repository.write({"docs/guide.md": "FROM debian:12\n"})
    assert "web/more.Dockerfile: unchanged" in run("--check", "-v", "--changed-since", "main").stderr


def test_exit_codes_are_those_of_what_is_left(repository: Repository) -> None:
    repository.write({"web/Dockerfile": "FROM debian\n"})
    assert run("--check", "--changed-since", "main").exit_code == 0
    assert run("--check").exit_code == 1
    repository.write({"api/requirements.txt": "idna==3.8\n"})
    assert run("--check", "--changed-since", "main").exit_code == 1
    repository.write({"web/Dockerfile": "COPY\n"})
    assert run("--check", "--changed-since", "main").exit_code == 2


def test_verify_builds_nothing_that_is_not_concerned(repository: Repository) -> None:
    result = run("verify", "--changed-since", "main")
    assert (result.exit_code, result.stdout) == (0, "")
    repository.write({"web/Dockerfile": "FROM debian\n"})
    result = run("verify", "--changed-since", "main")
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    assert result.stdout.startswith("web/Dockerfile: nothing would change")
    result = run("verify", "--changed-since", "main", "--against", "api/Dockerfile", "web/Dockerfile")
    assert result.exit_code == 2
    assert "takes no --changed-since" in result.stderr


def test_only_what_is_concerned_is_written(repository: Repository) -> None:
    repository.write({"api/requirements.txt": "idna==3.8\n", "docs/Dockerfile": BROAD, "docs/requirements.txt": "x\n"})
    repository.commit({})
    repository.write({"api/requirements.txt": "idna==3.9\n"})
    assert run("--changed-since", "main").exit_code == 0
    assert repository.git("diff", "--name-only").split() == ["api/Dockerfile", "api/requirements.txt"]


def test_many_files_are_spread_and_none_is_lost(repository: Repository) -> None:
    folders = [f"d{n}" for n in range(40)]
    repository.commit({f"{d}/Dockerfile": BROAD for d in folders} | {f"{d}/requirements.txt": "a\n" for d in folders})
    repository.write({f"d{n}/requirements.txt": "b\n" for n in range(0, 40, 3)})
    result = run("--check", "--changed-since", "main")
    found = [line.split("/")[0] for line in result.stderr.splitlines() if "would make" in line]
    assert sorted(found) == sorted(f"d{n}" for n in range(0, 40, 3))


def test_a_submodule_is_held_against_the_commit_that_it_was_at(repository: Repository, tmp_path: Path) -> None:
    inner = Repository.make(tmp_path / "inner")
    inner.commit({"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "sub")
    repository.commit({})
    assert "sub/Dockerfile" not in run("--check", "--changed-since", "main").stderr
    sub = Repository(repository.root / "sub")
    sub.commit({"requirements.txt": "idna==3.8\n"})
    assert "sub/Dockerfile: would make 1 change" in run("--check", "--changed-since", "main").stderr


@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "main..topic", "", "main:api", "0" * 40])
def test_a_revision_that_is_no_commit_is_a_usage_error(repository: Repository, revision: str) -> None:
    result = run("--check", "--changed-since", revision)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"--changed-since: there is no commit {revision}" in result.stderr
    assert "shallow" not in result.stderr
    assert not os.path.exists("x")


def test_a_repository_that_git_does_not_trust(repository: Repository) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    for path in (repository.root, repository.root / ".git"):
        os.chown(path, 12345, 12345)
    result = run("--check", "--changed-since", "main")
    assert result.exit_code == 2
    assert "--changed-since: detected dubious ownership" in result.stderr


def test_a_shallow_clone_is_told_to_fetch_more(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.commit({"docs/guide.md": "1"})
    repository.commit({"docs/guide.md": "2"})
    repository.git("clone", "--quiet", "--depth=1", repository.root.as_uri(), str(tmp_path / "shallow"))
    monkeypatch.chdir(tmp_path / "shallow")
    assert "shallow, so fetch more" in run("--check", "--changed-since", "HEAD~1").stderr
    Repository(tmp_path / "shallow").git("fetch", "--quiet", "--depth=1", "origin", "main~1", expect=None)
    assert run("--check", "--changed-since", "HEAD").exit_code == 0


def test_branches_without_a_common_commit(repository: Repository) -> None:
    repository.git("switch", "--quiet", "--orphan", "other")
    repository.commit({"Dockerfile": BROAD})
    assert "no common history" in run("--check", "--changed-since", "main").stderr


def test_there_must_be_a_repository_and_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text(BROAD)
    result = run("--changed-since", "main")
    assert (result.exit_code, Path("Dockerfile").read_text()) == (2, BROAD)
    assert "Dockerfile is not in a git repository" in result.stderr
    for words in (("-",), ("--stdin-filename", "Dockerfile")):
        result = run("--changed-since", "main", *words, stdin=BROAD)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "standard input has no history" in result.stderr


def test_no_program_of_the_repository_is_run(repository: Repository, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    program = f"touch {canary}; cat"
    for name in ("filter.f.clean", "filter.f.smudge", "filter.f.process", "core.fsmonitor", "core.sshCommand",
                 "diff.external", "diff.d.command", "diff.d.textconv"):  # fmt: skip
        repository.git("config", name, program)
    (repository.root / ".git/info/attributes").write_text("* filter=f diff=d\n")
    for hook in ("post-index-change", "fsmonitor-watchman"):
        path = repository.root / ".git/hooks" / hook
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {canary}\n")
        path.chmod(0o755)
    repository.write({"api/requirements.txt": "idna==3.9\n", ".gitattributes": "* filter=f diff=d\n"})
    assert concerned() == API
    assert not canary.exists()
