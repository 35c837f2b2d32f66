"""What a wrapped command line runs in the end."""

from __future__ import annotations

import pytest

from reorder.shell.wrappers import unwrap


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("apt-get update", "apt-get update"),
        ("sudo apt-get update", "apt-get update"),
        ("sudo -E -H apt-get update", "apt-get update"),
        ("sudo -EHn A=1 apt-get update", "A=1 apt-get update"),
        ("/usr/bin/env A=1 B=2 npm ci", "A=1 B=2 npm ci"),
        ("env -u X A=1 sudo B=2 npm ci", "A=1 B=2 npm ci"),
        ("env -i -- npm ci", "npm ci"),
        ("env", "env"),
        ("time -p npm ci", "npm ci"),
        ("nice -n 10 npm ci", "npm ci"),
        ("nice -n10 npm ci", "npm ci"),
        ("timeout -k 5 30s npm ci", "npm ci"),
        ("timeout --foreground 1.5h npm ci", "npm ci"),
        ("exec npm ci", "npm ci"),
        ("exec", ""),
        ("command npm ci", "npm ci"),
        ("command -v npm", "command -v npm"),
        ("sudo sh -c x", "sh -c x"),
    ],
)
def test_the_inner_command_is_found(line: str, expected: str) -> None:
    assert unwrap(tuple(line.split())) == tuple(expected.split())


@pytest.mark.parametrize(
    "line",
    [
        "sudo -u app npm ci", "sudo --user=app npm ci", "sudo -i", "sudo", "env -S x", "env -C /x npm ci", "xargs rm",
        "su app -c x", "gosu app npm ci", "chroot / ls", "timeout", "timeout npm ci", "sudo xargs rm",
        "time -o f npm ci",
    ],
)  # fmt: skip
def test_what_changes_user_place_or_words_is_declined(line: str) -> None:
    assert unwrap(tuple(line.split())) is None
