"""The commands that make, move, delete and mark files: mkdir, cp, mv, ln, rm, chmod, chown and their like.

Option tables: GNU coreutils 9 manual, https://www.gnu.org/software/coreutils/manual/ (BusyBox knows a part of them).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from reorder.context.model import Kind
from reorder.effects import Effects, PathSet, is_within, join
from reorder.manager import Call, Manager, Options, parse_options
from reorder.manifests.operands import (
    Depth,
    changing,
    is_glob,
    place,
    reading,
    unknown_option,
    writing,
)  # fmt: skip

_NAMES = PathSet.of("/etc/passwd", "/etc/group", "/etc/nsswitch.conf")


def _table(switches: str, *long_switches: str, valued: str = "") -> tuple[frozenset[str], frozenset[str]]:
    """``(valued, switches)`` from letters and long names."""
    shorts, longs = valued.split(), long_switches
    return frozenset(shorts), frozenset("-" + letter for letter in switches) | frozenset("--" + name for name in longs)


_COPY = (
    "verbose", "force", "interactive", "no-clobber", "update", "no-target-directory", "backup",
    "strip-trailing-slashes",
)  # fmt: skip
_TARGET = "-t --target-directory -S --suffix"
_RECURSIVE = ("recursive", "changes", "silent", "quiet", "verbose", "preserve-root")
_TABLES = {
    "mkdir": _table("pv", "parents", "verbose", valued="-m --mode -Z --context"),
    "rmdir": _table("pv", "parents", "verbose", "ignore-fail-on-non-empty"),
    "rm": _table("rRfdiIv", "recursive", "force", "dir", "verbose", "one-file-system", "preserve-root", "interactive"),
    "unlink": _table(""),
    "touch": _table("acmhf", "no-create", "no-dereference", valued="-d --date -t -r --reference --time"),
    "chmod": _table("Rcfv", *_RECURSIVE, valued="--reference"),
    "chown": _table("RcfvhHLP", *_RECURSIVE, "no-dereference", "dereference", valued="--reference --from"),
    "tee": _table("aip", "append", "ignore-interrupts"),
    "truncate": _table("co", "no-create", valued="-s --size -r --reference"),
    "mktemp": _table("dqut", "directory", "quiet", "tmpdir", "suffix", valued="-p"),
    "cp": _table("arRdfiHlLnPpsuvxTZ", "archive", "recursive", "preserve", "no-preserve", "dereference",
                 "no-dereference", "link", "symbolic-link", "parents", "one-file-system", "reflink", "sparse",
                 "attributes-only", "remove-destination", "copy-contents", *_COPY, valued=_TARGET),
    "mv": _table("fiuvnTbZ", *_COPY, valued=_TARGET),
    "ln": _table("sfinrvTLPbd", "symbolic", "no-dereference", "relative", *_COPY, valued=_TARGET),
    "install": _table("dDvpCcsTbZ", "directory", "preserve-timestamps", "compare", "strip", *_COPY,
                      valued="-m --mode -o --owner -g --group --strip-program " + _TARGET),
}  # fmt: skip
_TABLES["chgrp"] = _TABLES["chown"]

manager = Manager(__name__, kind="command", tools=tuple(_TABLES))


@manager
def analyze(call: Call) -> Effects:
    """Take the options apart, then ask the command's own rule."""
    valued, switches = _TABLES[call.argv[0]]
    options = parse_options(call.args, valued=valued, switches=switches)
    if options.unknown and not (call.argv[0] == "chmod" and all(_is_mode(word) for word in options.unknown)):
        return unknown_option(call, options.unknown[0])
    return _RULES[call.argv[0]](call, options)


def _is_mode(word: str) -> bool:
    """``chmod -x file``: a mode that looks like an option."""
    return set(word[1:]) <= set("rwxXstugo,+=-")


def _depth(options: Options, *names: str) -> Depth:
    return "tree" if options.switches & set(names) else "file"


def _mkdir(call: Call, options: Options) -> Effects:
    return writing(call, *options.positionals)


def _remove(call: Call, options: Options) -> Effects:
    depth = _depth(options, "-r", "-R", "--recursive")
    named = [join(call.cwd, path) for path in options.positionals if path != "*"]
    writes = writing(call, *options.positionals, depth=depth)._replace(removes=frozenset(named))
    if depth == "tree" and any(is_within(call.cwd, path) for path in named):
        barrier = Effects.blocked("working-directory-unknown", "it deletes the working directory")
        return barrier._replace(removes=writes.removes)
    if options.switches & {"-f", "--force"}:
        return writes
    return writes | reading(call, *options.positionals)


def _touch(call: Call, options: Options) -> Effects:
    references = [value for name in ("-r", "--reference") for value in options.values.get(name, ())]
    return changing(call, *options.positionals) | reading(call, *references)


def _mark(call: Call, options: Options) -> Effects:
    """chmod, chown and chgrp: a mode or an owner, then paths."""
    operands = options.positionals
    references = options.values.get("--reference", ())
    if not references and not options.unknown:
        operands = operands[1:]
    effects = reading(call, *references) | changing(call, *operands, depth=_depth(options, "-R", "--recursive"))
    return effects if call.argv[0] == "chmod" else effects | Effects(reads=_NAMES)


def _tee(call: Call, options: Options) -> Effects:
    if options.switches & {"-a", "--append"}:
        return changing(call, *options.positionals)
    return writing(call, *options.positionals)


def _mktemp(call: Call, options: Options) -> Effects:
    directories = options.values.get("-p", ()) or ("/tmp", *([call.env["TMPDIR"]] if "TMPDIR" in call.env else []))
    templates = [posixpath.dirname(word) or "." for word in options.positionals]
    return writing(call, *directories, *templates, depth="tree")


def _copy(call: Call, options: Options) -> Effects:
    depth: Depth = _depth(options, "-r", "-R", "-a", "--recursive", "--archive")
    if call.argv[0] == "mv":
        depth = "tree"
    sources, target, is_directory = _sources_and_target(call, options)
    if target is None:
        return Effects.blocked("unknown-option", f"{call.argv[0]} without a destination")
    if "--parents" in options.switches:
        return reading(call, *sources, depth=depth) | changing(call, target, depth="tree")
    effects = reading(call, *sources, depth=depth) | _landing(call, sources, target, depth, is_directory=is_directory)
    if call.argv[0] == "mv":
        gone = frozenset(join(call.cwd, source) for source in sources)
        effects |= writing(call, *sources, depth="tree")._replace(removes=gone)
    return effects


def _link(call: Call, options: Options) -> Effects:
    """What a symbolic link points at counts as read: a later step may go through it."""
    sources, target, is_directory = _sources_and_target(call, options)
    if target is None:
        sources, target, is_directory = sources, ".", True
    landing = _landing(call, sources, target, "file", is_directory=is_directory)
    if options.switches & {"-s", "--symbolic"}:
        landing = landing._replace(links=frozenset(landing.writes.files))
    if not options.switches & {"-s", "--symbolic"} or options.switches & {"-r", "--relative"}:
        return landing | reading(call, *sources, depth="tree")
    directory = target if is_directory or _is_directory(call, target) else posixpath.dirname(target) or "."
    total = landing
    for source in sources:
        total |= reading(call, posixpath.join(directory, source), depth="tree")
    return total


def _install(call: Call, options: Options) -> Effects:
    names = Effects(reads=_NAMES) if {"-o", "-g", "--owner", "--group"} & set(options.values) else Effects()
    if options.switches & {"-d", "--directory"}:
        return names | changing(call, *options.positionals)
    return names | _copy(call, options)


def _sources_and_target(call: Call, options: Options) -> tuple[tuple[str, ...], str | None, bool]:
    """The sources, the destination, and whether it is surely a directory."""
    for name in ("-t", "--target-directory"):
        if values := options.values.get(name):
            return options.positionals, values[-1], True
    if len(options.positionals) < 2:
        return options.positionals, None, False
    *sources, target = options.positionals
    return tuple(sources), target, len(sources) > 1 or _is_directory(call, target)


def _is_directory(call: Call, word: str) -> bool:
    if word.endswith("/") or posixpath.basename(word) in (".", ".."):
        return True
    entry = call.view.find(join(call.cwd, word))
    return entry is not None and entry.kind is Kind.DIRECTORY


def _landing(call: Call, sources: tuple[str, ...], target: str, depth: Depth, *, is_directory: bool) -> Effects:
    """What a copy writes: ``target`` itself, or the sources' names in it; where both may be, both."""
    total = Effects()
    for source in sources:
        name = posixpath.basename(source.rstrip("/"))
        if is_glob(source) or name in (".", "..", "") or place(call, name) is None or is_glob(target):
            total |= changing(call, target, depth="tree")
            continue
        total |= changing(call, posixpath.join(target, name), depth=depth)
        if not is_directory:
            total |= changing(call, target, depth=depth)
    return total


_RULES: dict[str, Callable[[Call, Options], Effects]] = {
    "mkdir": _mkdir, "rmdir": _remove, "rm": _remove, "unlink": _remove, "touch": _touch, "chmod": _mark,
    "chown": _mark, "chgrp": _mark, "tee": _tee, "truncate": _touch, "mktemp": _mktemp, "cp": _copy, "mv": _copy,
    "ln": _link, "install": _install,
}  # fmt: skip
