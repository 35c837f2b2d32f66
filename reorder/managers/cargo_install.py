"""``cargo install NAME`` and rustup: Rust programs by name, and toolchains.

Behind rustup's shims every call looks for a toolchain file in the working directory and above, and cargo for its
configuration: https://rust-lang.github.io/rustup/overrides.html, https://doc.rust-lang.org/cargo/reference/config.html.
"""

from __future__ import annotations

from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role, join
from reorder.manager import Call, Manager, parse_options
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.operands import at_home, probes, shown, unknown_option, writing

manager = Manager(__name__, kind="command", role=Role.INSTALL, tools=("cargo", "rustup", "rustup-init"))

_SWITCHES = frozenset(
    "--locked --force -f --no-default-features --all-features --debug --quiet -q --frozen --bins --no-track -v"
    " --verbose --offline --ignore-rust-version --no-confirm -y".split()
)
_VALUED = frozenset(
    "--version --vers --features -F --root --git --branch --tag --rev --bin --registry --index --target --profile"
    " -j --jobs --example".split()
)


@manager
def analyze(call: Call) -> Effects:
    """Only what needs no package; the rest is project code."""
    if call.argv[0] != "cargo":
        return _toolchains(call)
    words = tuple(word for word in call.args if not word.startswith("+"))
    if words[:1] in (("--version",), ("-V",)):
        return Effects(reads=_toolchain_probes(call))
    if words[:1] != ("install",):
        return Effects.blocked("project-code", f"cargo {shown(' '.join(words[:1]))} reads the package's source")
    options = parse_options(words[1:], valued=_VALUED, switches=_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    if not options.positionals and "--git" not in options.values:
        return Effects.blocked(
            "project-code", "cargo install without a name builds the package in the working directory"
        )
    sources = options.values.get("--git", ())
    if any("://" not in source or source.startswith("file:") for source in sources):
        return unknown_option(call, "--git")
    return _toolchains(call) | writing(call, *options.values.get("--root", ()), depth="tree")


def _toolchain_probes(call: Call) -> PathSet:
    return probes(call, "rust-toolchain", "rust-toolchain.toml", ".cargo/config", ".cargo/config.toml")


def _toolchains(call: Call) -> Effects:
    named = [
        join(call.cwd, call.env[name])
        for name in ("CARGO_HOME", "RUSTUP_HOME", "CARGO_TARGET_DIR")
        if call.env.get(name)
    ]
    trees = PathSet.of(
        trees=(
            *SYSTEM_TREES,
            "/usr/local/cargo",
            "/usr/local/rustup",
            *named,
            *at_home(call, ".cargo", ".rustup"),
        )
    )
    dot_files = PathSet.of(*at_home(call, ".profile", ".bashrc", ".bash_profile", ".zshenv", ".gitconfig", ".netrc"))
    return Effects(
        reads=trees | dot_files | _toolchain_probes(call) | NETWORK_READS,
        writes=trees | dot_files if call.argv[0] == "rustup-init" else trees, role=Role.INSTALL,
        network=True,
    )  # fmt: skip
