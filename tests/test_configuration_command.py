"""Settings as a user meets them: in files, in the environment, in flags; and what `config` says of them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from repositories import Repository

from corpus import lay_out, load_case
from reorder.cli import COMMANDS, main
from reorder.commands.given import SETTINGS
from reorder.configuration.reading import KEYS

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
FIXED = "FROM python:3.11-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n"
TWO_STAGES = "FROM debian AS first\nRUN true\n" + BROAD.replace("slim\n", "slim AS last\n")
OWN = ".dockerfile-fix.toml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository = Repository.make(tmp_path / "project")
    repository.write({"Dockerfile": BROAD, "requirements.txt": "idna==3.7\n", "app.py": ""})
    monkeypatch.chdir(repository.root)
    return repository


def run(*arguments: str, stdin: str | None = None, **variables: str) -> Result:
    environment = {f"DOCKERFILE_FIX_{name}": value for name, value in variables.items()}
    return CliRunner().invoke(main, list(arguments), input=stdin, catch_exceptions=False, env=environment)


def test_what_a_file_ignores_stays_until_a_flag_says_otherwise(project: Repository) -> None:
    project.write({"pyproject.toml": "[tool.dockerfile-fix]\nignore = ['broad-copy-before-install']\n"})
    assert run("--check").exit_code == 0
    assert run("--check", "--ignore", "mixed-copy-before-install").exit_code == 1
    assert run("--check", IGNORE="mixed-copy-before-install").exit_code == 1
    assert run("--check", "--ignore", "mixed-copy-before-install", IGNORE="broad-copy-before-install").exit_code == 1
    assert run("-", stdin=BROAD).stdout == BROAD, "it holds for standard input, too"
    assert "nothing is to be changed" in run("replay").stdout


def test_per_file_ignores_hold_for_the_files_that_they_fit(project: Repository) -> None:
    project.write({
        "Dockerfile.dev": BROAD,
        OWN: "[per-file-ignores]\n'*.dev' = ['broad-copy-before-install']\n",
    })  # fmt: skip
    run()
    assert Path("Dockerfile").read_text() == FIXED
    assert Path("Dockerfile.dev").read_text() == BROAD


def test_the_slug_of_a_refusal_silences_it(project: Repository) -> None:
    project.write({"Dockerfile": BROAD.replace("RUN pip", "RUN ./own.sh && pip")})
    assert ": runs-project-code: left alone" in run("--check").stderr
    assert run("--check", "--ignore", "runs-project-code").stderr == ""
    project.write({OWN: "[per-file-ignores]\nDockerfile = ['runs-project-code']\n"})
    assert run("--check").stderr == ""
    assert "runs-project-code is why a step stays, and no change" in run("--select", "runs-project-code").stderr


def test_what_is_excluded_is_left_out_even_if_it_is_named(project: Repository) -> None:
    project.write({"old/Dockerfile": BROAD, "old/requirements.txt": "idna\n", OWN: "\nexclude = ['old/']\n"})
    searched = run("--check")
    assert "old/Dockerfile" not in searched.stderr
    named = run("--check", "old/Dockerfile")
    assert (named.exit_code, named.stderr) == (0, f"old/Dockerfile: left out: {OWN}:2 excludes old/\n")
    assert run("--check", "--exclude", "", "old/Dockerfile").exit_code == 1
    assert run("--check", EXCLUDE="nothing").stderr.count("would make 1 change") == 2
    by_variable = run("--check", "Dockerfile", "old/Dockerfile", EXCLUDE="/Dockerfile\nold")
    assert by_variable.stderr.count("left out: DOCKERFILE_FIX_EXCLUDE excludes") == 2
    assert run("--check", "old").stderr == "", "all in the folder is left out, and that is no failure"


def test_the_context_of_a_file_is_seen_from_the_file(project: Repository) -> None:
    project.write({"docker/Dockerfile": BROAD.replace("COPY . .", "COPY api .").replace(" -r ", " -r ")})
    project.write({"api/requirements.txt": "idna\n", "api/main.py": "", f"docker/{OWN}": "context = '../api'\n"})
    project.write({"docker/Dockerfile": BROAD})
    result = run("--check", "-v", "docker/Dockerfile")
    assert result.exit_code == 1
    assert json.loads(run("--format", "json", "--check", "docker/Dockerfile").stdout)["context"] == "api"


def test_costs_of_a_file_weigh_the_plan(project: Repository) -> None:
    project.write({OWN: "[costs]\ninstall = 0.1\n"})
    result = run("--check")
    assert result.exit_code == 0
    assert "gain-too-small" in result.stderr
    assert run("--check", "--cost", "install=50,copy=0.2").exit_code == 1
    assert run("--check", COST="install=50").exit_code == 1


def test_a_target_is_played_and_must_be_there(project: Repository) -> None:
    project.write({"Dockerfile": TWO_STAGES, OWN: "\ntarget = 'first'\n"})
    assert "RUN true" in run("replay").stdout
    assert "RUN true" not in run("replay", "--target", "last").stdout
    project.write({OWN: "\ntarget = 'frist'\n"})
    for command in ("fix", "replay"):
        result = run(command, "Dockerfile")
        assert result.exit_code == 2
        assert f"Dockerfile: error: {OWN}:2: target: there is no stage frist to build (first, last)" in result.stderr
    assert Path("Dockerfile").read_text() == TWO_STAGES
    assert "DOCKERFILE_FIX_TARGET: there is no stage x" in run(TARGET="x").stderr
    assert "--target: there is no stage y" in run("--target", "y", TARGET="x").stderr


def test_a_target_is_a_stage_whose_image_somebody_sees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(load_case("go-build-in-a-builder-stage"), tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    assert run("--check").exit_code == 1
    seen = run("--check", "--target", "build")
    assert seen.exit_code == 0
    assert "more may be downloaded than the build needs, and the image would hold it" in seen.stderr


def test_a_wrong_file_fails_its_dockerfiles_and_no_others(project: Repository) -> None:
    project.write({"a/Dockerfile": BROAD, "a/b/Dockerfile": BROAD, f"a/{OWN}": "# x\nselct = []\n"})
    result = run()
    assert result.exit_code == 2
    for path in ("a/Dockerfile", "a/b/Dockerfile"):
        line = f"{path}: error: its configuration: a/{OWN}:2: there is no key selct (did you mean select?)"
        assert line in result.stderr
        assert Path(path).read_text() == BROAD
    assert Path("Dockerfile").read_text() == FIXED
    records = [json.loads(line) for line in run("--format", "json", "--check").stdout.splitlines()]
    assert [record["status"] for record in records] == ["unchanged", "failed", "failed"]
    assert run("replay", "a/Dockerfile").exit_code == run("verify", "a/Dockerfile").exit_code == 2


def test_a_file_of_a_hostile_repository_reads_nothing_outside(project: Repository) -> None:
    (project.root.parent / "secret").mkdir()
    (project.root.parent / "secret/requirements.txt").write_text("idna\n")
    for context in ("../secret", str(project.root.parent / "secret")):
        project.write({OWN: f"context = '{context}'\n"})
        result = run("--check")
        assert result.exit_code == 2
        assert f"{OWN}:1: context: {context} leads out of the repository" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--ignore", "broad-copy"], "--ignore: no such slug: broad-copy"),
        (["--exclude", "!a"], "--exclude !a: a pattern cannot be negated"),
        (["--cost", "instal=1"], "--cost: there is no kind of step instal (did you mean install?)"),
        (["--context", "nowhere"], "--context: there is no folder nowhere"),
    ],
)
@pytest.mark.parametrize("command", ["fix", "replay", "verify", "config"])
def test_wrong_flags_are_wrong_everywhere(
    project: Repository, command: str, arguments: list[str], message: str
) -> None:
    result = run(command, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_config_says_what_holds_and_where_it_comes_from(project: Repository) -> None:
    text = "[project]\n[tool.dockerfile-fix]\nunsafe-fixes = true\nexclude = ['old']\ncosts = {install = 9.5}\n"
    more = "[tool.dockerfile-fix.per-file-ignores]\n'Dockerfile' = ['mixed-copy-before-install']\n"
    project.write({"pyproject.toml": text + more, "old/Dockerfile": BROAD})
    result = run("config", "--select", "broad-copy-before-install", "Dockerfile", TARGET="prod")
    lines = [re.split(r"  +", line.strip()) for line in result.stdout.splitlines()]
    assert lines[:9] == [
        ["Dockerfile"],
        ["configuration file: pyproject.toml"],
        ["context", "found for each Dockerfile", "default"],
        ["target", "prod", "environment variable DOCKERFILE_FIX_TARGET"],
        ["unsafe-fixes", "true", "pyproject.toml:3"],
        ["select", "broad-copy-before-install", "flag --select"],
        ["ignore", "none", "default"],
        ["exclude", "old", "pyproject.toml:4"],
        ["per-file-ignores.Dockerfile", "mixed-copy-before-install", "pyproject.toml:7"],
    ]
    assert ["costs.install", "9.5 s", "pyproject.toml:5"] in lines
    assert ["costs.build", "10 s", "default"] in lines
    assert "left out by old (pyproject.toml:4)" in run("config").stdout
    assert ["unsafe-fixes", "false", "flag --no-unsafe-fixes"] in [
        re.split(r"  +", line.strip()) for line in run("config", "--no-unsafe-fixes").stdout.splitlines()
    ]
    os.remove("pyproject.toml")
    assert "configuration file: none" in run("config").stdout


def test_config_as_json(project: Repository) -> None:
    project.write({"a/Dockerfile": BROAD, OWN: "target = 'x'\nexclude = ['Dockerfile']\n", f"a/{OWN}": "target = 1"})
    result = run("config", "--format", "json")
    assert result.exit_code == 2
    good, bad = (json.loads(line) for line in result.stdout.splitlines())
    assert list(good) == list(bad) == ["schema", "path", "file", "excluded", "settings", "error"]
    assert (good["path"], good["file"], good["error"]) == ("Dockerfile", OWN, None)
    assert good["excluded"] == {"pattern": "Dockerfile", "origin": {"kind": "file", "name": f"{OWN}:2"}}
    assert good["settings"]["target"] == {"value": "x", "origin": {"kind": "file", "name": f"{OWN}:1"}}
    assert (bad["path"], bad["settings"]) == ("a/Dockerfile", {})
    assert f"a/{OWN}:1: target: a string is wanted" in bad["error"]
    assert f"a/{OWN}:1: target: a string is wanted" in result.stderr


def options_of(command: str) -> list[click.Option]:
    loaded = main.get_command(click.Context(main), command)
    assert loaded is not None
    return [option for option in loaded.params if isinstance(option, click.Option)]


def sample(option: click.Option) -> tuple[str, object]:
    """A text for the variable, and the value that it must become."""
    if isinstance(option.type, click.Choice):
        choice = str(list(option.type.choices)[-1])
        return choice, choice
    if option.is_flag:
        return ("0", False) if option.default else ("1", True)
    if option.multiple:
        return "one value\n  another\n\n", ("one value", "another")
    return ("500", 500) if isinstance(option.type, click.IntRange | click.FloatRange) else ("a b", "a b")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_has_a_variable_that_works_and_is_in_the_help(command: str) -> None:
    loaded = main.get_command(click.Context(main), command)
    assert loaded is not None
    words = " ".join(run(command, "--help").stdout.split())
    needed = ["x" for argument in loaded.params if isinstance(argument, click.Argument) and argument.required]
    for option in options_of(command):
        name = option.envvar
        assert isinstance(name, str), option.name
        assert f"env var: {name}" in words
        text, value = sample(option)
        without = loaded.make_context(command, [*needed]).params[option.name or ""]
        for text_of_variable, expected in ((text, value), ("", without)):
            with CliRunner().isolation(env={name: text_of_variable}):
                got = loaded.make_context(command, [*needed]).params[option.name or ""]
            assert got == expected, name


def test_one_variable_means_the_same_in_all_commands() -> None:
    types: dict[str, set[object]] = {}
    for option in (option for command in COMMANDS for option in options_of(command)):
        assert isinstance(option.envvar, str)
        if option.name != "format_":  # each command has the formats that it can make
            kind = tuple(option.type.choices) if isinstance(option.type, click.Choice) else type(option.type)
            types.setdefault(option.envvar, set()).add((option.opts[-1], kind, option.is_flag, option.multiple))
    assert {name for name, kinds in types.items() if len(kinds) > 1} == set()


def test_every_key_of_a_file_is_an_option_too() -> None:
    keys = {key.replace("-", "_") for key in KEYS} - {"costs", "per_file_ignores"} | {"cost"}
    assert keys == set(SETTINGS)
    for command in ("fix", "replay", "verify", "config"):
        assert keys <= {option.name for option in options_of(command)}


def test_a_wrong_variable_is_named(project: Repository) -> None:
    result = run("--check", FORMAT="nope")
    assert result.exit_code == 2
    assert "DOCKERFILE_FIX_FORMAT" in result.stderr
