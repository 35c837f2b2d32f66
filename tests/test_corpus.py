"""Every case of the corpus against every property that a patch must have."""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from rebuilds import Rebuild, origins
from unidiff import PatchSet

from corpus import CORPUS, Case, case_names, lay_out, load_case, memory_tree
from reorder.api import Settings, fix_file, fix_text
from reorder.cli import main
from reorder.dockerfile.model import Dockerfile
from reorder.dockerfile.parse import parse
from reorder.outcome import Changed, Outcome, Unchanged
from reorder.source import Source

NAMES = case_names()
CHANGED = [name for name in NAMES if (CORPUS / name / "expected.Dockerfile").exists()]

every_case = pytest.mark.parametrize("name", NAMES)
every_changed_case = pytest.mark.parametrize("name", CHANGED)


def _scratch(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / f"scratch-{len(list(tmp_path.iterdir()))}"


def _fix(case: Case, tmp_path: Path, *, text: str | None = None, ignore: str | None = None) -> Outcome:
    tree = memory_tree(case, _scratch(tmp_path), text=text, ignore=ignore)
    return fix_text(case.text if text is None else text, tree, case.settings, path=_shown_path(case))


def _shown_path(case: Case) -> str:
    """The Dockerfile's path from the build context, or from the top if it lies outside."""
    path = posixpath.relpath(case.dockerfile, case.context_option or ".")
    return case.dockerfile if path.startswith("../") else path


@pytest.fixture
def case(name: str) -> Case:
    return load_case(name)


def test_there_are_cases_of_both_kinds() -> None:
    assert CHANGED
    assert set(NAMES) - set(CHANGED)


def test_version_control_would_keep_every_file() -> None:
    """A case must not lose files to an ignore rule of this repository or of its own context."""
    if shutil.which("git") is None or not (CORPUS.parent / ".git").exists():
        pytest.skip("not a git checkout")
    done = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "corpus"],
        cwd=CORPUS.parent, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""


@every_case
def test_pieces_joined_are_the_file(case: Case) -> None:
    for text in (case.text, case.expected):
        if text is not None:
            dockerfile = parse(Source(case.dockerfile, text))
            assert "".join(dockerfile.source.slice(piece.span) for piece in dockerfile.pieces) == text


@every_case
def test_outcome(case: Case, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    outcome = _fix(case, tmp_path)
    if case.expected is None:
        assert isinstance(outcome, Unchanged), outcome
        if request.config.getoption("--update-corpus"):
            _update_unchanged(case, outcome)
            return
        assert {(refusal.slug, refusal.line) for refusal in outcome.refusals} == case.refusals, outcome.refusals
        return
    assert isinstance(outcome, Changed), outcome
    ignore_files = outcome.files[1:]
    if request.config.getoption("--update-corpus"):
        _update_changed(case, outcome)
        return
    assert outcome.files[0].new == case.expected
    assert [file.new for file in ignore_files] == ([case.expected_ignore] if case.expected_ignore is not None else [])
    assert [file.path for file in ignore_files] == [case.ignore_path] * len(ignore_files)
    assert (case.is_unsafe, True) == (any(c.safety.value == "unsafe" for c in outcome.changes), bool(outcome.changes))


def _update_unchanged(case: Case, outcome: Unchanged) -> None:
    lines = sorted((refusal.line, refusal.slug) for refusal in outcome.refusals)
    (case.folder / "unchanged").write_text("".join(f"{slug} {line}\n" for line, slug in dict.fromkeys(lines)))


def _update_changed(case: Case, outcome: Changed) -> None:
    (case.folder / "expected.Dockerfile").write_bytes(outcome.files[0].new.encode("utf-8", "surrogateescape"))
    (case.folder / "expected.dockerignore").unlink(missing_ok=True)
    for file in outcome.files[1:]:
        (case.folder / "expected.dockerignore").write_bytes(file.new.encode("utf-8", "surrogateescape"))


@every_changed_case
def test_fixing_the_expected_file_changes_nothing(case: Case, tmp_path: Path) -> None:
    outcome = _fix(case, tmp_path, text=case.expected, ignore=case.expected_ignore)
    assert isinstance(outcome, Unchanged), outcome


@every_changed_case
def test_diff_parses_and_git_applies_it(case: Case, tmp_path: Path) -> None:
    outcome = _fix(case, tmp_path)
    assert isinstance(outcome, Changed), outcome
    patches = PatchSet(outcome.diff)
    assert [patch.path for patch in patches] == [file.path for file in outcome.files]
    work = _scratch(tmp_path)
    for file in outcome.files:
        (work / file.path).parent.mkdir(parents=True, exist_ok=True)
        if file.old is not None:
            (work / file.path).write_bytes(file.old.encode("utf-8", "surrogateescape"))
    diff = outcome.diff.encode("utf-8", "surrogateescape")
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(command, cwd=work, input=diff, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    for file in outcome.files:
        assert (work / file.path).read_bytes() == file.new.encode("utf-8", "surrogateescape")


@every_changed_case
def test_only_copies_and_metadata_move_and_runs_are_only_divided(case: Case) -> None:
    old, new = (parse(Source(case.dockerfile, text)) for text in (case.text, case.expected or ""))

    def others(dockerfile: Dockerfile, kind: str) -> list[tuple[int, str]]:
        return [
            (stage.index, dockerfile.source.slice(instruction.span).rstrip("\r\n"))
            for stage in dockerfile.stages for instruction in stage.instructions
            if (instruction.keyword == "RUN") == (kind == "RUN") and instruction.keyword not in ("COPY", "ADD")
        ]  # fmt: skip

    def comments(text: str) -> list[str]:
        return sorted(line.strip() for line in text.splitlines() if line.lstrip().startswith("#"))

    if case.argument is None:
        assert others(old, "other") == others(new, "other")
    assert sorted(others(old, "other")) == sorted(others(new, "other"))
    fixed = ("FROM", "WORKDIR", "USER", "SHELL", "CMD", "ENTRYPOINT", "EXPOSE", "VOLUME")
    assert [o for o in others(old, "other") if o[1].split()[0].upper() in fixed] == [
        o for o in others(new, "other") if o[1].split()[0].upper() in fixed
    ]
    assert comments(case.expected or "") == comments(case.text)
    halves = Counter(origins(old, new).values())
    whole = [text for (stage, number), text in _numbered(others(old, "RUN")) if halves[stage, number] == 1]
    assert [text for text in whole if text not in [t for _, t in others(new, "RUN")]] == []


def _numbered(runs: list[tuple[int, str]]) -> Iterator[tuple[tuple[int, int], str]]:
    seen: Counter[int] = Counter()
    for stage, text in runs:
        yield (stage, seen[stage]), text
        seen[stage] += 1


@every_changed_case
def test_no_edit_costs_more_and_some_edit_costs_less(case: Case, tmp_path: Path) -> None:
    before, after = Rebuild.before(case, _scratch(tmp_path)), Rebuild.after(case, _scratch(tmp_path))
    spared = set()
    for path in before.paths:
        costly, cheap = before.again(path), after.again(path)
        assert cheap <= costly, f"an edit of {path} runs RUN {sorted(cheap - costly)} again, which it spared before"
        spared |= costly - cheap
    for argument in before.arguments():
        costly, cheap = before.again_with(argument), after.again_with(argument)
        assert cheap <= costly, f"another {argument} runs RUN {sorted(cheap - costly)} again, which it spared before"
        spared |= (costly - cheap) if argument == case.argument else set()
        assert argument != case.argument or (costly - cheap) & before.installs()
    assert spared & before.installs()


@every_case
def test_disk_and_command_line_agree_with_memory(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _fix(case, tmp_path)
    top = tmp_path / "top"
    lay_out(case, top)
    monkeypatch.chdir(top)
    option = case.meta.get("context-option")
    settings = Settings(context=option, unsafe_fixes=case.settings.unsafe_fixes)
    found = fix_file(case.dockerfile, settings)
    assert _essence(found) == _essence(expected)
    wanted = _files_on_disk(top)
    if isinstance(found, Changed):
        wanted |= {os.path.normpath(file.path): file.new.encode("utf-8", "surrogateescape") for file in found.files}
    arguments = [case.dockerfile, *(["--context", option] if option else [])]
    result = CliRunner().invoke(main, [*arguments, *(["--unsafe-fixes"] if settings.unsafe_fixes else [])])
    assert result.exit_code == 0, result.output
    assert _files_on_disk(top) == wanted


def _essence(outcome: Outcome) -> object:
    """All of an outcome but the names of files, which depend on where it was asked from."""
    if isinstance(outcome, Changed):
        return [(file.old, file.new) for file in outcome.files], outcome.changes, outcome.refusals
    return (outcome.text, outcome.refusals) if isinstance(outcome, Unchanged) else outcome


def _files_on_disk(top: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for folder, directories, names in os.walk(top):
        directories[:] = [name for name in directories if name != ".git"]
        for path in (Path(folder) / name for name in names):
            if not path.is_symlink():
                found[path.relative_to(top).as_posix()] = path.read_bytes()
    return found
