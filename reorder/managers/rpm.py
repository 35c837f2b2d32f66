"""The package managers of RPM distributions: dnf, yum, microdnf, tdnf, zypper, and rpm itself.

They read and write the system's folders, and of everything else only the package files that they are given.
dnf(8), yum(8), zypper(8), rpm(8).
"""

from __future__ import annotations

from reorder.effects import Effects, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Rule, is_known
from reorder.manifests.operands import reading, unknown_option, writing
from reorder.manifests.system_packages import package_words, system_effects

_DNFS = ("dnf", "dnf5", "yum", "microdnf", "tdnf", "dnf-3", "yum-builddep")
_CONFIG_MANAGERS = ("yum-config-manager", "dnf-config-manager", "crb", "update-crypto-policies", "subscription-manager")

manager = Manager(
    __name__,
    ecosystem="system packages",
    role=Role.SYSTEM,
    tools=(*_DNFS, *_CONFIG_MANAGERS, "zypper", "rpm", "rpmkeys", "amazon-linux-extras", "alternatives"),
    rules=(
        Rule("dnf, yum, microdnf, tdnf install, update, module, config-manager", "moves", Safety.SAFE, "documented",
             "they read the system and the network, and package and repository files that they are given"),
        Rule("zypper install, refresh", "moves", Safety.SAFE, "documented", "as dnf"),
        Rule("rpm -i URL or FILE", "moves", Safety.SAFE, "documented", "it reads the package file and the system"),
        Rule("dnf --installroot DIR", "stays", None, "", "it works in another system's folders"),
    ),
)  # fmt: skip

_VALUED = frozenset(
    "-c --config --enablerepo --disablerepo --repo --repoid --releasever --setopt -x --exclude --excludepkgs -d -e -R"
    " --randomwait --disableplugin --enableplugin --advisory --rpmverbosity --add-repo --from --repofrompath -p -r"
    " --plus-repo --root --installroot --reposd-dir --cache-dir --gpg-check".split()
)
_MOVES_FOLDERS = ("--installroot", "--root", "-R", "--reposd-dir", "--cache-dir", "--raw-cache-dir", "--destdir")
_SETTINGS_OF_FOLDERS = ("reposdir", "cachedir", "varsdir", "pluginpath", "pluginconfpath", "installroot", "logdir")


@manager
def analyze(call: Call) -> Effects:
    """System folders, and package and repository files among the operands."""
    if call.argv[0] in ("rpm", "rpmkeys"):
        return _rpm(call)
    if call.argv[0] == "alternatives":
        return _alternatives(call)
    total = system_effects(call, network=True)
    operands: list[str] = []
    words = iter(call.args)
    for word in words:
        name, equals, value = word.partition("=")
        if name in _VALUED and not equals:
            value = next(words, "")
        if name in _MOVES_FOLDERS or (name == "--setopt" and value.startswith(_SETTINGS_OF_FOLDERS)):
            return unknown_option(call, word, role=Role.SYSTEM)
        if name in ("-c", "--config", "--add-repo", "--from", "--repofrompath", "--plus-repo"):
            total |= reading(call, *([value] if value.startswith(("/", ".")) else []), depth="tree")
        elif not word.startswith("-"):
            operands.append(word)
    if "download" in operands[:1]:
        total |= writing(call, ".", depth="tree")
    return total | package_words(call, operands[1:])


_RPM_QUERIES = frozenset("-q -V --query --verify --eval -E --showrc --version".split())


def _rpm(call: Call) -> Effects:
    """``rpm -Uvh FILE``, ``rpm --import KEY``, ``rpm -e NAME``, ``rpm -q NAME``."""
    options = [word for word in call.args if word.startswith("-")]
    operands = [word for word in call.args if not word.startswith("-")]
    if any(
        word.startswith(("--root", "--dbpath", "--prefix", "--relocate", "--rcfile", "-r", "--define"))
        for word in options
    ):
        return unknown_option(call, " ".join(options), role=Role.SYSTEM)
    is_query = any(word in _RPM_QUERIES or word.startswith("-q") for word in options)
    if is_query or any(word in ("-e", "--erase", "--rebuilddb") for word in options):
        system = system_effects(call, network=False)
        files = [word for word in operands if word.startswith(("/", "."))]
        return (Effects(reads=system.reads) if is_query else system) | reading(call, *files)
    return system_effects(call, network=True) | reading(call, *(word for word in operands if "://" not in word))


def _alternatives(call: Call) -> Effects:
    """alternatives(8): the links and what they are to point at may lie outside the system's folders."""
    paths = PathSet.of(*(join(call.cwd, word) for word in call.args if word.startswith("/") and is_known(word)))
    return system_effects(call, network=False) | Effects(reads=paths, writes=paths)
