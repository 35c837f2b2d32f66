"""apt, apt-get, aptitude and what surrounds them: dpkg, apt-key, add-apt-repository, debconf.

They read and write the system's folders, and of everything else only the package files that they are given.
apt-get(8), apt.conf(5), dpkg(1).
"""

from __future__ import annotations

from collections.abc import Callable

from reorder.effects import Effects, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Rule, is_known, parse_options
from reorder.manifests.operands import reading, unknown_option, writing
from reorder.manifests.system_packages import package_words, system_effects

_APTS = ("apt", "apt-get", "aptitude")
_QUERIES = ("apt-cache", "apt-config", "apt-mark", "debconf-show", "dpkg-query", "dpkg-architecture", "lsb_release")
_SYSTEM = (
    "add-apt-repository", "apt-add-repository", "dpkg-reconfigure", "dpkg-divert", "dpkg-statoverride", "dpkg-trigger",
    "update-alternatives", "apt-file", "tasksel", "extrepo", "apt-fast",
)  # fmt: skip

manager = Manager(
    __name__,
    ecosystem="system packages",
    role=Role.SYSTEM,
    tools=(*_APTS, *_QUERIES, *_SYSTEM, "dpkg", "dpkg-deb", "apt-key", "debconf-set-selections"),
    rules=(
        Rule("apt-get update, install, upgrade", "moves", Safety.SAFE, "built",
             "it reads the system and the network, and package files that it is given"),
        Rule("apt-get purge --auto-remove, apt-mark", "moves", Safety.SAFE, "built",
             "they work on the system's list of packages"),
        Rule("apt-get install $VARIABLE", "stays", None, "",
             "only a build can tell whether it names a file of the project"),
        Rule("dpkg -i FILE", "moves", Safety.SAFE, "documented", "it reads the package file and the system"),
        Rule("apt-key add, add-apt-repository", "moves", Safety.SAFE, "documented",
             "they set up the system's package sources, from a file if they are given one"),
    ),
)  # fmt: skip

_PACKAGE_COMMANDS = frozenset(
    "install reinstall remove purge upgrade dist-upgrade full-upgrade safe-upgrade autoremove autopurge build-dep"
    " satisfy markauto hold unhold mark".split()
)
_PLAIN_COMMANDS = frozenset(
    "update clean autoclean check moo help list search show policy depends rdepends changelog indextargets".split()
)
_VALUED = frozenset("-t --target-release --default-release -a --host-architecture -P --build-profiles".split())
_SAFE_SETTINGS = ("dpkg::options", "acquire::", "apt::", "aptitude::", "debug::", "dpkg::use-pty", "binary::", "quiet")
_UNSAFE_SETTINGS = (
    "::pre-invoke",
    "::post-invoke",
    "::pre-install-pkgs",
    "post-invoke-success",
    "::planner",
    "::solver",
)


@manager
def analyze(call: Call) -> Effects:
    """By program."""
    tool = call.argv[0]
    if tool in _RULES:
        return _RULES[tool](call)
    if tool in _APTS:
        return _apt(call)
    if tool in _QUERIES:
        return Effects(reads=system_effects(call, network=False).reads)
    return system_effects(call, network=tool in ("add-apt-repository", "apt-add-repository", "apt-file", "extrepo"))


def _apt(call: Call) -> Effects:
    total = system_effects(call, network=True)
    if configuration := call.env.get("APT_CONFIG"):
        total |= reading(call, configuration)
    operands: list[str] = []
    words = iter(call.args)
    for word in words:
        if word in ("-o", "--option", "-c", "--config-file") or word in _VALUED:
            value = next(words, "")
            if word in ("-c", "--config-file"):
                total |= reading(call, value)
            elif word not in _VALUED and not _is_safe_setting(value):
                return unknown_option(call, f"-o {value}", role=Role.SYSTEM)
        elif word.startswith(("-o", "--option=")):
            if not _is_safe_setting(word.removeprefix("--option=").removeprefix("-o")):
                return unknown_option(call, word, role=Role.SYSTEM)
        elif word.startswith(("-c=", "--config-file=")):
            total |= reading(call, word.partition("=")[2])
        elif not word.startswith("-"):
            operands.append(word)
    return total | _command(call, operands)


def _is_safe_setting(setting: str) -> bool:
    """``-o Name=value``: not one that moves folders, or runs commands."""
    name = setting.partition("=")[0].lower()
    return name.startswith(_SAFE_SETTINGS) and not any(word in name for word in _UNSAFE_SETTINGS)


def _command(call: Call, operands: list[str]) -> Effects:
    if not operands:
        return Effects()
    command, *packages = operands
    if command in _PACKAGE_COMMANDS:
        return package_words(call, packages)
    if command in ("download", "source"):
        return package_words(call, packages) | writing(call, ".", depth="tree")
    if command in _PLAIN_COMMANDS:
        return Effects()
    if not is_known(command):
        return package_words(call, [command])
    return Effects.blocked("unknown-command", f"{call.argv[0]} {command} is not known", role=Role.SYSTEM)


_DPKG_QUERIES = frozenset(
    "-l -L -s -S -p -I -c -W --list --listfiles --status --search --print-architecture --print-foreign-architectures"
    " --get-selections --info --contents --version --show --field --compare-versions --print-avail".split()
)
_DPKG_CHANGES = frozenset(
    "-i -r -P --install --remove --purge --configure --add-architecture --remove-architecture --unpack -a"
    " --set-selections --clear-selections --update-avail --force-all".split()
)


_DPKG_UNSAFE = ("--root", "--instdir", "--admindir", "--recursive", "--pre-invoke", "--post-invoke")


def _dpkg(call: Call) -> Effects:
    options = [word for word in call.args if word.startswith("-")]
    operands = [word for word in call.args if not word.startswith("-")]
    if {"-x", "-X", "-R", "--extract", "--vextract", "-e", "-b", "--build", "--control"} & set(options):
        if len(operands) != 2:
            return unknown_option(call, " ".join(call.args), role=Role.SYSTEM)
        return reading(call, operands[0], depth="tree") | writing(call, operands[1], depth="tree")
    if any(word.startswith(_DPKG_UNSAFE) for word in options):
        return unknown_option(call, " ".join(options), role=Role.SYSTEM)
    files = {"-i", "--install", "--unpack", "-I", "-c", "--info", "--contents"} & set(options)
    read = reading(call, *operands) if files else Effects()
    if set(options) & _DPKG_CHANGES or not set(options) & _DPKG_QUERIES:
        return system_effects(call, network=False) | read
    return Effects(reads=system_effects(call, network=False).reads) | read


def _apt_key(call: Call) -> Effects:
    """``apt-key add FILE``, ``apt-key adv …``: keys from a file, standard input or a key server."""
    words = call.args
    total = system_effects(call, network=True)
    if "add" in words:
        return total | reading(call, *words[words.index("add") + 1 :])
    if "adv" in words:
        operands = [word for word in words if word.startswith(("/", "./")) or "file" in word]
        return unknown_option(call, operands[0]) if operands else total
    return total


def _set_selections(call: Call) -> Effects:
    options = parse_options(
        call.args, valued=frozenset(), switches=frozenset(("-v", "-u", "-c", "--verbose", "--unseen"))
    )
    if options.unknown:
        return unknown_option(call, options.unknown[0], role=Role.SYSTEM)
    return system_effects(call, network=False) | reading(call, *options.positionals)


def _update_alternatives(call: Call) -> Effects:
    """The link and what it is to point at may lie outside the system's folders."""
    paths = PathSet.of(*(join(call.cwd, word) for word in call.args if word.startswith("/") and is_known(word)))
    return system_effects(call, network=False) | Effects(reads=paths, writes=paths)


_RULES: dict[str, Callable[[Call], Effects]] = {
    "dpkg": _dpkg, "dpkg-deb": _dpkg, "apt-key": _apt_key, "debconf-set-selections": _set_selections,
    "update-alternatives": _update_alternatives,
}  # fmt: skip
