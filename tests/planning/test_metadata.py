"""Where metadata of a build goes, and what keeps it: one rule a case."""

from __future__ import annotations

import pytest

from reorder import Changed, Settings, fix_text
from reorder.context.memory import MemoryTree

INSTALL = "RUN pip install idna==3.7\n"
FILES = {"app.py": "", "requirements.txt": "idna==3.7\n"}


def fixed(body: str, settings: Settings | None = None, *, base: str = "python:3.11") -> str:
    """What follows the first line, after the fix."""
    head = f"FROM {base}\n"
    outcome = fix_text(head + body, MemoryTree(FILES), settings)
    assert outcome.status != "failed", outcome
    text = outcome.files[0].new if isinstance(outcome, Changed) else outcome.text
    assert text.startswith(head)
    return text.removeprefix(head)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"ARG GIT_SHA\n{INSTALL}LABEL a=$GIT_SHA\n", f"{INSTALL}ARG GIT_SHA\nLABEL a=$GIT_SHA\n"),
        (f"ARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}", f"{INSTALL}ARG GIT_SHA\nLABEL a=$GIT_SHA\n"),
        # only as far as it is worth it: below the LABEL nothing costs
        (f"ARG GIT_SHA\n{INSTALL}LABEL a=$GIT_SHA\nRUN mkdir /a\n",
         f"{INSTALL}ARG GIT_SHA\nLABEL a=$GIT_SHA\nRUN mkdir /a\n"),
        # several names in one ARG
        (f"ARG GIT_SHA BUILD_DATE\n{INSTALL}LABEL a=$GIT_SHA\n",
         f"{INSTALL}ARG GIT_SHA BUILD_DATE\nLABEL a=$GIT_SHA\n"),
        # an ENV below the install is the first use
        (f"ARG GIT_SHA\n{INSTALL}ENV GIT_SHA=$GIT_SHA A=1\n", f"{INSTALL}ARG GIT_SHA\nENV GIT_SHA=$GIT_SHA A=1\n"),
        # a stage on top uses it
        (f"AS b\nARG GIT_SHA\n{INSTALL}FROM b\nRUN echo $GIT_SHA\n",
         f"AS b\n{INSTALL}ARG GIT_SHA\nFROM b\nRUN echo $GIT_SHA\n"),
        # a version may stay above
        (f"ARG VERSION\nARG GIT_SHA\nLABEL a=$GIT_SHA b=$VERSION\n{INSTALL}",
         f"ARG VERSION\n{INSTALL}ARG GIT_SHA\nLABEL a=$GIT_SHA b=$VERSION\n"),
    ],
)  # fmt: skip
def test_moves(before: str, after: str) -> None:
    if before.startswith("AS b\n"):
        before, after = before.removeprefix("AS b\n"), after.removeprefix("AS b\n")
        assert fixed(before, base="python:3.11 AS b") == after
        return
    assert fixed(before) == after


@pytest.mark.parametrize(
    "body",
    [
        f"ARG GIT_SHA\n{INSTALL}ARG GIT_SHA\nLABEL a=$GIT_SHA\n",
        f"ARG REF=x\nARG GIT_SHA=$REF\n{INSTALL}LABEL a=$GIT_SHA\n",
        f"LABEL a=$GIT_SHA\nARG GIT_SHA\n{INSTALL}LABEL b=$GIT_SHA\n",
        f"ENV GIT_SHA=x\nARG GIT_SHA\n{INSTALL}LABEL b=$GIT_SHA\n",
        f"ARG GIT_SHA NODE_VERSION\n{INSTALL}LABEL a=$GIT_SHA\n",
        f'ARG GIT_SHA\nLABEL "$GIT_SHA"=1\n{INSTALL}',
        f"ARG GIT_SHA\nENV A=$GIT_SHA\n{INSTALL}",
        f"ARG GIT_SHA\n{INSTALL}",
        # a date that stays above runs the install again anyway
        f"ARG BUILD_DATE\nENV A=1 B=$BUILD_DATE\nARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}",
        # and so do sources
        f"COPY . /app\nRUN python /app/app.py\nARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}",
        # nothing that costs is below
        "ARG GIT_SHA\nRUN mkdir /a\nLABEL a=$GIT_SHA\n",
        # comments that tell what it is for
        f"# changes with every build, on purpose\nARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}",
        f"# keep this above the install\nARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}",
        f"ARG GIT_SHA\nLABEL a=$GIT_SHA\n# again with every commit\n{INSTALL}",
        # a LABEL of the same key
        f"ARG GIT_SHA\nLABEL a=$GIT_SHA\nLABEL a=1\n{INSTALL}",
        # a new value of what the LABEL uses
        f"ARG GIT_SHA\nENV X=1\nLABEL a=$GIT_SHA-$X\nENV X=2\n{INSTALL}",
        f"SHELL [\"powershell\"]\nARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}",
        f"ARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}CMD x \\",
    ],
)
def test_stays(body: str) -> None:
    assert fixed(body) == body


@pytest.mark.parametrize(
    "body",
    [
        f"ENV APP=1\nARG GIT_SHA\nENV APP=$GIT_SHA\n{INSTALL}",
        f"ARG GIT_SHA\nENV APP=$GIT_SHA\n{INSTALL}ENV APP=2\n",
        f"ARG GIT_SHA\nENV PIP_CONSTRAINT=$GIT_SHA\n{INSTALL}",
        f"ARG GIT_SHA NODE_VERSION\nLABEL a=$GIT_SHA\n{INSTALL}",
        f"ARG GIT_SHA\nENV A=$GIT_SHA B=2\n{INSTALL}",
        f"ARG GIT_SHA\nENV A=$GIT_SHA\nRUN make\n{INSTALL}",
        f"ARG GIT_SHA\nENV GIT_SHA=none\n{INSTALL}",
    ],
)
def test_stays_even_where_doubts_are_taken(body: str) -> None:
    assert fixed(body, Settings(unsafe_fixes=True)) == body


def test_the_user_chooses() -> None:
    body = f"ARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}"
    assert fixed(body, Settings(ignore=frozenset(["build-metadata-before-install"]))) == body
    assert fixed(body, Settings(select=frozenset(["broad-copy-before-install"]))) == body
    assert fixed(body, Settings(select=frozenset(["build-metadata-before-install"]))) != body


def test_lines_are_those_of_the_original() -> None:
    body = "WORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
    body += f"ARG GIT_SHA\nLABEL a=$GIT_SHA\n{INSTALL}ARG VERSION\nLABEL v=$VERSION\n{INSTALL}"
    outcome = fix_text(f"FROM python:3.11\n{body}", MemoryTree(FILES))
    assert isinstance(outcome, Changed)
    assert [(change.line, change.slug) for change in outcome.changes] == [
        (3, "broad-copy-before-install"), (5, "build-metadata-before-install"),
    ]  # fmt: skip
    assert [(refusal.line, refusal.slug) for refusal in outcome.refusals] == [(8, "not-proven")]
