from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replays import divided, sample

from reorder.output.replay_pairs import find_pairs
from reorder.output.replay_strips import find_spans
from reorder.output.replay_words import (
    command_of,
    cost_of,
    date_of,
    duration,
    headline,
    history_of,
    label_of,
    shorten,
    total,
)
from reorder.replay.model import Row


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.04, "0 s"), (0.4, "0.4 s"), (1, "1 s"), (9.94, "9.9 s"), (9.96, "10 s"), (99.4, "99 s"),
     (99.6, "1 min 40 s"), (272, "4 min 32 s"), (599.4, "9 min 59 s"), (599.6, "10 min"), (3_000, "50 min"),
     (3_569, "59 min"), (3_571, "1 h 0 min"), (11_520, "3 h 12 min"), (360_000, "100 h"),
     (-2.4, "\N{MINUS SIGN}2.4 s")],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("when", "day"), [(0, "1970-01-01"), (1_704_100_000, "2024-01-01"), (10**18, ""), (-(10**18), "")]
)
def test_days(when: int, day: str) -> None:
    assert date_of(when) == day


@pytest.mark.parametrize(
    ("text", "command", "label"),
    [
        ("RUN npm ci", "npm ci", "RUN npm ci"),
        ("RUN --mount=type=cache,target=/a --network=none npm ci", "npm ci", "RUN npm ci"),
        ("run  apt-get update", "apt-get update", "RUN apt-get update"),
        ('RUN ["npm", "ci"]', '["npm", "ci"]', 'RUN ["npm", "ci"]'),
        ("COPY --link . .", "COPY --link . .", "COPY --link . ."),
        ("RUN --version", "--version", "RUN --version"),
        ("RUN npm install\n  --omit=dev", "npm install\n  --omit=dev", "RUN npm install --omit=dev"),
    ],
)
def test_what_a_step_is_called(text: str, command: str, label: str) -> None:
    row = Row("0", 1, text, "install", 1.0, (), ())
    assert command_of(row) == command
    assert label_of(row, 80) == label


@pytest.mark.parametrize(
    ("text", "width", "short"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("ab  cd\n e", 20, "ab cd e"),
     ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"),
     ("e\u0301e\u0301", 2, "e\u0301e\u0301"), ("a\x1bb", 9, "a\\x1bb"), ("ab cd", 4, "ab…")],
)  # fmt: skip
def test_shortened(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short


@given(st.text(st.characters(exclude_categories=("M",)), max_size=50), st.integers(1, 30))
def test_shortened_texts_keep_to_the_width(text: str, width: int) -> None:
    short = shorten(text, width)
    assert len(short) <= width
    assert shorten(text, 10**6).startswith(short.removesuffix("…"))


def test_the_words_above_the_picture() -> None:
    replay = sample()
    assert headline(replay) == "npm ci: 186 of 200 builds before, 24 after"
    assert history_of(replay) == "200 commits, 2024-01-01 to 2024-08-11"
    assert cost_of(replay) == "42 s for an average build before, 15 s after (65% less)"
    assert headline(divided()) == "npm ci: 4 of 4 builds before, 1 after"
    same = replay._replace(after=replay.before[:4], is_changed=True)
    assert headline(same._replace(before=same.after)).endswith("none saved")
    worse = replay._replace(before=replay.after, after=replay.before)
    assert cost_of(worse).endswith("more)")


def test_each_row_is_in_one_pair_and_nothing_is_lost_or_counted_twice() -> None:
    for replay in (sample(), divided(), sample()._replace(after=())):
        pairs = find_pairs(replay)
        assert sorted(row for pair in pairs for row in pair.after) == sorted(replay.after)
        assert sorted(pair.before for pair in pairs if pair.before) == sorted(replay.before)
        saved = [pair.saved for pair in pairs]
        assert saved == sorted(saved, reverse=True)
        assert sum(saved) == pytest.approx(total(replay.before) - total(replay.after))


def test_a_partner_that_is_not_there_is_none() -> None:
    replay = sample(3)
    broken = replay._replace(after=tuple(row._replace(partner=99) for row in replay.after))
    assert len(find_pairs(broken)) == len(replay.before) + len(replay.after)


@given(st.lists(st.booleans()))
def test_spans_are_the_states_again(ran: list[bool]) -> None:
    spans = list(find_spans(ran))
    assert [state for start, stop, state in spans for _ in range(start, stop)] == ran
    assert all(a[2] != b[2] for a, b in pairwise(spans))
