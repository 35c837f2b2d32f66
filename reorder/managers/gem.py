"""gem, the package manager of Ruby, for what is installed by name.

``gem install NAME`` also takes a NAME*.gem that lies in the working directory.
https://guides.rubygems.org/command-reference/
"""

from __future__ import annotations

from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role, join
from reorder.manager import Call, Manager, is_known, parse_options
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.operands import at_home, names_matching, probes, reading, unknown_option
from reorder.manifests.system_packages import package_words

manager = Manager(__name__, ecosystem="Ruby", kind="command", role=Role.INSTALL, tools=("gem",))

_SWITCHES = frozenset(
    "-N -f -q -V -E --no-document --no-doc --no-ri --no-rdoc --force --quiet --verbose --conservative"
    " --user-install --no-user-install --prerelease --pre --system --minimal-deps --remote -r --all -a -x -I"
    " --no-format-executable --no-format-exec -l --local --env-shebang --executables --silent --no-suggestions"
    " --wrappers --version".split()
)
_VALUED = frozenset(
    "-v --version --source -s -i --install-dir -n --bindir -P --trust-policy --platform --add -p".split()
)


@manager
def analyze(call: Call) -> Effects:
    """Installs, updates and removals by name."""
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    command, *names = options.positionals or ("help",)
    if command not in ("install", "update", "uninstall", "cleanup", "sources", "list", "env", "environment", "help"):
        return Effects.blocked("unknown-command", f"gem {command} is not known")
    places = [value for name in ("-i", "--install-dir", "-n", "--bindir") for value in options.values.get(name, ())]
    places += [call.env[name] for name in ("GEM_HOME", "BUNDLE_PATH") if call.env.get(name)]
    if not all(map(is_known, places)):
        return Effects.blocked("path-unknown", "gem installs to a directory that is only known at build time")
    homes = at_home(call, ".gem", ".local/share/gem", ".bundle", ".cache/gem")
    named = (join(call.cwd, place) for place in places)
    trees = PathSet.of(trees=(*SYSTEM_TREES, "/usr/local/bundle", "/usr/local/rvm", *homes, *named))
    settings = PathSet.of(*at_home(call, ".gemrc", ".config/gem/gemrc"))
    versions = PathSet() if call.base.startswith("ruby") else probes(call, ".ruby-version", ".tool-versions")
    effects = Effects(reads=trees | settings | versions | NETWORK_READS, writes=trees, role=Role.INSTALL, network=True)
    if command != "install":
        return effects
    return effects | package_words(call, names) | _local_gems(call, names)


def _local_gems(call: Call, names: list[str]) -> Effects:
    files = [
        file for name in names if is_known(name) for file in names_matching(call, f"{name.partition(':')[0]}*.gem")
    ]
    return reading(call, *files, *(name for name in names if name.endswith(".gem")))
