"""Plans that weigh: what a move must save, where a copy comes to rest, and what is asked of the history."""

from __future__ import annotations

from pathlib import Path

import pytest

from reorder.api import Settings, fix_text
from reorder.context.memory import MemoryTree
from reorder.outcome import Changed, Unchanged
from reorder.weighing.costs import Costs
from reorder.weighing.history import Commit, History

FILES = {
    "requirements.txt": "idna==3.7\n", "lint.txt": "six==1.16.0\n", "app.py": "", "src/a.py": "", "tool/t.py": "",
    "conf.d/a.yaml": "", "nginx.conf": "",
}  # fmt: skip
HEAD = "FROM python:3.11-slim\nWORKDIR /app\n"
APT = "RUN apt-get update && apt-get install -y curl\n"
PIP = "RUN pip install -r requirements.txt\n"


def commits(*counted: tuple[int, str]) -> History:
    """So many commits for each text of paths."""
    return History(tuple(Commit("", 0, "", frozenset(text.split())) for count, text in counted for _ in range(count)))


def fix(text: str, history: History | None = None, **seconds: float) -> Changed | Unchanged:
    outcome = fix_text(HEAD + text, MemoryTree(FILES), Settings(history=history, costs=Costs(seconds)))
    assert isinstance(outcome, Changed | Unchanged), outcome
    return outcome


def result(text: str, history: History | None = None, **seconds: float) -> str:
    """The fixed file without its head."""
    outcome = fix(text, history, **seconds)
    return (outcome.files[0].new if isinstance(outcome, Changed) else outcome.text).removeprefix(HEAD)


def slugs(text: str, history: History | None = None, **seconds: float) -> list[str]:
    outcome = fix(text, history, **seconds)
    assert isinstance(outcome, Unchanged)
    return [refusal.slug for refusal in outcome.refusals]


TOOL = "COPY tool /opt/tool\n" + APT


@pytest.mark.parametrize(("changed", "is_moved"), [(0, False), (2, False), (3, True), (100, True)])
def test_a_move_must_save_a_quarter_of_a_second(changed: int, is_moved: bool) -> None:
    """Twenty seconds of apt twice in 200 commits is 0.25 s with what the name says, and thrice 0.35 s."""
    history = commits((200 - changed, "src/a.py"), (changed, "tool/t.py"))
    assert (result(TOOL, history) == APT + "COPY tool /opt/tool\n") is is_moved
    if not is_moved:
        assert slugs(TOOL, history) == ["gain-too-small"]


def test_what_the_step_costs_counts() -> None:
    history = commits((199, "src/a.py"), (1, "tool/t.py"))
    assert result(TOOL, history, **{"system-packages": 300.0}) != TOOL
    assert slugs(TOOL, None, **{"system-packages": 0.4}) == ["gain-too-small"]


def test_the_refusal_tells_the_numbers() -> None:
    outcome = fix(TOOL, commits((199, "src/a.py"), (1, "tool/t.py")))
    assert [(r.line, r.reason) for r in outcome.refusals] == [
        (4, "what the copy in line 3 brings changed in 1 of 200 commits, so that a move would save 0.15 s a build")
    ]


def test_it_is_told_once() -> None:
    outcome = fix(TOOL + "RUN npm install -g typescript@5.0.0\n", commits((200, "src/a.py")), install=1.0)
    assert [(refusal.slug, refusal.line) for refusal in outcome.refusals] == [("gain-too-small", 4)]


def test_a_copy_that_enables_another_one_counts_what_that_saves() -> None:
    """The quiet copy writes into the folder of the busy one: if it stayed, the other could not pass it."""
    text = "COPY src /opt/x\nCOPY --chown=9 tool /opt/x/tool\n" + APT
    history = commits((190, "src/a.py"), (10, "app.py"))
    assert result(text, history) == APT + "COPY src /opt/x\nCOPY --chown=9 tool /opt/x/tool\n"
    assert slugs("COPY --chown=9 tool /opt/x/tool\n" + APT, history) == ["gain-too-small"]


def test_more_lines_must_save_something() -> None:
    """The second install runs with every edit anyway, for the copy that it needs: no narrow line for its file."""
    text = "COPY . .\n" + PIP + "COPY src /x\nRUN cp -r /x /y && pip install -r lint.txt\n"
    history = commits((100, "src/a.py"))
    assert result(text, history) == (
        "COPY requirements.txt .\n" + PIP + "COPY . .\nCOPY src /x\nRUN cp -r /x /y && pip install -r lint.txt\n"
    )
    busy = commits((50, "src/a.py"), (50, "app.py"))
    assert result(text, busy) == (
        "COPY requirements.txt .\n" + PIP + "COPY src /x\n"
        "COPY lint.txt .\nRUN cp -r /x /y && pip install -r lint.txt\nCOPY . .\n"
    )


def test_settings_that_change_often_sink_and_manifests_do_not() -> None:
    text = "COPY conf.d conf.d\nCOPY requirements.txt .\n" + PIP
    busy = commits((50, "conf.d/a.yaml"), (50, "requirements.txt"))
    assert result(text, busy) == "COPY requirements.txt .\n" + PIP + "COPY conf.d conf.d\n"
    assert result(text, commits((15, "conf.d/a.yaml"))) == text
    assert result(text, None) == text


GOOD = "COPY requirements.txt .\n" + PIP + "COPY . .\n"


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [(GOOD, False), (APT + GOOD, False), ("COPY . .\nRUN make\n", False), ("COPY . .\n" + PIP, True), (TOOL, True)],
)
def test_a_file_in_good_order_asks_nothing_of_the_history(
    text: str, is_asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program git leaves a mark when it is run."""
    for path, content in FILES.items():
        (tmp_path / "context" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "context" / path).write_text(content)
    (tmp_path / "context" / ".git").mkdir()
    (tmp_path / "git").write_text(f"#!/bin/sh\ncase \" $* \" in *' log '*) : > {tmp_path}/asked;; esac\nexit 1\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    outcome = fix_text(HEAD + text, str(tmp_path / "context"))
    assert outcome.status == ("changed" if is_asked else "unchanged")
    assert (tmp_path / "asked").exists() is is_asked


def test_the_gain_is_that_of_the_history() -> None:
    gain = fix("COPY . .\n" + PIP, commits((90, "src/a.py"), (10, "requirements.txt")))
    assert isinstance(gain, Changed)
    told = gain.gain
    assert (told.source, told.commits, told.installs) == ("history", 100, 1)
    assert (told.runs_before, told.runs_after) == (100, 10)
    assert told.seconds_before - told.seconds_after == pytest.approx(27, abs=0.5)


def test_a_short_history_gains_as_typical_commits_do() -> None:
    found = fix("COPY . .\n" + PIP, commits((5, "src/a.py")))
    assert isinstance(found, Changed)
    assert (found.gain.source, found.gain.commits) == ("priors", 100)
    assert found.gain.runs_after < found.gain.runs_before / 2
