"""``go install module@version``, which ignores the module in the working directory; and what merely asks go.

https://go.dev/ref/mod#go-install: "ignores the go.mod file in the current directory". Traced with go 1.19: neither a
broken go.mod nor a broken go.work in the working directory has an effect.
"""

from __future__ import annotations

from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role, join
from reorder.manager import Call, Manager, is_known
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.operands import at_home, probes, shown

manager = Manager(__name__, kind="command", role=Role.INSTALL, tools=("go",))


@manager
def analyze(call: Call) -> Effects:
    """Only what needs no module; the rest is project code."""
    match call.args[:1]:
        case ("install",):
            return _install(call)
        case ("version",) | ("env",):
            home = PathSet.of(trees=at_home(call, ".config/go"))
            modules = probes(call, "go.mod", "go.work")
            return Effects(reads=home | modules, writes=home if "-w" in call.args else PathSet())
        case _:
            return Effects.blocked("project-code", f"go {' '.join(call.args[:2])} reads the module's source")


def _install(call: Call) -> Effects:
    packages = [word for word in call.args[1:] if not word.startswith("-")]
    if not packages or any("@" not in word or word.startswith((".", "/")) for word in packages):
        return Effects.blocked(
            "project-code", f"go {shown(' '.join(call.args))} builds the module in the working directory"
        )
    if any(word.startswith(("-mod", "-modfile", "-overlay", "-toolexec", "-pkgdir", "-o", "-C")) for word in call.args):
        return Effects.blocked("unknown-option", f"go {shown(' '.join(call.args))}: an option that names files")
    named = [call.env[name] for name in ("GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE") if call.env.get(name)]
    if not all(map(is_known, named)):
        return Effects.blocked("path-unknown", "go installs to a directory that is only known at build time")
    trees = PathSet.of(
        trees=(
            *SYSTEM_TREES, "/usr/local/go", *(join(call.cwd, part) for value in named for part in value.split(":")),
            *(["/go/bin", "/go/pkg"] if "GOPATH" not in call.env else []),
            *at_home(call, "go", ".cache/go-build", ".config/go", ".netrc", ".gitconfig", ".ssh"),
        )
    )  # fmt: skip
    return Effects(reads=trees | NETWORK_READS, writes=trees, role=Role.INSTALL, network=True)
