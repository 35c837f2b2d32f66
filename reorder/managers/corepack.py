"""corepack, which puts shims for yarn and pnpm on the search path and fetches them.

``corepack enable`` and ``corepack prepare NAME@VERSION`` do not look at the project; without a version the nearest
package.json names it. https://github.com/nodejs/corepack#readme
"""

from __future__ import annotations

from reorder.effects import Effects, PathSet, Role, join
from reorder.manager import Call, Manager, parse_options
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.operands import at_home, probes, unknown_option, writing

manager = Manager(__name__, ecosystem="JavaScript", kind="command", role=Role.SYSTEM, tools=("corepack",))

_SWITCHES = frozenset("--activate --all -g --global --version -v --help --json --cache-only".split())


@manager
def analyze(call: Call) -> Effects:
    """By subcommand."""
    options = parse_options(call.args, valued=frozenset(("--install-directory",)), switches=_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    command, *names = options.positionals or ("help",)
    if command in ("enable", "disable"):
        shims = PathSet.of(trees=("/usr/local/bin", "/usr/bin"))
        directories = options.values.get("--install-directory", ())
        return Effects(reads=shims, writes=shims, role=Role.LOCAL) | writing(call, *directories, depth="tree")
    if command in ("help", "cache"):
        return Effects(writes=_home(call))
    if command not in ("prepare", "install", "hydrate") or any(name.startswith((".", "/")) for name in names):
        return Effects.blocked("unknown-command", f"corepack {command} is not known")
    total = Effects(reads=NETWORK_READS | _home(call), writes=_home(call), role=Role.SYSTEM, network=True)
    total |= Effects(reads=probes(call, ".corepack.env"))
    return total if names else total | Effects(reads=probes(call, "package.json", ".yarnrc.yml"))


def _home(call: Call) -> PathSet:
    named = [join(call.cwd, call.env["COREPACK_HOME"])] if "COREPACK_HOME" in call.env else []
    return PathSet.of(trees=(*named, *at_home(call, ".cache/node", ".node/corepack", ".local/share/node")))
