"""cargo: what a fetch reads, when it would write Cargo.lock, and what stands in for a build's own fetch."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from command_call import MemoryView, effects_of

from reorder.effects import Effects, Role
from reorder.manager import Call, Prefetch
from reorder.managers.cargo import find_prefetch
from reorder.manifests.cargo_lock import satisfies

TOML = '[package]\nname = "app"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1.0"\n'
HEAD = "# made by cargo\n# not by hand\nversion = 3\n\n"
APP = '[[package]]\nname = "app"\nversion = "0.1.0"\ndependencies = [\n "serde",\n]\n\n'
SERDE = '[[package]]\nname = "serde"\nversion = "1.0.200"\nsource = "registry+https://example.org/index"\n\n'
NEEDS_NOTHING = HEAD + APP.partition("dep")[0]
FILES = {"/app/Cargo.toml": TOML, "/app/Cargo.lock": HEAD + APP + SERDE, "/app/src/main.rs": "", "/app/src/x.rs": ""}


def fetch(files: Mapping[str, str], line: str = "cargo fetch", **more: object) -> Effects:
    return effects_of(line, files={**FILES, **files}, **more)  # type: ignore[arg-type]


def prefetch(line: str, files: Mapping[str, str] | None = None) -> Prefetch | None:
    view = MemoryView({**FILES, **(files or {})})
    return find_prefetch(Call(tuple(line.split()), "cargo", "/app", {}, "", "/root", "rust:1", view))


def slug(effects: Effects) -> str:
    assert effects.blocks, effects
    return effects.blocks[0].slug


def test_manifests_and_one_root_are_read() -> None:
    effects = fetch({})
    assert not effects.blocks
    files = set(effects.reads.files)
    assert {"/app/Cargo.toml", "/app/Cargo.lock", "/app/src/main.rs", "/Cargo.toml", "/app/.cargo/config.toml"} <= files
    assert "/app/rust-toolchain.toml" in files
    assert not effects.reads.has("/app/src/x.rs")
    assert not effects.writes.has("/app/Cargo.lock")
    assert effects.writes.has("/usr/local/cargo/registry")


@pytest.mark.parametrize(
    ("toml", "present", "absent"),
    [
        ('[[bin]]\nname = "app"\npath = "src/x.rs"\n', [], ["/app/src/main.rs", "/app/src/x.rs"]),
        ('[[bin]]\nname = "app"\n', ["/app/src/main.rs"], []),
        ('[[bin]]\nname = "other"\n', ["/app/src/bin/other.rs", "/app/src/bin/other/main.rs"], ["/app/src/main.rs"]),
        ('[lib]\nname = "z"\n', ["/app/src/lib.rs"], ["/app/src/main.rs"]),
        ('[[bench]]\nname = "b"\nharness = false\n', ["/app/benches/b.rs", "/app/src/main.rs"], []),
        ('[[bench]]\nname = "b"\npath = "b.rs"\n', ["/app/src/main.rs"], ["/app/b.rs"]),
        ("[profile.release]\nlto = true\n", ["/app/src/main.rs"], ["/app/build.rs"]),
    ],
)
def test_roots_of_targets(toml: str, present: list[str], absent: list[str]) -> None:
    files = fetch({"/app/Cargo.toml": TOML + toml}).reads.files
    assert set(present) <= set(files)
    assert not set(absent) & set(files)


def test_links_and_default_run() -> None:
    toml = TOML.replace("version", 'links = "z"\ndefault-run = "tool"\nversion', 1)
    assert {"/app/build.rs", "/app/src/bin/tool.rs"} <= set(fetch({"/app/Cargo.toml": toml}).reads.files)


def test_without_any_target() -> None:
    files = {"/app/Cargo.toml": TOML, "/app/Cargo.lock": HEAD + APP + SERDE}
    assert slug(effects_of("cargo fetch", files=files)) == "manifest-not-found"


WORKSPACE = {
    "/app/Cargo.toml": '[workspace]\nmembers = ["crates/*", "tool"]\nexclude = ["crates/old"]\n'
    '[workspace.package]\nversion = "2.0.0"\n[workspace.dependencies]\nserde = "1"\n',
    "/app/crates/a/Cargo.toml": '[package]\nname = "a"\nversion.workspace = true\n'
    "[dependencies]\nserde.workspace = true\n"
    '[target."cfg(unix)".dependencies]\nb = { path = "../../b" }\n',
    "/app/crates/a/src/lib.rs": "",
    "/app/crates/old/Cargo.toml": "[not toml",
    "/app/crates/README.md": "",
    "/app/tool/Cargo.toml": '[package]\nname = "tool"\nversion = "0.1.0"\n[[bin]]\nname = "t"\npath = "t.rs"\n',
    "/app/b/Cargo.toml": '[package]\nname = "b"\n[dev-dependencies]\nserde = { version = "1", optional = false }\n',
    "/app/b/src/lib.rs": "",
    "/app/Cargo.lock": HEAD
    + '[[package]]\nname = "a"\nversion = "2.0.0"\ndependencies = ["b", "serde"]\n\n'
    + '[[package]]\nname = "b"\nversion = "0.0.0"\ndependencies = ["serde"]\n\n'
    + SERDE
    + '[[package]]\nname = "tool"\nversion = "0.1.0"\n',
}


@pytest.mark.parametrize("cwd", ["/app", "/app/crates/a"])
def test_a_workspace(cwd: str) -> None:
    effects = effects_of("cargo fetch", files=WORKSPACE, cwd=cwd)
    assert not effects.blocks
    files = set(effects.reads.files)
    manifests = ["Cargo.toml", "Cargo.lock", "crates/a/Cargo.toml", "tool/Cargo.toml", "b/Cargo.toml"]
    assert {f"/app/{name}" for name in manifests} <= files
    assert {"/app/crates/a/src/lib.rs", "/app/b/src/lib.rs"} <= files
    assert not {"/app/crates/old/Cargo.toml", "/app/tool/t.rs"} & files


def test_a_member_that_is_not_there() -> None:
    files = {path: text for path, text in WORKSPACE.items() if not path.startswith("/app/tool")}
    assert slug(effects_of("cargo fetch", files=files)) == "manifest-not-found"


def test_patches_are_read() -> None:
    toml = TOML + '[patch.crates-io]\nserde = { path = "serde" }\n'
    lock = HEAD + APP + SERDE.replace('source = "registry+https://example.org/index"\n', "")
    files = {"/app/Cargo.toml": toml, "/app/Cargo.lock": lock, "/app/serde/src/lib.rs": ""}
    files["/app/serde/Cargo.toml"] = '[package]\nname = "serde"\nversion = "1.0.200"\n'
    effects = fetch(files)
    assert not effects.blocks
    assert {"/app/serde/Cargo.toml", "/app/serde/src/lib.rs"} <= set(effects.reads.files)


@pytest.mark.parametrize(
    "lock",
    [
        HEAD + APP.replace("0.1.0", "0.0.9") + SERDE,
        HEAD + APP + SERDE.replace("1.0.200", "2.0.0"),
        HEAD + APP.replace(' "serde",\n', "") + SERDE,
        HEAD + APP + SERDE + SERDE.replace("serde", "unused"),
        HEAD + APP + SERDE + "# a note\n",
        HEAD + APP.replace(' "serde",\n', ' "serde",\n "more",\n') + SERDE + SERDE.replace("serde", "more"),
        HEAD + APP + SERDE.replace("registry+", "git+"),
    ],
)
def test_a_lock_file_that_cargo_would_write_anew(lock: str) -> None:
    assert slug(fetch({"/app/Cargo.lock": lock})) == "lock-would-be-rewritten"
    assert not fetch({"/app/Cargo.lock": lock}, "cargo fetch --locked").blocks
    assert prefetch("cargo build", {"/app/Cargo.lock": lock}) is None


def test_without_a_lock_file_it_is_made() -> None:
    files = {path: text for path, text in FILES.items() if not path.endswith("lock")}
    assert effects_of("cargo fetch", files=files).writes.has("/app/Cargo.lock")


@pytest.mark.parametrize(
    ("version", "requirement", "expected"),
    [
        ("1.2.3", "1", True), ("2.0.0", "1", False), ("0.3.1", "0.3", True), ("0.4.0", "0.3", False),
        ("0.0.4", "0.0.3", False), ("1.2.9", "~1.2.3", True), ("1.3.0", "~1.2", False), ("1.2.3", "=1.2.3", True),
        ("1.2.4", "=1.2.3", False), ("1.5.0", ">=1.2, <1.6", True), ("1.6.0", ">=1.2, <1.6", False),
        ("1.2.3", "*", True), ("1.2.3", "1.*", True), ("2.0.0", "1.*", False), ("1.3.0", ">1.2", True),
        ("1.2.5", ">1.2", False), ("1.0.0-rc.2", "1.0.0-rc.1", True), ("1.1.0-rc.2", "1", False), ("0.2.0", "0", True),
        ("1.2.3+x", "1.2.3", True), ("1.2.3", "what", False), ("1.2.3", "<=1.2", True),
    ],
)  # fmt: skip
def test_requirements(version: str, requirement: str, *, expected: bool) -> None:
    assert satisfies(version, requirement) is expected


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("cargo build --release", "cargo fetch"),
        ("cargo build --release --locked", "cargo fetch --locked"),
        ("cargo +nightly build -F x", "cargo +nightly fetch"),
        ("cargo test --workspace -- --nocapture", "cargo fetch"),
        ("cargo b -r --target x86_64-unknown-linux-musl", "cargo fetch --target x86_64-unknown-linux-musl"),
        ("cargo install --locked --path . --root /x", "cargo fetch --locked"),
        ("cargo build --manifest-path Cargo.toml", "cargo fetch --manifest-path Cargo.toml"),
    ],
)
def test_a_fetch_goes_first(line: str, argv: str) -> None:
    found = prefetch(line)
    assert found is not None
    assert found.argv == tuple(argv.split())
    assert found.leaves.has("/usr/local/cargo/registry")
    assert not effects_of(argv, files=FILES).blocks
    assert effects_of(line, files=FILES).role is Role.INSTALL


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("cargo build --offline", {}),
        ("cargo build --frozen", {}),
        ("cargo install --path .", {}),
        ("cargo build --config x", {}),
        ("cargo build", {"/app/.cargo/config.toml": '[source.v]\ndirectory = "vendor"\n'}),
        ("cargo build", {"/app/.cargo/config": "[net]\noffline = true\n"}),
        ("cargo build", {"/app/.cargo/config.toml": 'paths = ["x"]\n'}),
        ("cargo build", {"/app/rust-toolchain.toml": '[toolchain]\npath = "x"\n'}),
        (
            "cargo build",
            {"/app/Cargo.toml": TOML.partition("[dep")[0], "/app/Cargo.lock": NEEDS_NOTHING},
        ),
        ("cargo chef cook", {}),
    ],
)
def test_no_fetch_goes_first(line: str, files: Mapping[str, str]) -> None:
    assert prefetch(line, files) is None
    assert effects_of(line, files={**FILES, **files}).role is Role.LOCAL


def test_local_registries_are_read() -> None:
    files = {"/app/.cargo/config.toml": '[source.l]\nlocal-registry = "crates"\n'}
    assert fetch(files).reads.has("/app/crates/index")
    assert prefetch("cargo build", files) is not None
