"""Completion as real shells do it, and what they are offered."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from reorder.cli import COMMANDS, main
from reorder.output.formats import FORMATS
from reorder.slugs import CHANGES, REFUSALS

ROOT = Path(__file__).parents[2]
SHELLS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "--private", "-i"),
}
SETUP = {
    "bash": 'bind "set bell-style none"; eval "$(dockerfile-fix completion bash)"',
    "zsh": 'autoload -U compinit; compinit -u -D; bindkey -e; eval "$(dockerfile-fix completion zsh)"',
    "fish": "dockerfile-fix completion fish | source",
}
SECONDS = 60.0


def offered(*words: str, incomplete: str = "") -> list[tuple[str, str]]:
    """Type and value of each item that click hands to a shell."""
    shell = ShellComplete(main, {}, "dockerfile-fix", "_DOCKERFILE_FIX_COMPLETE")
    return [(item.type, item.value) for item in shell.get_completions(list(words), incomplete)]


def values(*words: str, incomplete: str = "") -> list[str]:
    return [value for kind, value in offered(*words, incomplete=incomplete) if kind == "plain"]


def test_the_first_word_is_a_command_or_a_path() -> None:
    assert offered() == [("file", ""), *(("plain", name) for name in COMMANDS)]
    assert offered(incomplete="ver") == [("file", "ver"), ("plain", "verify")]
    assert offered(incomplete="Dock") == [("file", "Dock")]


def test_without_a_command_the_options_are_those_of_fix() -> None:
    assert values(incomplete="--di") == ["--diff"]
    assert {"--version", "--help", "--select", "--check"} <= set(values(incomplete="--"))
    assert values("--check", incomplete="--unsafe") == ["--unsafe-fixes"]
    assert values("--format") == list(FORMATS)
    assert offered("--check", incomplete="Dock") == [("file", "Dock")]


@pytest.mark.parametrize("command", [(), ("fix",), ("replay",), ("verify",), ("config",)])
@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_slugs_of_changes(command: tuple[str, ...], option: str) -> None:
    assert values(*command, option) == list(CHANGES)
    assert values(*command, option, incomplete="broad") == ["broad-copy-before-install"]
    second = values(*command, option, incomplete="broad-copy-before-install,b")
    assert "broad-copy-before-install,built-files-before-install" in second
    assert "broad-copy-before-install,broad-copy-before-install" not in second


def test_topics_of_explain() -> None:
    assert {"pnpm", "apt", *CHANGES, *REFUSALS} <= set(values("explain"))
    assert values("explain", incomplete="lock-") == ["lock-would-be-rewritten"]


def test_files_and_folders_where_they_are_wanted() -> None:
    assert offered("--context", incomplete="x") == [("dir", "x")]
    assert offered("--output", incomplete="x") == [("file", "x")]
    assert offered("replay", "--timings", incomplete="x") == [("file", "x")]
    assert offered("verify", "--against", incomplete="x") == [("file", "x")]
    assert values("replay", "--cost", incomplete="in") == ["install="]
    assert values("verify", "--builder") == ["docker", "podman", "buildah"]
    assert values("completion") == ["bash", "zsh", "fish"]


def test_a_shell_that_is_not_known() -> None:
    result = CliRunner().invoke(main, ["completion", "bsh"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean bash" in result.stderr


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ``dockerfile-fix`` that runs this source tree, to stand first on the search path."""
    folder = tmp_path_factory.mktemp("bin")
    script = folder / "dockerfile-fix"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom reorder.cli import main\nmain()\n"
    )
    script.chmod(0o755)
    return folder


@pytest.fixture(params=list(SHELLS), scope="module")
def shell(request: pytest.FixtureRequest, program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An interactive shell on a terminal of its own, in a folder with a Dockerfile, that has our completion."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    home = tmp_path_factory.mktemp("home")
    (home / "Dockerfile.production").touch()
    (home / "context").mkdir()
    running = Shell(request.param, home, program)
    yield running
    running.end()


class Shell:
    """A shell that is typed into."""

    def __init__(self, name: str, home: Path, program: Path) -> None:
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(home)
            path = f"{program}:{os.environ['PATH']}"
            environment = {"HOME": str(home), "PATH": path, "TERM": "dumb", "LANG": "C.UTF-8", "PS1": "$ "}
            os.execvpe(SHELLS[name][0], SHELLS[name], environment)
        self.pid = pid
        self._type(SETUP[name] + "\n")
        self._type("echo ready$((40 + 2))\n" if name != "fish" else "echo ready(math 40 + 2)\n")
        self._read_until("ready42")

    def completed(self, typed: str) -> str:
        """The line after a tabulator, which the shell itself prints: ``echo`` is put in front, and it is run."""
        self._type(typed + "\t\x01echo '<'; echo \x05; echo '>'\n")
        return self._read_until("\n>").rpartition("\n<")[2].rpartition("\n>")[0].strip()

    def end(self) -> None:
        os.close(self.terminal)
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)

    def _type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def _read_until(self, mark: str) -> str:
        found, end = "", time.monotonic() + SECONDS
        while mark not in found:
            assert time.monotonic() < end, found
            if select.select([self.terminal], [], [], 1.0)[0]:
                found += os.read(self.terminal, 65536).decode(errors="replace").replace("\r", "")
        return found


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("dockerfile-fix veri", "dockerfile-fix verify"),
        ("dockerfile-fix --di", "dockerfile-fix --diff"),
        ("dockerfile-fix Dock", "dockerfile-fix Dockerfile.production"),
        ("dockerfile-fix --check Dock", "dockerfile-fix --check Dockerfile.production"),
        ("dockerfile-fix --select broad", "dockerfile-fix --select broad-copy-before-install"),
        ("dockerfile-fix fix --context con", "dockerfile-fix fix --context context"),
        ("dockerfile-fix explain lock-w", "dockerfile-fix explain lock-would-be-rewritten"),
        ("dockerfile-fix verify --smo", "dockerfile-fix verify --smoke"),
        ("dockerfile-fix --select=broad", "dockerfile-fix --select=broad-copy-before-install"),
        ("dockerfile-fix fix --context=con", "dockerfile-fix fix --context=context"),
    ],
)
def test_a_real_shell_completes(shell: Shell, typed: str, line: str) -> None:
    assert shell.completed(typed).rstrip("/") == line  # zsh takes a slash back


def test_each_shell_takes_the_script(program: Path) -> None:
    for name in filter(shutil.which, SHELLS):
        command = [program / "dockerfile-fix", "completion", name]
        script = subprocess.run(command, capture_output=True, check=True).stdout
        checked = subprocess.run([name, "-n"], input=script, capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, b""), name


def test_every_option_that_takes_a_path_says_so() -> None:
    """The shell is told for each option with FILE or DIR."""
    context = click.Context(main, resilient_parsing=True)
    for name in COMMANDS:
        command = main.get_command(context, name)  # type: ignore[attr-defined]
        inner = click.Context(command, parent=context, resilient_parsing=True)
        for param in command.params:
            wanted = {"FILE": "file", "DIR": "dir", "[PATH]...": "file"}.get(param.metavar or "")
            if wanted and param.opts != ["--touch"]:  # of the context, which need not be here
                assert [item.type for item in param.shell_complete(inner, "x")] == [wanted], (name, param.opts)
