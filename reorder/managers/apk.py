"""apk, the package manager of Alpine Linux.

It reads and writes the system's folders, and of everything else only the package files that it is given.
apk(8), version 2.
"""

from __future__ import annotations

from reorder.effects import Effects, Role, Safety
from reorder.manager import Call, Manager, Rule, parse_options
from reorder.manifests.operands import reading, unknown_option, writing
from reorder.manifests.system_packages import package_words, system_effects

manager = Manager(
    __name__,
    ecosystem="system packages",
    role=Role.SYSTEM,
    tools=("apk", "setup-timezone", "setup-apkrepos", "apk-upgrade"),
    rules=(
        Rule("apk add, del, upgrade, update", "moves", Safety.SAFE, "documented",
             "it reads the system and the network, and package files that it is given"),
        Rule("apk add --virtual NAME … && … && apk del NAME", "moves", Safety.SAFE, "documented",
             "what one RUN adds and deletes again stays in one RUN"),
        Rule("apk add $VARIABLE", "stays", None, "", "only a build can tell whether it names a file of the project"),
        Rule("apk --root DIR", "stays", None, "", "it works in another system's folders"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    "-q -f -i -v -u -l -a -U -d -e -w -L -R -P -s --quiet --force --interactive --verbose --upgrade --latest"
    " --available --update --update-cache --purge --no-cache --no-progress --allow-untrusted --no-scripts"
    " --force-overwrite --force-refresh --force-broken-world --force-old-apk --force-non-repository"
    " --force-missing-repositories --clean-protected --no-network --simulate --initdb --no-check-certificate"
    " --no-interactive --no-chown --no-self-upgrade --self-upgrade-only --ignore --all --installed --rdepends"
    " --depends --print-arch --version -V --prune --origin --who-owns --exact --reinstall --progress --no-logfile"
    " --no-commit-hooks --usermode".split()
)
_VALUED = frozenset(
    "-t --virtual -X --repository --cache-max-age --wait --timeout --repositories-file --keys-dir --progress-fd".split()
)
_COMMANDS = frozenset("add del fix update upgrade cache info list search policy stats version audit verify dot".split())


@manager
def analyze(call: Call) -> Effects:
    """System folders, and package files among the operands."""
    options = parse_options(call.args, valued=_VALUED, switches=_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0], role=Role.SYSTEM)
    command, *packages = options.positionals or ("help",)
    total = system_effects(call, network=True)
    for name in ("--repositories-file", "--keys-dir", "-X", "--repository"):
        total |= reading(call, *(v for v in options.values.get(name, ()) if v.startswith(("/", "."))), depth="tree")
    if command == "fetch":
        return total | package_words(call, packages) | writing(call, ".", depth="tree")
    if call.argv[0] == "apk" and command not in _COMMANDS and options.positionals:
        return Effects.blocked("unknown-command", f"apk {command} is not known", role=Role.SYSTEM)
    return total | package_words(call, packages)
