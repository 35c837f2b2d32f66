"""The action for GitHub: its steps' shell is run with a host's environment, on a checkout with a bare remote."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hosts.github import Api, pull_request
from hosts.runner import ACTION, ROOT, Job, Runner, plant
from repositories import Repository
from test_cli import BROAD, FIXED


def test_the_action_is_what_github_expects() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_expression_is_part_of_a_script() -> None:
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])


def test_check_fails_and_says_where(push: Runner, checkout: Repository) -> None:
    job = push.run()
    assert job.code == 1
    assert "::warning file=Dockerfile,line=3,title=dockerfile-fix%3A broad-copy-before-install::" in job.log
    assert "broad-copy-before-install" in job.summary
    assert job.outputs["changed"] == "true"
    records = [json.loads(line) for line in Path(job.outputs["report"]).read_text().splitlines()]
    assert [(record["path"], record["status"]) for record in records] == [
        ("Dockerfile", "changed"), ("good/Dockerfile", "unchanged"),
    ]  # fmt: skip
    assert checkout.git("status", "--porcelain") == ""


def test_check_passes_where_nothing_would_change(push: Runner) -> None:
    job = push.run(paths="good\n")
    assert (job.code, job.outputs["changed"]) == (0, "false")


@pytest.mark.parametrize("mode", ["check", "suggest", "commit"])
def test_a_failure_is_none_of_the_modes_success(push: Runner, checkout: Repository, mode: str) -> None:
    checkout.write({"good/Dockerfile": "FROM debian\nCOPY\n"})
    job = push.run(mode=mode)
    assert job.code == 2
    assert "good/Dockerfile:2: error" in job.log
    assert "::error title=dockerfile-fix::it failed" in job.log


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"mode": "chekc"}, "mode: there is no chekc"),
        ({"working_directory": "nowhere"}, "there is no folder nowhere"),
        ({"args": "--no-such-option"}, "--no-such-option"),
        ({"changed_since": "nowhere"}, "there is no commit nowhere"),
        ({"python": "/nowhere/python"}, "Python 3.11 or newer is needed"),
        ({"args": "-v --format=sarif"}, "args: --format is not for args; see the inputs mode and sarif"),
        ({"args": "-o x"}, "args: -o is not for args"),
        ({"sarif": "nowhere/x.sarif"}, "sarif: nowhere/x.sarif cannot be written"),
    ],
)
def test_wrong_inputs_are_told(push: Runner, inputs: dict[str, str], message: str) -> None:
    job = push.run(**inputs)
    assert job.code == 2
    assert message in job.log


def test_paths_are_seen_from_the_working_directory_and_told_from_the_root(push: Runner, checkout: Repository) -> None:
    checkout.commit({"sub dir/a b/Dockerfile": BROAD, "sub dir/a b/requirements.txt": "a\n"})
    job = push.run(working_directory="sub dir", paths="a b\r\n\r\n")
    assert job.code == 1
    assert "::warning file=sub dir/a b/Dockerfile,line=3," in job.log
    assert "good/" not in Path(job.outputs["report"]).read_text()
    job = push.run(working_directory="sub dir")
    assert [json.loads(line)["path"] for line in Path(job.outputs["report"]).read_text().splitlines()] == [
        "sub dir/a b/Dockerfile"
    ]


def test_options_and_a_commit_limit_the_run(push: Runner) -> None:
    assert push.run(args="--ignore broad-copy-before-install\n -v").code == 0
    assert push.run(changed_since="main").code == 0
    assert push.run(changed_since="0" * 40).code == 1


def test_a_file_for_code_scanning(push: Runner, checkout: Repository) -> None:
    checkout.write({"sub/x": ""})
    for inputs in ({}, {"working_directory": "sub", "paths": ".."}):
        job = push.run(sarif="out dir.sarif", **inputs)
        assert job.code == 1
        [run_] = json.loads((checkout.root / "out dir.sarif").read_text())["runs"]
        assert [result["ruleId"] for result in run_["results"]] == ["broad-copy-before-install"]
        (checkout.root / "out dir.sarif").unlink()


def test_variables_of_the_job_do_not_say_what_is_written(push: Runner) -> None:
    push.variables = {"DOCKERFILE_FIX_REPORT": "x", "DOCKERFILE_FIX_FORMAT": "sarif", "DOCKERFILE_FIX_OUTPUT": "y"}
    job = push.run()
    assert (job.code, job.outputs["changed"]) == (1, "true"), job.log


def test_a_checkout_that_belongs_to_somebody_else(push: Runner, checkout: Repository, remote: Repository) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    checkout.git("config", "--file", str(push.temp / ".gitconfig"), "core.abbrev", "11")
    for path in (checkout.root, checkout.root / ".git", remote.root):
        os.chown(path, 12345, 12345)
    assert push.run(changed_since="main").code == 0
    job = push.run(mode="commit")
    assert job.code == 0, job.log
    assert f"pushed {job.outputs['commit'][:11]} to topic" in job.log


def test_nothing_that_comes_in_is_evaluated(push: Runner, checkout: Repository, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    evil = f'"; touch {canary}; $(touch {canary}) `touch {canary}` \' * ~'
    pull_request(push, checkout, ref=evil, sha=evil, repo={"full_name": evil})
    push.github["event"]["repository"]["default_branch"] = evil
    for name in ("paths", "args", "changed_since", "working_directory", "commit_message", "python", "mode", "sarif"):
        job = push.run(**({"mode": "commit"} | {name: evil}))
        assert job.code != 0, name
    push.temp = tmp_path / "temp"  # another version would take the place of the installed one
    push.temp.mkdir()
    assert push.run(version=evil).code != 0
    assert not canary.exists()


def test_no_module_of_the_repository_is_run(push: Runner, checkout: Repository) -> None:
    canary = plant(checkout.root)
    job = push.run()
    assert not canary.exists()
    assert job.code == 1, job.log


def test_commit_pushes_the_repair_and_nothing_else(push: Runner, checkout: Repository, remote: Repository) -> None:
    pull_request(push, checkout)
    checkout.write({"app.py": "generated"})
    checkout.git("add", "app.py")
    (checkout.root / ".git/hooks").mkdir(exist_ok=True)
    for name in ("pre-commit", "pre-push", "commit-msg"):
        (checkout.root / ".git/hooks" / name).write_text("#!/bin/sh\nexit 1\n")
        (checkout.root / ".git/hooks" / name).chmod(0o755)
    job = push.run(mode="commit", commit_message="Faster; $(builds)")
    assert job.code == 0, job.log
    assert remote.git("rev-parse", "topic").strip() == job.outputs["commit"]
    assert remote.git("show", "topic:Dockerfile") == FIXED
    assert remote.git("diff", "--name-only", "main", "topic").split() == ["Dockerfile"]
    assert remote.git("log", "-1", "--format=%an|%ae|%s", "topic").strip() == (
        "github-actions[bot]|41898282+github-actions[bot]@users.noreply.github.com|Faster; $(builds)"
    )
    assert "::notice title=dockerfile-fix::pushed" in job.log


def test_commit_takes_a_new_ignore_file_along(push: Runner, checkout: Repository, remote: Repository) -> None:
    install = "RUN python -m venv v && v/bin/pip install -r requirements.txt\n"
    checkout.commit({"Dockerfile": "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n" + install})
    checkout.git("push", "--quiet", "origin", "HEAD:topic")
    assert push.run(mode="commit").code == 0
    assert remote.git("diff", "--name-only", "topic~1", "topic").split() == [".dockerignore", "Dockerfile"]


def test_commit_with_nothing_to_do(push: Runner, remote: Repository) -> None:
    job = push.run(mode="commit", paths="good")
    assert (job.code, job.outputs["changed"], job.outputs["commit"]) == (0, "false", "")
    assert remote.git("rev-parse", "topic") == remote.git("rev-parse", "main")


def refused(job: Job, checkout: Repository, remote: Repository, message: str, code: int = 1) -> None:
    assert job.code == code, job.log
    assert message in job.log
    assert job.outputs["commit"] == ""
    assert remote.git("rev-parse", "topic") == remote.git("rev-parse", "main")


def test_commit_refuses_the_pull_request_of_a_fork(push: Runner, checkout: Repository, remote: Repository) -> None:
    pull_request(push, checkout, repo={"full_name": "c/b"})
    refused(push.run(mode="commit"), checkout, remote, "comes from c/b, to which this run may not push")
    pull_request(push, checkout, repo=None)
    refused(push.run(mode="commit"), checkout, remote, "comes from a deleted fork")
    assert (checkout.root / "Dockerfile").read_text() == BROAD


def test_commit_refuses_protected_and_default_branches_and_tags(
    push: Runner, checkout: Repository, remote: Repository
) -> None:
    push.variables = {"GITHUB_REF_PROTECTED": "true"}
    refused(push.run(mode="commit"), checkout, remote, "topic is protected")
    push.variables = {}
    push.github["ref_name"] = "main"
    refused(push.run(mode="commit"), checkout, remote, "main is the default branch")
    push.github |= {"ref_name": "v1", "ref_type": "tag"}
    refused(push.run(mode="commit"), checkout, remote, "mode commit needs a branch, and v1 is none")
    assert (checkout.root / "Dockerfile").read_text() == BROAD


def test_commit_tells_of_a_push_that_is_rejected(push: Runner, checkout: Repository, remote: Repository) -> None:
    hook = remote.root / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH006: Protected branch update failed'\nexit 1\n")
    hook.chmod(0o755)
    job = push.run(mode="commit")
    refused(job, checkout, remote, "::error title=dockerfile-fix::nothing was pushed to topic: it is protected")
    assert "GH006" in job.log


def test_commit_does_not_overwrite_what_was_pushed_meanwhile(
    push: Runner, checkout: Repository, remote: Repository, tmp_path: Path
) -> None:
    other = Repository(tmp_path / "other")
    checkout.git("clone", "--quiet", "--branch=topic", str(remote.root), str(other.root))
    theirs = other.commit({"app.py": "x"})
    other.git("push", "--quiet", "origin", "topic")
    job = push.run(mode="commit")
    assert job.code == 1
    assert "somebody pushed meanwhile" in job.log
    assert remote.git("rev-parse", "topic").strip() == theirs


def test_commit_wants_the_head_of_the_pull_request(push: Runner, checkout: Repository, remote: Repository) -> None:
    pull_request(push, checkout, sha="1" * 40)
    refused(push.run(mode="commit"), checkout, remote, "'ref: ${{ github.event.pull_request.head.sha }}'", code=2)


def test_commit_leaves_what_a_step_before_edited(push: Runner, checkout: Repository, remote: Repository) -> None:
    checkout.write({"Dockerfile": "# generated\n" + BROAD})
    refused(push.run(mode="commit"), checkout, remote, "a step before changed the same files", code=2)
    assert (checkout.root / "Dockerfile").read_text() == "# generated\n" + BROAD


def changed_file(text: str = BROAD, path: str = "Dockerfile", patch: str = "@@ -1,2 +1,4 @@ x\n+…") -> dict[str, Any]:
    data = text.encode()
    return {"filename": path, "patch": patch, "sha": hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()}


def applied(comment: dict[str, Any], text: str) -> str:
    """The file after a click on the suggestion."""
    lines = text.splitlines(keepends=True)
    head = next(line for line in comment["body"].splitlines() if line.endswith("suggestion"))
    inner = comment["body"].split(head + "\n")[1].split(head.removesuffix("suggestion"))[0]
    first = comment.get("start_line", comment["line"])
    return "".join(lines[: first - 1]) + inner + "".join(lines[comment["line"] :])


def test_suggest_makes_one_suggestion_that_is_the_whole_patch(push: Runner, api: Api, checkout: Repository) -> None:
    api.lists["files"] = [{"filename": f"f{n}", "sha": ""} for n in range(150)] + [changed_file()]
    job = push.run(mode="suggest")
    assert (job.code, job.outputs["changed"]) == (0, "true"), job.log
    (review,) = api.posted
    assert review["commit_id"] == checkout.git("rev-parse", "HEAD").strip()
    assert review["event"] == "COMMENT"
    (comment,) = review["comments"]
    assert (comment["path"], comment["start_line"], comment["line"], comment["side"]) == ("Dockerfile", 3, 4, "RIGHT")
    assert applied(comment, BROAD) == FIXED
    assert api.authorizations == {"Bearer t0ken"}
    assert "t0ken" not in job.log
    assert checkout.git("status", "--porcelain") == ""


def test_suggest_does_not_repeat_itself(push: Runner, api: Api) -> None:
    api.lists["files"] = [changed_file()]
    push.run(mode="suggest")
    (comment,) = api.posted[0]["comments"]
    api.lists["comments"] = [comment]
    assert push.run(mode="suggest").code == 0
    assert len(api.posted) == 1
    api.lists["comments"] = [comment | {"line": None}]  # outdated
    push.run(mode="suggest")
    assert len(api.posted) == 2


@pytest.mark.parametrize(
    "files",
    [[], [changed_file(patch="@@ -1,2 +1,3 @@")], [changed_file(text="other\n" + BROAD)], [changed_file(path="x")]],
)
def test_a_patch_outside_of_the_diff_is_in_the_text(push: Runner, api: Api, files: list[dict[str, Any]]) -> None:
    api.lists["files"] = files
    assert push.run(mode="suggest").code == 0
    (review,) = api.posted
    assert review["comments"] == []
    assert "```diff\n--- a/Dockerfile\n+++ b/Dockerfile\n" in review["body"]
    api.lists["reviews"] = [{"body": review["body"]}]
    push.run(mode="suggest")
    assert len(api.posted) == 1


def test_nothing_in_a_file_is_markup_of_the_review(push: Runner, api: Api, checkout: Repository) -> None:
    evil = BROAD.replace("COPY", "# ````\n# ```suggestion @everyone <img src=x>\nCOPY")
    checkout.write({"Dockerfile": evil})
    api.lists["files"] = [changed_file(evil, patch="@@ -1,6 +1,6 @@")]
    assert push.run(mode="suggest").code == 0
    (comment,) = api.posted[0]["comments"]
    assert "\n`````suggestion\n" in comment["body"]
    assert "# ````" in applied(comment, evil)


@pytest.mark.parametrize(
    "text", [BROAD.replace("\n", "\r\n"), BROAD.rstrip("\n"), BROAD.replace("COPY", "# \udce9\nCOPY")]
)
def test_what_a_suggestion_cannot_say_is_in_the_text(push: Runner, api: Api, checkout: Repository, text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    (checkout.root / "Dockerfile").write_bytes(data)
    file = changed_file(patch="@@ -1,6 +1,6 @@")
    file["sha"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    api.lists["files"] = [file]
    assert push.run(mode="suggest").code == 0
    assert api.posted[0]["comments"] == []
    assert "```diff\n" in api.posted[0]["body"]


def test_suggest_with_nothing_to_say(push: Runner, api: Api) -> None:
    assert push.run(mode="suggest", paths="good").code == 0
    assert api.posted == []


def test_suggest_without_permission_is_a_warning(push: Runner, api: Api) -> None:
    api.status = 403
    job = push.run(mode="suggest")
    assert job.code == 0
    assert "::warning title=dockerfile-fix::no suggestions: the token may not write to pull requests" in job.log


def test_suggest_tells_of_a_host_that_does_not_work(push: Runner, api: Api) -> None:
    api.status = 500
    job = push.run(mode="suggest")
    assert job.code == 2
    assert "no suggestions: GitHub answers 500" in job.log


def test_suggest_is_for_pull_requests(push: Runner) -> None:
    job = push.run(mode="suggest")
    assert job.code == 2
    assert "mode suggest is for pull requests; this run is for push" in job.log


def test_all_files_of_the_action_parse_as_yaml_and_python() -> None:
    assert yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["using"] == "composite"
    run = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--explicit-package-bases"]
    done = subprocess.run([*run, "review.py", "report.py"], cwd=ROOT / ".github/action", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
