"""A new line of the ignore file must not take a folder from another Dockerfile of the same build context."""

from __future__ import annotations

import pytest

from reorder.api import Settings, fix_text
from reorder.context.memory import MemoryTree
from reorder.outcome import Changed, Outcome, Unchanged
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
