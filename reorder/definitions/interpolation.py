"""Variables in compose files, and the ``.env`` file that gives them values.

docs.docker.com/reference/compose-file/interpolation and docs.docker.com/compose/how-tos/environment-variables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from reorder.definitions.repository import LONGEST, bounded
from reorder.manager import UNKNOWN

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s*(.*?)\s*", re.ASCII)
_MOST_DEPTH = 10
_LONGEST_LINE = 10_000


def interpolate(text: str, variables: Mapping[str, str], depth: int = 0) -> str:
    """``text`` with its variables replaced; one without a value becomes `UNKNOWN`: only the environment can tell."""
    pieces: list[str] = []
    at = 0
    if "$" in text and len(text) > LONGEST:
        return UNKNOWN
    while (dollar := text.find("$", at)) >= 0:
        pieces.append(text[at:dollar])
        after = text[dollar + 1 : dollar + 2]
        if after == "$":
            pieces.append("$")
            at = dollar + 2
        elif after == "{" and depth < _MOST_DEPTH:
            end = _closing(text, dollar + 2)
            pieces.append(_braced(text[dollar + 2 : end], variables, depth))
            at = end + 1
        elif name := _NAME.match(text, dollar + 1):
            pieces.append(variables.get(name[0], UNKNOWN))
            at = name.end()
        else:
            pieces.append("$")
            at = dollar + 1
    return bounded("".join((*pieces, text[at:])))


def _closing(text: str, start: int) -> int:
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return at
    return len(text)


def _braced(inside: str, variables: Mapping[str, str], depth: int) -> str:
    name = _NAME.match(inside)
    if name is None:
        return UNKNOWN
    rest = inside[name.end() :]
    value = variables.get(name[0])
    operator = next((each for each in (":-", ":?", ":+", "-", "?", "+") if rest.startswith(each)), "")
    word = rest[len(operator) :]
    is_set = bool(value) if operator.startswith(":") else value is not None
    if operator.endswith("-"):
        return value if is_set and value is not None else interpolate(word, variables, depth + 1)
    if operator.endswith("+"):
        return interpolate(word, variables, depth + 1) if is_set else ""
    return value if value is not None and not (rest and not operator) else UNKNOWN


def read_env_file(text: str) -> dict[str, str]:
    """The variables of a ``.env`` file; lines of another form count for nothing."""
    variables: dict[str, str] = {}
    for line in text.splitlines():
        found = _LINE.fullmatch(line) if len(line) <= _LONGEST_LINE else None
        if found is None or line.lstrip().startswith("#"):
            continue
        value = found[2]
        if value[:1] in ("'", '"'):
            end = value.find(value[0], 1)
            inner = value[1:end] if end > 0 else value[1:]
            variables[found[1]] = inner if value[0] == "'" else interpolate(inner, variables)
        else:
            variables[found[1]] = interpolate(re.split(r"\s#", value)[0].rstrip(), variables)
    return variables
