"""Workflow commands, read back as the runner of GitHub Actions reads lines."""

from __future__ import annotations

import re
from typing import NamedTuple

from outcomes import NASTY, changed, hostile_outcomes

from reorder.effects import Safety
from reorder.outcome import Failed, Outcome, Refusal, Unchanged
from reorder.output.github import render
from reorder.output.report import ReportOptions
from reorder.output.text import printable

LOUD = ReportOptions(verbose=True)


class Command(NamedTuple):
    level: str
    properties: dict[str, str]
    message: str


def _unescape(text: str, *, is_property: bool) -> str:
    if is_property:
        text = text.replace("%3A", ":").replace("%2C", ",")
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def read(text: str) -> tuple[list[Command], list[str]]:
    """The commands, and the lines that are none; the older form of a command may stand anywhere in a line."""
    commands, plain = [], []
    for line in text.splitlines():
        if not line.lstrip().startswith("::"):
            assert not re.search(r"##\[", line)
            plain.append(line)
            continue
        head, message = line.lstrip()[2:].split("::", 1)
        level, _, pairs = head.partition(" ")
        properties = dict(pair.split("=", 1) for pair in pairs.split(",")) if pairs else {}
        commands.append(
            Command(
                level,
                {name: _unescape(value, is_property=True) for name, value in properties.items()},
                _unescape(message, is_property=False),
            )
        )
    return commands, plain


def annotations(*outcomes: Outcome, options: ReportOptions = LOUD) -> tuple[list[Command], list[str]]:
    return read("".join(render(outcomes, options)))


def test_levels() -> None:
    found, _ = annotations(
        changed(reason="COPY moves", safety=Safety.UNSAFE, refusals=(Refusal("unknown-command", 4, "frob"),)),
        Failed("E", "", "unknown instruction", 7), Failed("F", "", "cannot be read"),
    )  # fmt: skip
    assert found == [
        Command(
            "warning", {"file": "Dockerfile", "line": "3", "title": "dockerfile-fix: broad-copy-before-install"},
            "COPY moves (unsafe: plausible, but not proven)",
        ),
        Command(
            "notice", {"file": "Dockerfile", "line": "4", "title": "dockerfile-fix: unknown-command"},
            "left alone: frob",
        ),
        Command("error", {"file": "E", "line": "7", "title": "dockerfile-fix: failed"}, "unknown instruction"),
        Command("error", {"file": "F", "title": "dockerfile-fix: failed"}, "cannot be read"),
    ]  # fmt: skip


def test_what_is_written_is_a_notice() -> None:
    [command], _ = annotations(changed(), options=ReportOptions(is_done=True))
    assert (command.level, command.message) == ("notice", "repaired: COPY moves")


def test_hostile_names_make_no_commands_of_their_own() -> None:
    found, plain = annotations(*hostile_outcomes())
    assert {command.level for command in found} <= {"error", "warning", "notice"}
    assert len(found) == 30
    assert len(plain) == 4 * len(NASTY) - 27
    assert all(line.startswith(("error: ", "warning: ", "notice: ")) for line in plain)
    for text in NASTY:
        path = text.replace("\ud800", "").replace("//", "/")
        [*_, command], _ = annotations(Failed(f"d/{path}", "", text, 2))
        assert command.properties["file"] == printable(f"d/{path}")
        assert command.message == printable(text)


def test_ten_of_a_level_are_annotations_and_the_rest_is_counted() -> None:
    def told(count: int) -> tuple[list[Command], list[str]]:
        return annotations(*(Failed(f"f{n}", "", "no") for n in range(count)), Unchanged("D", "", ""))

    found, plain = told(10)
    assert (len(found), plain) == (10, [])
    found, plain = told(14)
    assert (len(found), len(plain)) == (10, 5)
    assert found[-1] == Command(
        "error", {"title": "dockerfile-fix"}, "and 5 more, in the log of this step and in its summary"
    )
    assert plain[0] == "error: f9: failed: no"
