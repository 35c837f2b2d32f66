"""The text of a pull request tells every Dockerfile of the repository, and fits what hosts take."""

from __future__ import annotations

from reorder.effects import Safety
from reorder.migrating.bodies import render_body
from reorder.outcome import Change, Changed, Failed, FileChange, Gain, Outcome, Refusal, Unchanged
from reorder.output.report import PULL_REQUEST_LIMIT
from reorder.repository_outcome import RepositoryOutcome

GAIN = Gain("history", 200, 1, 188, 17, 38.2, 11.9)


def changed(path: str) -> Changed:
    change = Change("broad-copy-before-install", 3, Safety.SAFE, "COPY in line 3 moves below RUN in line 4")
    return Changed(path, "", (FileChange(path, "a\nb\n", "b\na\n"),), "the diff", (change,), GAIN)


def body_of(*outcomes: Outcome) -> str:
    return render_body(RepositoryOutcome("team/app", "/somewhere/app", "changed", outcomes=outcomes, patch="x"))


def test_all_dockerfiles_are_told() -> None:
    refusal = Refusal("unknown-command", 2, "frob is not known")
    text = body_of(changed("api/Dockerfile"), Failed("b", "", "bad", 1), Unchanged("c", "", "", (refusal,)))
    assert "| `api/Dockerfile` | 188 → **17** in the last 200 commits | 38 s → **12 s** |" in text
    assert "It changes 1 of 3 Dockerfiles." in text
    assert "dockerfile-fix verify api/Dockerfile" in text
    assert "- `b` line 1: bad" in text
    assert "- `c` line 2: frob is not known (`unknown-command`)" in text
    assert "the diff" not in text
    assert "/somewhere" not in text


def test_a_host_takes_it_however_many_dockerfiles_there_are() -> None:
    text = body_of(*(changed(f"service-{number}/Dockerfile") for number in range(2_000)))
    assert len(text.encode()) <= PULL_REQUEST_LIMIT
    assert text.endswith("tells more about a name in this text._\n")
