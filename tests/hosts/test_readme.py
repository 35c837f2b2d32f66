"""What the README tells to copy into CI works as it is copied."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hosts.github import Api, pull_request
from hosts.readme import blocks
from hosts.runner import ROOT, Runner, filled
from hosts.test_gitlab import filled as gitlab_jobs
from repositories import Repository
from test_cli import BROAD, FIXED, run

WORKFLOWS = {next(iter(yaml.safe_load(b.text)["jobs"])): b.text for b in blocks() if b.heading == "GitHub"}


def test_every_snippet_has_a_test() -> None:
    others = [(block.heading, block.language) for block in blocks() if block.heading != "GitHub"]
    assert others == [
        ("GitLab", "yaml"),
        ("pre-commit", "yaml"),  # test_pre_commit.py
        ("reviewdog", "bash"),
        ("Any other host, in a container", "bash"),  # engine/test_own_image.py
        ("A bot of your own", "bash"),
    ]
    assert sorted(WORKFLOWS) == ["check", "commit", "suggest"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_the_workflows_are_what_github_expects(tmp_path: Path, name: str) -> None:
    path = tmp_path / "workflow.yml"
    path.write_text(WORKFLOWS[name])
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def steps(name: str, runner: Runner) -> tuple[dict[str, str], dict[str, str]]:
    """What the workflow gives to the checkout and to the action."""
    (job,) = yaml.safe_load(WORKFLOWS[name])["jobs"].values()
    checkout, action = job["steps"]
    assert checkout["uses"].startswith("actions/checkout@")
    assert action["uses"] == "OWNER/dockerfile-fix@main"
    context: dict[str, Any] = {"github": runner.github}
    with_ = [{k: filled(str(v), context) for k, v in step["with"].items()} for step in (checkout, action)]
    return with_[0], {k.replace("-", "_"): v for k, v in with_[1].items()}


def test_the_checking_workflow_annotates_what_the_branch_changed(push: Runner, checkout: Repository) -> None:
    pull_request(push, checkout)
    of_checkout, inputs = steps("check", push)
    assert of_checkout == {"fetch-depth": "0"}
    assert push.run(**inputs).code == 0
    checkout.commit({"requirements.txt": "idna==3.8\n"})
    job = push.run(**inputs)
    assert job.code == 1
    assert "::warning file=Dockerfile,line=3," in job.log


def test_the_suggesting_workflow_writes_a_review(push: Runner, checkout: Repository, api: Api) -> None:
    of_checkout, inputs = steps("suggest", push)
    assert of_checkout["ref"] == checkout.git("rev-parse", "HEAD").strip()
    assert push.run(**inputs).code == 0
    assert "```diff\n--- a/Dockerfile" in api.posted[0]["body"]


def test_the_committing_workflow_pushes(push: Runner, checkout: Repository, remote: Repository) -> None:
    pull_request(push, checkout)
    of_checkout, inputs = steps("commit", push)
    assert of_checkout["ref"] == checkout.git("rev-parse", "HEAD").strip()
    assert push.run(**inputs).code == 0
    assert remote.git("show", "topic:Dockerfile") == FIXED


def test_the_workflows_ask_for_no_more_than_they_need() -> None:
    asked = {name: yaml.safe_load(text)["permissions"] for name, text in WORKFLOWS.items()}
    assert asked == {
        "check": {"contents": "read"}, "suggest": {"contents": "read", "pull-requests": "write"},
        "commit": {"contents": "write"},
    }  # fmt: skip


def test_the_template_for_gitlab_is_where_it_is_said_to_be() -> None:
    (block,) = (block for block in blocks() if block.heading == "GitLab")
    (include,) = yaml.safe_load(block.text)["include"]
    assert (ROOT / include["file"]).is_file()
    jobs = gitlab_jobs(**{name.replace("-", "_"): value for name, value in include["inputs"].items()})
    assert jobs["dockerfile-fix"]["variables"]["FIX_PACKAGE"] == include["inputs"]["package"]


def test_reviewdog_is_handed_suggestions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = (block for block in blocks() if block.heading == "reviewdog")
    ours, theirs = block.text.split(" | ")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(BROAD)
    (tmp_path / "requirements.txt").write_text("idna==3.7\n")
    result = run(*shlex.split(ours)[1:])
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert any(diagnostic.get("suggestions") for diagnostic in report["diagnostics"])
    assert shlex.split(theirs)[:2] == ["reviewdog", "-f=rdjson"]


def test_the_bot_pushes_a_branch_where_there_is_something_to_do(
    installed: Path, checkout: Repository, remote: Repository, tmp_path: Path
) -> None:
    (block,) = (block for block in blocks() if block.heading == "A bot of your own")
    done = Repository(tmp_path / "done")
    checkout.git("clone", "--quiet", "--bare", str(remote.root), str(done.root))
    other = Repository(tmp_path / "other")
    checkout.git("clone", "--quiet", str(done.root), str(other.root))
    other.commit({"Dockerfile": FIXED})
    other.git("push", "--quiet", "origin", "HEAD:main")
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/repositories.txt").write_text(f"{done.root}\n{remote.root}\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    clean["PATH"] = f"{installed / 'dockerfile-fix/bin'}:{clean['PATH']}"
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        clean[f"GIT_{name}"] = "t@example.org"
    ran = subprocess.run(
        ["bash", "-c", block.text], cwd=tmp_path / "bot", env=clean, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert done.git("branch", "--list", "dockerfile-fix") == ""
    assert remote.git("show", "dockerfile-fix:Dockerfile") == FIXED
    assert remote.git("diff", "--name-only", "main", "dockerfile-fix").split() == ["Dockerfile"]
    message = remote.git("log", "-1", "--format=%B", "dockerfile-fix")
    assert message.startswith("Keep dependency installs cached\n\n")
    assert "Dockerfile" in message
