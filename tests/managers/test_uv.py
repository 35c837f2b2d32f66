"""What uv reads and writes, command by command, and how its installs are cut in two."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import pytest
from copied_view import FakeView
from pip_call import context_reads, run

from reorder.context.memory import MemoryTree
from reorder.effects import Output
from reorder.manager import Call, Prefetch, all_managers, find_manager

HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n'
SIX = '\n[[package]]\nname = "six"\nversion = "1.16.0"\nsource = { registry = "https://pypi.org/simple" }\n'
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
PROJECT = '[project]\nname = "shop"\nversion = "0.1.0"\nrequires-python = ">=3.9"\ndependencies = ["six==1.16.0"]\n'
METADATA = '\n[package.metadata]\nrequires-dist = [{ name = "six", specifier = "==1.16.0" }]\n'


def locked(kind: str, path: str = ".", name: str = "shop", rest: str = METADATA) -> str:
    return f'\n[[package]]\nname = "{name}"\nversion = "0.1.0"\nsource = {{ {kind} = "{path}" }}\n{rest}'


APP = {"pyproject.toml": PROJECT, "uv.lock": HEAD + locked("virtual") + SIX, "main.py": "", "README.md": ""}
PACKAGE = {"pyproject.toml": PROJECT + BUILD, "uv.lock": HEAD + locked("editable") + SIX, "src/shop/__init__.py": ""}
MEMBERS = '\n[manifest]\nmembers = ["alpha", "shop"]\n'
WORKSPACE = {
    "pyproject.toml": PROJECT + BUILD + '[tool.uv.workspace]\nmembers = ["packages/*"]\n',
    "packages/alpha/pyproject.toml": '[project]\nname = "alpha"\nversion = "0.1.0"\n' + BUILD,
    "packages/alpha/src/alpha/__init__.py": "",
    "uv.lock": HEAD + MEMBERS + locked("editable", "packages/alpha", "alpha", "") + locked("editable") + SIX,
}
PATH_SOURCE = {
    **PACKAGE,
    "vendor/beta/pyproject.toml": '[project]\nname = "beta"\nversion = "0.1.0"\n' + BUILD,
    "uv.lock": HEAD + locked("directory", "vendor/beta", "beta", "") + locked("editable") + SIX,
}
MANIFESTS = {"pyproject.toml", "uv.lock"}


def prefetch(command: str, files: Mapping[str, str], *, env: Mapping[str, str] | None = None) -> Prefetch | None:
    words = tuple(word.replace("…", "\0") for word in shlex.split(command))
    view = FakeView(MemoryTree(dict(files)), root="/app", made=(), links=())
    manager = find_manager("uv")
    assert manager is not None
    assert manager.find_prefetch is not None
    call = Call(words, words[0], "/app", env or {}, "root", "/root", "python:3.11-slim", view)
    return manager.find_prefetch(call)


def present(command: str, files: Mapping[str, str], env: Mapping[str, str] | None = None) -> set[str]:
    effects = run(command, files, env=env)
    assert effects.blocks == ()
    found = context_reads(effects)
    return {path for path in found if any(name == path or name.startswith(path + "/") for name in files)}


@pytest.mark.parametrize(
    ("command", "files", "reads"),
    [
        ("uv sync --frozen", APP, MANIFESTS),
        ("uv sync --locked --no-dev", APP, MANIFESTS),
        ("uv sync", APP, MANIFESTS),
        (
            "uv --quiet sync --frozen --extra a --group b -p 3.12",
            {**APP, ".python-version": "3.12"},
            {*MANIFESTS, ".python-version"},
        ),
        ("uv sync --frozen", {**APP, "uv.toml": 'link-mode = "copy"\n'}, {*MANIFESTS, "uv.toml"}),
        ("uv sync --frozen --no-install-project", PACKAGE, MANIFESTS),
        ("uv sync --frozen --no-install-package shop", PACKAGE, MANIFESTS),
        ("uv sync --frozen --only-group lint", PACKAGE, MANIFESTS),
        ("uv sync --locked --no-install-workspace", WORKSPACE, {*MANIFESTS, "packages/alpha/pyproject.toml"}),
        ("uv sync --frozen --no-install-local", PATH_SOURCE, {*MANIFESTS, "vendor/beta/pyproject.toml"}),
        ("uv sync", {"pyproject.toml": PROJECT}, {"pyproject.toml"}),
        (
            "uv sync --frozen",
            {**APP, "uv.lock": APP["uv.lock"] + locked("path", "wheels/a.whl", "a", ""), "wheels/a.whl": ""},
            {*MANIFESTS, "wheels/a.whl"},
        ),
        (
            "uv sync --frozen",
            {**APP, "uv.lock": APP["uv.lock"] + locked("registry", "wheels", "a", ""), "wheels/a.whl": ""},
            {*MANIFESTS, "wheels"},
        ),
        ("uv sync --frozen --find-links wheels", {**APP, "wheels/a.whl": ""}, {*MANIFESTS, "wheels"}),
        (
            "uv pip install -r requirements.txt",
            {"requirements.txt": "-c limits.txt\nsix\n", "limits.txt": ""},
            {"requirements.txt", "limits.txt"},
        ),
        (
            "uv pip install --system -r pyproject.toml --extra dev",
            {"pyproject.toml": PROJECT + BUILD},
            {"pyproject.toml"},
        ),
        ("uv pip sync requirements.txt", {"requirements.txt": "six\n", "main.py": ""}, {"requirements.txt"}),
        ("uv pip install --system ruff==… six", {"main.py": ""}, set()),
        ("uv pip install ruff", {"uv.toml": "", "pyproject.toml": PROJECT}, {"uv.toml", "pyproject.toml"}),
        ("uv venv", {"main.py": "", ".python-version": "3.12"}, {".python-version"}),
        ("uv tool install ruff", {"main.py": ""}, set()),
        ("uv python install 3.12", {"main.py": ""}, set()),
        ("uv cache clean", {"main.py": ""}, set()),
        ("uv export --frozen -o requirements.txt", APP, MANIFESTS),
        ("uv --version", {"main.py": ""}, set()),
    ],
)
def test_what_is_read_of_the_context(command: str, files: Mapping[str, str], reads: set[str]) -> None:
    assert present(command, files) == reads


@pytest.mark.parametrize(
    ("command", "files", "slug"),
    [
        ("uv sync --frozen", PACKAGE, "install-builds-project"),
        ("uv sync --frozen --no-install-project", WORKSPACE, "install-builds-project"),
        ("uv sync --frozen --no-install-workspace", PATH_SOURCE, "install-builds-project"),
        ("uv sync --frozen", {"pyproject.toml": PROJECT}, "manifest-not-found"),
        ("uv sync", {"main.py": ""}, "manifest-not-found"),
        ("uv sync", {**APP, "pyproject.toml": PROJECT.replace("0.1.0", "0.2.0")}, "lock-would-be-rewritten"),
        ("uv sync", {**APP, "pyproject.toml": PROJECT.replace("1.16", "1.17")}, "lock-would-be-rewritten"),
        ("uv sync", {**APP, "pyproject.toml": PROJECT.replace(">=3.9", ">=3.10")}, "lock-would-be-rewritten"),
        ("uv sync --upgrade", APP, "lock-would-be-rewritten"),
        ("uv sync --script a.py", APP, "project-code"),
        ("uv sync --frobnicate", APP, "unknown-option"),
        ("uv run main.py", APP, "project-code"),
        ("uvx ruff check", APP, "project-code"),
        ("uv add six", APP, "install-edits-manifest"),
        ("uv build", APP, "project-code"),
        ("uv pip install .", PACKAGE, "install-builds-project"),
        ("uv pip install -e .[dev]", PACKAGE, "install-builds-project"),
        ("uv pip install -r setup.py", {"setup.py": ""}, "project-code"),
        ("uv pip install -r -", {"main.py": ""}, "unknown-argument"),
        ("uv pip install -r requirements.txt", {"requirements.txt": "-e .\n"}, "install-builds-project"),
        ("uv tool install .", PACKAGE, "install-builds-project"),
        ("uv sync --frozen", {**APP, "uv.toml": 'cache-dir = "c"\n'}, "unknown-option"),
        ("uv frobnicate", APP, "unknown-command"),
    ],
)
def test_what_stays(command: str, files: Mapping[str, str], slug: str) -> None:
    assert [block.slug for block in run(command, files).blocks] == [slug]


@pytest.mark.parametrize(
    ("command", "files", "flags"),
    [
        ("uv sync --frozen --no-dev", PACKAGE, ("--no-install-project",)),
        ("uv sync --locked", WORKSPACE, ("--no-install-workspace",)),
        ("uv sync", PACKAGE, ("--no-install-project",)),
        ("uv sync --frozen", PATH_SOURCE, ("--no-install-local",)),
        ("uv sync", {"pyproject.toml": PROJECT + BUILD}, ("--no-install-project",)),
    ],
)
def test_the_dependencies_of_a_package_come_first(
    command: str, files: Mapping[str, str], flags: tuple[str, ...]
) -> None:
    found = prefetch(command, files)
    assert found is not None
    assert found.flags == flags
    assert bool(found.doubts) == (flags == ("--no-install-local",))
    assert run(" ".join((command, *flags)), files).blocks == ()


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("uv pip install --system .", "uv pip install --system -r pyproject.toml"),
        ("uv pip install --no-cache -e .", "uv pip install --no-cache -r pyproject.toml"),
        ("uv pip install -e '.[dev,test]'", "uv pip install -r pyproject.toml --extra dev --extra test"),
    ],
)
def test_a_listed_dependency_is_installed_before_the_project(command: str, argv: str) -> None:
    found = prefetch(command, PACKAGE)
    assert found is not None
    assert " ".join(found.argv) == argv


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("uv sync --frozen", APP),
        ("uv sync --frozen --reinstall", PACKAGE),
        ("uv sync", {**PACKAGE, "pyproject.toml": PROJECT.replace("1.16", "1.17") + BUILD}),
        ("uv sync --frozen", {"pyproject.toml": PROJECT + BUILD}),
        ("uv pip install six", PACKAGE),
        ("uv pip install . six", PACKAGE),
        ("uv pip install --no-deps .", PACKAGE),
        (
            "uv pip install -e .",
            {"pyproject.toml": PROJECT.replace("dependencies = [", 'dynamic = ["dependencies"]\nx = [')},
        ),
        ("uv pip install -e .", {"setup.py": ""}),
        ("uv run main.py", APP),
    ],
)
def test_nothing_to_fetch_first(command: str, files: Mapping[str, str]) -> None:
    assert prefetch(command, files) is None


def test_the_environment_is_an_output() -> None:
    assert Output("/app/.venv", rebuilt=False) in run("uv sync --frozen", APP).outputs
    assert Output("/app/env", rebuilt=True) in run("uv venv --clear env", APP).outputs
    moved = run("uv sync --frozen", APP, env={"UV_PROJECT_ENVIRONMENT": "/opt/env"})
    assert moved.writes.has("/opt/env/bin/python")
    assert not moved.writes.has("/app/.venv/bin/python")
    assert run("uv sync --frozen", APP, env={"UV_PROJECT_ENVIRONMENT": "/usr/local"}).outputs == ()


def test_variables_count_as_options() -> None:
    drifted = {**APP, "pyproject.toml": PROJECT.replace("1.16", "1.17")}
    assert present("uv sync", drifted, {"UV_FROZEN": "1"}) == MANIFESTS
    assert run("uv sync", APP, env={"UV_CONFIG_FILE": "…".replace("…", "\0")}).blocks
    assert "conf.txt" in context_reads(run("uv pip install six", {"conf.txt": "a"}, env={"UV_CONSTRAINT": "conf.txt"}))


def test_a_marker_is_a_doubt_without_frozen() -> None:
    marked = {**APP, "pyproject.toml": PROJECT.replace('1.16.0"', "1.16.0; python_version < '4'\"")}
    assert run("uv sync", marked).doubts
    assert run("uv sync --frozen", marked).doubts == ()


def test_a_lock_without_frozen_is_written_where_there_is_none() -> None:
    assert run("uv sync", {"pyproject.toml": PROJECT}).writes.has("/app/uv.lock")
    assert not run("uv sync", APP).writes.has("/app/uv.lock")


def test_a_member_finds_the_lock_of_its_workspace() -> None:
    effects = run("uv sync --frozen --no-install-workspace", WORKSPACE, cwd="/app/packages/alpha")
    assert effects.blocks == ()
    assert {"pyproject.toml", "uv.lock", "packages/alpha/pyproject.toml"} <= context_reads(effects)


def test_every_command_has_a_rule() -> None:
    manager = next(m for m in all_managers() if m.name == "uv")
    text = " ".join(rule.command for rule in manager.rules)
    assert all(word in text for word in ("uv sync", "uv pip", "uv venv", "uv run", "uvx"))
