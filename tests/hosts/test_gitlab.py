"""The template for GitLab CI: its inputs are filled in and its script is run, as a GitLab runner does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from engine.builds import Trouble, find_trouble
from hosts.runner import plant
from repositories import Repository
from test_cli import BROAD

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / ".gitlab/dockerfile-fix.yml"


def filled(**inputs: str) -> dict[str, Any]:
    """The jobs with the inputs (an underscore stands for a dash) in their places, as text, before it is YAML."""
    spec, jobs = TEMPLATE.read_text().split("\n---\n")
    values = {name: str(each.get("default", "")) for name, each in yaml.safe_load(spec)["spec"]["inputs"].items()}
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert given.keys() <= values.keys()
    values |= given
    text = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: json.dumps(values[found[1]])[1:-1], jobs)
    loaded: dict[str, Any] = yaml.safe_load(re.sub(r"^(    FIX_\w+: )(.*)$", r'\1"\2"', text, flags=re.MULTILINE))
    return loaded


def test_the_jobs_are_what_gitlab_expects(tmp_path: Path) -> None:
    path = tmp_path / "jobs.yml"
    path.write_text(yaml.safe_dump(filled()))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_input_is_part_of_the_script() -> None:
    jobs = yaml.safe_load(TEMPLATE.read_text().split("\n---\n")[1])
    assert all("$[[" not in line for line in jobs["dockerfile-fix"]["script"])


@pytest.fixture
def project(tmp_path: Path) -> Repository:
    made = Repository.make(tmp_path / "project")
    made.commit({"Dockerfile": BROAD, "requirements.txt": "idna\n", "good dir/Dockerfile": "FROM debian\n"})
    return made


class Job:
    """A finished job; the reports are those files that it promised."""

    def __init__(self, project: Repository, shell: str, **inputs: str) -> None:
        job = filled(package=str(ROOT), **inputs)["dockerfile-fix"]
        predefined = {"CI": "true", "CI_PROJECT_DIR": str(project.root), "CI_MERGE_REQUEST_DIFF_BASE_SHA": ""}
        own = {name: _expanded(value, predefined) for name, value in job["variables"].items()}
        own["PIP_CACHE_DIR"] = os.environ.get("PIP_CACHE_DIR", str(Path.home() / ".cache/pip"))
        host = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PYTHON", "FIX_"))}
        done = subprocess.run(
            [shell, "-e", "-c", "\n".join(job["script"])], cwd=project.root,
            env=host | predefined | own, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.code, self.log = done.returncode, done.stdout + done.stderr
        if self.code and find_trouble(self.log) is Trouble.NETWORK:
            pytest.skip("the job could not install the tool: the index does not answer")
        reports = {name: project.root / path for name, path in job["artifacts"]["reports"].items()}
        if self.code > 1:
            return
        self.quality = json.loads(reports["codequality"].read_text())
        self.tests = ElementTree.fromstring(reports["junit"].read_text())


def _expanded(text: str, variables: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: variables.get(found[1], ""), text)


def test_the_job_fails_and_reports_and_runs_no_module_of_the_repository(project: Repository) -> None:
    canary = plant(project.root)
    job = Job(project, "bash")
    assert not canary.exists()
    assert job.code == 1, job.log
    assert "Dockerfile:3: broad-copy-before-install" in job.log
    (issue,) = job.quality
    assert (issue["location"]["path"], issue["check_name"]) == ("Dockerfile", "broad-copy-before-install")
    assert len(job.tests.findall(".//failure")) == 1


def test_the_job_passes_where_nothing_would_change(project: Repository) -> None:
    job = Job(project, "sh", paths="good dir\n", args="-v --ignore  mixed-copy-before-install", changed_since="HEAD")
    assert job.code == 0, job.log
    assert job.quality == []
    assert job.tests.findall(".//failure") == []


def test_nothing_that_comes_in_is_evaluated(project: Repository, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    evil = f"$(touch {canary}) `touch {canary}` ; touch {canary} *"
    job = Job(project, "bash", paths=evil, args=evil, changed_since=evil)
    assert job.code == 2
    assert not canary.exists()
