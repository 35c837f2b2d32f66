"""The command line of Maven taken apart: its options are single-dash words, and files may add some.

https://maven.apache.org/ref/current/maven-embedder/cli.html (3.9), and ``.mvn/maven.config``:
https://maven.apache.org/configure.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_SWITCHES = frozenset(
    """
    -am --also-make -amd --also-make-dependents -B --batch-mode -C --strict-checksums -c --lax-checksums -cpu
    --check-plugin-updates -e --errors -fae --fail-at-end -ff --fail-fast -fn --fail-never -h --help -itr
    --ignore-transitive-repositories -llr --legacy-local-repository -N --non-recursive -npr --no-plugin-registry -npu
    --no-plugin-updates -nsu --no-snapshot-updates -ntp --no-transfer-progress -o --offline -q --quiet -U
    --update-snapshots -up --update-plugins -v --version -V --show-version -X --debug -x --non-interactive
    """.split()
)
_VALUED = {
    "-b": "builder", "--builder": "builder", "-color": "color", "--color": "color", "-D": "define",
    "--define": "define", "-f": "file", "--file": "file", "-gs": "global-settings",
    "--global-settings": "global-settings", "-gt": "global-toolchains", "--global-toolchains": "global-toolchains",
    "-l": "log-file", "--log-file": "log-file", "-P": "profiles", "--activate-profiles": "profiles",
    "-pl": "projects", "--projects": "projects", "-rf": "resume", "--resume-from": "resume", "-s": "settings",
    "--settings": "settings", "-t": "toolchains", "--toolchains": "toolchains", "-T": "threads",
    "--threads": "threads",
}  # fmt: skip
_GLUED = ("-D", "-P", "-T")
_KEPT = frozenset(("define", "file", "global-settings", "profiles", "projects", "settings"))
_KEPT_SWITCHES = frozenset(
    "-am --also-make -B --batch-mode -N --non-recursive -ntp --no-transfer-progress -q --quiet -U"
    " --update-snapshots -amd --also-make-dependents -V --show-version".split()
)
_TEST_PROPERTIES = ("skipTests", "maven.test.skip", "skipITs", "maven.javadoc.skip", "checkstyle.skip")


class MavenLine(NamedTuple):
    """``goals`` are phases and goals; ``options`` pairs of an option's meaning and value (switches: as written)."""

    goals: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    switches: frozenset[str]
    unknown: tuple[str, ...]
    kept: tuple[str, ...]
    """The words that a run for the dependencies alone has in common with this one, as written."""

    def values(self, meaning: str) -> tuple[str, ...]:
        """The values of an option, in order."""
        return tuple(value for name, value in self.options if name == meaning)

    @property
    def properties(self) -> dict[str, str]:
        """What ``-D`` defines; a name alone is true."""
        return {n: value if eq else "true" for n, eq, value in (d.partition("=") for d in self.values("define"))}

    def has(self, *names: str) -> bool:
        """Whether one of these switches is given."""
        return not self.switches.isdisjoint(names)


def parse_maven(args: Sequence[str]) -> MavenLine:
    """Take a command line apart; what is not known lands in ``unknown``."""
    goals: list[str] = []
    options: list[tuple[str, str]] = []
    switches: set[str] = set()
    unknown: list[str] = []
    kept: list[str] = []
    words = iter(args)
    for word in words:
        if not word.startswith("-"):
            goals.append(word)
        elif word in _SWITCHES:
            switches.add(word)
            kept += [word] if word in _KEPT_SWITCHES else []
        elif (found := _valued(word)) is not None:
            name, value = found
            following = next(words, None) if value is None else None
            value = following if value is None else value
            if value is None:
                unknown.append(word)
                continue
            options.append((_VALUED[name], value))
            if _is_kept(_VALUED[name], value):
                kept += [word] if following is None else [word, following]
        else:
            unknown.append(word)
    return MavenLine(tuple(goals), tuple(options), frozenset(switches), tuple(unknown), tuple(kept))


def _valued(word: str) -> tuple[str, str | None] | None:
    """The option and its value, if that is glued to it."""
    name, equals, value = word.partition("=")
    if word in _VALUED:
        return word, None
    if equals and name in _VALUED:
        return name, value
    return next(((glued, word[2:]) for glued in _GLUED if word.startswith(glued)), None)


def _is_kept(meaning: str, value: str) -> bool:
    return meaning in _KEPT and not (meaning == "define" and value.partition("=")[0] in _TEST_PROPERTIES)
