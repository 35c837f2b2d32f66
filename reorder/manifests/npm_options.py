"""npm's command line: https://docs.npmjs.com/cli/v11/using-npm/config"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_SWITCHES = frozenset(
    """
    all allow-root audit bin-links build-from-source color dangerously-allow-all-scripts dev diff-name-only
    disable-scripts dry-run engine-strict expect-results force foreground-scripts format-package-lock fund
    git-tag-version global global-style help if-present ignore-scripts include-attestations include-staged
    include-workspace-root init-private install-links json legacy-bundling legacy-peer-deps long no-cache offline
    optional package-lock package-lock-only parseable prefer-dedupe prefer-offline prefer-online production progress
    proprietary-attestations quiet read-only rebuild-bundle replace-registry-host-off save save-bundle save-dev
    save-exact save-optional save-peer save-prod scripts-prepend-node-path send-metrics shrinkwrap silent
    strict-peer-deps strict-ssl timing unicode unsafe-perm update-notifier usage verbose version workspaces
    workspaces-update yes
    """.split()
)
_VALUED = frozenset(
    """
    access also arch before ca cache cache-lock-retries cache-lock-stale cache-lock-wait cache-max cache-min cafile
    canvas-binary-host cert cpu depth editor electron-mirror fetch-retries fetch-retry-factor fetch-retry-maxtimeout
    fetch-retry-mintimeout fetch-timeout globalconfig heading https-proxy include install-strategy key libc location
    lockfile-version loglevel logs-dir logs-max maxsockets min-release-age msvs-version network-concurrency
    network-timeout node-gyp node-options noproxy omit only os platform prefix proxy python registry
    replace-registry-host runtime sass-binary-site save-prefix scope script-shell sharp-binary-host
    sharp-libvips-binary-host sqlite3-binary-host tag target target-arch target-libc target-platform tmp umask user
    user-agent userconfig workspace
    """.split()
)
_SHORT = {
    "-g": "global", "-f": "force", "-s": "silent", "-d": "verbose", "-dd": "verbose", "-ddd": "verbose",
    "-q": "quiet", "-p": "parseable", "-l": "long", "-D": "save-dev", "-P": "save-prod", "-O": "save-optional",
    "-E": "save-exact", "-B": "save-bundle", "-S": "save", "-ws": "workspaces", "-y": "yes", "-n": "no-yes",
    "-h": "help", "-v": "version", "-iwr": "include-workspace-root",
}  # fmt: skip
_SHORT_VALUED = {"-C": "prefix", "-w": "workspace", "-L": "location", "-m": "message"}
_ALIASES = {"prod": "production", "no-cache": "cache", "target_arch": "target-arch"}


class NpmLine(NamedTuple):
    """A command line of npm: the words, and the settings by name (a repeated one joined by blanks)."""

    words: tuple[str, ...]
    settings: dict[str, str]
    unknown: tuple[str, ...]


def parse_line(args: Sequence[str]) -> NpmLine:
    """Take the words after ``npm`` apart as npm's nopt does; a switch may be followed by ``true`` or ``false``."""
    words: list[str] = []
    settings: dict[str, str] = {}
    unknown: list[str] = []
    index = 0
    while index < len(args):
        word = args[index]
        following = args[index + 1] if index + 1 < len(args) else None
        index += 1
        if word == "--":
            words += args[index:]
            break
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        name, value, takes_next = _setting(word, following)
        if name is None:
            unknown.append(word)
            continue
        index += takes_next
        settings[name] = f"{settings[name]} {value}" if name in settings and name in _VALUED else value
    return NpmLine(tuple(words), settings, tuple(unknown))


def _setting(word: str, following: str | None) -> tuple[str | None, str, int]:
    """The name and value of an option, and 1 if the value is the next word."""
    short, equals, value = word.partition("=")
    if short in _SHORT_VALUED:
        return (_SHORT_VALUED[short], value, 0) if equals else (_SHORT_VALUED[short], following or "", 1)
    if short in _SHORT:
        return _SHORT[short], value if equals else "true", 0
    if not short.startswith("--"):
        return None, "", 0
    name = short[2:].replace("_", "-")
    name = _ALIASES.get(name, name)
    if name in _VALUED:
        return (name, value, 0) if equals else (name, following or "", 1)
    is_negated = name.startswith("no-") and name[3:] in (_SWITCHES | _VALUED)
    name = name[3:] if is_negated else name
    if name not in _SWITCHES and not is_negated:
        return None, "", 0
    if equals:
        return name, _negate(value) if is_negated else value, 0
    if following in ("true", "false"):
        return name, _negate(following) if is_negated else following, 1
    return name, "false" if is_negated else "true", 0


def _negate(value: str) -> str:
    return "false" if value.lower() not in ("false", "0", "no") else "true"
