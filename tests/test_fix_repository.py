"""What is said of a commit is what `fix` says of its checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from repositories import Repository

from corpus import case_names, lay_out, load_case, run_git
from reorder.api import fix_file
from reorder.commands.targets import Target, configured_targets
from reorder.configuration.model import Given, Origin, Values
from reorder.outcome import Changed, Failed, Outcome
from reorder.repository import RepositoryFix, find_likely, fix_commit
from reorder.source import encode
from reorder.world.commit_tree import open_commit
from reorder.world.git import GitError

UNSAFE = Given(Values(unsafe_fixes=True), {"unsafe-fixes": Origin("flag", "--unsafe-fixes")})
BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
FIXED = "FROM python:3.11-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"


def of_checkout(top: Path, given: Given, monkeypatch: pytest.MonkeyPatch) -> tuple[Outcome, ...]:
    monkeypatch.chdir(top)
    found = [target for target in configured_targets((".",), given) if isinstance(target, Target)]
    return tuple(fix_file(target.path, target.settings) for target in sorted(found, key=lambda target: target.path))


def of_commit(top: Path, given: Given | None = None) -> RepositoryFix:
    return fix_commit(str(top / ".git"), run_git(top, "rev-parse", "HEAD").decode().strip(), given)


@pytest.mark.parametrize("name", case_names())
def test_a_commit_gives_what_its_checkout_gives(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = load_case(name)
    top = tmp_path / "top"
    lay_out(case, top)
    if not case.is_repository:
        run_git(top, "init", "-q")
        run_git(top, "add", "--all")
        run_git(top, "commit", "-q", "-m", "Begin")
    run_git(top, "clean", "-fdxq")
    given = UNSAFE if case.settings.unsafe_fixes else Given()
    fix = of_commit(top, given)
    assert fix.outcomes
    assert fix.outcomes == of_checkout(top, given, monkeypatch)
    if fix.patch:
        subprocess.run(["git", "apply", "--check"], cwd=top, input=encode(fix.patch), check=True)
    assert bool(fix.patch) == any(isinstance(outcome, Changed) for outcome in fix.outcomes)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.make(tmp_path / "r")


PROJECT = {"requirements.txt": "idna==3.7\n", "app.py": "", "Dockerfile": BROAD}


def test_definitions_name_contexts_and_files(repository: Repository) -> None:
    compose = "services:\n  x:\n    build: {context: a, dockerfile: ../deploy/image}\n"
    files = {"a/requirements.txt": "idna==3.7\n", "a/app.py": "", "deploy/image": BROAD, "compose.yaml": compose}
    repository.commit(files)
    (outcome,) = of_commit(repository.root).outcomes
    assert isinstance(outcome, Changed)
    assert (outcome.path, outcome.context, outcome.context_from) == ("deploy/image", "a", ("compose.yaml:3",))
    assert outcome.files[0].new == FIXED


def test_settings_come_from_the_commit_and_from_the_command_line(repository: Repository) -> None:
    text = '[tool.dockerfile-fix]\nignore = ["broad-copy-before-install"]\nexclude = ["old/*"]\n'
    repository.commit(PROJECT | {"pyproject.toml": text, "old/Dockerfile": BROAD})
    (outcome,) = of_commit(repository.root).outcomes
    assert (outcome.path, outcome.status) == ("Dockerfile", "unchanged")
    given = Given(Values(ignore=frozenset()), {"ignore": Origin("flag", "--ignore")})
    assert [outcome.status for outcome in of_commit(repository.root, given).outcomes] == ["changed"]


def test_a_wrong_configuration_fails_its_dockerfiles(repository: Repository) -> None:
    files = {f"a/{name}": text for name, text in PROJECT.items()} | {"a/.dockerfile-fix.toml": "ignore = 1\n"}
    repository.commit(PROJECT | files)
    first, second = of_commit(repository.root).outcomes
    assert isinstance(first, Changed)
    assert isinstance(second, Failed)
    assert second.error.startswith("its configuration: a/.dockerfile-fix.toml:1: ")


def test_a_link_is_repaired_where_it_leads(repository: Repository) -> None:
    repository.write(PROJECT | {"deploy/image.txt": BROAD, "Dockerfile": BROAD})
    (repository.root / "Dockerfile").unlink()
    (repository.root / "Dockerfile").symlink_to("deploy/image.txt")
    (repository.root / "deploy/Dockerfile.again").symlink_to("image.txt")
    (repository.root / "Dockerfile.out").symlink_to("/etc/passwd")
    (repository.root / "Dockerfile.loop").symlink_to("Dockerfile.loop")
    repository.commit({})
    fix = of_commit(repository.root)
    (outcome,) = fix.outcomes
    assert isinstance(outcome, Changed)
    assert outcome.path == "Dockerfile"
    assert [file.path for file in fix.files] == ["deploy/image.txt"]
    assert outcome.diff == fix.patch
    subprocess.run(["git", "apply", "--index"], cwd=repository.root, input=fix.patch.encode(), check=True)
    assert (repository.root / "Dockerfile").read_text() == FIXED


def test_two_dockerfiles_that_need_the_same_ignore_file(tmp_path: Path) -> None:
    """Each finds what the one before left, so that the patches fit together."""
    case = load_case("yarn-install-and-build")
    lay_out(case, tmp_path / "case")
    repository = Repository(tmp_path / "case")
    if not case.is_repository:
        Repository.make(repository.root)
    repository.commit({f"{case.dockerfile}.second": case.text})
    fix = of_commit(repository.root)
    assert [type(outcome) for outcome in fix.outcomes] == [Changed, Changed]
    assert len({file.path for file in fix.files}) == len(fix.files) == 3
    subprocess.run(["git", "apply", "--index"], cwd=repository.root, input=fix.patch.encode(), check=True)
    assert (repository.root / case.context_option / case.ignore_path).read_text() == case.expected_ignore


def test_bytes_that_are_no_text(repository: Repository) -> None:
    (repository.root / "Dockerfile").write_bytes(BROAD.encode() + b"# caf\xe9\r\n")
    repository.commit({"requirements.txt": "idna==3.7\n", "app.py": ""})
    fix = of_commit(repository.root)
    subprocess.run(["git", "apply", "--index"], cwd=repository.root, input=encode(fix.patch), check=True)
    assert (repository.root / "Dockerfile").read_bytes() == FIXED.encode() + b"# caf\xe9\r\n"


def test_the_history_is_that_of_the_commit(repository: Repository) -> None:
    """And not that of what is checked out."""
    for number in range(30):
        repository.commit(PROJECT | {"requirements.txt": f"idna=={number // 10}\n", "app.py": f"{number}"})
    commit = repository.git("rev-parse", "HEAD").strip()
    repository.git("checkout", "--quiet", "--orphan", "other")
    repository.commit(PROJECT)
    (outcome,) = fix_commit(str(repository.root / ".git"), commit).outcomes
    assert isinstance(outcome, Changed)
    assert outcome.gain[:5] == ("history", 29, 1, 29, 2)


def test_absent_contents_are_fetched_in_few_rounds(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = {f"r{number}.txt": f"-r r{number + 1}.txt\n" for number in range(12)} | {"r12.txt": "idna==3.7\n"}
    repository.commit(PROJECT | deep | {"requirements.txt": "-r r0.txt\n", "huge.bin": "x"})
    whole = of_commit(repository.root)
    commit = repository.git("rev-parse", "HEAD").strip()
    names = {name: repository.git("rev-parse", f"HEAD:{name}").strip() for name in (*PROJECT, *deep, "huge.bin")}
    absent, rounds = set(names.values()), list[frozenset[str]]()
    monkeypatch.setattr("reorder.world.commit_tree._find_absent", lambda *_: frozenset(absent))

    def fetch(blobs: frozenset[str]) -> None:
        assert blobs <= absent
        rounds.append(blobs)
        absent.difference_update(blobs)

    assert fix_commit(str(repository.root / ".git"), commit, fetch=fetch) == whole
    assert {names["Dockerfile"], names["requirements.txt"]} <= rounds[0]
    assert len(rounds) <= 10
    assert sum(map(len, rounds)) == len(frozenset().union(*rounds))


def test_what_is_probably_needed_is_told_by_names(repository: Repository) -> None:
    more = {"compose.yaml": "a", "ci/build.sh": "b", "src/main.c": "c", "README.rst": "d", "web/package-lock.json": "e",
            "node_modules/x/package.json": "f", ".dockerignore": "g"}  # fmt: skip
    commit = repository.commit(PROJECT | more)
    with open_commit(str(repository.root / ".git"), commit) as tree:
        likely = find_likely(tree)
        found = {path for path in tree.paths if tree.blob(path) in likely}
    assert found == {
        "Dockerfile", "requirements.txt", "compose.yaml", "ci/build.sh", "web/package-lock.json", ".dockerignore",
    }  # fmt: skip


def test_a_commit_that_is_not_there(repository: Repository) -> None:
    repository.commit(PROJECT)
    with pytest.raises(GitError):
        fix_commit(str(repository.root / ".git"), "1" * 40)
    with pytest.raises(GitError):
        fix_commit(str(repository.root), "1" * 40)


def test_a_context_that_the_user_names(repository: Repository) -> None:
    repository.commit({"docker/Dockerfile": BROAD, "app/requirements.txt": "idna==3.7\n", "app/main.py": ""})
    given = Given(Values(context="app"), {"context": Origin("flag", "--context")})
    (outcome,) = of_commit(repository.root, given).outcomes
    assert isinstance(outcome, Changed)
    assert (outcome.context, outcome.context_from) == ("app", ())
    (outcome,) = of_commit(repository.root).outcomes
    assert (outcome.status, outcome.context) == ("unchanged", "docker")
    repository.commit({"docker/.dockerfile-fix.toml": 'context = "../app"\n'})
    (outcome,) = of_commit(repository.root).outcomes
    assert (outcome.status, outcome.context) == ("changed", "app")


@pytest.mark.parametrize(("ignored", "status"), [("main.py\n", "changed"), ("requirements.txt\n", "unchanged"),
                                                 ("[\n", "failed"), (None, "changed")])  # fmt: skip
def test_the_ignore_file_beside_a_dockerfile_outside_of_its_context(
    ignored: str | None, status: str, repository: Repository
) -> None:
    compose = "services: {x: {build: {context: app, dockerfile: ../docker/Dockerfile}}}\n"
    repository.commit({
        "docker/Dockerfile": BROAD, "app/requirements.txt": "idna==3.7\n", "app/main.py": "", "compose.yaml": compose,
        **({"docker/Dockerfile.dockerignore": ignored} if ignored is not None else {}),
    })  # fmt: skip
    (outcome,) = of_commit(repository.root).outcomes
    assert (outcome.path, outcome.status) == ("docker/Dockerfile", status)


def test_folders_of_other_projects_are_left_alone(repository: Repository) -> None:
    others = ("node_modules/x", "vendor/y", ".venv/z", "a/node_modules/b")
    repository.commit({f"{folder}/{name}": text for folder in others for name, text in PROJECT.items()})
    assert of_commit(repository.root) == RepositoryFix((), ())
