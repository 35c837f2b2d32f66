"""A replay as a real repository gives it, for the tests of its pictures: a Node.js service, any number of commits."""

from __future__ import annotations

import random

from reorder.replay.model import Replay, Row
from reorder.weighing.history import Commit

_SUBJECTS = (
    "Fix the retry of failed uploads",
    "Add an endpoint for exports",
    "Bump express from 4.18.2 to 4.19.2",
    "README: how to run the tests",
    "Log the request id",
    "Refactor the session store so that it can be replaced by one that is shared between several processes (#1284)",
)
_BEFORE = (
    # stage, text, kind, seconds, the partner in _AFTER
    ("build", "FROM node:20-slim AS build", "base", 0.0, 0),
    ("build", "RUN apt-get update && apt-get install -y --no-install-recommends git python3 make g++ "
              "&& rm -rf /var/lib/apt/lists/*", "system-packages", 21.0, 1),
    ("build", "WORKDIR /app", "metadata", 0.1, 2),
    ("build", "COPY . .", "copy", 0.3, 5),
    ("build", "RUN --mount=type=cache,target=/root/.npm npm ci", "install", 34.0, 4),
    ("build", "RUN npm run build", "build", 11.0, 6),
    ("1", "FROM node:20-slim", "base", 0.0, 7),
    ("1", "WORKDIR /app", "metadata", 0.1, 8),
    ("1", "COPY --from=build /app/dist ./dist", "copy", 0.2, 9),
)  # fmt: skip
_ORDER = (0, 1, 2, None, 4, 3, 5, 6, 7, 8)
"""The rows of the new file: indices of the old one, None for the narrow COPY."""


def sample(count: int = 200, *, seed: int = 7) -> Replay:
    """``count`` commits: most edit sources, some the lock file, one the base image."""
    dice = random.Random(seed)
    lock = [dice.random() < 0.085 for _ in range(count)]
    source = [changed or dice.random() < 0.93 for changed in lock]
    base = [index == count // 2 for index in range(count)]
    commits = tuple(_commit(index, lock[index], dice) for index in range(count))
    causes = {"base": base, "sources": [a or b for a, b in zip(source, base, strict=True)],
              "lock": [a or b for a, b in zip(lock, base, strict=True)]}  # fmt: skip
    before = [_row(i, i + 1, causes["base" if i < 3 or i in (6, 7) else "sources"], _BEFORE[i][4])
              for i in range(len(_BEFORE))]  # fmt: skip
    after = []
    for place, old in enumerate(_ORDER):
        if old is None:
            ran = causes["lock"]
            after.append(Row("build", place + 1, "COPY package.json package-lock.json ./", "copy", 0.1, tuple(ran),
                             tuple("package-lock.json changed" if r else "" for r in ran)))  # fmt: skip
        else:
            cause = "base" if old < 3 or old in (6, 7) else "lock" if old == 4 else "sources"
            after.append(_row(old, place + 1, causes[cause], old))
    return Replay("Dockerfile", ".", commits, tuple(before), tuple(after),
                  ("Seconds are defaults for each kind of step; --timings FILE takes them from a real build.",),
                  is_changed=True)  # fmt: skip


def _commit(index: int, is_lock: bool, dice: random.Random) -> Commit:
    return Commit(f"{dice.getrandbits(160):040x}", 1_704_100_000 + index * 97_000, dice.choice(_SUBJECTS),
                  frozenset({"package-lock.json"} if is_lock else {"src/index.js"}))  # fmt: skip


def _row(index: int, line: int, ran: list[bool], partner: int) -> Row:
    stage, text, kind, seconds, _ = _BEFORE[index]
    why = "src/index.js changed" if text.startswith("COPY . .") else "the step above ran again"
    return Row(stage, line, text, kind, seconds, tuple(ran), tuple(why if r else "" for r in ran), partner)


HOSTILE = (
    "RUN echo '</script><script>alert(1)</script>'",
    "RUN echo ']]> --> </title></style> </script x> </script x <!--<script &amp; &#0; {{x}} ${y} $css'",
    'RUN echo "\' onmouseover=alert(1) x=\\"',
    "RUN echo \u202egnp.exe\u2066 \x00\x08\x1b[31m\x85\u2028\ufffe",
    "COPY caf\udce9 \ud800 \U0001f600 \u05e9\u05dc\u05d5\u05dd/",
)
"""Texts of a Dockerfile, or subjects, that would like to be more than text."""


def hostile() -> Replay:
    """A replay of which every text comes from someone who means harm."""
    commits = tuple(
        Commit(text, when, text, frozenset({text}))
        for text, when in zip(HOSTILE, (0, -(10**18), 10**18, 2**31, 5), strict=True)
    )
    rows = tuple(
        Row(text, index, text, text, 2.0, (True, False, True, True, True), (text, "", *HOSTILE[:3]), index)
        for index, text in enumerate(HOSTILE)
    )
    return Replay(HOSTILE[0], HOSTILE[1], commits, rows, rows, HOSTILE, is_changed=True)


def divided() -> Replay:
    """Four commits, one of the lock file; a RUN that becomes two."""
    commits = tuple(Commit(f"{index:040x}", 1_704_100_000, "Edit", frozenset({"a.js"})) for index in range(4))
    every, once = (True,) * 4, (False, True, False, False)

    def row(line: int, text: str, seconds: float, ran: tuple[bool, ...], partner: int | None) -> Row:
        return Row("0", line, text, "install", seconds, ran, tuple("a.js changed" if r else "" for r in ran), partner)

    before = (row(2, "COPY . .", 0.2, every, 2), row(3, "RUN npm ci && npm run build", 45.0, every, 1))
    after = (
        row(2, "COPY package.json package-lock.json ./", 0.1, once, None),
        row(3, "RUN npm ci", 34.0, once, 1),
        row(4, "COPY . .", 0.2, every, 0),
        row(5, "RUN npm run build", 11.0, every, 1),
    )
    return Replay("Dockerfile", ".", commits, before, after, is_changed=True)
