"""git: clone, work in a clone that the build itself made, global configuration.

That a clone does not read the configuration of a repository around it was tried with git 2.39: neither its
``url.*.insteadOf`` nor a syntax error in it has any effect.
"""

from __future__ import annotations

import re

from reorder.effects import NOTHING, Effects, PathSet, Role, join
from reorder.manager import Call, Manager, parse_options
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.operands import ancestors, at_home, reading, unknown_option, unknown_path, writing

manager = Manager(__name__, kind="command", tools=("git",), role=Role.DOWNLOAD)

_SWITCHES = frozenset(
    "-q -v -n -l -s --quiet --verbose --no-checkout --bare --mirror --single-branch --no-single-branch --no-tags"
    " --recursive --recurse-submodules --shallow-submodules --no-shallow-submodules --progress --no-hardlinks --local"
    " --no-local --sparse --remote-submodules --dissociate".split()
)
_VALUED = frozenset(
    "-b --branch --depth -o --origin -c --config -j --jobs --filter --shallow-since --shallow-exclude -u --upload-pack"
    " --reference --reference-if-able".split()
)
_IN_A_CLONE = frozenset(
    "checkout fetch pull reset submodule switch restore clean merge rebase am apply tag log show".split()
)
_IN_A_CLONE |= frozenset("rev-parse describe status branch lfs gc remote sparse-checkout init add commit".split())
_SCP_LIKE = re.compile(r"[^/\\:]+:")


@manager
def analyze(call: Call) -> Effects:
    """By subcommand; the options before it may move to another directory."""
    words = list(call.args)
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in ("--version", "-v", "--help", "-h"):
            return Effects()
        if word == "-C" and words:
            directory = words.pop(0)
            if reading(call, directory).blocks:
                return unknown_path(call, directory)
            call = call._replace(cwd=join(call.cwd, directory))
        elif word == "-c" and words:
            words.pop(0)
        elif word not in ("--no-pager", "-p", "-P"):
            return unknown_option(call, word)
    command = words.pop(0) if words else "help"
    inner = call._replace(argv=("git", *words))
    effects = _subcommand(command, inner)
    return effects if effects.blocks else effects._replace(reads=effects.reads | _configuration(call))


def _configuration(call: Call) -> PathSet:
    return NETWORK_READS | PathSet.of(
        *at_home(call, ".gitconfig", ".git-credentials", ".netrc"), "/etc/gitconfig",
        trees=(*at_home(call, ".config/git", ".ssh"), "/usr/share/git-core", "/etc/ssh"),
    )  # fmt: skip


def _subcommand(command: str, call: Call) -> Effects:
    match command:
        case "version" | "help" | "ls-remote":
            return Effects(network=command == "ls-remote")
        case "clone":
            return _clone(call)
        case "config":
            return _config(call)
        case "lfs" if call.args[:1] == ("install",):
            return _lfs_install(call)
        case _ if command in _IN_A_CLONE:
            return _in_a_clone(command, call)
        case _:
            return Effects.blocked("unknown-command", f"git {command} is not known")


def _clone(call: Call) -> Effects:
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    if options.unknown or not 1 <= len(options.positionals) <= 2:
        return unknown_option(call, (*options.unknown, " ".join(call.args))[0])
    url, *rest = options.positionals
    directory = rest[0] if rest else re.sub(r"(/|\.git/?)+$", "", url).rpartition("/")[2].rpartition(":")[2]
    local = [value for name in ("--reference", "--reference-if-able") for value in options.values.get(name, ())]
    if "://" not in url and not _SCP_LIKE.match(url):
        local.append(url)
    effects = Effects(role=Role.DOWNLOAD, network=True)
    return effects | writing(call, directory, depth="tree") | reading(call, *local, depth="tree")


def _config(call: Call) -> Effects:
    scopes = {"--global": at_home(call, ".gitconfig", ".config/git/config"), "--system": ("/etc/gitconfig",)}
    for word in call.args:
        if word in scopes:
            return Effects(writes=PathSet.of(*scopes[word]))
    return _in_a_clone("config", call)


def _lfs_install(call: Call) -> Effects:
    """Sets filters globally, and hooks in the repository around, if there is one (git-lfs-install(1))."""
    words = set(call.args[1:])
    if not words <= {"--system", "--skip-repo", "--force", "--skip-smudge"}:
        return unknown_option(call, " ".join(call.args))
    hooks = NOTHING
    if "--skip-repo" not in words:
        hooks = PathSet.of(trees=[join(directory, ".git/hooks") for directory in ancestors(call.cwd)])
    return Effects(writes=PathSet.of(*at_home(call, ".gitconfig"), "/etc/gitconfig") | hooks, reads=hooks)


def _in_a_clone(command: str, call: Call) -> Effects:
    """Work in the repository around: ours to know only if it is one that the build made itself."""
    for directory in ancestors(call.cwd):
        entry = call.view.find(join(directory, ".git"))
        if entry is not None and entry.context_path is not None:
            return Effects.blocked("git-in-copied-repository", f"git {command} in a repository that was copied")
    tree = PathSet.of(trees=[call.cwd])
    return Effects(reads=tree, writes=tree, network=True)
