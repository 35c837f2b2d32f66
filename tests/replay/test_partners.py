"""Each step of the fixed version finds its origin."""

from __future__ import annotations

import pytest

from reorder.replay.partners import Place, find_partners


def _places(*lines: str, stage: int = 0) -> list[Place]:
    found = []
    for line in lines:
        keyword, *words = line.split()
        sources = frozenset(words[:-1]) if keyword in ("COPY", "ADD") else frozenset[str]()
        found.append(Place(stage, keyword, line, sources))
    return found


@pytest.mark.parametrize(
    ("before", "after", "partners"),
    [
        pytest.param(["RUN a", "RUN b"], ["RUN a", "RUN b"], [0, 1], id="nothing changed"),
        pytest.param(
            ["COPY . .", "RUN npm ci"], ["COPY p l ./", "RUN npm ci", "COPY . ."], [None, 1, 0], id="a copy sank"
        ),
        pytest.param(
            ["COPY . .", "RUN a && b", "RUN c"], ["COPY p ./", "RUN a", "COPY . .", "RUN b", "RUN c"],
            [None, 1, 0, 1, 2], id="a RUN was divided",
        ),
        pytest.param(
            ["RUN x", "RUN a && b && c"], ["RUN x", "RUN a", "RUN b", "RUN c"], [0, 1, 1, 1], id="divided twice"
        ),
        pytest.param(
            ["RUN a && b", "RUN c && d"], ["RUN a", "RUN b", "RUN c", "RUN d"], [0, 0, 1, 1], id="two RUNs divided"
        ),
        pytest.param(
            ["RUN x", "COPY . .", "RUN poetry install", "RUN y"],
            ["RUN x", "COPY p .", "RUN poetry install --no-root", "COPY . .", "RUN poetry install", "RUN y"],
            [0, None, 2, 1, 2, 3], id="the dependencies first",
        ),
        pytest.param(
            ["COPY a.json src lib/", "RUN x"], ["COPY a.json lib/", "RUN x", "COPY src lib/"], [0, 1, 0],
            id="the sources of a copy were divided",
        ),
        pytest.param(
            ["COPY . .", "WORKDIR /a/b", "RUN x"], ["WORKDIR /a/b", "COPY go.mod ./", "RUN x", "COPY . /a/"],
            [1, None, 2, 0], id="a destination is spelled otherwise",
        ),
        pytest.param(["RUN a", "RUN a"], ["RUN a", "RUN a"], [0, 1], id="equal texts keep their order"),
        pytest.param(["COPY a .", "COPY a ."], ["COPY a .", "COPY a ."], [0, 1], id="equal copies, too"),
        pytest.param([], ["RUN a"], [None], id="nothing was there"),
    ],
)  # fmt: skip
def test_partners(before: list[str], after: list[str], partners: list[int | None]) -> None:
    assert list(find_partners(_places(*before), _places(*after))) == partners


def test_stages_are_apart() -> None:
    before = [*_places("RUN a", stage=0), *_places("RUN a", "COPY x .", stage=1)]
    after = [*_places("RUN a", "COPY x .", stage=0), *_places("RUN a", "COPY x .", stage=1)]
    assert find_partners(before, after) == (0, None, 1, 2)
