"""One configuration file: its values, and for whatever is wrong the line and what was perhaps meant."""

from __future__ import annotations

import pytest

from reorder.configuration.model import ConfigError, Values
from reorder.configuration.reading import SIZE_LIMIT, read_config

WHOLE = """
select = ["broad-copy-before-install", "mixed-copy-before-install"]
ignore = ["source-copy-before-install"]
unsafe-fixes = true
exclude = ["vendor/"]
context = "api"
target = "prod"
costs = { install = 90, copy = 0.5 }
per-file-ignores = { "*.dev" = ["install-and-build-in-one-run"] }
"""
VALUES = Values(
    select=frozenset({"broad-copy-before-install", "mixed-copy-before-install"}),
    ignore=frozenset({"source-copy-before-install"}), unsafe_fixes=True, exclude=("vendor/",), context="api",
    target="prod", costs={"install": 90.0, "copy": 0.5},
    per_file_ignores={"*.dev": frozenset({"install-and-build-in-one-run"})},
)  # fmt: skip


def own(text: str) -> Values:
    found = read_config(".dockerfile-fix.toml", "", text.encode())
    assert found is not None
    return found.values


def test_every_key() -> None:
    assert own(WHOLE) == VALUES
    found = read_config("a/pyproject.toml", "a", ("[project]\nname = 'x'\n[tool.dockerfile-fix]" + WHOLE).encode())
    assert found is not None
    assert found.values == VALUES
    assert found.place_of("costs", "install") == "a/pyproject.toml:10"


def test_an_empty_file_is_one_and_a_pyproject_without_the_table_is_none() -> None:
    assert own("") == own("# nothing\n") == Values()
    assert read_config("pyproject.toml", "", b"[project]\nname = 'x'\n") is None
    assert read_config("pyproject.toml", "", b"dependencies = ['dockerfile-fix']\n") is None
    assert read_config("pyproject.toml", "", b"[tool.ruff]\nx = 'dockerfile-fix'\n") is None
    assert read_config("pyproject.toml", "", b"[this is no TOML") is None, "and it is not ours to judge"
    assert read_config("pyproject.toml", "", b"[tool.dockerfile-fix]\n") is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\nunsafe_fixes = true", "f:2: there is no key unsafe_fixes (did you mean unsafe-fixes?): context, costs,"),
        ("selct = []", "f:1: there is no key selct (did you mean select?)"),
        ("zzz = 1", "f:1: there is no key zzz: context"),
        ("\n[tool.dockerfile-fix]\nselect = []", "f:2: there is no key tool; in this file the keys stand at the top"),
        ("\nunsafe-fixes = 'yes'", "f:2: unsafe-fixes: true or false is wanted here, and this is a string"),
        ("unsafe-fixes = 1", "f:1: unsafe-fixes: true or false is wanted here, and this is a number"),
        ("select = 'a'", "f:1: select: a list of strings is wanted here, and this is a string"),
        ("select = [\n1]", "f:2: select: a string is wanted here, and this is a number"),
        ("select = [\n'broad-copy-before-instal',\n]", "f:2: select: no such slug: broad-copy-before-instal (did you"),
        ("select = ['gain-too-small']", "f:1: select: gain-too-small is why a step stays, and no change that could be"),
        ("ignore = ['gain-too-smal']", "f:1: ignore: no such slug: gain-too-smal (did you mean gain-too-small?)"),
        ("exclude = ['a', \n'!b']", "f:2: exclude: a pattern cannot be negated"),
        ("context = ''", "f:1: context: it is empty"),
        ("target = 1979-05-27", "f:1: target: a string is wanted here, and this is a date or time"),
        ("costs = 3", "f:1: costs: a table is wanted here, and this is a number"),
        ("[costs]\n\ninstal = 3", "f:3: costs: there is no kind of step instal (did you mean install?)"),
        ("[costs]\ninstall = true", "f:2: costs.install: a number of seconds is wanted here, and this is a boolean"),
        ("costs.install = nan", "f:1: costs.install: nan is no number of seconds"),
        ("costs.install = -1", "f:1: costs.install: -1 is no number of seconds"),
        ("costs.install = inf", "f:1: costs.install: inf is no number of seconds"),
        ("[per-file-ignores]\n'a' = 'b'", "f:2: per-file-ignores.a: a list of strings is wanted here, and this is a"),
        ("[per-file-ignores]\n'a' = ['b']", "f:2: per-file-ignores.a: no such slug: b"),
        ("[per-file-ignores]\n'../a' = []", "f:2: per-file-ignores: ../a: a pattern does not lead upwards"),
        ("a = \n", "f:1: no valid TOML: Invalid value"),
        ("a = 1\na = 2", "f:2: no valid TOML: Cannot overwrite a value"),
        ("a = '''\n\n", "f:3: no valid TOML: "),
        ("a = " + "9" * 5000, "f: no valid TOML: "),
        ("a = " + "[" * 100_000, "f: no valid TOML: nested too deeply"),
        ("\n[" + "a." * 60_000 + "a]", "f:2: no valid TOML: nested too deeply"),
        ("x = {" + "1-_ . '\u2028' ." * 8_000 + "a = 1}", "f:1: no valid TOML: nested too deeply"),
        ("#" * (SIZE_LIMIT + 1), "f: larger than 256 KiB: no configuration is"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config("f", "", text.encode())
    assert str(caught.value).startswith(message)


def test_many_dots_on_a_line_are_no_long_key() -> None:
    pins = ", ".join(f"'a{number}==1.2.{number}'" for number in range(200))
    text = f"[project]\ndependencies = [{pins}]\nversions = [{'1.5, ' * 100}]\n[tool.dockerfile-fix]\n"
    assert read_config("pyproject.toml", "", text.encode()) is not None


def test_in_a_pyproject_the_line_is_that_of_the_whole_file() -> None:
    for text, line in (
        ("[tool]\ndockerfile-fix = 3\n", 2), ("tool = 'dockerfile-fix'\n", 1), ("[[tool.dockerfile-fix]]\na = 1\n", 1),
        ("[tool.dockerfile-fix]\n\ncosts.x = 3\n", 3), ("[tool.'dockerfile-fix'.costs]\nx = 3\n", 2),
    ):  # fmt: skip
        with pytest.raises(ConfigError) as caught:
            read_config("pyproject.toml", "", text.encode())
        assert caught.value.line == line, text


def test_bytes_that_are_not_text() -> None:
    with pytest.raises(ConfigError, match=r"f:2: this is not UTF-8"):
        read_config("f", "", b"# a\n# caf\xe9\n")
