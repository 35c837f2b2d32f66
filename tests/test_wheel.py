"""The wheel carries what the command needs that lies outside of the package in a checkout."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

import pytest

from reorder.commands.explain import run_explain
from reorder.world.example_archive import pack_examples

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, **variables: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **variables})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in an environment that has the wheel, and this one's other packages."""
    pytest.importorskip("hatchling", reason="hatchling builds the wheel; it is in the extra dev")
    top = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "wheel", ROOT, "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", top)
    venv.create(top / "environment", with_pip=False)
    python = top / "environment/bin/python"
    (wheel,) = top.glob("*.whl")
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", "--quiet", wheel)
    (packages,) = (top / "environment/lib").glob("python*/site-packages")
    # the path alone: an editable install's own .pth would lead back to the checkout
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return top / "environment/bin/dockerfile-fix"


@pytest.mark.parametrize("topic", ["pnpm", "npm", "not-proven", "copy-of-a-symlink", "broad-copy-before-install"])
def test_explain_shows_its_examples(
    installed: Path, topic: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = run(installed, "explain", topic, PYTHONPATH="")
    assert "Example (case " in told
    assert run_explain(topic) == 0
    assert told == capsys.readouterr().out


def test_it_is_the_wheel_that_runs(installed: Path, tmp_path: Path) -> None:
    where = "import reorder; print(reorder.__file__)"
    shown = run(installed.parent / "python", "-P", "-c", where, PYTHONPATH="")
    assert Path(shown.strip()).is_relative_to(installed.parents[1])


def test_the_same_cases_give_the_same_bytes() -> None:
    assert pack_examples(str(ROOT / "corpus")) == pack_examples(str(ROOT / "corpus"))


def test_no_example_has_a_link_to_a_folder() -> None:
    """A source distribution follows these, and a wheel that is built from one would show another case."""
    with tarfile.open(fileobj=io.BytesIO(pack_examples(str(ROOT / "corpus")))) as archive:
        links = [member for member in archive if member.issym()]
    assert links
    assert [link.name for link in links if (ROOT / "corpus" / link.name).is_dir()] == []


def test_without_a_corpus_there_are_no_examples(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(pack_examples(str(tmp_path / "corpus")))) as archive:
        assert archive.getnames() == []
