"""A new line of the ignore file must not take a folder from another Dockerfile of the same build context."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from repositories import Repository

from reorder.api import Settings, fix_text
from reorder.cli import main
from reorder.context.memory import MemoryTree
from reorder.outcome import Changed, Outcome, Unchanged
from reorder.repository import fix_commit
from reorder.weighing.history import History

OWN = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN python -m venv v && v/bin/pip install -r requirements.txt\n"
TAKES = "FROM python:3.11-slim\nCOPY v /app/v\n"
FILES = {"requirements.txt": "idna==3.7\n", "app.py": "", "Dockerfile": OWN}


def fix(**files: str) -> Outcome:
    more = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    return fix_text(OWN, MemoryTree(FILES | more), Settings(history=History()))


@pytest.mark.parametrize("ignored", ["", "/x\n", "Dockerfile*\n", "*\n!requirements.txt\n!app.py\n!v\n"])
@pytest.mark.parametrize("name", ["Dockerfile_prod", "prod_Dockerfile", "Containerfile"])
def test_a_sibling_that_takes_the_folder_even_if_the_ignore_file_hides_the_sibling(name: str, ignored: str) -> None:
    assert isinstance(fix(_dockerignore=ignored), Changed)
    outcome = fix(_dockerignore=ignored, **{name: TAKES})
    assert isinstance(outcome, Unchanged)
    [refusal] = outcome.refusals
    assert refusal.slug == "output-in-context"
    assert f"{name.replace('_', '.')} may take v from the build context" in refusal.reason


def test_a_sibling_with_an_ignore_file_of_its_own_or_without_a_need() -> None:
    assert isinstance(fix(Dockerfile_prod=TAKES, Dockerfile_prod_dockerignore=""), Changed)
    assert isinstance(fix(Dockerfile_prod=TAKES.replace("COPY v", "COPY --from=x v")), Changed)
    assert isinstance(fix(Dockerfile_prod="FORM x\n"), Changed)


COMPOSE = "services:\n  a: {build: .}\n  b: {build: {context: ., dockerfile: deploy/prod/Dockerfile}}\n"
OUTSIDE = """\
services:
  a: {build: {context: app, dockerfile: Dockerfile}}
  b: {build: {context: app, dockerfile: ../deploy/prod/Dockerfile}}
"""


@pytest.mark.parametrize("folder", ["", "app/"])
@pytest.mark.parametrize("text", [TAKES, OWN])
@pytest.mark.parametrize("by", ["name", "search", "commit"])
def test_a_dockerfile_elsewhere_that_is_built_in_the_same_context(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, text: str, by: str
) -> None:
    repository = Repository.make(tmp_path)
    mine = {folder + name: content for name, content in FILES.items()}
    compose = {"compose.yaml": OUTSIDE if folder else COMPOSE}
    repository.commit({**mine, **compose, "deploy/prod/Dockerfile": text, "x/Dockerfile": "FROM a\n"})
    monkeypatch.chdir(tmp_path)
    if by == "commit":
        commit = repository.git("rev-parse", "HEAD").strip()
        outcomes = fix_commit(str(tmp_path / ".git"), commit, None).outcomes
        found = {outcome.path: outcome for outcome in outcomes}
    else:
        words = [f"{folder}Dockerfile"] if by == "name" else []
        result = CliRunner().invoke(main, ["--check", "--format", "json", *words], catch_exceptions=False)
        found = {record["path"]: record for record in map(json.loads, result.stdout.splitlines())}
    outcome = found[f"{folder}Dockerfile"]
    status = outcome["status"] if isinstance(outcome, dict) else outcome.status
    assert status == ("unchanged" if text == TAKES else "changed")
