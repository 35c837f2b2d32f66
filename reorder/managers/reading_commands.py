"""The commands that only read: cat, grep, head, ls, test, sha256sum and their like.

Option tables: GNU coreutils 9 and grep 3 manuals.
"""

from __future__ import annotations

import re

from reorder.effects import Effects, PathSet
from reorder.manager import Call, Manager, parse_options
from reorder.manifests.operands import reading, unknown_option, writing

_SUMS = ("md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "cksum", "shasum")
_VALUED = {
    "cat": "", "head": "-n -c --lines --bytes", "tail": "-n -c -s --lines --bytes --pid", "wc": "--files0-from",
    "sort": "-k -t -o -S -T --key --field-separator --output --parallel", "uniq": "-f -s -w", "nl": "-b -w -s",
    "cut": "-d -f -c -b --delimiter --fields --output-delimiter", "tac": "-s", "paste": "-d", "fold": "-w",
    "od": "-A -t -N -j", "base64": "-w --wrap", "xxd": "-l -s -c", "strings": "-n", "diff": "-U", "cmp": "-n",
    "stat": "-c -f --format --printf", "realpath": "--relative-to --relative-base", "ls": "-I -w --ignore",
    "tree": "-L -I", "du": "-d -B --max-depth", "df": "-B -t", "jq": "-f --indent",
    **dict.fromkeys("rev comm file readlink id groups hostname more less ldd".split(), ""),
    **dict.fromkeys(_SUMS, "-a"),
}  # fmt: skip
_GREP_VALUED = frozenset(
    "-e -f -m -A -B -C --regexp --file --max-count --after-context --before-context --context --include --exclude"
    " --exclude-dir --color --binary-files".split()
)
_FILE_TESTS = frozenset("-" + letter for letter in "bcdefghkpsuwxrLOGSN")
_GREPS = ("grep", "egrep", "fgrep", "zgrep")

manager = Manager(__name__, kind="command", tools=(*_VALUED, *_GREPS, "test", "["))


@manager
def analyze(call: Call) -> Effects:
    """Reads its operands; the few options of these commands that write are told apart."""
    tool = call.argv[0]
    if tool in ("test", "["):
        return _test(call)
    if tool in _GREPS:
        return _grep(call)
    valued = frozenset(_VALUED[tool].split())
    switches = frozenset(word.partition("=")[0] for word in call.args if word.startswith("-")) - valued
    options = parse_options(_without_counts(call), valued=valued, switches=switches | _letters())
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    if tool in ("id", "groups"):
        return Effects(reads=PathSet.of("/etc/passwd", "/etc/group", "/etc/nsswitch.conf"))
    if tool == "hostname":
        return writing(call, "/etc/hostname") if options.positionals else Effects(reads=PathSet.of("/etc/hostname"))
    if tool in _SUMS and {"-c", "--check"} & (options.switches | set(call.args)):
        # The list names the files; those it names by an absolute path lie where a step before has put them.
        return reading(call, *options.positionals) | reading(call, ".", depth="tree")
    if tool == "sort":
        outputs = [value for name in ("-o", "--output") for value in options.values.get(name, ())]
        return reading(call, *options.positionals) | writing(call, *outputs)
    if tool in ("xxd", "uniq") and len(options.positionals) > 1:
        return reading(call, options.positionals[0]) | writing(call, options.positionals[1])
    if tool == "jq":
        return _jq(call)
    if tool in ("ls", "tree", "du", "diff"):
        return reading(call, *(options.positionals or (".",)), depth="tree")
    return reading(call, *options.positionals, *options.values.get("--files0-from", ()))


def _letters() -> frozenset[str]:
    return frozenset("-" + chr(code) for code in range(48, 123) if chr(code).isalnum())


def _without_counts(call: Call) -> list[str]:
    """Without ``head -5``."""
    return [word for word in call.args if not re.fullmatch(r"[-+]\d+", word)]


def _test(call: Call) -> Effects:
    total = Effects()
    for operator, operand in zip(call.args, call.args[1:], strict=False):
        if operator in _FILE_TESTS and operand not in ("]", "=", "!=", "-a", "-o"):
            total |= reading(call, operand)
        elif operator in ("-nt", "-ot", "-ef"):
            total |= Effects.blocked("unknown-option", f"{call.argv[0]} {operator} compares file times")
    return total


def _grep(call: Call) -> Effects:
    switches = frozenset(word.partition("=")[0] for word in call.args if word.startswith("--")) - _GREP_VALUED
    options = parse_options(_without_counts(call), valued=_GREP_VALUED, switches=switches | _letters())
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    has_pattern = bool({"-e", "-f", "--regexp", "--file"} & set(options.values))
    operands = options.positionals if has_pattern else options.positionals[1:]
    is_recursive = bool({"-r", "-R", "--recursive", "--dereference-recursive"} & options.switches)
    pattern_files = [value for name in ("-f", "--file") for value in options.values.get(name, ())]
    if is_recursive:
        return reading(call, *(operands or (".",)), depth="tree") | reading(call, *pattern_files)
    return reading(call, *operands, *pattern_files)


def _jq(call: Call) -> Effects:
    """A jq program reads only its inputs, unless it imports modules or is given files by options."""
    words = [word for word in call.args if not word.startswith("-")]
    options = [word for word in call.args if word.startswith("-")]
    if not all(
        re.fullmatch(r"-[rRcnesSajCM]+|--(raw-output|compact-output|exit-status|tab|sort-keys|slurp)", o)
        for o in options
    ):
        return unknown_option(call, next(iter(options)))
    if not words or "import " in words[0] or "include " in words[0]:
        return Effects.blocked("unknown-option", "a jq program that may read other files")
    return reading(call, *words[1:])
