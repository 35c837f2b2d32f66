"""Splits what follows a keyword into flags and words, and says what BuildKit would refuse.

The rules are those of BuildKit's frontend/dockerfile/parser (split_command, line_parsers)
and frontend/dockerfile/instructions (parse, bflag).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal, NamedTuple, NoReturn

from reorder.dockerfile.model import Flag
from reorder.dockerfile.scan import SPACES
from reorder.lazy_patterns import lazy_pattern

_BLANKS = lazy_pattern(r"[\t\v\f\r ]+")
_STAGE_NAME = lazy_pattern(r"[a-z][a-z0-9\-_.]*\Z")

FlagKind = Literal["text", "texts", "switch"]
_COPY_FLAGS: Mapping[str, FlagKind] = {"chown": "text", "chmod": "text", "link": "switch", "exclude": "texts"}
_FLAGS: Mapping[str, Mapping[str, FlagKind]] = {
    "FROM": {"platform": "text"},
    "COPY": {**_COPY_FLAGS, "from": "text", "parents": "switch"},
    "ADD": {**_COPY_FLAGS, "keep-git-dir": "switch", "checksum": "text", "unpack": "switch"},
    "RUN": {"mount": "texts", "network": "text", "security": "text", "device": "texts"},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), "text"),
}
_DURATION = lazy_pattern(r"[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)\Z", re.ASCII)
_FLAGS_UNCHECKED = frozenset({"ARG", "STOPSIGNAL"})  # BuildKit parses their flags and never looks at them


class ArgumentError(ValueError):
    """Arguments that BuildKit rejects; the caller knows the line."""


class Head(NamedTuple):
    """A logical line cut up: ``args`` begins at ``start`` of the line."""

    keyword: str
    flags: tuple[Flag, ...]
    args: str
    start: int


class _Lexicon(NamedTuple):
    flag: re.Pattern[str]
    quoted: re.Pattern[str]
    word: re.Pattern[str]


@cache
def _lexicon(escape: str) -> _Lexicon:
    """The patterns for one of the two escape characters."""
    e, s = re.escape(escape), SPACES
    flag = rf"""(?:{e}.?|"(?:{e}.?|[^"{e}]++)*+"?|'(?:{e}.?|[^'{e}]++)*+'?|[^{s}{e}'"]++)++"""
    word = rf"""(?:{e}.|'[^']*+(?:'|\Z)|"(?:{e}.|[^"{e}]++)*+(?:"|(?={e}?\Z))|[^{s}{e}'"]++)++"""
    quoted = rf"""{e}(.?)|["']"""
    return _Lexicon(*(re.compile(pattern, re.DOTALL) for pattern in (flag, quoted, word)))


def split_head(line: str, escape: str) -> Head:
    """Cut a logical line into keyword, flags and the rest.

    A flag's quotes and escapes are removed from ``value`` and kept in ``raw``.
    """
    text = line.rstrip(SPACES)
    at = len(text) - len(text.lstrip(SPACES))
    blank = _BLANKS.search(text, at)
    if blank is None:
        return Head(text[at:].upper(), (), "", len(text))
    keyword, at = text[at : blank.start()].upper(), blank.end()
    flags: list[Flag] = []
    while text.startswith("--", (at := _skip_spaces(text, at))):
        match = _lexicon(escape).flag.match(text, at)
        if match is None:
            break
        at = match.end()
        if (plain := _unquote(match[0], escape)) == "--":
            at = _skip_spaces(text, at)
            break
        name, equals, value = plain[2:].partition("=")
        flags.append(Flag(name, value if equals else None, match[0]))
    return Head(keyword, tuple(flags), text[at:], at)


def _skip_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at] in SPACES:
        at += 1
    return at


def _unquote(raw: str, escape: str) -> str:
    """Remove quotes and escapes as BuildKit does in flags, where both kinds of quotes know escapes."""
    if escape not in raw and '"' not in raw and "'" not in raw:
        return raw
    out: list[str] = []
    quote = ""
    characters = iter(raw)
    for character in characters:
        if character == escape:
            out.append(next(characters, ""))
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
        else:
            out.append(character)
    return "".join(out)


def json_strings(text: str) -> tuple[str, ...] | None:
    """The strings of a JSON array, None for anything that is no JSON array.

    Raises `ArgumentError` for an array that holds something else than strings.
    """
    if not text.startswith("["):
        return None
    try:
        items = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in items):
        raise ArgumentError("only strings are supported in JSON arrays")
    return tuple(items)


def _no_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity as JSON, Go does not."""
    raise ValueError(name)


def quoted_words(text: str, escape: str) -> list[str]:
    """Words with quotes and escapes kept in place, as in ENV, LABEL and ARG."""
    return _lexicon(escape).word.findall(text)


class Words(NamedTuple):
    """The words of an instruction, and whether they came from JSON."""

    items: tuple[str, ...]
    json: bool = False


def words_of(keyword: str, args: str, escape: str) -> Words:
    """Split ``args`` as BuildKit does for ``keyword``; raise `ArgumentError` for what it rejects.

    See `reorder.dockerfile.parse.parse` for what the words of each keyword are.
    """
    split = _SPLITTERS.get(keyword)
    if split is None:
        raise ArgumentError(f"unknown instruction: {keyword[:40]}")
    return split(keyword, args, escape)


def _whole(keyword: str, args: str, _escape: str) -> Words:
    if not args:
        raise ArgumentError(f"{keyword} requires exactly one argument")
    return Words((args,))


def _command(_keyword: str, args: str, _escape: str) -> Words:
    items = json_strings(args)
    return Words(()) if items is None else Words(items, json=True)


def _shell(keyword: str, args: str, escape: str) -> Words:
    words = _command(keyword, args, escape)
    if not words.items:
        raise ArgumentError(
            "SHELL requires the arguments to be in JSON form" if args and not words.json
            else "SHELL requires at least one argument"
        )  # fmt: skip
    return words


def _blank_separated(keyword: str, args: str, _escape: str) -> Words:
    if not args:
        raise ArgumentError(f"{keyword} requires at least one argument")
    return Words(tuple(_BLANKS.split(args)))


def _from(_keyword: str, args: str, _escape: str) -> Words:
    items = _BLANKS.split(args) if args else []
    if len(items) != 1 and (len(items) != 3 or items[1].lower() != "as"):
        raise ArgumentError("FROM requires either one or three arguments")
    if len(items) == 3 and not _STAGE_NAME.match(items[2].lower()):
        raise ArgumentError(f"invalid name for build stage: {items[2]!r}")
    return Words(tuple(items))


def _paths(_keyword: str, args: str, _escape: str) -> Words:
    items = json_strings(args)
    if items is not None:
        return Words(items, json=True)
    return Words(tuple(_BLANKS.split(args)) if args else ())


def _sources_and_destination(keyword: str, args: str, escape: str) -> Words:
    words = _paths(keyword, args, escape)
    if len(words.items) < 2:
        raise ArgumentError(f"{keyword} requires at least two arguments, but only {len(words.items)} provided")
    return words


def _volume(keyword: str, args: str, escape: str) -> Words:
    words = _paths(keyword, args, escape)
    if not words.items:
        raise ArgumentError("VOLUME requires at least one argument")
    if not all(item.strip(SPACES) for item in words.items):
        raise ArgumentError("VOLUME specified can not be an empty string")
    return words


def _pairs(keyword: str, args: str, escape: str) -> Words:
    items = quoted_words(args, escape)
    if not items:
        raise ArgumentError(f"{keyword} requires at least one argument")
    if "=" not in items[0]:
        parts = _BLANKS.split(args, maxsplit=1)
        if len(parts) < 2:
            raise ArgumentError(f"{keyword} must have two arguments")
        items = ["=".join(parts)]
    for item in items:
        if "=" not in item:
            raise ArgumentError(f"can't find = in {item!r}, must be of the form: name=value")
    return _named(keyword, items)


def _named(keyword: str, items: list[str]) -> Words:
    if any(item.startswith("=") for item in items):
        raise ArgumentError(f"{keyword} names can not be blank")
    return Words(tuple(items))


def _arg(keyword: str, args: str, escape: str) -> Words:
    items = quoted_words(args, escape)
    if not items:
        raise ArgumentError("ARG requires at least one argument")
    return _named(keyword, items)


def _healthcheck(_keyword: str, args: str, _escape: str) -> Words:
    if not args:
        raise ArgumentError("HEALTHCHECK requires at least one argument")
    kind, rest = split_first(args)
    items = json_strings(rest)
    if kind.upper() not in ("CMD", "NONE"):
        raise ArgumentError(f"unknown type {kind!r} in HEALTHCHECK (try CMD)")
    if kind.upper() == "NONE" and (items or (items is None and rest)):
        raise ArgumentError("HEALTHCHECK NONE takes no arguments")
    if kind.upper() == "CMD" and not items and (items is not None or not rest):
        raise ArgumentError("missing command after HEALTHCHECK CMD")
    return Words((kind.upper(), *(items or ())), json=items is not None)


def split_first(args: str) -> tuple[str, str]:
    """The first word and what follows the spaces behind it."""
    end = 0
    while end < len(args) and args[end] not in SPACES:
        end += 1
    return args[:end], args[end:].lstrip(SPACES)


def _onbuild(_keyword: str, args: str, escape: str) -> Words:
    if not args:
        raise ArgumentError("ONBUILD requires at least one argument")
    trigger = split_head(args, escape)
    if trigger.keyword == "ONBUILD":
        raise ArgumentError("chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger.keyword in ("FROM", "MAINTAINER"):
        raise ArgumentError(f"{trigger.keyword} isn't allowed as an ONBUILD trigger")
    is_json = trigger.keyword in _JSON_KEYWORDS and json_strings(trigger.args) is not None
    return Words((trigger.keyword, trigger.args), json=is_json)


_JSON_KEYWORDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL", "COPY", "ADD", "VOLUME"})
_Splitter = Callable[[str, str, str], Words]
_SPLITTERS: Mapping[str, _Splitter] = {
    "ADD": _sources_and_destination,
    "ARG": _arg,
    "CMD": _command,
    "COPY": _sources_and_destination,
    "ENTRYPOINT": _command,
    "ENV": _pairs,
    "EXPOSE": _blank_separated,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _pairs,
    "MAINTAINER": _whole,
    "ONBUILD": _onbuild,
    "RUN": _command,
    "SHELL": _shell,
    "STOPSIGNAL": _whole,
    "USER": _whole,
    "VOLUME": _volume,
    "WORKDIR": _whole,
}


def check_flags(keyword: str, flags: tuple[Flag, ...]) -> None:
    """Raise `ArgumentError` for a flag that is unknown to ``keyword``, repeated, or has a wrong value."""
    if not flags or keyword in _FLAGS_UNCHECKED:
        return
    known = _FLAGS.get(keyword, {})
    seen: set[str] = set()
    for flag in flags:
        kind = known.get(flag.name)
        if kind is None:
            raise ArgumentError(f"unknown flag: --{flag.name}")
        if flag.name in seen and kind != "texts":
            raise ArgumentError(f"duplicate flag specified: --{flag.name}")
        if (flag.value is None and kind != "switch") or (flag.value == "" and kind == "switch"):
            raise ArgumentError(f"missing a value on flag: --{flag.name}")
        if kind == "switch" and (flag.value or "true").lower() not in ("true", "false"):
            raise ArgumentError(f"expecting boolean value for flag --{flag.name}, not: {flag.value}")
        if keyword == "HEALTHCHECK":
            _check_health_value(flag)
        seen.add(flag.name)


def _check_health_value(flag: Flag) -> None:
    pattern = re.compile(r"\+?\d+\Z", re.ASCII) if flag.name == "retries" else _DURATION
    if flag.value and not pattern.match(flag.value):
        raise ArgumentError(f"invalid value for --{flag.name}: {flag.value!r}")
