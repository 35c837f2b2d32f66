"""Which build context counts, from the project's build definitions to the outcome and what the user sees of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import reorder
from corpus import load_case
from reorder.cli import main
from reorder.slugs import REFUSALS

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
FIXED = "FROM python:3.11-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"


def lay_out(root: Path, **files: str) -> None:
    """Files by name, with ``__`` for a slash and ``_`` for a dot, in a git repository."""
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def project(root: Path, **more: str) -> Path:
    lay_out(root, a__requirements_txt="idna==3.7\n", a__app_py="", docker__Dockerfile=BROAD, **more)
    return root / "docker/Dockerfile"


def test_a_definition_names_the_context(tmp_path: Path) -> None:
    text = "services:\n  x:\n    build: {context: a, dockerfile: ../docker/Dockerfile}\n"
    path = project(tmp_path, compose_yaml=text)
    outcome = reorder.fix_file(str(path))
    assert isinstance(outcome, reorder.Changed)
    assert (outcome.context, outcome.context_from) == (str(tmp_path / "a"), ("compose.yaml:3",))
    assert outcome.files[0].new == FIXED


def test_without_one_the_old_rule_holds(tmp_path: Path) -> None:
    outcome = reorder.fix_file(str(project(tmp_path)))
    assert isinstance(outcome, reorder.Unchanged)
    assert (outcome.context, outcome.context_from) == (str(tmp_path / "docker"), ())


def test_the_users_context_wins(tmp_path: Path) -> None:
    path = project(tmp_path, compose_yaml="services: {x: {build: {context: ., dockerfile: docker/Dockerfile}}}\n")
    outcome = reorder.fix_file(str(path), reorder.Settings(context=str(tmp_path / "a")))
    assert isinstance(outcome, reorder.Changed)
    assert (outcome.context, outcome.context_from) == (str(tmp_path / "a"), ())


TWO = "services:\n  x:\n    build: {context: a, dockerfile: ../docker/Dockerfile}\n" \
      "  y:\n    build: {context: b, dockerfile: ../docker/Dockerfile}\n"  # fmt: skip


def test_two_contexts_that_take_the_same_change(tmp_path: Path) -> None:
    path = project(tmp_path, compose_yaml=TWO, b__requirements_txt="certifi\n", b__other_py="")
    outcome = reorder.fix_file(str(path))
    assert isinstance(outcome, reorder.Changed)
    assert outcome.context_from == ("compose.yaml:3", "compose.yaml:5")


def test_both_contexts_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, compose_yaml=TWO, b__requirements_txt="certifi\n", b__other_py="")
    monkeypatch.chdir(tmp_path)
    told = "docker/Dockerfile: build contexts a, b, as compose.yaml:3, compose.yaml:5 say"
    assert told in run("--check", "-v").stderr.splitlines()


def test_two_contexts_that_do_not(tmp_path: Path) -> None:
    path = project(tmp_path, compose_yaml=TWO, b__requirements_txt="-r more.txt\n", b__more_txt="certifi\n")
    outcome = reorder.fix_file(str(path))
    assert isinstance(outcome, reorder.Unchanged)
    (refusal,) = outcome.refusals
    assert (refusal.slug, refusal.line) == ("contexts-disagree", 3)
    assert "compose.yaml:3" in refusal.reason
    assert "compose.yaml:5" in refusal.reason
    assert refusal.slug in REFUSALS


def test_a_context_that_lacks_what_is_copied_does_not_count_beside_one_that_does_not(tmp_path: Path) -> None:
    path = project(tmp_path, compose_yaml=TWO, b__other_py="")
    outcome = reorder.fix_file(str(path))
    assert isinstance(outcome, reorder.Changed)
    assert outcome.context_from == ("compose.yaml:3",)


@pytest.mark.parametrize(("target", "status"), [(None, "changed"), ("build", "unchanged"), ("0", "unchanged"),
                                                ("BUILD", "unchanged"), ("other", "changed"), ("$X", "unchanged"),
                                                ('"$X"', "unchanged")])  # fmt: skip
def test_a_stage_that_a_build_aims_at_hides_nothing(tmp_path: Path, target: str | None, status: str) -> None:
    case = load_case("go-build-in-a-builder-stage")
    shutil.copytree(case.folder / "context", tmp_path / "repository")
    aim = f"--target {target} " if target else ""
    lay_out(tmp_path / "repository", Dockerfile=case.text, Makefile=f"all:\n\tdocker build {aim}.\n")
    assert reorder.fix_file(str(tmp_path / "repository/Dockerfile")).status == status


@pytest.mark.parametrize(("name", "status"), [("python:3.11-slim", "unchanged"), ("other", "changed"),
                                              ("docker.io/library/python:3.11-slim", "unchanged")])  # fmt: skip
def test_a_named_context_in_the_place_of_the_base(tmp_path: Path, name: str, status: str) -> None:
    build = f"{{context: a, dockerfile: ../docker/Dockerfile, additional_contexts: ['{name}=docker-image://x']}}"
    outcome = reorder.fix_file(str(project(tmp_path, compose_yaml=f"services: {{x: {{build: {build}}}}}\n")))
    assert outcome.status == status
    if isinstance(outcome, reorder.Unchanged):
        assert [refusal.slug for refusal in outcome.refusals] == ["named-context"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def test_a_search_finds_what_the_project_builds_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, requirements_txt="idna==3.7\n", app_py="", deploy__image=BROAD,
            ci__deep__compose_yaml="services: {x: {build: {context: ../.., dockerfile: deploy/image}}}\n")  # fmt: skip
    monkeypatch.chdir(tmp_path)
    result = run("--check", "-v")
    assert result.exit_code == 1
    assert "deploy/image:3: broad-copy-before-install" in result.stderr
    assert "deploy/image: build context ., as ci/deep/compose.yaml:1 says" in result.stderr
    assert run("--check", "deploy").exit_code == 1
    assert run("--check", "ci").exit_code == 2


def test_what_json_and_the_messages_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, compose_yaml=TWO + "  z: {build: $NOWHERE}\n  w: {build: gone}\n")
    monkeypatch.chdir(tmp_path)
    result = run("--format", "json", "--diff", "docker/Dockerfile")
    assert json.loads(result.stdout)["context_from"] == ["compose.yaml:3"]
    assert [line for line in result.stderr.splitlines() if "warning" in line] == [
        "compose.yaml:5: warning: this build is left out: there is no folder b",
        "compose.yaml:6: warning: this build is left out: a variable without a value decides the context or the"
        " Dockerfile",
        "compose.yaml:7: warning: this build is left out: there is no folder gone",
    ]
    lay_out(tmp_path, Makefile="all:\n\tdocker build $(DIR)\n")
    assert "Makefile:2: warning: this build is left out: only a run can tell" in run("--check", "-v").stderr
    assert "Makefile" not in run("--check").stderr


@pytest.mark.parametrize("again", [True, False])
def test_all_contexts_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool) -> None:
    project(tmp_path, compose_yaml=TWO, b__requirements_txt="six\n")
    monkeypatch.chdir(tmp_path)
    if again:
        assert run("docker/Dockerfile").exit_code == 0
    told = run("--check", "-v", "docker/Dockerfile").stderr
    assert "build contexts a, b, as compose.yaml:3, compose.yaml:5 say" in told
    record = json.loads(run("--check", "--format", "json", "docker/Dockerfile").stdout)
    assert (record["context"], record["other_contexts"]) == ("a", ["b"])


def test_a_dockerfile_in_a_compose_file_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, compose_yaml="services:\n  x:\n    build:\n      dockerfile_inline: FROM x\n")
    monkeypatch.chdir(tmp_path)
    told = "compose.yaml:3: note: the Dockerfile is written in the compose file, and left untouched"
    assert told in run("--check").stderr.splitlines()


def test_a_broken_definition_is_a_warning_and_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, Dockerfile=FIXED, requirements_txt="idna\n", app_py="",
            compose_yaml="services:\n  build: [\n", docker_bake_hcl="")  # fmt: skip
    monkeypatch.chdir(tmp_path)
    result = run("--check")
    assert result.exit_code == 0
    assert result.stderr.startswith("compose.yaml:3: warning: this build is left out: broken YAML: ")


def test_a_link_to_the_project_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    project(tmp_path / "real", compose_yaml="services: {x: {build: {context: a, dockerfile: ../docker/Dockerfile}}}\n")
    (tmp_path / "link").symlink_to("real")
    outcome = reorder.fix_file(str(tmp_path / "link/docker/Dockerfile"))
    assert isinstance(outcome, reorder.Changed)
    assert outcome.context == str(tmp_path / "link/a")
    monkeypatch.chdir(tmp_path)
    assert reorder.fix_file("link/docker/Dockerfile").context == os.path.join("link", "a")


def test_a_submodule_is_a_project_of_its_own(tmp_path: Path) -> None:
    lay_out(tmp_path, compose_yaml="services: {x: {build: {context: ., dockerfile: sub/docker/Dockerfile}}}\n")
    path = project(tmp_path / "sub")
    assert reorder.fix_file(str(path)).context == str(tmp_path / "sub/docker")


def test_a_search_takes_submodules_for_projects_of_their_own(tmp_path: Path) -> None:
    lay_out(tmp_path, compose_yaml="services: {x: {build: {context: ., dockerfile: sub/docker/Dockerfile}}}\n")
    project(tmp_path / "sub", compose_yaml="services: {x: {build: {context: a, dockerfile: ../docker/Dockerfile}}}\n")
    result = run("--format", "json", "--check", str(tmp_path))
    (record,) = map(json.loads, result.stdout.splitlines())
    assert (record["context"], record["context_from"]) == (str(tmp_path / "sub/a"), ["compose.yaml:1"])


def test_outside_of_a_repository_the_folder_bounds_the_search(tmp_path: Path) -> None:
    path = project(tmp_path, compose_yaml="services: {x: {build: {context: a, dockerfile: ../docker/Dockerfile}}}\n")
    (tmp_path / ".git").rmdir()
    assert reorder.fix_file(str(path)).context == str(tmp_path / "docker")
    assert run("--check", str(tmp_path)).exit_code == 1


def test_git_lists_what_it_would_track(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    project(
        tmp_path,
        x__deep__compose_yaml="services: {x: {build: {context: ../../a, dockerfile: ../docker/Dockerfile}}}\n",
        ignored__deep__compose_yaml="services: {x: {build: {context: ../.., dockerfile: docker/Dockerfile}}}\n",
        _gitignore="ignored\n",
    )
    result = run("--format", "json", "--check", str(tmp_path))
    assert [json.loads(line)["context_from"] for line in result.stdout.splitlines()] == [["x/deep/compose.yaml:1"]]


def test_a_dockerfile_that_is_named_has_all_the_definitions_that_a_search_finds(tmp_path: Path) -> None:
    far = "services: {x: {build: {context: ../../../a, dockerfile: ../docker/Dockerfile}}}\n"
    path = project(tmp_path, x__deep__down__compose_yaml=far)
    (tmp_path / ".git").rmdir()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert reorder.fix_file(str(path)).context_from == ()
    subprocess.run(["git", "-C", str(tmp_path), "add", "."], check=True)
    assert reorder.fix_file(str(path)).context_from == ("x/deep/down/compose.yaml:1",)
