"""Which paths Docker leaves out of the build context, by the rules of ``.dockerignore``.

The rules are moby's (``patternmatcher`` and its ``ignorefile`` reader), not git's: ``node_modules`` matches at the root
only, ``**/node_modules`` everywhere; the last matching line wins, and a ``!`` line may bring back what lies in an
excluded directory. https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import posixpath
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from reorder.source import encode

if TYPE_CHECKING:
    from e2b_dockerfile_utils import PatternMatcher

_GO_SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Go's ``strings.TrimSpace`` trims; Python's ``strip`` would take U+001C to U+001F as well."""

_LONGEST_LINE = 64 * 1024
"""At this many bytes moby's line reader gives up ("token too long")."""


class IgnoreError(Exception):
    """An ignore file that stops a build; ``line`` is 1-based, 0 where the whole file is meant."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.message = message
        self.line = line


class _Pattern(NamedTuple):
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The patterns of an ignore file, ready to be asked about paths relative to the context's root."""

    patterns: tuple[str, ...] = ()
    _matcher: PatternMatcher | None = None

    @classmethod
    def parse(cls, text: str) -> IgnoreRules:
        """Read an ignore file; raises `IgnoreError` where ``docker build`` would fail."""
        patterns = tuple(_read_patterns(text))
        if not patterns:
            return cls()
        return cls(tuple(pattern.text for pattern in patterns), _compile(patterns))

    def excludes(self, path: str) -> bool:
        """Whether ``path`` itself is ignored, by its own name or through a parent; never the root."""
        return self._matcher is not None and path != "" and bool(self._matcher.matches(path))

    def may_hold(self, path: str) -> bool:
        """Whether a path under the excluded directory ``path`` may still be in the context, for a ``!`` line below.

        May say yes too often (the patterns are not compared with what exists), never no too often: a ``!`` line counts
        unless a line below it is what excludes the directory.
        """
        return any(
            pattern.startswith("!")
            and _matcher((pattern,)).may_match_under(path)
            and _matcher(self.patterns[: index + 1]).matches(path)
            for index, pattern in enumerate(self.patterns)
        )


def _read_patterns(text: str) -> Iterator[_Pattern]:
    """The patterns as moby's reader cleans them; comments are told before trimming, so `` #x`` is a pattern."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if len(line) >= _LONGEST_LINE // 4 and len(encode(line)) >= _LONGEST_LINE:
            raise IgnoreError("the line is too long", number)
        stripped = line.strip(_GO_SPACES)
        if line.startswith("#") or not stripped:
            continue
        inverted = stripped.startswith("!")
        pattern = _clean(stripped[1:].strip(_GO_SPACES) if inverted else stripped).strip(_GO_SPACES)
        if inverted:
            if pattern in ("", "/"):
                raise IgnoreError(f"illegal exclusion pattern: {stripped}", number)
            pattern = "!" + pattern
        # the matcher drops what starts with "#" as a comment; "./" is cleaned away behind that check
        yield _Pattern(number, "./" + pattern if pattern.startswith("#") else pattern)


def _clean(pattern: str) -> str:
    """Go's ``filepath.Clean``, and no leading slash."""
    if not pattern:
        return ""
    cleaned = posixpath.normpath(re.sub("/+", "/", pattern))
    return cleaned[1:] if len(cleaned) > 1 and cleaned.startswith("/") else cleaned


def _compile(patterns: tuple[_Pattern, ...]) -> PatternMatcher:
    try:
        return _matcher(tuple(pattern.text for pattern in patterns))
    except ValueError:
        for pattern in patterns:
            try:
                _matcher((pattern.text,))
            except ValueError as error:
                raise IgnoreError(str(error), pattern.line) from None
        raise


def _matcher(patterns: tuple[str, ...]) -> PatternMatcher:
    from e2b_dockerfile_utils import PatternMatcher

    with warnings.catch_warnings():
        # "[[]" is a fine class in Go; Python's re foresees another meaning of it
        warnings.simplefilter("ignore", FutureWarning)
        return PatternMatcher(list(patterns))
