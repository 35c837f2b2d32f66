"""Comments that hold an instruction: how they are written, and what no change may then do."""

from __future__ import annotations

import pytest

from reorder.api import Settings, fix_text
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.outcome import Changed, Outcome, Unchanged
from reorder.planning.holds import find_hold, find_note_problems, find_skip, without_notes
from reorder.source import Source
from reorder.weighing.history import History

FILES = {"requirements.txt": "idna==3.7\n", "app/main.py": ""}
COPY = "COPY . .\n"
RUN = "RUN pip install -r requirements.txt\n"
SKIP = "a comment says that the file is to be left alone"
HEAD = "FROM python:3.11-slim\nWORKDIR /app\n"


def fix(text: str) -> Outcome:
    return fix_text(text, MemoryTree(FILES), Settings(history=History()))


def told(outcome: Outcome) -> list[tuple[str, int, str]]:
    assert isinstance(outcome, Changed | Unchanged)
    return [(refusal.slug, refusal.line, refusal.reason) for refusal in outcome.refusals]


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# dockerfile-fix: ignore", ""),
        ("#dockerfile-fix:ignore", ""),
        ("  ##  dockerfile-fix : IGNORE  ", ""),
        ("# Dockerfile-Fix: ignore", ""),
        ("# DOCKERFILE_FIX: ignore", ""),
        ("# dockerfile-fix: ignore all of it, please", ": all of it, please"),
        ("# dockerfile-fix: ignore[broad-copy-before-install]", ""),
        ("# dockerfile-fix: ignore [ Broad-Copy-Before-Install ] - said who\r", ": said who"),
        ("# dockerfile-fix: ignore[mixed-copy-before-install,broad-copy-before-install]: two", ": two"),
        ("# first\n# dockerfile-fix: ignore because\n# last", ": because"),
        ("# dockerfile-fix: ignore[output-in-context]\n# dockerfile-fix: ignore[broad-copy-before-install]", ""),
    ],
)
def test_how_it_is_written(comment: str, reason: str) -> None:
    for text, where in (
        (f"{HEAD}{comment}\n{COPY}{RUN}", "COPY"), (f"{HEAD}{COPY}{comment}\n{RUN}", "RUN"),
        (f"{comment}\n{HEAD}{COPY}{RUN}", "FROM"),
    ):  # fmt: skip
        line = text[: text.index(where + " ")].count("\n") + 1
        run = text[: text.index("RUN")].count("\n") + 1
        why = f"the comment above {where} in line {line} says so{reason}"
        assert told(fix(text)) == [("ignored-by-comment", run, why)], text


@pytest.mark.parametrize(
    "comment",
    [
        "# dockerfile-fix: ignore[mixed-copy-before-install]", "# dockerfile-fix moved this line down",
        "# see dockerfile-fix: ignore", "# dockerfile-fixer: ignore", "# nothing",
        "# dockerfile-fix: ignore[gain-too-small]",
    ],
)  # fmt: skip
def test_what_holds_nothing_here(comment: str) -> None:
    outcome = fix(f"{HEAD}{comment}\n{COPY}{RUN}")
    assert isinstance(outcome, Changed)
    assert told(outcome) == []


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# dockerfile-fix: ignore[broad-copy]", "there is no slug broad-copy (did you mean "),
        ("# dockerfile-fix: ignore[]", "there is no slug without a name"),
        ("# dockerfile-fix: ignore[mixed-copy-before-install,]", "there is no slug without a name"),
        ("# dockerfile-fix: ignore[mixed-copy-before-install", "ignore[mixed-copy-before-install is not understood"),
        ("# dockerfile-fix: ignore=mixed-copy-before-install", "ignore=mixed-copy-before-install is not understood"),
        ("# dockerfile-fix: ignroe", "ignroe is neither ignore nor skip-file (did you mean ignore?)"),
        ("# dockerfile-fix: off", "off is neither ignore nor skip-file, so"),
        ("# dockerfile-fix:", "what follows is neither ignore nor skip-file, so"),
        ("# dockerfile-fix ignore", "after dockerfile-fix a colon is missing"),
    ],
)
def test_what_is_not_understood_holds_and_is_told(comment: str, problem: str) -> None:
    outcome = fix(f"{HEAD}{comment}\n{COPY}{RUN}")
    assert isinstance(outcome, Unchanged)
    first, second = told(outcome)
    assert first[:2] == ("comment-not-understood", 3)
    assert first[2].startswith(problem)
    assert first[2].endswith(", so no change touches COPY in line 4")
    assert second[:2] == ("ignored-by-comment", 5)


def test_a_comment_below_everything_is_told() -> None:
    outcome = fix(f"{HEAD}{COPY}{RUN}# dockerfile-fix: ignore\n")
    assert isinstance(outcome, Changed)
    assert told(outcome) == [("comment-not-understood", 5, "nothing is below it")]


def test_a_heredoc_is_a_script_and_no_place_for_it() -> None:
    body = "RUN <<EOF\n# dockerfile-fix: ignore\npip install -r requirements.txt\nEOF\n"
    outcome = fix(HEAD + COPY + body)
    assert isinstance(outcome, Changed)
    assert told(outcome) == []


def test_a_refusal_can_be_silenced_by_its_slug() -> None:
    text = HEAD + COPY + "{}RUN some-tool && pip install -r requirements.txt\n"
    [(slug, line, _)] = told(fix(text.format("")))
    assert (slug, line) == ("unknown-command", 4)
    assert told(fix(text.format("# dockerfile-fix: ignore[unknown-command] we know\n"))) == []
    assert told(fix(text.format("# dockerfile-fix: ignore\n"))) == [], "who wants nothing done needs no reasons"
    assert told(fix("# dockerfile-fix: ignore[unknown-command]\n" + text.format(""))) == []
    [(slug, _, _)] = told(fix(text.format("# dockerfile-fix: ignore[project-code]\n")))
    assert slug == "unknown-command"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("# dockerfile-fix: skip-file\nFROM debian\n", 1, SKIP),
        ("FROM debian\n# dockerfile-fix: skip-file: made by a tool\n", 2, f"{SKIP}: made by a tool"),
        ("{{ no Dockerfile }}\n\n  # dockerfile-fix: skip-file\n", 3, SKIP),
    ],
)  # fmt: skip
def test_a_file_that_is_skipped(text: str, line: int, reason: str) -> None:
    outcome = fix(text)
    assert isinstance(outcome, Unchanged)
    assert told(outcome) == [("ignored-by-comment", line, reason)]
    assert outcome.text == text


@pytest.mark.parametrize("word", ["skip", "skipfile", "skip-files", "skip_file", "skip-file[x]"])
def test_a_file_that_is_nearly_skipped_is_left_alone_with_a_word(word: str) -> None:
    outcome = fix(f"# dockerfile-fix: {word}\n{HEAD}{COPY}{RUN}")
    assert isinstance(outcome, Unchanged)
    [(slug, line, reason)] = told(outcome)
    assert (slug, line) == ("comment-not-understood", 1)
    assert reason.endswith("so the file is left alone")


def test_no_skip() -> None:
    assert find_skip("FROM debian\n# skip-file\n# dockerfile-fix: ignore\n") is None


def test_each_copy_and_run_by_itself() -> None:
    text = (
        "FROM python:3.11-slim AS a\nWORKDIR /app\n# dockerfile-fix: ignore\nCOPY . .\nRUN pip install six\n"
        "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n# dockerfile-fix: ignore\nRUN true\nRUN pip install six\n"
    )
    outcome = fix(text)
    assert isinstance(outcome, Unchanged)
    assert [(slug, line) for slug, line, _ in told(outcome)] == [("ignored-by-comment", 5), ("ignored-by-comment", 11)]
    assert told(outcome)[1][2] == "the comment above RUN in line 10 says so"


def test_a_line_of_a_hostile_file_costs_no_time() -> None:
    text = "FROM debian\n" + f"# dockerfile-fix: ignore[{'x ' * 20_000}\n#{' #' * 20_000}\n" * 10 + "RUN true\n"
    assert find_skip(text) is None
    dockerfile = parse(Source("Dockerfile", text))
    run = dockerfile.instructions[1]
    assert find_hold(dockerfile, dockerfile.stages[0], run, "broad-copy-before-install") is not None
    assert len(list(find_note_problems(dockerfile))) == 10


def test_the_rest_of_a_comment_is_for_people() -> None:
    assert without_notes("# a\n# dockerfile-fix: ignore before\n# b\n") == "# a\n# b\n"
    comment = "# dockerfile-fix: ignore[mixed-copy-before-install] must stay before the install\n"
    outcome = fix(HEAD + comment + COPY + RUN)
    assert isinstance(outcome, Changed), "its reason is about that kind of change only"
