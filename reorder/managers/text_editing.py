"""The commands that edit text: sed, awk, dos2unix, patch, envsubst.

sed: GNU sed 4 manual; awk: POSIX.
"""

from __future__ import annotations

import re

from reorder.effects import Effects
from reorder.manager import UNKNOWN, Call, Manager, parse_options
from reorder.manifests.operands import changing, reading, shown, unknown_option

manager = Manager(
    __name__,
    kind="command",
    tools=("sed", "awk", "gawk", "mawk", "dos2unix", "unix2dos", "envsubst", "patch", "crudini"),
)

_SED_SWITCHES = frozenset(
    "-n -E -r -s -u -z -i --in-place --quiet --silent --regexp-extended --separate --unbuffered --null-data --posix"
    " --follow-symlinks --debug".split()
)
_SED_VALUED = frozenset("-e -f -l --expression --file --line-length".split())
_SED_BEFORE_COMMAND = re.compile(r"[\s;{}!,~+$0-9\0]*")
_SED_PLAIN = frozenset("dDgGhHnNpPxzF=")
_SED_NUMBERS = re.compile(r"\s*\d*")
_SED_BRACKET = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]\n])*\]")
_SED_FLAGS = re.compile(r"[gpiImM0-9]*")

_AWK_TOUCHES_FILES = re.compile(r"system\s*\(|getline|\||print[^;}]*>|close\s*\(|@include|@load")


@manager
def analyze(call: Call) -> Effects:
    """By program."""
    match call.argv[0]:
        case "sed":
            return _sed(call)
        case "dos2unix" | "unix2dos":
            operands = [word for word in call.args if not word.startswith("-")]
            is_plain = all(
                word in ("-q", "-k", "-f", "-o", "--quiet", "--keepdate") for word in call.args if word[:1] == "-"
            )
            return changing(call, *operands) if is_plain else unknown_option(call, " ".join(call.args))
        case "envsubst":
            return Effects()
        case "awk" | "gawk" | "mawk":
            return _awk(call)
        case _:
            return Effects.blocked("patches-files", f"{call.argv[0]} changes files that only its input names")


def _sed(call: Call) -> Effects:
    arguments, is_in_place = [], False
    for word in call.args:
        # ``-i.bak`` carries a suffix, ``-i`` never takes the next word; ``-Ei`` and ``-ie`` are clusters.
        if re.match(r"-[nErsuz]*i|--in-place", word):
            is_in_place = True
            if not word.startswith("--in") and (rest := word[1 : word.index("i")]):
                arguments.append("-" + rest)
            continue
        arguments.append(word)
    options = parse_options(arguments, valued=_SED_VALUED, switches=_SED_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    files = [value for name in ("-f", "--file") for value in options.values.get(name, ())]
    scripts = [value for name in ("-e", "--expression") for value in options.values.get(name, ())]
    operands = options.positionals
    if not files and not scripts:
        scripts, operands = list(operands[:1]), operands[1:]
    if files:
        return Effects.blocked("script-in-a-file", f"sed -f {shown(files[0])}: the script may read and write any file")
    if sed_touches_files("\n".join(scripts)):
        return Effects.blocked(
            "script-touches-files", f"the sed script {shown(scripts[0])!r} may read and write other files"
        )
    if not is_in_place:
        return reading(call, *operands)
    backups = [word for word in call.args if re.match(r"-[nErsuz]*i.|--in-place=", word)]
    if backups:
        return changing(call, *operands) | changing(call, *(_beside(operand) for operand in operands))
    return changing(call, *operands)


def sed_touches_files(script: str) -> bool:
    """Whether a sed script reads or writes files of its own, runs commands, or is not understood.

    ``r R w W e`` in the place of a command, ``w`` and ``e`` among the flags of a substitution (GNU sed 4 manual).
    """
    position = 0
    while True:
        position = _skip(_SED_BEFORE_COMMAND, script, position)
        if position == len(script):
            return bool(script) and not script.strip(UNKNOWN)
        letter = script[position]
        position += 1
        if letter in "/\\":
            delimiter = "/" if letter == "/" else script[position : position + 1]
            position = _after_part(script, position + (letter != "/"), delimiter)
            while script[position : position + 1] in ("I", "M"):
                position += 1
        elif letter in "sy":
            delimiter = script[position : position + 1]
            position = _after_part(script, position + 1, delimiter, is_regex=letter == "s")
            position = _after_part(script, position, delimiter, is_regex=False)
            if position > len(script):
                return True
            position = _skip(_SED_FLAGS, script, position)
            if script[position : position + 1] in ("w", "e"):
                return True
        elif letter in "aic#":
            position = _after_text(script, position)
        elif letter in "btT:":
            position = _skip(re.compile(r"[^;\n}]*"), script, position)
        elif letter in "qQlL":
            position = _skip(_SED_NUMBERS, script, position)
        elif letter not in _SED_PLAIN:
            return True
        if position > len(script):
            return True


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def _after_part(script: str, position: int, delimiter: str, *, is_regex: bool = True) -> int:
    """The place after the next ``delimiter``; past the end if there is none. It may stand in a bracket expression."""
    while position < len(script):
        if script[position] == delimiter:
            return position + 1
        if is_regex and (bracket := _SED_BRACKET.match(script, position)):
            position = bracket.end()
        else:
            position += 2 if script[position] == "\\" else 1
    return len(script) + 1


def _after_text(script: str, position: int) -> int:
    """The place after the text of ``a``, ``i``, ``c``, or of a comment: the end of a line without a backslash."""
    while position < len(script) and script[position] != "\n":
        position += 2 if script[position] == "\\" else 1
    return min(position, len(script))


def _beside(operand: str) -> str:
    """A glob for the backups of a file."""
    return operand + "*"


def _awk(call: Call) -> Effects:
    options = parse_options(call.args, valued=frozenset(("-F", "-v", "-f")), switches=frozenset())
    if options.unknown or "-f" in options.values or not options.positionals:
        return unknown_option(call, " ".join(call.args))
    program, *operands = options.positionals
    if _AWK_TOUCHES_FILES.search(program):
        return Effects.blocked("script-touches-files", "the awk program may read and write other files")
    return reading(call, *(operand for operand in operands if "=" not in operand))
