"""Regular expressions that are compiled when they are first asked: most Dockerfiles need few of them.

To compile one takes a tenth of a millisecond, and the modules of a plain run hold a hundred.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")


class _Lazy:
    """After the first question its methods are those of the compiled one, found as fast."""

    __slots__ = ("_flags", "_source", *_METHODS)

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`; a mistake in ``source`` shows when it is first asked."""
    return cast("re.Pattern[str]", _Lazy(source, flags))
