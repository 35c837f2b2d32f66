"""Gemfile.lock, and whether ``bundle install`` would write it anew.

Tried with Bundler 2.3 on locks that differ in one point each: a platform that is missing, an entry of DEPENDENCIES
that is not as in the Gemfile, an unused gem, a missing or superfluous RUBY VERSION, another major version below BUNDLED
WITH and a missing last line end make it write; another minor version, CRLF, CHECKSUMS and a platform too much do not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reorder.manifests.gemfile import Gemfile


@dataclass(frozen=True, slots=True)
class GemfileLock:
    """The sections of a lock: ``specs`` by name with what they need, ``dependencies`` by name as they are written."""

    specs: Mapping[str, tuple[str, ...]]
    dependencies: Mapping[str, str]
    platforms: frozenset[str]
    remotes: frozenset[str]
    kinds: frozenset[str]
    bundled_major: int | None
    ends_well: bool


def parse_gemfile_lock(text: str) -> GemfileLock | None:
    """The lock; None if it holds what no lock should (a merge conflict)."""
    specs: dict[str, list[str]] = {}
    dependencies: dict[str, str] = {}
    platforms, remotes, kinds = set(), set(), set()
    section, major, current = "", None, ""
    for line in text.splitlines():
        if line[:1] not in ("", " "):
            if not re.fullmatch(r"[A-Z][A-Z ]+", line):
                return None
            section = line
            kinds.add(section)
        elif section in ("GEM", "GIT", "PATH", "PLUGIN SOURCE"):
            if found := re.match(r"    ([^\s(]+)", line):
                current = found[1]
                specs.setdefault(current, [])
            elif found := re.match(r"      ([^\s(!]+)", line):
                specs.setdefault(current, []).append(found[1])
            elif found := re.match(r"  remote: (.*)", line):
                remotes.add(found[1].rstrip("/"))
        elif section == "DEPENDENCIES" and (found := re.match(r"  ([^\s(!]+)(?: \((.*)\))?(!?)$", line)):
            dependencies[found[1]] = (found[2] or "") + found[3]
        elif section == "PLATFORMS" and line.strip():
            platforms.add(line.strip())
        elif section == "BUNDLED WITH" and (found := re.match(r"\s+(\d+)", line)):
            major = int(found[1])
    return GemfileLock(
        {name: tuple(needs) for name, needs in specs.items()}, dependencies, frozenset(platforms), frozenset(remotes),
        frozenset(kinds), major, text.endswith("\n"),
    )  # fmt: skip


def find_drift(lock: GemfileLock, gemfile: Gemfile) -> str | None:
    """Why Bundler will write the lock anew, or None if nothing says so."""
    if not lock.ends_well:
        return "its last line does not end"
    if lock.bundled_major == 1:
        return "it was written by Bundler 1"
    if not _covers(lock.platforms, "x86_64"):
        return "its PLATFORMS name neither ruby nor x86_64-linux"
    if gemfile.is_plain and gemfile.ruby != ("RUBY VERSION" in lock.kinds):
        return "its RUBY VERSION is " + ("missing" if gemfile.ruby else "not in the Gemfile")
    for gem in gemfile.gems:
        if gem.name not in lock.dependencies:
            if gemfile.is_plain:
                return f"{gem.name} is not in its DEPENDENCIES"
        elif gem.requirement is not None and gemfile.is_plain:
            written = lock.dependencies[gem.name].rstrip("!")
            if written != gem.requirement:
                return f"the Gemfile asks for {gem.name} ({gem.requirement or '>= 0'}), it says ({written or '>= 0'})"
    return _find_surplus(lock, gemfile) if gemfile.is_plain else None


def _find_surplus(lock: GemfileLock, gemfile: Gemfile) -> str | None:
    asked = {gem.name for gem in gemfile.gems}
    if surplus := sorted(set(lock.dependencies) - asked):
        return f"{surplus[0]} is not in the Gemfile"
    if missing := sorted({url.rstrip("/") for url in gemfile.sources} ^ lock.remotes):
        return f"{missing[0]} is a source of one of the two only"
    needed, waiting = set(), [*asked, "bundler"]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += lock.specs.get(name, ())
    unused = sorted(set(lock.specs) - needed)
    return f"nothing needs {unused[0]}" if unused else None


def find_lock_doubts(lock: GemfileLock, gemfile: Gemfile) -> list[str]:
    """What keeps a lock without drift from being proven."""
    doubts = []
    if not gemfile.is_plain or any(gem.requirement is None for gem in gemfile.gems):
        doubts.append("the Gemfile has parts that only Ruby can tell, so its lock may not be in sync")
    elif lock.kinds & {"GIT", "PATH", "PLUGIN SOURCE"}:
        doubts.append("its lock has gems from other places than a gem server, which are not compared")
    if not _covers(lock.platforms, "aarch64"):
        doubts.append("on an ARM machine Bundler would add aarch64-linux to the PLATFORMS of the lock")
    return doubts


def _covers(platforms: frozenset[str], machine: str) -> bool:
    return bool(platforms & {"ruby", f"{machine}-linux", f"{machine}-linux-musl"})
