"""The commands that pack and unpack: tar, unzip, gzip and its kin.

https://www.gnu.org/software/tar/manual/, Info-ZIP's unzip(1).
"""

from __future__ import annotations

import re

from reorder.effects import Effects
from reorder.manager import Call, Manager, Options, parse_options
from reorder.manifests.operands import changing, place, reading, unknown_option, writing

_SUFFIXES = {
    "gunzip": ".gz",
    "gzip": ".gz",
    "bunzip2": ".bz2",
    "bzip2": ".bz2",
    "xz": ".xz",
    "unxz": ".xz",
    "zstd": ".zst",
}
_STREAMS = ("zcat", "bzcat", "xzcat", "zstdcat")

manager = Manager(__name__, kind="command", tools=("tar", "bsdtar", "unzip", *_SUFFIXES, *_STREAMS))

_TAR_VALUED = frozenset(
    "-f --file -C --directory --strip-components --strip --exclude --transform --xform --owner --group --mode -I"
    " --use-compress-program --wildcards-match -b --mtime --format -H --sort --checkpoint".split()
)
_TAR_SWITCHES = frozenset("-" + letter for letter in "xctrzjJvpPmkohUwaOlSs") | frozenset(
    "--extract --get --create --list --gzip --gunzip --bzip2 --xz --zstd --auto-compress --verbose"
    " --no-same-owner --same-owner --no-same-permissions --preserve-permissions --same-permissions --touch"
    " --keep-old-files --overwrite --wildcards --no-wildcards --no-anchored --anchored --to-stdout --dereference"
    " --warning --skip-old-files --no-overwrite-dir --keep-directory-symlink --numeric-owner --lzma --exclude-vcs"
    " --absolute-names --strip-components".split()
)
_COMPRESSORS = re.compile(r"(gzip|pigz|bzip2|pbzip2|xz|pixz|zstd|lz4|lzip)( -[\w-]+)*")
_GZIP_SWITCHES = frozenset("-" + letter for letter in "cdfkqvt123456789n") | {"--force", "--keep", "--rm"}
_UNZIP_SWITCHES = frozenset("-" + letter for letter in "qonjupltaLCvDKX")


@manager
def analyze(call: Call) -> Effects:
    """By program."""
    tool = call.argv[0]
    if tool in ("tar", "bsdtar"):
        return _tar(call)
    if tool == "unzip":
        return _unzip(call)
    return _compress(call)


def _tar(call: Call) -> Effects:
    arguments = list(call.args)
    if arguments and not arguments[0].startswith("-"):
        arguments[:1] = _old_style(arguments)
    options = parse_options(arguments, valued=_TAR_VALUED, switches=_TAR_SWITCHES)
    programs = [value for name in ("-I", "--use-compress-program") for value in options.values.get(name, ())]
    if options.unknown or not all(_COMPRESSORS.fullmatch(program) for program in programs):
        return unknown_option(call, (*options.unknown, *programs)[0])
    archives = [value for name in ("-f", "--file") for value in options.values.get(name, ())]
    directories = [value for name in ("-C", "--directory") for value in options.values.get(name, ())]
    if options.switches & {"-x", "--extract", "--get"}:
        return reading(call, *archives) | _extraction(call, options, directories)
    if options.switches & {"-t", "--list"}:
        return reading(call, *archives)
    if options.switches & {"-c", "--create"}:
        roots = [_below(directory, word) for directory in directories or ["."] for word in options.positionals]
        return writing(call, *archives) | reading(call, *roots, depth="tree")
    return unknown_option(call, " ".join(call.args))


def _old_style(arguments: list[str]) -> list[str]:
    """``tar xzf a.tgz``: the first word's letters take the next words as their values; gives words for its place.

    The values are moved out of ``arguments`` to behind their letters.
    """
    letters = arguments[0]
    words: list[str] = []
    for letter in letters:
        words.append("-" + letter)
        if "-" + letter in _TAR_VALUED and len(arguments) > 1:
            words.append(arguments.pop(1))
    return words


def _below(directory: str, word: str) -> str:
    return word if word.startswith("/") else f"{directory.rstrip('/')}/{word}"


def _extraction(call: Call, options: Options, directories: list[str]) -> Effects:
    if options.switches & {"-O", "--to-stdout"}:
        return Effects()
    if options.switches & {"-P", "--absolute-names"}:
        return unknown_option(call, "-P")
    if len(directories) > 1:
        return unknown_option(call, "-C, twice")
    return writing(call, *(directories or ["."]), depth="tree") | reading(call, *directories)


def _unzip(call: Call) -> Effects:
    options = parse_options(call.args, valued=frozenset(("-d", "-x", "-P")), switches=_UNZIP_SWITCHES)
    if options.unknown or not options.positionals:
        return unknown_option(call, " ".join(options.unknown))
    archive = reading(call, options.positionals[0])
    if options.switches & {"-p", "-l", "-t", "-v"}:
        return archive
    return archive | writing(call, *(options.values.get("-d") or (".",)), depth="tree")


def _compress(call: Call) -> Effects:
    options = parse_options(call.args, valued=frozenset(("-S", "-T")), switches=_GZIP_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    suffix = _SUFFIXES.get(call.argv[0])
    if suffix is None or options.switches & {"-c", "-t"}:
        return reading(call, *options.positionals)
    total = changing(call, *options.positionals)
    for operand in options.positionals:
        if place(call, operand) is not None:
            stem = operand.removesuffix(suffix)
            total |= writing(call, stem, operand + suffix, stem.removesuffix(".tgz") + ".tar")
    return total
