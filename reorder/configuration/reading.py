"""Reads one configuration file: its table, held against the keys that there are, with the line of whatever is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from reorder.configuration.model import MOST_SECONDS, SHARED_NAME, ConfigError, Values, slug_problem
from reorder.configuration.patterns import pattern_problem
from reorder.configuration.positions import Key, find_line
from reorder.lazy_patterns import lazy_pattern
from reorder.suggestions import did_you_mean
from reorder.weighing.costs import KINDS

SIZE_LIMIT = 256 * 1024
"""Bytes. The largest pyproject.toml of real projects have a fifth of that."""

_TABLE: tuple[Key, ...] = ("tool", "dockerfile-fix")
_PLACE = lazy_pattern(r" \(at (?:line (\d+), column \d+|end of document)\)")

_STRING = lazy_pattern(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_BARE = lazy_pattern(r"[ \t]*[A-Za-z0-9_-]+[ \t]*")
_MOST_PARTS = 32
"""Of a dotted key: tables are nested as deep, and tomllib's memory grows with the square of that."""


class ConfigFile(NamedTuple):
    """A configuration file, read and found right. ``path``: as it is shown; ``folder``: seen from the tree's root."""

    path: str
    folder: str
    values: Values
    text: str = ""

    def place_of(self, *key: Key) -> str:
        """``path:line`` of a key."""
        line = find_line(self.text, (*_table_of(self.path), *key))
        return f"{self.path}:{line}" if line else self.path


class _WrongError(Exception):
    """A value that is not what its key wants."""

    def __init__(self, key: tuple[Key, ...], message: str) -> None:
        super().__init__(message)
        self.key, self.message = key, message


def read_config(path: str, folder: str, data: bytes) -> ConfigFile | None:
    """The file, or None for a pyproject.toml without our table. Raises `ConfigError`."""
    if path.endswith(SHARED_NAME) and b"dockerfile-fix" not in data:
        return None  # whatever else is in it, or wrong with it
    if len(data) > SIZE_LIMIT:
        raise ConfigError(path, None, f"larger than {SIZE_LIMIT // 1024} KiB: no configuration is")
    text, document = _parse(path, data)
    where = _table_of(path)
    table: Any = document
    for depth, name in enumerate(where):
        if not isinstance(table, dict):
            raise ConfigError(path, find_line(text, where[:depth]), f"{where[depth - 1]}: {_wanted('a table', table)}")
        if name not in table:
            return None
        table = table[str(name)]
    try:
        return ConfigFile(path, folder, _read_table(table), text)
    except _WrongError as wrong:
        raise ConfigError(path, find_line(text, (*where, *wrong.key)) or 1, wrong.message) from None


def _table_of(path: str) -> tuple[Key, ...]:
    return _TABLE if path.endswith(SHARED_NAME) else ()


def _parse(path: str, data: bytes) -> tuple[str, dict[str, Any]]:
    import tomllib  # most projects have no configuration

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(path, data.count(b"\n", 0, error.start) + 1, "this is not UTF-8") from None
    for number, row in enumerate(text.split("\n"), start=1):
        if row.count(".") > _MOST_PARTS and _has_long_key(row):
            raise ConfigError(path, number, "no valid TOML: nested too deeply")
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = int(place[1]) if place and place[1] else text.count("\n") + 1
        raise ConfigError(path, line, f"no valid TOML: {_PLACE.sub('', str(error))}") from None
    except RecursionError:
        raise ConfigError(path, None, "no valid TOML: nested too deeply") from None
    except ValueError as error:  # a number with thousands of digits
        raise ConfigError(path, None, f"no valid TOML: {error}") from None


def _has_long_key(line: str) -> bool:
    """Whether there may be a key of more than `_MOST_PARTS`, which stands on one line (toml.io/en/v1.0.0#keys)."""
    run = 0
    for part in _STRING.sub("s", line).split("."):
        run = run + 1 if _BARE.fullmatch(part) else 0
        if run > _MOST_PARTS:
            return True
    return False


def _read_table(table: object) -> Values:
    if not isinstance(table, dict):
        raise _WrongError((), f"dockerfile-fix: {_wanted('a table', table)}")
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            hint = "; in this file the keys stand at the top" if key == "tool" else ""
            perhaps = did_you_mean(key.replace("_", "-"), KEYS, most=1)
            raise _WrongError((key,), f"there is no key {key}{perhaps}{hint}: {', '.join(KEYS)}")
        found[key.replace("-", "_")] = KEYS[key](key, value)
    return Values(**found)


def _wanted(what: str, value: object) -> str:
    kinds = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list", dict: "a table"}
    return f"{what} is wanted here, and this is {kinds.get(type(value), 'a date or time')}"


def _read_boolean(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongError((key,), f"{key}: {_wanted('true or false', value)}")
    return value


def _read_string(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise _WrongError((key,), f"{key}: {_wanted('a string', value) if value != '' else 'it is empty'}")
    return value


def _read_strings(key: tuple[Key, ...], value: object, problem: Callable[[str], str | None]) -> tuple[str, ...]:
    """A list of strings none of which has a problem."""
    name = ".".join(map(str, key))
    if not isinstance(value, list):
        raise _WrongError(key, f"{name}: {_wanted('a list of strings', value)}")
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise _WrongError((*key, index), f"{name}: {_wanted('a string', item)}")
        if (why := problem(item)) is not None:
            raise _WrongError((*key, index), f"{name}: {why}")
    return tuple(value)


_PROBLEMS = {key: partial(slug_problem, takes_refusals=key != "select") for key in ("select", "ignore")}


def _read_slugs(key: str, value: object) -> frozenset[str]:
    return frozenset(_read_strings((key,), value, _PROBLEMS[key]))


def _read_patterns(key: str, value: object) -> tuple[str, ...]:
    return _read_strings((key,), value, pattern_problem)


def _items(key: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _WrongError((key,), f"{key}: {_wanted('a table', value)}")
    return value


def _read_costs(key: str, value: object) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for kind, seconds in _items(key, value).items():
        if kind not in KINDS:
            why = f"there is no kind of step {kind}{did_you_mean(kind, KINDS)}: {', '.join(KINDS)}"
            raise _WrongError((key, kind), f"{key}: {why}")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise _WrongError((key, kind), f"{key}.{kind}: {_wanted('a number of seconds', seconds)}")
        if not 0 <= seconds <= MOST_SECONDS:
            raise _WrongError((key, kind), f"{key}.{kind}: {seconds} is no number of seconds")
        found[kind] = float(seconds)
    return found


def _read_ignores(key: str, value: object) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for pattern, slugs in _items(key, value).items():
        if (why := pattern_problem(pattern)) is not None:
            raise _WrongError((key, pattern), f"{key}: {pattern or 'a pattern'}: {why}")
        found[pattern] = frozenset(_read_strings((key, pattern), slugs, _PROBLEMS["ignore"]))
    return found


KEYS: Mapping[str, Callable[[str, object], Any]] = {
    "context": _read_string,
    "costs": _read_costs,
    "exclude": _read_patterns,
    "ignore": _read_slugs,
    "per-file-ignores": _read_ignores,
    "select": _read_slugs,
    "target": _read_string,
    "unsafe-fixes": _read_boolean,
}
"""Every key, with what reads its value."""
