"""What pnpm reads and writes, command by command."""

from __future__ import annotations

import pytest
from node_call import Content, present_reads, run, slugs

from reorder.effects import Output, Role

PACKAGE = {"name": "r", "version": "1.0.0", "dependencies": {"ms": "2.1.2"}, "devDependencies": {"left-pad": "1.3.0"}}
LOCK = """lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .:
    dependencies:
      ms:
        specifier: 2.1.2
        version: 2.1.2
    devDependencies:
      left-pad:
        specifier: 1.3.0
        version: 1.3.0

packages:

  left-pad@1.3.0:
    resolution: {integrity: sha512-x}

  ms@2.1.2:
    resolution: {integrity: sha512-y}
"""
FLAT = """lockfileVersion: '6.0'

settings:
  autoInstallPeers: true

dependencies:
  ms:
    specifier: 2.1.2
    version: 2.1.2

devDependencies:
  left-pad:
    specifier: 1.3.0
    version: 1.3.0

packages:

  /left-pad@1.3.0:
    resolution: {integrity: sha512-x}
    requiresBuild: true
    dev: true
"""
OLD = """lockfileVersion: 5.4

specifiers:
  left-pad: 1.3.0
  ms: 2.1.2

dependencies:
  ms: 2.1.2

devDependencies:
  left-pad: 1.3.0
"""
FILES: dict[str, Content] = {"package.json": PACKAGE, "pnpm-lock.yaml": LOCK, "src/x.js": "", "README.md": ""}


@pytest.mark.parametrize(
    "command",
    [
        "pnpm install",
        "pnpm i --frozen-lockfile",
        "pnpm install --prod --frozen-lockfile --ignore-scripts",
        "pnpm ci",
        "pnpm --reporter=silent install --prefer-offline",
        "pnpm -r install --frozen-lockfile",
        "pnpm i --filter web...",
        "pnpm recursive install",
        "pnpm install --force --frozen-lockfile",
    ],
)
def test_an_install_reads_its_manifests_only(command: str) -> None:
    effects = run(command, FILES)
    assert not effects.blocks
    assert not effects.doubts
    assert present_reads(effects, FILES) == {"package.json", "pnpm-lock.yaml"}
    assert effects.outputs == (Output("/app/node_modules", rebuilt=False),)
    assert effects.role is Role.INSTALL
    assert not effects.writes.has("/app/pnpm-lock.yaml")


@pytest.mark.parametrize("probe", [".npmrc", ".pnpmfile.cjs", "pnpm-workspace.yaml", "package.yaml", "pnpm-lock.yaml"])
def test_optional_files_are_looked_for(probe: str) -> None:
    assert run("pnpm install", {"package.json": PACKAGE}).reads.has(f"/app/{probe}")


@pytest.mark.parametrize("command", ["pnpm -C web install", "pnpm install --dir web", "pnpm --dir=web i"])
def test_dir_moves_the_project(command: str) -> None:
    files = {f"web/{name}": content for name, content in FILES.items()}
    assert present_reads(run(command, files), files) == {"web/package.json", "web/pnpm-lock.yaml"}


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        ("pnpm add ms", "install-edits-manifest"),
        ("pnpm run build", "project-code"),
        ("pnpm build", "project-code"),
        ("pnpm exec tsc", "project-code"),
        ("pnpm --filter web build", "project-code"),
        ("pnpx tsc", "project-code"),
        ("pnpm install --frobnicate", "unknown-option"),
        ("pnpm install --lockfile-only", "lock-would-be-rewritten"),
        ("pnpm install --virtual-store-dir /x", "unknown-option"),
        ("pnpm dedupe", "unknown-command"),
        ("pnpm add -g ./x", "unknown-argument"),
        ("pnpm -C ? install", "working-directory-unknown"),
        ("pnpm --filter web deploy /out", "project-code"),
        ("pnpm install --filter=...[origin/main]", "git-in-copied-repository"),
        ("pnpm config set modules-dir x", "unknown-option"),
    ],
)
def test_what_is_not_followed_blocks(command: str, slug: str) -> None:
    assert slugs(run(command, FILES)) == [slug]


@pytest.mark.parametrize(
    "command", ["pnpm --version", "pnpm store prune", "pnpm config set store-dir /pnpm/store", "pnpm store path"]
)
def test_small_commands_are_local(command: str) -> None:
    effects = run(command, FILES)
    assert not effects.blocks
    assert effects.role is Role.LOCAL


def test_a_global_install_looks_at_settings_only() -> None:
    effects = run("pnpm add -g turbo@2", FILES, env={"PNPM_HOME": "/pnpm"})
    assert effects.role is Role.INSTALL
    assert present_reads(effects, FILES) == {"package.json"}
    assert effects.writes.has("/pnpm/turbo")


@pytest.mark.parametrize(
    "change",
    [
        {"package.json": {**PACKAGE, "dependencies": {"ms": "^2.1.2"}}},
        {"package.json": {**PACKAGE, "optionalDependencies": {"is-number": "7.0.0"}}},
        {"package.json": {**PACKAGE, "peerDependencies": {"is-number": "*"}}},
        {"package.json": {**PACKAGE, "pnpm": {"overrides": {"ms": "2.1.3"}}}},
        {"package.json": {**PACKAGE, "packageManager": "pnpm@8.15.9"}},
    ],
)
def test_a_lock_that_pnpm_would_rewrite_blocks(change: dict[str, Content]) -> None:
    files = {**FILES, **change}
    assert slugs(run("pnpm install", files)) == ["lock-would-be-rewritten"]
    assert not run("pnpm install --frozen-lockfile", files).blocks
    assert not run("pnpm install", files, env={"CI": "true"}).blocks


@pytest.mark.parametrize(("lock", "major"), [(FLAT, 8), (OLD, 7), (LOCK, 10), (LOCK.replace("\n", "\r\n"), 9)])
def test_every_format_of_the_lock_is_understood(lock: str, major: int) -> None:
    package = {**PACKAGE, "packageManager": f"pnpm@{major}.1.0"}
    files: dict[str, Content] = {"package.json": package, "pnpm-lock.yaml": lock}
    assert not run("pnpm install", files).blocks
    files["package.json"] = {**package, "dependencies": {"ms": "2.1.3"}}
    assert slugs(run("pnpm install", files)) == ["lock-would-be-rewritten"]


def test_an_old_lock_with_an_unknown_pnpm_is_a_doubt() -> None:
    assert run("pnpm install", {**FILES, "pnpm-lock.yaml": OLD}).doubts
    assert not run("pnpm install --frozen-lockfile", {**FILES, "pnpm-lock.yaml": OLD}).doubts


def test_the_lock_names_packages_with_install_scripts() -> None:
    files = {**FILES, "pnpm-lock.yaml": FLAT}
    assert run("pnpm install --frozen-lockfile", files).doubts
    files["pnpm-lock.yaml"] = FLAT.replace("left-pad", "esbuild")
    assert not run("pnpm install --frozen-lockfile", files).doubts


def test_without_a_lock_pnpm_writes_one() -> None:
    effects = run("pnpm install", {"package.json": PACKAGE})
    assert not effects.blocks
    assert effects.writes.has("/app/pnpm-lock.yaml")


WORKSPACE_LOCK = """lockfileVersion: '9.0'

importers:

  .: {}

  packages/a:
    dependencies:
      ms:
        specifier: 2.1.2
        version: 2.1.2
"""
WORKSPACE: dict[str, Content] = {
    "package.json": {"name": "r", "private": True},
    "pnpm-lock.yaml": WORKSPACE_LOCK,
    "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n  - '!**/fixtures/**'\n",
    "packages/a/package.json": {"name": "a", "dependencies": {"ms": "2.1.2"}},
    "packages/a/src/x.ts": "",
    "packages/fixtures/readme": "",
}


@pytest.mark.parametrize("cwd", ["/app", "/app/packages/a"])
def test_members_are_read_wherever_pnpm_starts(cwd: str) -> None:
    effects = run("pnpm install", WORKSPACE, cwd=cwd)
    assert not effects.blocks
    assert present_reads(effects, WORKSPACE) == {
        "package.json",
        "pnpm-lock.yaml",
        "pnpm-workspace.yaml",
        "packages/a/package.json",
    }
    assert Output("/app/packages/a/node_modules", rebuilt=False) in effects.outputs


def test_a_program_of_a_member_must_be_executable() -> None:
    files = {**WORKSPACE, "packages/a/package.json": {"name": "a", "bin": "cli.js"}, "packages/a/cli.js": ""}
    assert slugs(run("pnpm install --frozen-lockfile", files)) == ["workspace-bin-not-executable"]
    assert not run("pnpm i --frozen-lockfile", files, executable=frozenset({"packages/a/cli.js"})).blocks


def test_patches_and_copied_directories_are_read() -> None:
    package = {
        **PACKAGE,
        "dependencies": {"ms": "2.1.2", "x": "file:./x"},
        "pnpm": {"patchedDependencies": {"ms@2.1.2": "patches/ms@2.1.2.patch"}},
    }
    files = {
        **FILES,
        "package.json": package,
        "patches/ms@2.1.2.patch": "",
        "x/package.json": {"name": "x"},
        "x/lib/i.js": "",
    }
    assert {"patches/ms@2.1.2.patch", "x/"} <= present_reads(run("pnpm i --frozen-lockfile", files), files)


def test_patches_named_by_the_workspace_are_read() -> None:
    files = {**WORKSPACE, "fix.patch": ""}
    files["pnpm-workspace.yaml"] = "packages: ['packages/*']\npatchedDependencies:\n  ms@2.1.2: fix.patch\n"
    assert "fix.patch" in present_reads(run("pnpm i --frozen-lockfile", files), files)


def test_a_pnpmfile_is_read_and_makes_a_doubt() -> None:
    files = {**FILES, ".pnpmfile.cjs": "module.exports = {}\n"}
    effects = run("pnpm install", files)
    assert effects.doubts
    assert ".pnpmfile.cjs" in present_reads(effects, files)


@pytest.mark.parametrize("text", ["husky", "npx only-allow pnpm", "pnpm exec husky install || true"])
def test_harmless_scripts_are_followed(text: str) -> None:
    assert not run("pnpm install", {**FILES, "package.json": {**PACKAGE, "scripts": {"prepare": text}}}).blocks


@pytest.mark.parametrize("event", ["preinstall", "postinstall", "prepare", "pnpm:devPreinstall"])
def test_other_scripts_block(event: str) -> None:
    files = {**FILES, "package.json": {**PACKAGE, "scripts": {event: "pnpm build:packages"}}}
    assert slugs(run("pnpm install", files)) == ["install-runs-project-code"]
    assert not run("pnpm install --ignore-scripts", files).blocks
    assert not run("pnpm install", {**files, ".npmrc": "ignore-scripts=true"}).blocks


def test_fetch_needs_the_lock_only() -> None:
    files: dict[str, Content] = {"pnpm-lock.yaml": LOCK, "src/x.js": ""}
    effects = run("pnpm fetch --prod", files)
    assert not effects.blocks
    assert present_reads(effects, files) == {"pnpm-lock.yaml"}
    assert effects.role is Role.INSTALL


@pytest.mark.parametrize("content", ["packages: [", "packages:\n\t- a\n"])
def test_a_broken_workspace_file_is_named(content: str) -> None:
    effects = run("pnpm install", {**FILES, "pnpm-workspace.yaml": content})
    assert slugs(effects) == ["manifest-not-understood"]
    assert "pnpm-workspace.yaml:" in effects.blocks[0].why


@pytest.mark.parametrize(
    "made", ["/root/.npmrc", "/root/.config/pnpm/rc", "/app/.npmrc", "/app/pnpm-workspace.yaml", "/pnpm-workspace.yaml"]
)
def test_settings_that_an_earlier_step_wrote_are_not_known(made: str) -> None:
    assert slugs(run("pnpm install --frozen-lockfile", FILES, made=(made,))) == ["manifest-not-from-context"]


@pytest.mark.parametrize("made", ["/root", "/root/.config", "/root/.local", "/app", "/pnpm"])
def test_a_step_that_takes_hold_of_a_whole_folder_writes_no_settings(made: str) -> None:
    assert not run("pnpm install --frozen-lockfile", FILES, made=(made,)).blocks


def test_pnpm_leaves_settings_as_they_are_unless_a_copy_brought_them() -> None:
    command = "pnpm config set store-dir /pnpm/store"
    assert not run(command, FILES).writes.has("/root/.config/pnpm/rc")
    assert run(command, {".config/pnpm/rc": ""}, cwd="/srv", home="/app").writes.has("/app/.config/pnpm/rc")
