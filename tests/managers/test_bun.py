"""What bun reads and writes, command by command."""

from __future__ import annotations

import pytest
from node_call import Content, present_reads, run, slugs

from reorder.effects import Output, Role

PACKAGE = {"name": "r", "version": "1.0.0", "dependencies": {"ms": "2.1.2"}, "devDependencies": {"left-pad": "1.3.0"}}
LOCK = """{
  "lockfileVersion": 1,
  "configVersion": 1,
  "workspaces": {
    "": {
      "name": "r",
      "dependencies": {
        "ms": "2.1.2",
      },
      "devDependencies": {
        "left-pad": "1.3.0",
      },
    },
  },
  "packages": {
    "left-pad": ["left-pad@1.3.0", "", {}, "sha512-x,}"],

    "ms": ["ms@2.1.2", "", {}, "sha512-y"],
  }
}
"""
FILES: dict[str, Content] = {"package.json": PACKAGE, "bun.lock": LOCK, "src/x.ts": "", "README.md": ""}
BUN = "oven/bun:1.3.6"


@pytest.mark.parametrize(
    "command",
    [
        "bun install",
        "bun i --frozen-lockfile",
        "bun install --production --no-progress",
        "bun install -p --cwd .",
        "bun ci",
        "bun install --no-save --omit dev --omit=peer",
        "bun install --filter web --backend=copyfile",
    ],
)
def test_an_install_reads_its_manifests_only(command: str) -> None:
    effects = run(command, FILES, base=BUN)
    assert not effects.blocks
    assert not effects.doubts
    assert present_reads(effects, FILES) == {"package.json", "bun.lock"}
    assert effects.outputs == (Output("/app/node_modules", rebuilt=False),)
    assert effects.role is Role.INSTALL
    assert not effects.writes.has("/app/bun.lock")


@pytest.mark.parametrize(
    "probe",
    ["bunfig.toml", ".npmrc", ".env", ".env.production", "bun.lock", "bun.lockb", "yarn.lock", "package-lock.json"],
)
def test_optional_files_are_looked_for(probe: str) -> None:
    assert run("bun install", {"package.json": PACKAGE}).reads.has(f"/app/{probe}")


@pytest.mark.parametrize(
    "place", ["/root/.bunfig.toml", "/root/.npmrc", "/x/.bunfig.toml", "/x/.npmrc", "/package.json"]
)
def test_the_users_files_are_looked_for(place: str) -> None:
    assert run("bun install", FILES, env={"XDG_CONFIG_HOME": "/x"}).reads.has(place)


def test_what_another_tool_left_is_read_only_where_bun_has_no_lock() -> None:
    others: dict[str, Content] = {"package-lock.json": "{}", "yarn.lock": "", "pnpm-lock.yaml": ""}
    assert not others.keys() & present_reads(run("bun install", {**FILES, **others}), {**FILES, **others})
    files: dict[str, Content] = {"package.json": PACKAGE, **others}
    effects = run("bun install --frozen-lockfile", files)
    assert others.keys() <= present_reads(effects, files)
    assert effects.writes.has("/app/bun.lock")


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        ("bun run build", "project-code"),
        ("bun build ./src/x.ts --outdir dist", "project-code"),
        ("bun src/x.ts", "project-code"),
        ("bun test", "project-code"),
        ("bun x tsc", "project-code"),
        ("bunx prisma generate", "project-code"),
        ("bun --bun run build", "project-code"),
        ("bun pm trust --all", "project-code"),
        ("bun add ms", "install-edits-manifest"),
        ("bun install ms", "install-edits-manifest"),
        ("bun remove ms", "install-edits-manifest"),
        ("bun install --frobnicate", "unknown-option"),
        ("bun install --analyze", "unknown-option"),
        ("bun install --lockfile-only", "lock-would-be-rewritten"),
        ("bun add -g ./x", "unknown-argument"),
        ("bun install --cwd ?", "working-directory-unknown"),
    ],
)
def test_what_is_not_followed_blocks(command: str, slug: str) -> None:
    assert slugs(run(command, FILES)) == [slug]


@pytest.mark.parametrize("command", ["bun --version", "bun pm cache rm", "bun pm ls"])
def test_small_commands_are_local(command: str) -> None:
    effects = run(command, FILES)
    assert not effects.blocks
    assert effects.role is Role.LOCAL
    assert not effects.reads.has("/app/src/x.ts")


@pytest.mark.parametrize("command", ["bun add -g turbo@2", "bun install --global turbo", "bun i -g @nestjs/cli"])
def test_a_global_install_looks_at_nothing_in_the_project(command: str) -> None:
    effects = run(command, {**FILES, ".env": "BUN_INSTALL=/x", "bunfig.toml": ""}, env={"BUN_INSTALL": "/opt/bun"})
    assert not effects.blocks
    assert effects.role is Role.INSTALL
    assert not present_reads(effects, {**FILES, ".env": "", "bunfig.toml": ""})
    assert effects.writes.has("/opt/bun/install/global/node_modules/turbo")


def test_bun_upgrade_is_a_doubt() -> None:
    assert run("bun upgrade", FILES).doubts


@pytest.mark.parametrize(
    "package",
    [
        {**PACKAGE, "dependencies": {"ms": "^2.1.2"}},
        {**PACKAGE, "optionalDependencies": {"is-number": "7.0.0"}},
        {**PACKAGE, "peerDependencies": {"is-number": "*"}},
        {**PACKAGE, "overrides": {"ms": "2.1.3"}},
        {**PACKAGE, "patchedDependencies": {"ms@2.1.2": "ms.patch"}},
        {**PACKAGE, "trustedDependencies": ["left-pad"]},
    ],
)
def test_a_lock_that_bun_would_rewrite_blocks(package: Content) -> None:
    files = {**FILES, "package.json": package}
    assert slugs(run("bun install", files, base=BUN)) == ["lock-would-be-rewritten"]
    assert not run("bun install --frozen-lockfile", files, base=BUN).blocks
    assert not run("bun install --production", files, base=BUN).blocks
    assert not run("bun install", {**files, "bunfig.toml": "[install]\nfrozenLockfile = true\n"}, base=BUN).blocks


@pytest.mark.parametrize("package", [{**PACKAGE, "version": "2.0.0"}, {**PACKAGE, "name": "other"}])
def test_what_the_lock_does_not_hold_may_change(package: Content) -> None:
    effects = run("bun install", {**FILES, "package.json": package, "bun.lock": LOCK.replace("\n", "\r\n")}, base=BUN)
    assert not effects.blocks
    assert not effects.doubts


OLDER = LOCK.replace('  "configVersion": 1,\n', "")
NEWER = LOCK.replace('"lockfileVersion": 1', '"lockfileVersion": 2')


@pytest.mark.parametrize(
    ("base", "lock", "expected"),
    [
        ("oven/bun:1.2.23", OLDER, "moves"),
        ("oven/bun:1.3.1-alpine", OLDER, "moves"),
        ("oven/bun:1.3.2", OLDER, "stays"),
        ("oven/bun:1.3", OLDER, "stays"),
        ("oven/bun", OLDER, "stays"),
        ("oven/bun:1-alpine", OLDER, "stays"),
        ("oven/bun:latest", LOCK, "moves"),
        ("oven/bun:1.2", LOCK, "moves"),
        ("oven/bun:1.3.6", NEWER, "stays"),
        ("oven/bun:1.4.0", NEWER, "moves"),
        ("oven/bun:alpine", NEWER, "moves"),
        ("node:20-slim", OLDER, "doubt"),
        ("node:20-slim", NEWER, "doubt"),
        ("node:20-slim", LOCK, "moves"),
    ],
)
def test_the_lock_must_be_of_the_images_bun(base: str, lock: str, expected: str) -> None:
    effects = run("bun install", {**FILES, "bun.lock": lock}, base=base)
    assert ("stays" if effects.blocks else "doubt" if effects.doubts else "moves") == expected
    assert not run("bun install --frozen-lockfile", {**FILES, "bun.lock": lock}, base="node:20-slim").doubts


def test_a_binary_lock_is_read_as_it_is() -> None:
    files: dict[str, Content] = {"package.json": PACKAGE, "bun.lockb": b"#!/usr/bin/env bun\n\x00"}
    effects = run("bun install --frozen-lockfile", files)
    assert present_reads(effects, files) == {"package.json", "bun.lockb"}
    assert not effects.doubts
    assert run("bun install", files).doubts


@pytest.mark.parametrize("lock", ["{", "[]", '{"lockfileVersion": 1,,}'])
def test_a_broken_lock_is_named(lock: str) -> None:
    effects = run("bun install", {**FILES, "bun.lock": lock})
    assert slugs(effects) == ["manifest-not-understood"]
    assert "bun.lock" in effects.blocks[0].why


WORKSPACE: dict[str, Content] = {
    "package.json": {"name": "r", "private": True, "workspaces": ["packages/*", "!packages/old"]},
    "packages/a/package.json": {"name": "a", "dependencies": {"ms": "2.1.2"}},
    "packages/a/src/x.ts": "",
    "packages/old/package.json": {"name": "old"},
    "bun.lock": LOCK,
}


@pytest.mark.parametrize("cwd", ["/app", "/app/packages/a"])
def test_members_are_read_wherever_bun_starts(cwd: str) -> None:
    effects = run("bun install --frozen-lockfile", WORKSPACE, cwd=cwd)
    assert not effects.blocks
    # bun before 1.3 takes the excluded member for one all the same
    manifests = {"package.json", "packages/a/package.json", "packages/old/package.json", "bun.lock"}
    assert present_reads(effects, WORKSPACE) == manifests
    assert Output("/app/packages/a/node_modules", rebuilt=False) in effects.outputs


def test_a_program_of_a_member_gets_another_mode() -> None:
    files = {**WORKSPACE, "packages/a/package.json": {"name": "a", "bin": "cli.js"}, "packages/a/cli.js": ""}
    command, executable = "bun install --frozen-lockfile", frozenset({"packages/a/cli.js"})
    assert slugs(run(command, files, base="oven/bun:1.4.5")) == ["workspace-bin-not-executable"]
    assert run(command, files, executable=executable).doubts
    effects = run(command, files, base="oven/bun:1.4.5", executable=executable)
    assert not effects.doubts
    assert "packages/a/cli.js" in present_reads(effects, files)


def test_patches_and_copied_directories_are_read() -> None:
    package = {
        **PACKAGE,
        "dependencies": {"ms": "2.1.2", "x": "file:./x"},
        "patchedDependencies": {"ms@2.1.2": "patches/ms@2.1.2.patch"},
    }
    files: dict[str, Content] = {
        **FILES,
        "package.json": package,
        "patches/ms@2.1.2.patch": "",
        "x/package.json": {"name": "x"},
        "x/lib/i.js": "",
    }
    assert {"patches/ms@2.1.2.patch", "x/"} <= present_reads(run("bun i --frozen-lockfile", files), files)


@pytest.mark.parametrize("event", ["preinstall", "install", "postinstall", "prepare"])
def test_scripts_that_run_project_code_block(event: str) -> None:
    files: dict[str, Content] = {**FILES, "package.json": {**PACKAGE, "scripts": {event: "bun build src/x.ts"}}}
    assert slugs(run("bun install", files, base=BUN)) == ["install-runs-project-code"]
    assert not run("bun install --ignore-scripts", files, base=BUN).blocks


@pytest.mark.parametrize("event", ["prepublish", "dependencies", "build"])
def test_other_scripts_do_not_run(event: str) -> None:
    files: dict[str, Content] = {**FILES, "package.json": {**PACKAGE, "scripts": {event: "bun build src/x.ts"}}}
    assert not run("bun install", files, base=BUN).blocks


def test_a_native_addon_in_the_root_is_built() -> None:
    assert slugs(run("bun install", {**FILES, "binding.gyp": "{}"}, base=BUN)) == ["implicit-native-build"]


def test_scripts_of_trusted_dependencies_are_looked_at() -> None:
    lock = LOCK.replace('  "packages"', '  "trustedDependencies": [\n    "ms",\n  ],\n  "packages"')
    files: dict[str, Content] = {"package.json": {**PACKAGE, "trustedDependencies": ["ms"]}, "bun.lock": lock}
    assert run("bun install", files, base=BUN).doubts


@pytest.mark.parametrize(
    ("text", "is_read"),
    [
        ("DATABASE_URL=postgres://x\nPORT=3000\n", False),
        ("export BUN_CONFIG_REGISTRY=https://x\n", True),
        ("NPM_CONFIG_REGISTRY=https://x\n", True),
        ("MY_TOKEN=1\n", True),
    ],
)
def test_an_env_file_is_read_where_it_says_something_to_an_install(text: str, *, is_read: bool) -> None:
    files: dict[str, Content] = {**FILES, ".env": text, ".npmrc": "//registry.example.com/:_authToken=${MY_TOKEN}\n"}
    assert (".env" in present_reads(run("bun install", files), files)) is is_read


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("[install\n", "manifest-not-understood"),
        ("[install]\nfrobnicate = 1\n", "unknown-option"),
        ("[install.lockfile]\npath = 'x'\n", "unknown-option"),
    ],
)
def test_settings_that_are_not_understood_block(text: str, slug: str) -> None:
    assert slugs(run("bun install", {**FILES, "bunfig.toml": text})) == [slug]


def test_settings_name_files() -> None:
    text = '[install]\ncafile = "ca.pem"\n[install.lockfile]\nprint = "yarn"\n'
    files: dict[str, Content] = {**FILES, "bunfig.toml": text, "ca.pem": ""}
    effects = run("bun install", files)
    assert {"ca.pem", "bunfig.toml"} <= present_reads(effects, files)
    assert effects.writes.has("/app/yarn.lock")


def test_another_settings_file_may_be_named() -> None:
    files: dict[str, Content] = {**FILES, "ci.toml": "[install]\nfrozenLockfile = true\n"}
    for option in ("-c=ci.toml", "--config=ci.toml"):
        assert "ci.toml" in present_reads(run(f"bun install {option}", files), files)


@pytest.mark.parametrize("made", ["/root/.npmrc", "/root/.bunfig.toml", "/app/bunfig.toml", "/app/.npmrc"])
def test_settings_that_an_earlier_step_wrote_are_not_known(made: str) -> None:
    assert slugs(run("bun install --frozen-lockfile", FILES, made=(made,))) == ["manifest-not-from-context"]
