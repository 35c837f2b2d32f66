"""The build context as a real engine sees it: every file that it copies is one that `BuildContext` shows."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

import pytest
from engine.builds import ask, find_problem

from reorder.context.context import BuildContext, IgnoreFile, clean_source, open_context
from reorder.context.ignore import IgnoreError
from reorder.context.model import Kind
from reorder.world.disk import DiskTree

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("engine")]

_FILES = (
    "a", "b/a", "b/c/a", "b/c/d.md", "nm/x.md", "nm/p/x.md", "nm/p/.keep", "src/nm/i.js", "src/nm/README.md",
    "src/a.py", ".env", "x y", "#h", "!q", "README.md", "dir.d/[i].js", "B/a",
)  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> None:
    if (problem := find_problem()) is not None:
        pytest.skip(problem)


def _lay_out(folder: Path) -> Path:
    # the engine keeps what an earlier context of the same name has sent it
    context = folder / uuid.uuid4().hex
    for name in _FILES:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text(name)
    return context


def _build(folder: Path, context: Path, text: str) -> set[str] | None:
    """The files in an image made by these lines; None if they do not build."""
    (folder / "Dockerfile").write_text("FROM scratch\n" + text)
    out = folder / "out"
    done = ask("build", "--file", str(folder / "Dockerfile"), "--output", f"type=local,dest={out}", str(context))
    if done.returncode:
        return None
    return {path.relative_to(out).as_posix() for path in out.rglob("*") if not path.is_dir()}


def _walk(context: BuildContext, folder: str = "") -> set[str]:
    found: set[str] = set()
    for name in context.names(folder):
        path = f"{folder}/{name}" if folder else name
        found |= _walk(context, path) if context.kind(path) is Kind.DIRECTORY else {path}
    return found


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "text",
    [
        "nm\n!**/*.md\nnm\n",
        "*\n!src\n!**/*.md\nsrc/nm\n",
        "**\n!b/c\n!nm/*/.keep\n",
        "\ufeff*.md\n # not a comment\n #h\n/!q\n./b//c/\n../a\n",
        "b/*\n!b/c/d.md\n**/a\n!a\n",
        "**/[[]i].js\nx\\ y\n[a-b]\n",
        "src/**\n!src/nm/README.md\n.*\n!.env\n",
        "? ?\r\n!B\r\n**/nm/**\r\n",
        ".\n/\n\n",
        "a[\n",
        "b\n!/\n",
    ],
)
def test_the_engine_copies_what_the_context_shows(tmp_path: Path, text: str) -> None:
    folder = _lay_out(tmp_path)
    (folder / ".dockerignore").write_text(text, newline="")
    copied = _build(tmp_path, folder, "COPY . /\n")
    try:
        shown = _walk(open_context(DiskTree(str(folder)), None))
    except IgnoreError:
        assert copied is None
    else:
        assert copied == shown


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("own", ["", "a\n", None])
def test_the_ignore_file_beside_the_dockerfile_wins(tmp_path: Path, own: str | None) -> None:
    folder = _lay_out(tmp_path)
    (folder / ".dockerignore").write_text("b\nsrc\n")
    if own is not None:
        (tmp_path / "Dockerfile.dockerignore").write_text(own)
    outside = IgnoreFile("../Dockerfile.dockerignore", own) if own is not None else None
    assert _build(tmp_path, folder, "COPY . /\n") == _walk(open_context(DiskTree(str(folder)), None, outside))


@pytest.mark.usefixtures("engine")
def test_a_linked_ignore_file_is_followed(tmp_path: Path) -> None:
    folder = _lay_out(tmp_path)
    (folder / ".gitignore").write_text("b\nsrc\n")
    (folder / ".dockerignore").symlink_to(".gitignore")
    assert _build(tmp_path, folder, "COPY . /\n") == _walk(open_context(DiskTree(str(folder)), None))


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("line", "copied"),
    [
        ("COPY .npmr[c] /to/", set()),
        ("COPY */.npmr[c] /to/", set()),
        ("COPY src/a.py src/.npmr[c] /to/", {"to/a.py"}),
    ],
)
def test_a_pattern_without_a_match(tmp_path: Path, line: str, copied: set[str] | None) -> None:
    """Below a folder (``COPY src/.npmr[c] /to/``) it may not even build: the engine is sent only what matches, and then
    misses the folder before the first wildcard, unless an earlier build has left it there.
    """
    assert _build(tmp_path, _lay_out(tmp_path), line + "\n") == copied


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    "source",
    ["*/a", "**/a", "*/*/a", "[b]/c/*", "?", ".en[v]", "yarn.loc[k]", "/b/c/d.*", "../README.md", "./b/../src/*.py",
     "dir.d/[[]i].js", "[^a-z]*.md", "src/nm/*.[jm]*"],
)  # fmt: skip
def test_the_engine_takes_the_same_files_for_a_pattern(tmp_path: Path, source: str) -> None:
    folder = _lay_out(tmp_path)
    context = open_context(DiskTree(str(folder)), None)
    copied = _build(tmp_path, folder, f"COPY {source} /to/\n")
    expected = {f"to/{path.rpartition('/')[2]}" for path in context.expand(clean_source(source))}
    assert copied is not None
    if source == "?":
        shutil.rmtree(tmp_path / "out")  # directories among the matches: their contents are merged
        assert context.expand("?") == ("B", "a", "b")
        expected = {"to/a", "to/c/a", "to/c/d.md"}
    assert copied == expected
