"""The values that the project gives to build arguments: a change is right with each of them, or it is not made."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_contexts import lay_out

import reorder
from corpus import load_case
from reorder.analysis.build_arguments import deciding_names, given_values
from reorder.dockerfile.parse import parse
from reorder.manager import UNKNOWN
from reorder.source import Source

HEAD = "ARG BASE=python:3.11-slim\nFROM ${BASE}\nARG DIR=/app\nWORKDIR ${DIR}\nARG VERSION\n"
BROAD = HEAD + "COPY . .\nRUN pip install -r requirements.txt\n"
FIXED = HEAD + "COPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"


def outcome_with(root: Path, *args: str, text: str = BROAD, context: str | None = None) -> reorder.Outcome:
    """Built by one compose service for each of ``args``."""
    services = "".join(f"  s{n}: {{build: {{context: ., args: {{{each}}}}}}}\n" for n, each in enumerate(args))
    lay_out(root, requirements_txt="idna==3.7\n", app_py="", Dockerfile=text, compose_yaml=f"services:\n{services}")
    return reorder.fix_file(str(root / "Dockerfile"), reorder.Settings(context=context))


@pytest.mark.parametrize(("args", "status"), [
    ((), "changed"),
    (("VERSION: 1", "VERSION: 2"), "changed"),
    (("DIR: /srv", "DIR: /opt/x"), "changed"),
    (("BASE: 'python:3.12'",), "changed"),
    (("BASE: 'python:$NOWHERE'",), "changed"),
    (("DIR: $NOWHERE",), "unchanged"),  # it may lead into a folder of pip's
    (("DIR: null",), "changed"),
    (("BASE: 'some/image:1'",), "changed"),
    (("BASE: 'python:3-windowsservercore'",), "unchanged"),
    (("", "BASE: 'x:onbuild'"), "unchanged"),
    (tuple(f"DIR: /srv/{n}" for n in range(10)), "changed"),
    (tuple(f"DIR: /srv/{n}" for n in range(50)), "unchanged"),  # too many to plan for each
])  # fmt: skip
def test_a_change_is_right_for_each_value(tmp_path: Path, args: tuple[str, ...], status: str) -> None:
    outcome = outcome_with(tmp_path, *args)
    assert outcome.status == status
    if isinstance(outcome, reorder.Changed):
        assert outcome.files[0].new == FIXED
        assert len(outcome.context_from) == len(args)


INTO = "FROM python:3.11-slim\nARG INTO=/srv/\nWORKDIR /app\nCOPY requirements.txt .\nCOPY src ${INTO}\n" \
       "RUN pip install -r requirements.txt\n"  # fmt: skip


def test_a_value_that_makes_the_install_read_what_is_copied(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/requirements.txt").write_text("certifi\n")
    (tmp_path / "src/app.py").write_text("import idna\n")
    assert outcome_with(tmp_path, "", text=INTO).status == "changed"
    outcome = outcome_with(tmp_path, "", "INTO: /app/", text=INTO)
    assert isinstance(outcome, reorder.Unchanged)
    assert outcome.refusals[0].slug == "contexts-disagree"
    assert "(compose.yaml:2)" in outcome.refusals[0].reason
    assert "(compose.yaml:3, with INTO=/app/)" in outcome.refusals[0].reason


def test_the_users_context_is_built_with_the_projects_values_and_with_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "x/src").mkdir(parents=True)
    for name in ("x/requirements.txt", "x/src/requirements.txt", "x/src/app.py"):
        (tmp_path / name).write_text("certifi\n")
    assert outcome_with(tmp_path, text=INTO, context=str(tmp_path / "x")).status == "changed"
    assert outcome_with(tmp_path, "INTO: /app/", text=INTO, context=str(tmp_path / "x")).status == "unchanged"


def test_a_stage_chosen_by_a_value_hides_nothing(tmp_path: Path) -> None:
    text = "ARG KIND=slim\nFROM node:20-slim AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\n" \
           "FROM node:20-slim AS slim\nCOPY --from=build /app/dist /app\nFROM ${KIND}\n"  # fmt: skip
    names = deciding_names(parse(Source("Dockerfile", text)))
    assert names == {"KIND"}


@pytest.mark.parametrize(("line", "names"), [
    ("WORKDIR $A", "A"), ("COPY x ${A}/y", "A"), ("COPY --from=$A x y", "A"), ("COPY --chown=$A x y", "A"),
    ("USER ${A:-$B}", "A B"), ("RUN --mount=type=bind,target=$A x", "A"), ("RUN echo $A", ""), ("LABEL a=$A", ""),
    ("ENV C=$A", ""), ("ENV C=$A\nWORKDIR $C", "A"), ("ARG C=$B\nWORKDIR $C", "B C"), ("ENV HOME=/h/$A", "A"),
    ("ARG NODE_OPTIONS=--max-old-space-size=1", "NODE_OPTIONS"),
])  # fmt: skip
def test_names_that_decide_something(line: str, names: str) -> None:
    text = f"FROM x\nARG A\nARG B=1\n{line}\n"
    assert deciding_names(parse(Source("Dockerfile", text))) == set(names.split())


def test_many_combinations_make_the_busiest_names_unknown() -> None:
    builds = [{"A": str(n % 20), "B": str(n % 2), "C": "x", "D": None} for n in range(40)]
    given = given_values(frozenset("ABD"), builds)
    assert set(given) == {(("A", UNKNOWN), ("B", "0")), (("A", UNKNOWN), ("B", "1"))}
    alone = [{f"A{n}": "x"} for n in range(40)]
    assert set(given_values(frozenset(f"A{n}" for n in range(40)), alone)) == {
        tuple(sorted((f"A{n}", UNKNOWN) for n in range(40)))
    }


def test_values_in_one_context_share_its_ignore_file(tmp_path: Path) -> None:
    case = load_case("npm-ci-broad-copy")
    shutil.copytree(case.folder / "context", tmp_path / "x")
    text = "FROM node:20-slim\nARG UID=1000\nUSER $UID\nWORKDIR /app\nCOPY --chown=$UID . .\nRUN npm ci\n"
    lay_out(tmp_path / "x", Dockerfile=text, compose_yaml="services:\n  a: {build: {context: ., args: {UID: 1}}}\n"
                                                          "  b: {build: {context: ., args: {UID: 2}}}\n")  # fmt: skip
    (tmp_path / "x/.dockerignore").unlink(missing_ok=True)
    outcome = reorder.fix_file(str(tmp_path / "x/Dockerfile"))
    assert isinstance(outcome, reorder.Changed)
    assert [Path(file.path).name for file in outcome.files] == ["Dockerfile", ".dockerignore"]
    assert outcome.other_contexts == ()
