"""User commands: the account files always, a home directory only where one is made."""

from __future__ import annotations

import pytest
from command_call import effects_of, names

from reorder.effects import PathSet
from reorder.manager import UNKNOWN


@pytest.mark.parametrize(
    ("line", "base", "home"),
    [
        ("useradd -m app", "debian:12", "/home/app"),
        ("useradd app", "debian:12", None),
        ("useradd app", "rockylinux:9", "/home/app"),
        ("useradd -r app", "rockylinux:9", None),
        ("useradd -M app", "rockylinux:9", None),
        ("useradd -m -d /srv/app -u 1000 -s /bin/bash app", "debian:12", "/srv/app"),
        ("useradd --create-home --base-dir /var app", "debian:12", "/var/app"),
        ("adduser --disabled-password --gecos '' app", "debian:12", "/home/app"),
        ("adduser -D -h /srv/app app", "alpine", "/srv/app"),
        ("adduser -S -H app", "alpine", None),
        ("adduser app group", "alpine", None),
        ("addgroup -S app", "alpine", None),
        ("groupadd -r -g 999 app", "debian:12", None),
        ("usermod -aG docker app", "debian:12", None),
        ("usermod -u 1000 app", "debian:12", "/home/app"),
        ("userdel -r app", "debian:12", "/home/app"),
    ],
)
def test_home_directories(line: str, base: str, home: str | None) -> None:
    effects = effects_of(line, base=base)
    assert not effects.blocks
    assert {"/etc/passwd", "/etc/group"} <= names(effects, "writes")
    assert "/etc/skel/**" in names(effects, "reads")
    homes = {tree for tree in effects.writes.trees if "mail" not in tree}
    assert homes == ({home} if home else set())
    assert not effects.writes.meets(PathSet.of("/app/x"))


@pytest.mark.parametrize(
    ("line", "homes"),
    [
        ("useradd app", {"app": "/home/app", UNKNOWN: "/home/app"}),
        ("useradd -d /app app", {"app": "/app", UNKNOWN: "/app"}),
        ("useradd -m -u 1500 bob", {"bob": "/home/bob", "1500": "/home/bob"}),
        ("useradd --uid=1500 --home-dir /srv/app/ -g 1500 app", {"app": "/srv/app", "1500": "/srv/app"}),
        ("useradd --base-dir /var -u 7 app", {"app": "/var/app", "7": "/var/app"}),
        ("useradd -d $ -u 7 app", {"app": UNKNOWN, "7": UNKNOWN}),
        ("useradd -d /app -u $ $", {UNKNOWN: "/app"}),
        ("adduser --disabled-password --gecos '' --home /app --uid 7 app", {"app": "/app", "7": "/app"}),
        ("adduser -D -h /app app", {"app": "/app", UNKNOWN: "/app"}),
        ("adduser app group", {}),
        ("usermod -d /app app", {"app": "/app"}),
        ("usermod -u 7 app", {"7": "/home/app"}),
        ("usermod -d /app -m -l app node", {"app": "/app", "node": "/app"}),
        ("usermod -l app node", {"app": "/home/node"}),
        ("usermod -aG docker app", {}),
        ("userdel app", {}),
        ("groupadd -g 7 app", {}),
    ],
)
def test_the_registered_home_is_told(line: str, homes: dict[str, str]) -> None:
    effects = effects_of(line)
    assert not effects.blocks
    assert dict(effects.homes) == homes


@pytest.mark.parametrize(
    ("line", "slug"),
    [("useradd -m $", "path-unknown"), ("useradd -R /x app", "unknown-option"), ("useradd -m", "path-unknown")],
)
def test_doubts_are_refused(line: str, slug: str) -> None:
    assert [block.slug for block in effects_of(line).blocks] == [slug]
