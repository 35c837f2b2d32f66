"""cargo and rustup: ``cargo fetch``, programs by name, toolchains, and builds, which fetch their crates themselves.

A fetch reads all manifests of the workspace, Cargo.lock and the configuration, and wants a source file for each target
to be there. Behind rustup's shims every call looks for a toolchain file.
https://doc.rust-lang.org/cargo/commands/cargo-fetch.html, https://rust-lang.github.io/rustup/overrides.html
(real builds with cargo 1.65, tried with 1.95). No sources are ever made up: a build of made-up ones would count as
fresh beside the real, older ones.
"""

from __future__ import annotations

from typing import NamedTuple

from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role, Safety, join
from reorder.manager import Call, Manager, Options, Prefetch, Rule, is_known, parse_options
from reorder.manifests.cargo_config import CargoConfig, read_config
from reorder.manifests.cargo_lock import find_lock_drift
from reorder.manifests.cargo_toml import Workspace, load_workspace
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.files import ManifestError, read_manifest
from reorder.manifests.operands import at_home, probes, shown, unknown_option, writing

manager = Manager(
    __name__,
    ecosystem="Rust",
    tools=("cargo", "rustup", "rustup-init"),
    role=Role.INSTALL,
    rules=(
        Rule("cargo fetch", "moves", Safety.SAFE, "built",
             "it reads the manifests of the workspace, Cargo.lock, the configuration and the roots of the targets"),
        Rule("cargo build", "two phases", Safety.SAFE, "built",
             "cargo fetch first, in a stage that only artifacts are copied out of, if Cargo.lock is in sync"),
        Rule("cargo check, test, run, doc, clippy, bench, install --path DIR --locked", "two phases", Safety.SAFE,
             "documented", "as cargo build: they resolve the same crates"),
        Rule("the same in a stage that is shipped", "two phases", Safety.UNSAFE, "tried",
             "the image may hold crates of other platforms"),
        Rule("cargo install NAME, rustup", "moves", Safety.SAFE, "built",
             "they read configuration and toolchain files alone"),
        Rule("cargo chef prepare, cook", "stays", None, "", "cargo-chef has its own order, which is right"),
        Rule("cargo build with vendored crates", "stays", None, "", "there is nothing to fetch"),
    ),
)  # fmt: skip

_SWITCHES = frozenset(
    "--locked --force -f --no-default-features --all-features --debug --quiet -q --frozen --bins --no-track -v"
    " --verbose --offline --ignore-rust-version --no-confirm -y -vv".split()
)
_VALUED = frozenset(
    "--version --vers --features -F --root --git --branch --tag --rev --bin --registry --index --target --profile"
    " -j --jobs --example".split()
)
_BUILD_SWITCHES = _SWITCHES | frozenset(
    "--release -r --workspace --all --all-targets --lib --examples --tests --benches --test --no-run --no-fail-fast"
    " --keep-going --no-deps --open --timings".split()
)
_BUILD_VALUED = (_VALUED - {"--version", "--vers", "--git", "--branch", "--tag", "--rev", "--index"}) | frozenset(
    "-p --package --exclude --manifest-path --target-dir --message-format --color --path --out-dir --artifact-dir"
    " --test --bench".split()
)
_BUILDS = frozenset("build b check c test t run r doc d clippy bench rustc rustdoc install".split())
_LOCK = "lock-would-be-rewritten"
_DONE_BY = tuple(("cargo", *words.split()) for words in ("fetch", "chef cook", "build", "b", "check", "test", "clippy"))
_COMPILER_SETTINGS = tuple(
    "RUSTFLAGS RUSTDOCFLAGS RUST_BACKTRACE CARGO_INCREMENTAL CARGO_BUILD_JOBS CARGO_TARGET_DIR SQLX_OFFLINE CC CXX"
    " CFLAGS".split()
)
"""Variables that a fetch does not look at."""


class _Words(NamedTuple):
    """A command line without its toolchain (``+nightly``), which comes first if at all."""

    toolchain: tuple[str, ...]
    command: str
    rest: tuple[str, ...]


def _words(call: Call) -> _Words:
    toolchain = call.args[:1] if call.args and call.args[0].startswith("+") else ()
    command, *rest = call.args[len(toolchain) :] or ("help",)
    return _Words(toolchain, command, tuple(rest))


@manager
def analyze(call: Call) -> Effects:
    """Tell what needs the manifests only from what reads the sources."""
    if call.argv[0] != "cargo":
        return _toolchains(call)
    words = _words(call)
    if words.command in ("--version", "-V"):
        return Effects(reads=_toolchain_probes(call))
    if words.command == "fetch":
        try:
            return _fetch(call, words)
        except ManifestError as error:
            return Effects.blocked(error.slug, error.why, role=Role.INSTALL)
    if words.command == "install" and (effects := _install_by_name(call, words)) is not None:
        return effects
    what = f"cargo {shown(' '.join((words.command, *words.rest[:2])))}"
    if words.command in _BUILDS:
        return _build(call, what)
    return Effects.blocked("project-code", f"{what} reads the package's source")


def _build(call: Call, what: str) -> Effects:
    """A build is worth a refusal where its crates could come earlier, and where they could if Cargo.lock were right."""
    try:
        role = Role.INSTALL if _find_prefetch(call) else Role.LOCAL
    except ManifestError as error:
        if error.slug == _LOCK:
            return Effects.blocked(error.slug, error.why, role=Role.INSTALL)
        role = Role.LOCAL
    return Effects.blocked("install-builds-project", f"{what} builds the package from its sources", role=role)


def _install_by_name(call: Call, words: _Words) -> Effects | None:
    """``cargo install NAME`` looks at no manifest; None if it installs a folder."""
    if any(word == "--path" or word.startswith("--path=") for word in words.rest):
        return None
    options = parse_options(words.rest, valued=_VALUED, switches=_SWITCHES)
    if options.unknown:
        return unknown_option(call, options.unknown[0])
    if not options.positionals and "--git" not in options.values:
        return None
    sources = options.values.get("--git", ())
    if any("://" not in source or source.startswith("file:") for source in sources):
        return unknown_option(call, "--git")
    return _toolchains(call) | writing(call, *options.values.get("--root", ()), depth="tree")


def _toolchain_probes(call: Call) -> PathSet:
    return probes(call, "rust-toolchain", "rust-toolchain.toml", ".cargo/config", ".cargo/config.toml")


def _homes(call: Call) -> tuple[str, ...]:
    """``CARGO_HOME`` and ``RUSTUP_HOME``: the image's, and where they are by default."""
    named = [join(call.cwd, call.env[name]) for name in ("CARGO_HOME", "RUSTUP_HOME") if call.env.get(name)]
    return ("/usr/local/cargo", "/usr/local/rustup", *named, *at_home(call, ".cargo", ".rustup"))


def _toolchains(call: Call) -> Effects:
    named = [join(call.cwd, call.env["CARGO_TARGET_DIR"])] if call.env.get("CARGO_TARGET_DIR") else []
    trees = PathSet.of(trees=(*SYSTEM_TREES, *_homes(call), *named))
    dot_files = PathSet.of(*at_home(call, ".profile", ".bashrc", ".bash_profile", ".zshenv", ".gitconfig", ".netrc"))
    return Effects(
        reads=trees | dot_files | _toolchain_probes(call) | NETWORK_READS,
        writes=trees | dot_files if call.argv[0] == "rustup-init" else trees, role=Role.INSTALL,
        network=True,
    )  # fmt: skip


def _fetch(call: Call, words: _Words) -> Effects:
    """Raises `ManifestError`."""
    switches = frozenset("--locked --offline --frozen --quiet -q --verbose -v -vv".split())
    valued = frozenset(("--target", "--manifest-path", "--color"))
    options = parse_options(words.rest, valued=valued, switches=switches)
    if options.unknown or options.positionals:
        odd = (*options.unknown, *options.positionals)[0]
        raise ManifestError("unknown-option", f"cargo fetch {shown(odd)} is not known")
    config = _config(call)
    workspace = _workspace(call, options)
    reads = workspace.reads(call.view)
    trees = PathSet.of(trees=(*SYSTEM_TREES, *_homes(call), *at_home(call, ".ssh", ".config/git")))
    settings = PathSet.of(*at_home(call, ".gitconfig", ".netrc", ".git-credentials"))
    return Effects(
        reads=reads | config.reads | _toolchain_probes(call) | trees | settings | NETWORK_READS,
        writes=PathSet.of(trees=_homes(call)) | _written_lock(call, workspace, options),
        role=Role.INSTALL,
        network=True,
        evidence=tuple(f"{path}: read by cargo" for path in reads.files if call.view.find(path) is not None),
    )


def _config(call: Call) -> CargoConfig:
    if not is_known(call.cwd):
        raise ManifestError("working-directory-unknown", "the working directory is only known at build time")
    return read_config(call.view, call.cwd, tuple(home for home in _homes(call) if "rustup" not in home))


def _workspace(call: Call, options: Options) -> Workspace:
    """Raises `ManifestError`."""
    for name in ("rust-toolchain", "rust-toolchain.toml"):
        path = join(call.cwd, name)
        if call.view.find(path) is not None and b"path" in read_manifest(call.view, path, "read by rustup"):
            raise ManifestError("manifest-not-understood", f"{path} names a folder with a toolchain")
    manifest = (*options.values.get("--manifest-path", ()), None)[0]
    if options.values.get("--path"):
        manifest = options.values["--path"][-1].rstrip("/") + "/Cargo.toml"
    if manifest is not None and not is_known(manifest):
        raise ManifestError("path-unknown", "only a build can tell which Cargo.toml is meant")
    return load_workspace(call.view, call.cwd, join(call.cwd, manifest) if manifest else None)


def _written_lock(call: Call, workspace: Workspace, options: Options) -> PathSet:
    """Cargo.lock, if it is not there. Raises `ManifestError` if the one that is would change."""
    if call.view.find(workspace.lock_path) is None:
        return PathSet.of(workspace.lock_path)
    if not options.switches & {"--locked", "--frozen"}:
        why = find_lock_drift(call.view, workspace)
        if why is not None:
            raise ManifestError(_LOCK, f"cargo rewrites {workspace.lock_path}: {why}")
    return PathSet()


@manager.prefetches
def find_prefetch(call: Call) -> Prefetch | None:
    """``cargo fetch``, if there is a lock file in sync and crates do not lie in the tree already."""
    try:
        return _find_prefetch(call)
    except ManifestError:
        return None


def _find_prefetch(call: Call) -> Prefetch | None:
    """None where there is nothing to fetch; raises `ManifestError` where the lock file does not tell what to fetch."""
    words = _words(call)
    if call.argv[0] != "cargo" or words.command not in _BUILDS:
        return None
    options = parse_options(_before_dashes(words.rest), valued=_BUILD_VALUED, switches=_BUILD_SWITCHES - _BUILD_VALUED)
    is_install = words.command == "install"
    if options.unknown or options.switches & {"--offline", "--frozen"} or call.env.get("CARGO_NET_OFFLINE") == "true":
        return None
    if is_install and not ("--path" in options.values and "--locked" in options.switches):
        return None  # without --locked it does not look at the lock file
    return _prefetch(call, words, options)


def _before_dashes(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that are cargo's own, not the program's."""
    return words[: words.index("--")] if "--" in words else words


def _prefetch(call: Call, words: _Words, options: Options) -> Prefetch | None:
    config = _config(call)
    workspace = _workspace(call, options)
    if config.is_vendored or config.is_offline:
        return None
    if not any(dependency.path is None for crate in workspace.crates for dependency in workspace.dependencies(crate)):
        return None
    if call.view.find(workspace.lock_path) is None:
        raise ManifestError(_LOCK, f"there is no {workspace.lock_path}: cargo {words.command} makes one")
    if find_lock_drift(call.view, workspace) is not None:
        _written_lock(call, workspace, options)  # raises, unless --locked makes cargo fail
        return None
    argv = ["cargo", *words.toolchain, "fetch", *(["--locked"] if "--locked" in options.switches else [])]
    folders = options.values.get("--path", ())
    manifests = [folder.rstrip("/") + "/Cargo.toml" for folder in folders if folder.rstrip("/") != "."]
    for manifest in (*options.values.get("--manifest-path", ()), *manifests):
        argv += ("--manifest-path", manifest)
    for target in options.values.get("--target", ()):
        argv += ("--target", target)
    if not all(map(is_known, argv)):
        return None
    workspace.reads(call.view)
    return Prefetch(
        why="cargo fetch brings the crates by the manifests and Cargo.lock alone",
        argv=tuple(argv),
        drops=_COMPILER_SETTINGS,
        leaves=PathSet.of(trees=_homes(call)),
        done_by=_DONE_BY,
    )
