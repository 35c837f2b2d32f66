"""Help that can be followed, and what a typing mistake is answered with."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from reorder.cli import COMMANDS, main
from reorder.command_line.layout import Choice
from reorder.suggestions import did_you_mean, suggest

BROAD = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def examples(*words: str) -> list[list[str]]:
    """The command lines below "Examples:", without what explains them."""
    lines = run(*words, "--help").stdout.partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    return [shlex.split(re.split(r"\s{2,}(?=\S)", line.strip())[0]) for line in lines]


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS)])
def test_each_help_has_examples_that_are_understood(words: tuple[str, ...]) -> None:
    found = examples(*words)
    assert len(found) >= 2
    for program, *arguments in found:
        assert program == "dockerfile-fix"
        plain = arguments[: arguments.index("<")] if "<" in arguments else arguments
        outer = main.make_context("dockerfile-fix", list(plain))
        name, inner, rest = main.resolve_command(outer, [*outer._protected_args, *outer.args])
        assert inner is not None
        assert not words or name == words[0]
        inner.make_context(name, rest, parent=outer)  # raises what a user would be shown


def test_the_first_help_tells_each_command_in_full_and_shows_it_at_work() -> None:
    commands = run("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in commands] == list(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in commands)
    shown = {line[1] for line in examples()}
    assert shown >= set(COMMANDS) - {"fix", "completion"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_a_group_and_told_once(name: str) -> None:
    text = run(name, "-h").stdout
    context = click.Context(command(name))
    for option in (param for param in command(name).get_params(context) if isinstance(param, click.Option)):
        places = re.findall(rf"^  (?:-\w, )?{re.escape(option.opts[-1])}\b(?!-)", text, re.MULTILINE)
        assert len(places) == 1, option.opts
    assert "Other options:\n  -h, --help  Show this message and exit.\n" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_choice_suggests(name: str) -> None:
    for param in command(name).params:
        if isinstance(param.type, click.Choice):
            assert isinstance(param.type, Choice), param.opts
            word = str(param.type.choices[0])
            with pytest.raises(click.BadParameter, match=f"did you mean {word}"):
                param.type.convert(word + "x", param, None)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--unsafe-fix"], "--unsafe-fixes"),
        (["verify", "--smok", "true"], "--smoke"),
        (["--format", "jsn"], "(did you mean json or rdjson?)"),
        (["verfy"], "there is no file and no command verfy (did you mean the command verify?)"),
        (["explan", "pip"], "(did you mean the command explain?)"),
        (["--select", "broad-copy"], "no such slug: broad-copy (did you mean broad-copy-before-install?)"),
        (["--ignore", "mixed_copy_before_install"], "(did you mean mixed-copy-before-install?)"),
        (["replay", "--cost", "instal=3"], "there is no kind of step instal (did you mean install?)"),
        (["--check", "Dockerfil"], "cannot be read: No such file or directory (did you mean Dockerfile?)"),
        (["--check", "absent/Dockerfile"], "absent/Dockerfile: error: cannot be read: No such file or directory\n"),
    ],
)
def test_a_typing_mistake_gets_a_suggestion(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Dockerfile").write_text(BROAD)
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert (tmp_path / "Dockerfile").read_text() == BROAD


def test_a_file_that_is_named_almost_like_a_command_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "verfy").write_text(BROAD)
    monkeypatch.chdir(tmp_path)
    result = run("verfy")
    assert result.stderr.startswith("verfy:")
    assert "did you mean" not in result.stderr


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("text", ("text",)),
        ("TXT", ("text",)),
        ("jsno", ("json",)),
        ("json-", ("json-lines",)),
        ("json_lines", ("json-lines",)),
        ("qqq", ()),
        ("", ()),
    ],
)
def test_suggestions(word: str, names: tuple[str, ...]) -> None:
    known = ("json-lines", "json", "text", "markdown")
    assert set(suggest(word, known)) == set(names)
    assert bool(did_you_mean(word, known)) == bool(names)
