"""What npm reads and writes, command by command."""

from __future__ import annotations

from typing import Any

import pytest
from node_call import Content, present_reads, run, slugs

from reorder.effects import Output, Role

PACKAGE = {"name": "a", "version": "1.0.0", "dependencies": {"ms": "2.1.2"}}


def lock(root: dict[str, Any], **entries: dict[str, Any]) -> dict[str, Any]:
    """A version 3 lock for ``root``; ``entries`` are dependencies by name."""
    fields = ("name", "version", "dependencies", "devDependencies", "optionalDependencies", "workspaces", "license")
    known = {name: {"version": "2.1.2"} for name in root.get("dependencies", {})}
    packages = {"": {k: root[k] for k in fields if k in root}, **{f"node_modules/{n}": e for n, e in known.items()}}
    packages |= {f"node_modules/{name}": entry for name, entry in entries.items()}
    header = {k: root[k] for k in ("name", "version") if k in root}
    return {**header, "lockfileVersion": 3, "requires": True, "packages": packages}


def project(package: dict[str, Any] | None = None, **more: Content) -> dict[str, Content]:
    package = package or PACKAGE
    named = {name.replace("__", "/"): value for name, value in more.items()}
    return {"package.json": package, "package-lock.json": lock(package), "src/index.js": "", "README.md": "", **named}


def with_script(event: str, text: str, **more: Content) -> dict[str, Content]:
    return project({**PACKAGE, "scripts": {event: text}}, **more)


@pytest.mark.parametrize(
    ("command", "rebuilt"),
    [
        ("npm ci", True),
        ("npm clean-install --omit=dev --no-audit", True),
        ("npm --no-fund ci --loglevel error", True),
        ("npm ci --production=false --legacy-peer-deps -s", True),
        ("npm ci --only production --no-optional", True),
        ("npm install", False),
        ("npm i --production", False),
        ("npm install --unsafe-perm=true --registry https://registry.npmjs.org --fetch-timeout 600000", False),
    ],
)
def test_an_install_reads_its_manifests_only(command: str, rebuilt: bool) -> None:
    files = project()
    effects = run(command, files)
    assert not effects.blocks
    assert not effects.doubts
    assert present_reads(effects, files) == {"package.json", "package-lock.json"}
    assert effects.outputs == (Output("/app/node_modules", rebuilt=rebuilt),)
    assert effects.role is Role.INSTALL
    assert not effects.writes.has("/app/package-lock.json")


@pytest.mark.parametrize(
    "probe",
    ["/app/.npmrc", "/app/npm-shrinkwrap.json", "/app/yarn.lock", "/app/binding.gyp", "/root/.npmrc", "/package.json"],
)
def test_optional_files_are_looked_for(probe: str) -> None:
    assert run("npm ci", project()).reads.has(probe)


@pytest.mark.parametrize(
    "command", ["npm ci --prefix web", "npm --prefix web ci", "npm -C web ci", "npm ci --prefix=./web"]
)
def test_prefix_moves_the_project(command: str) -> None:
    files = {f"web/{name}": content for name, content in project().items()}
    effects = run(command, files)
    assert present_reads(effects, files) == {"web/package.json", "web/package-lock.json"}
    assert effects.outputs == (Output("/app/web/node_modules", rebuilt=True),)


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        ("npm install ms", "install-edits-manifest"),
        ("npm add -D ms", "install-edits-manifest"),
        ("npm run build", "project-code"),
        ("npm test", "project-code"),
        ("npm exec tsc", "project-code"),
        ("npx tsc", "project-code"),
        ("node index.js", "project-code"),
        ("npm ci --frobnicate", "unknown-option"),
        ("npm install --package-lock-only", "unknown-option"),
        ("npm ci --prefix ?", "working-directory-unknown"),
        ("npm ci --prefix missing", "manifest-not-found"),
        ("npm update", "unknown-command"),
        ("npm dedupe", "unknown-command"),
        ("npm install -g ./tool", "unknown-argument"),
        ("npm install -g tool.tgz", "unknown-argument"),
        ("npm install -g ?", "unknown-argument"),
        ("npm install -g", "install-builds-project"),
        ("npm config set prefix /app/x", "unknown-option"),
        ("npm config set registry https://r --location=project", "unknown-command"),
    ],
)
def test_what_is_not_followed_blocks(command: str, slug: str) -> None:
    assert slugs(run(command, project())) == [slug]


@pytest.mark.parametrize(
    "command", ["npm install -g pm2@5 typescript", "npm i -g @nestjs/cli@?", "npm install --location=global npm"]
)
def test_a_global_install_reads_nothing_of_the_project(command: str) -> None:
    files = project()
    effects = run(command, files)
    assert not effects.blocks
    assert not present_reads(effects, files)
    assert effects.role is Role.INSTALL
    assert effects.writes.has("/usr/local/bin/pm2")


@pytest.mark.parametrize(
    "command",
    [
        "npm --version",
        "npm cache clean --force",
        "npm config set registry https://r",
        "npm config set //r/:_authToken ?",
        "npm set progress=false",
        "npm config get registry",
    ],
)
def test_small_commands_are_local_and_look_at_the_settings(command: str) -> None:
    effects = run(command, project())
    assert not effects.blocks
    assert effects.role is Role.LOCAL
    assert effects.reads.has("/app/.npmrc")
    assert not effects.outputs


@pytest.mark.parametrize(
    ("made", "env"),
    [
        ("/root/.npmrc", {}),
        ("/app/.npmrc", {}),
        ("/usr/local/etc/npmrc", {}),
        ("/srv/rc", {"NPM_CONFIG_USERCONFIG": "/srv/rc"}),
    ],
)
def test_settings_that_an_earlier_step_wrote_are_not_known(made: str, env: dict[str, str]) -> None:
    for command in ("npm ci", "npm install"):
        assert slugs(run(command, project(), env=env, made=(made,))) == ["manifest-not-from-context"]
    is_own = made == "/app/.npmrc"  # a global install does not look at it
    assert slugs(run("npm i -g pm2", env=env, made=(made,))) == ([] if is_own else ["manifest-not-from-context"])


@pytest.mark.parametrize("made", ["/root", "/root/.npm", "/root/.config", "/app", "/usr/local/lib"])
def test_a_step_that_takes_hold_of_a_whole_folder_writes_no_settings(made: str) -> None:
    assert not run("npm ci", project(), made=(made,)).blocks


def test_npm_leaves_settings_as_they_are() -> None:
    for command in ("npm i -g pm2", "npm ci", "npm config set registry https://r"):
        effects = run(command, project())
        assert not effects.writes.has("/root/.npmrc")
        assert not effects.writes.has("/root/.config/pip/pip.conf")
        assert effects.reads.has("/root/.npmrc")


def test_npm_config_changes_the_settings_that_a_copy_brought() -> None:
    effects = run("npm config set registry https://r", {".npmrc": "audit=false\n"}, cwd="/srv", home="/app")
    assert effects.writes.has("/app/.npmrc")


def test_settings_at_an_unknown_place_block() -> None:
    assert slugs(run("npm ci", project(), env={"npm_config_userconfig": "\0"})) == ["unknown-argument"]
    assert slugs(run("npm ci", project(), home="\0")) == ["path-unknown"]


def test_settings_of_the_system_that_the_context_brings() -> None:
    files = {"npmrc": "cafile=/etc/ca.pem\n"}
    assert run("npm i -g pm2", files, root="/etc").reads.has("/etc/npmrc")
    assert run("npm cache ls", files, root="/etc").reads.has("/etc/ca.pem")


def test_node_only_tells_its_version() -> None:
    assert not run("node --version", project()).blocks


def test_without_a_lock_npm_ci_has_nothing_to_install() -> None:
    assert slugs(run("npm ci", {"package.json": PACKAGE})) == ["manifest-not-found"]


def test_without_a_lock_npm_install_writes_one() -> None:
    effects = run("npm install", {"package.json": PACKAGE})
    assert not effects.blocks
    assert effects.writes.has("/app/package-lock.json")


@pytest.mark.parametrize(
    ("package", "base"),
    [
        ({**PACKAGE, "version": "1.0.1"}, "node:20"),
        ({**PACKAGE, "dependencies": {"ms": "^2.1.2"}}, "node:20"),
        ({**PACKAGE, "devDependencies": {"left-pad": "1.3.0"}}, "node:20"),
        ({**PACKAGE, "license": "MIT"}, "node:20"),
        ({**PACKAGE, "bin": "cli.js"}, "node:20"),
        ({**PACKAGE, "scripts": {"postinstall": "echo"}}, "node:20"),
        (PACKAGE, "node:14"),
    ],
)
def test_a_lock_that_npm_install_would_rewrite_blocks(package: dict[str, Any], base: str) -> None:
    files: dict[str, Content] = {"package.json": package, "package-lock.json": lock(PACKAGE)}
    assert slugs(run("npm install", files, base=base)) == ["lock-would-be-rewritten"]
    assert not run("npm install --no-package-lock", files, base=base).blocks
    assert not run("npm ci", files, base=base).blocks


@pytest.mark.parametrize("change", [lambda t: t.replace("\n", "\r\n"), lambda t: t.rstrip("\n")])
def test_npm_install_normalises_line_endings_of_the_lock(change: Any) -> None:
    import json

    files = project()
    files["package-lock.json"] = change(json.dumps(lock(PACKAGE), indent=2) + "\n")
    assert slugs(run("npm install", files)) == ["lock-would-be-rewritten"]


def test_a_lock_is_named_after_the_directory_of_a_nameless_package() -> None:
    package = {"dependencies": {"ms": "2.1.2"}}
    files: dict[str, Content] = {
        "package.json": package,
        "package-lock.json": {**lock(package), "name": "my-repository"},
    }
    assert slugs(run("npm install", files)) == ["lock-would-be-rewritten"]
    assert not run("npm install", {**files, "package-lock.json": {**lock(package), "name": "app"}}).blocks


@pytest.mark.parametrize(
    "base", ["node:18", "node:20-alpine", "node:lts", "node", "docker.io/library/node:22.1.0-slim"]
)
def test_an_old_lock_is_upgraded_by_newer_npm(base: str) -> None:
    old = {"name": "a", "version": "1.0.0", "lockfileVersion": 1, "dependencies": {"ms": {"version": "2.1.2"}}}
    files: dict[str, Content] = {"package.json": PACKAGE, "package-lock.json": old}
    assert slugs(run("npm install", files, base=base)) == ["lock-would-be-rewritten"]
    assert not run("npm install", files, base="node:14-alpine").blocks


def test_an_unknown_npm_is_a_doubt() -> None:
    assert run("npm install", project(), base="ubuntu:22.04").doubts
    assert not run("npm ci", project(), base="ubuntu:22.04").doubts


def test_npm_install_rewrites_a_yarn_lock_beside_it() -> None:
    files = {**project(), "yarn.lock": "# yarn lockfile v1\n"}
    assert slugs(run("npm install", files)) == ["lock-would-be-rewritten"]
    assert not run("npm ci", files).blocks


@pytest.mark.parametrize(
    "text",
    [
        "exit 0",
        "echo done",
        "is-ci || husky install",
        "husky",
        "husky install || true",
        "npx husky install",
        "npx only-allow npm",
        "node -e \"if (process.env.NODE_ENV === 'production') process.exit(1)\" || husky install",
        '[ -n "$CI" ] || husky install',
        "patch-package",
        "npx --no-install patch-package --error-on-fail",
        "cross-env HUSKY=0 husky",
        "cd .. && husky install app/.husky",
        "cd ../.. && npx husky install || exit 0",
    ],
)
def test_harmless_scripts_are_followed(text: str) -> None:
    effects = run("npm ci", with_script("prepare", text))
    assert not effects.blocks
    assert not effects.doubts


@pytest.mark.parametrize(
    "text",
    [
        "node scripts/x.js",
        "tsc",
        "npm run build",
        "husky install && node x.js",
        "echo x > src/y",
        "$(cat x)",
        "patch-package | tee x",
        "prisma generate --watch",
        "node -e \"require('./x')\"",
        "npx ./x.js",
        "npm run",
        "cp .env.example .env",
        "sh install.sh",
        "cd .. && node x.js",
        "cd lib && husky",
        "node -e \"if (process.env.CI) require('fs')\"",
    ],
)
def test_other_scripts_block(text: str) -> None:
    files = with_script("postinstall", text)
    assert slugs(run("npm ci", files)) == ["install-runs-project-code"]
    assert not run("npm ci --ignore-scripts", files).blocks
    assert not run("npm ci", {**files, ".npmrc": "ignore-scripts=true\n"}).blocks
    assert not run("npm ci", files, env={"npm_config_ignore_scripts": "true"}).blocks


def test_a_script_that_names_another_is_followed() -> None:
    package = {**PACKAGE, "scripts": {"prepare": "npm run hooks", "hooks": "husky", "build": "tsc"}}
    assert not run("npm ci", project(package)).blocks


def test_a_script_outside_the_install_does_not_count() -> None:
    assert not run("npm ci", project({**PACKAGE, "scripts": {"build": "tsc", "start": "node ."}})).blocks


def test_patches_are_read() -> None:
    files = {**with_script("postinstall", "patch-package"), "patches/ms+2.1.2.patch": ""}
    assert "patches/" in present_reads(run("npm ci", files), files)


@pytest.mark.parametrize(("base", "blocked"), [("node:20", True), ("node:20-slim", False)])
def test_hooks_need_a_repository_and_git(base: str, blocked: bool) -> None:
    files = {**with_script("prepare", "husky"), ".git/config": ""}
    effects = run("npm ci", files, base=base)
    assert slugs(effects) == (["install-writes-git-hooks"] if blocked else [])
    assert bool(effects.doubts) is not blocked
    assert not run("npm ci", files, base=base, env={"HUSKY": "0"}).doubts


SCHEMA = 'generator client {\n  provider = "prisma-client-js"\n}\n'


def test_prisma_reads_its_schema() -> None:
    files = {**with_script("postinstall", "prisma generate"), "prisma/schema.prisma": SCHEMA, ".env": ""}
    effects = run("npm ci", files)
    assert {"prisma/schema.prisma/", ".env"} <= present_reads(effects, files)
    assert effects.outputs == (Output("/app/node_modules", rebuilt=True),)


def test_prisma_writes_where_the_schema_says() -> None:
    schema = SCHEMA.replace('js"\n', 'js"\n  output = "../src/generated"\n')
    files = {**with_script("postinstall", "prisma generate --schema db/schema.prisma"), "db/schema.prisma": schema}
    assert Output("/app/src/generated", rebuilt=False) in run("npm ci", files).outputs


@pytest.mark.parametrize(
    "more", [{"prisma.config.ts": ""}, {"prisma/schema.prisma": SCHEMA.replace("prisma-client-js", "erd")}]
)
def test_prisma_with_code_of_the_project_blocks(more: dict[str, Content]) -> None:
    files = {**with_script("postinstall", "prisma generate"), "prisma/schema.prisma": SCHEMA, **more}
    assert slugs(run("npm ci", files)) == ["install-runs-project-code"]


def test_a_native_addon_blocks() -> None:
    files = {**project(), "binding.gyp": "{}"}
    assert slugs(run("npm ci", files)) == ["implicit-native-build"]
    assert not run("npm ci --ignore-scripts", files).blocks


def test_a_directory_made_earlier_is_no_native_addon() -> None:
    assert not run("npm ci", project(), made=("/app",)).blocks


@pytest.mark.parametrize(
    ("name", "doubtful"), [("esbuild", False), ("sharp", False), ("@swc/core", False), ("strange-package", True)]
)
def test_install_scripts_of_dependencies(name: str, doubtful: bool) -> None:
    files = project()
    files["package-lock.json"] = lock(PACKAGE, **{name: {"version": "1.0.0", "hasInstallScript": True}})
    assert bool(run("npm ci", files).doubts) is doubtful
    assert not run("npm ci --ignore-scripts", files).doubts


def test_left_out_dependencies_run_no_scripts() -> None:
    files = project()
    files["package-lock.json"] = lock(PACKAGE, strange={"version": "1.0.0", "hasInstallScript": True, "dev": True})
    assert run("npm ci", files).doubts
    assert not run("npm ci --omit=dev", files).doubts
    assert not run("npm ci", files, env={"NODE_ENV": "production"}).doubts
    assert run("npm ci --include=dev", files, env={"NODE_ENV": "production"}).doubts


def test_a_dependency_that_works_on_the_project_blocks() -> None:
    files = project()
    files["package-lock.json"] = lock(PACKAGE, nx={"version": "16.0.0", "hasInstallScript": True})
    assert not run("npm ci", files).blocks
    assert slugs(run("npm ci", {**files, "nx.json": "{}"})) == ["install-runs-project-code"]


WORKSPACE = {"name": "r", "private": True, "workspaces": ["packages/*", "!packages/old"]}


def workspace(**more: Content) -> dict[str, Content]:
    members = {
        "packages/a/package.json": {"name": "a", "version": "1.0.0", "bin": {"a": "./cli.js"}},
        "packages/b/package.json": {"name": "b", "version": "1.0.0"},
        "packages/old/package.json": {"name": "old", "scripts": {"install": "node x"}},
        "packages/a/src/index.js": "",
    }
    return {"package.json": WORKSPACE, "package-lock.json": lock(WORKSPACE), **members, **more}


def test_every_member_manifest_is_read() -> None:
    files = workspace()
    assert present_reads(run("npm ci", files), files) == {
        "package.json",
        "package-lock.json",
        "packages/a/package.json",
        "packages/b/package.json",
    }


def test_a_program_of_a_member_is_read_and_must_be_executable() -> None:
    files = workspace(**{"packages/a/cli.js": ""})
    assert slugs(run("npm ci", files)) == ["workspace-bin-not-executable"]
    effects = run("npm ci", files, executable=frozenset({"packages/a/cli.js"}))
    assert "packages/a/cli.js" in present_reads(effects, files)


def test_scripts_of_members_count() -> None:
    files = workspace(**{"packages/b/package.json": {"name": "b", "scripts": {"prepare": "tsc"}}})
    assert slugs(run("npm ci", files)) == ["install-runs-project-code"]


def test_inside_a_workspace_npm_installs_the_whole_of_it() -> None:
    files = workspace()
    assert slugs(run("npm install", files, cwd="/app/packages/a")) == ["inside-a-workspace"]


def test_an_unknown_workspace_pattern_blocks() -> None:
    files = {**project({**PACKAGE, "workspaces": ["packages/@(a|b)"]})}
    assert slugs(run("npm ci", files)) == ["workspaces-not-understood"]


def test_local_dependencies_are_read() -> None:
    package = {**PACKAGE, "dependencies": {"x": "file:vendor/x", "y": "file:vendor/y.tgz"}}
    files = {
        **project(package),
        "vendor/x/package.json": {"name": "x"},
        "vendor/x/index.js": "",
        "vendor/y.tgz": b"\x1f\x8b",
    }
    assert present_reads(run("npm ci", files), files) == {
        "package.json",
        "package-lock.json",
        "vendor/x/package.json",
        "vendor/y.tgz",
    }


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"name": }'])
def test_a_broken_manifest_is_named(content: bytes) -> None:
    effects = run("npm ci", {**project(), "package.json": content})
    assert slugs(effects) == ["manifest-not-understood"]
    assert "package.json" in effects.blocks[0].why


def test_a_byte_order_mark_is_skipped() -> None:
    assert not run("npm ci", {**project(), "package.json": b'\xef\xbb\xbf{"name": "a"}'}).blocks


def test_a_certificate_named_by_npmrc_is_read() -> None:
    files = {**project(), ".npmrc": "cafile=certs/ca.pem\n", "certs/ca.pem": ""}
    assert {".npmrc", "certs/ca.pem"} <= present_reads(run("npm ci", files), files)


def test_an_npmrc_that_loads_code_blocks() -> None:
    files = {**project(), ".npmrc": "node-options=--require ./hook.js\n"}
    assert slugs(run("npm ci", files)) == ["install-runs-project-code"]


def test_flags_that_npm_writes_anew() -> None:
    files = project({**PACKAGE, "dependencies": {"ms": "2.1.2", "dom": "1.0.0"}})
    packages = files["package-lock.json"]["packages"]  # type: ignore[index, call-overload]
    packages["node_modules/dom"]["peerDependencies"] = {"ms": "2"}
    assert not run("npm install", files).doubts
    assert run("npm install", files, base="node:24.12-slim").doubts
    assert not run("npm ci", files, base="node:24.12-slim").doubts
    packages["node_modules/ms"]["peer"] = True
    assert slugs(run("npm install", files)) == ["lock-would-be-rewritten"]
    assert not run("npm ci", files).blocks


@pytest.mark.parametrize(("base", "is_stable"), [("node:20", True), ("node:24", False), ("ubuntu", False)])
def test_npm_11_adds_optional_dependencies_that_the_lock_lacks(base: str, is_stable: bool) -> None:
    files = project()
    packages = files["package-lock.json"]["packages"]  # type: ignore[index, call-overload]
    packages["node_modules/ms"]["optionalDependencies"] = {"fsevents": "2"}
    assert (not run("npm install", files, base=base).blocks) is is_stable
