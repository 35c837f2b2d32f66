"""The recipes for gh, glab and multi-gitter, with stand-ins on the path that write down what they are told."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from migrating.samples import NONE, NPM, PIP, ROOT, environment, migrate
from repositories import Repository

STAND_IN = """#!{python}
import json, os, sys
with open(os.environ["TALK"], "a") as log:
    print(json.dumps(sys.argv[1:]), file=log)
answers = json.load(open(os.environ["ANSWERS"]))
for part, answer in answers.items():
    if part in " ".join(sys.argv[1:]):
        sys.exit(answer) if isinstance(answer, int) else print(answer)
        break
"""

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="the recipes need jq")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three repositories on a server, two of which have a pushed branch now; and the stand-ins."""
    for name, files in (("one", NPM), ("two", PIP), ("three", NONE)):
        Repository.make(tmp_path / "server" / name).commit(files)
    lines = [
        {"url": f"file://{tmp_path}/server/{name}", "name": f"my-org/{name}"} for name in ("one", "two", "three")
    ]  # fmt: skip
    (tmp_path / "list.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    migrate("list.jsonl", "-o", "migration", "--push", "--author", "Bot <bot@example.org>", cwd=tmp_path)
    (tmp_path / "bin").mkdir()
    for tool in ("gh", "glab"):
        (tmp_path / "bin" / tool).write_text(STAND_IN.format(python=sys.executable))
        (tmp_path / "bin" / tool).chmod(0o755)
    return tmp_path


def cook(folder: Path, recipe: str, answers: dict[str, str | int], expect: int = 0) -> list[list[str]]:
    """What the tools were told, call by call."""
    (folder / "answers").write_text(json.dumps(answers))
    (folder / "talk").write_text("")
    variables = environment() | {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "TALK": str(folder / "talk"),
        "ANSWERS": str(folder / "answers"),
    }  # fmt: skip
    command = [ROOT / "reorder" / "recipes" / recipe]
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, check=False)
    assert done.returncode == expect, done.stderr
    return [json.loads(line) for line in (folder / "talk").read_text().splitlines()]


TITLE = "Keep dependency installs cached"


def gh_list(name: str) -> list[str]:
    return ["pr", "list", "--repo", name, "--head", "dockerfile-fix", "--state", "all", "--json", "number",
            "--jq", "length"]  # fmt: skip


def gh_create(name: str) -> list[str]:
    return ["pr", "create", "--repo", name, "--head", "dockerfile-fix", "--base", "main", "--title", TITLE,
            "--body-file", f"migration/bodies/{name.replace('/', '__')}.md"]  # fmt: skip


def test_gh_opens_what_is_not_there(folder: Path) -> None:
    talk = cook(folder, "github.sh", {"pr list --repo my-org/two": "1", "pr list": "0"})
    assert talk == [gh_list("my-org/one"), gh_create("my-org/one"), gh_list("my-org/two")]
    assert (folder / talk[1][-1]).read_text()


def test_gh_goes_on_where_one_fails(folder: Path) -> None:
    talk = cook(folder, "github.sh", {"pr create --repo my-org/one": 1, "pr list": "0"}, expect=1)
    assert talk == [gh_list("my-org/one"), gh_create("my-org/one"), gh_list("my-org/two"), gh_create("my-org/two")]
    assert cook(folder, "github.sh", {"pr list": 4}, expect=1) == [gh_list("my-org/one"), gh_list("my-org/two")]


def glab_list(name: str) -> list[str]:
    return ["api", f"projects/my-org%2F{name}/merge_requests?source_branch=dockerfile-fix"]


def glab_create(name: str) -> list[str]:
    return ["api", f"projects/my-org%2F{name}/merge_requests", "--raw-field", "source_branch=dockerfile-fix",
            "--raw-field", "target_branch=main", "--raw-field", f"title={TITLE}",
            "--field", f"description=@migration/bodies/my-org__{name}.md"]  # fmt: skip


def test_glab_opens_what_is_not_there(folder: Path) -> None:
    answers: dict[str, str | int] = {"my-org%2Ftwo/merge_requests?source": '[{"iid": 7}]', "?source": "[]"}
    assert cook(folder, "gitlab.sh", answers) == [glab_list("one"), glab_create("one"), glab_list("two")]


def test_glab_goes_on_where_one_fails(folder: Path) -> None:
    answers: dict[str, str | int] = {"?source": "[]", "my-org%2Fone/merge_requests": 1}
    talk = cook(folder, "gitlab.sh", answers, expect=1)
    assert talk == [glab_list("one"), glab_create("one"), glab_list("two"), glab_create("two")]
    assert cook(folder, "gitlab.sh", {"?source": 1}, expect=1) == [glab_list("one"), glab_list("two")]


@pytest.mark.parametrize("recipe", ["github.sh", "gitlab.sh"])
def test_without_outcomes_a_recipe_fails(folder: Path, recipe: str) -> None:
    (folder / "migration" / "outcomes.jsonl").unlink()
    assert cook(folder, recipe, {}, expect=2) == []


def test_nothing_pushed_is_nothing_to_do(folder: Path) -> None:
    (folder / "migration" / "outcomes.jsonl").write_text("")
    assert cook(folder, "github.sh", {}) == cook(folder, "gitlab.sh", {}) == []


def test_multi_gitter_is_told_of_a_wrong_folder(folder: Path) -> None:
    command = [ROOT / "reorder" / "recipes" / "multi-gitter.sh", folder / "migrations"]
    variables = environment() | {"REPOSITORY": "my-org/one"}
    done = subprocess.run(command, cwd=folder / "server" / "one", env=variables, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"is no output folder" in done.stderr


def test_multi_gitter_commits_what_the_patch_changes(folder: Path) -> None:
    """It sets REPOSITORY, runs the command in a clone, and commits if the exit code is 0 and something differs."""
    changed = {}
    for name in ("one", "two", "three"):
        clone = folder / "clones" / name
        Repository(folder / "server" / name).git("clone", "--quiet", ".", str(clone))
        command = [ROOT / "reorder" / "recipes" / "multi-gitter.sh", folder / "migration"]
        variables = environment() | {"REPOSITORY": f"my-org/{name}"}
        subprocess.run(command, cwd=clone, env=variables, check=True)
        Repository(clone).git("add", "--all")
        changed[name] = Repository(clone).git("diff", "--cached", "--name-only").split()
        if changed[name]:
            assert Repository(clone).git("diff", "--cached", "origin/dockerfile-fix") == ""
    assert changed == {"one": [".dockerignore", "Dockerfile"], "two": ["Dockerfile"], "three": []}


def test_multi_gitter_is_told_of_a_patch_that_does_not_fit_any_more(folder: Path) -> None:
    clone = folder / "clones" / "one"
    Repository(folder / "server" / "one").git("clone", "--quiet", ".", str(clone))
    (clone / "Dockerfile").write_text("FROM scratch\n")
    command = [ROOT / "reorder" / "recipes" / "multi-gitter.sh", folder / "migration"]
    variables = environment() | {"REPOSITORY": "my-org/one"}
    done = subprocess.run(command, cwd=clone, env=variables, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"patch does not apply" in done.stderr
